"""Discover sessions of the questions: what they name is there, and they are the same every time."""

import orjson
import pytest

from dashboards.kibana.data_views import data_views
from dashboards.kibana.kql import to_query
from dashboards.questions import QUESTIONS
from dashboards.questions.fields import searchable
from dashboards.questions.saved import esql, saved_questions
from models.topics import Names

NAMES = Names()
SESSIONS = saved_questions(NAMES)


def test_every_question_with_a_filter_is_saved_once() -> None:
    named = [f"holdfast-question-{one.name}" for one in QUESTIONS if one.kql]
    assert [one["id"] for one in SESSIONS] == named
    assert len(named) >= 8
    assert saved_questions(NAMES) == SESSIONS
    assert not {one["id"] for one in saved_questions(Names("lab"))} & set(named)


@pytest.mark.parametrize("session", SESSIONS, ids=lambda one: one["id"])
def test_a_session_asks_what_the_question_asks_of_fields_that_are_there(session) -> None:
    (reference,) = session["references"]
    view = next(one for one in data_views(NAMES) if one.id == reference["id"])
    source = orjson.loads(session["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    fields = searchable(view.index)
    assert source["indexRefName"] == reference["name"]
    assert source["query"]["language"] == "kuery"
    assert to_query(source["query"]["query"], fields) != {"match_all": {}}
    used = {*session["attributes"]["columns"], *(name for name, _ in session["attributes"]["sort"])}
    assert used <= set(fields)


def test_the_twin_in_esql_has_the_same_parts() -> None:
    question = next(one for one in QUESTIONS if one.name == "pages-late")
    assert esql(question, NAMES) == (
        'FROM holdfast-pages | WHERE KQL("""late_s >= 60""") | SORT `late_s` DESC NULLS LAST, `due_at` DESC NULLS LAST '
        "| KEEP `incident_id`, `provider`, `recipient_name`, `channel`, `reason`, `due_at`, `late_s` | LIMIT 100"
    )
