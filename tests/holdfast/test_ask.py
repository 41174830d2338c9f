"""The command that asks questions: what it lists, how it reads what is typed, and how it shows rows."""

import orjson
import pytest
from typer.testing import CliRunner

from dashboards.questions import QUESTIONS
from holdfast.cli import build
from holdfast.commands.ask import _csv, _given
from models.cells import cell_text
from models.questions import Answer, Column

DESCRIPTIONS = [one.description for one in QUESTIONS]


def run(*words: str, **env: str):
    """Run the command against ports that nobody listens on."""
    nobody = {"HOLDFAST_ELASTICSEARCH": "http://127.0.0.1:9", "HOLDFAST_KAFKA": "127.0.0.1:9", **env}
    return CliRunner().invoke(build(), [*words], env=nobody)


def test_without_a_question_all_are_listed() -> None:
    assert all(one.name in run("ask").stdout for one in QUESTIONS)
    listed = [orjson.loads(line)["name"] for line in run("ask", "--json").stdout.splitlines()]
    assert listed == [one.name for one in QUESTIONS]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("ask", "longest-silense"), 2, "did you mean 'longest-silence'?"),
        (("ask", "longest-silence"), 2, "input 'incident' is missing"),
        (("ask", "slowest", "sinse=now"), 2, "did you mean 'since'?"),
        (("ask", "open-now"), 1, "HOLDFAST_ELASTICSEARCH names another"),
        (("search", "clocks", "objectiv : x"), 2, "did you mean objective"),
        (("search", "clocks", "objective : restore"), 1, "can't be reached at http://127.0.0.1:9"),
    ],
)
def test_what_can_not_be_answered_ends_with_the_next_step(words, code, told) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
    assert "Next step" in result.stderr


@pytest.mark.parametrize(
    ("question", "written", "given"),
    [
        ("longest-silence", ["4f1c"], {"incident": "4f1c"}),
        ("longest-silence", ["incident=4f1c", "limit=3"], {"incident": "4f1c", "limit": "3"}),
        ("notices-search", ["late_s >= 3"], {"filter": "late_s >= 3"}),
        ("slowest", ["objectiv=restore"], {"objectiv": "restore"}),
    ],
)
def test_a_bare_value_is_that_of_the_first_input(question, written, given) -> None:
    assert _given(DESCRIPTIONS, question, written) == given


@pytest.mark.parametrize(
    ("cell", "unit", "told"),
    [
        (5400.0, "s", "1h30m"),
        (-60.0, "s", "-1m"),
        (0.25, "share", "25.0%"),
        ("2026-05-04T09:30:00Z", "instant", "2026-05-04 09:30:00"),
        (None, "s", "-"),
        (True, None, "yes"),
        (["a", "b"], None, "a, b"),
    ],
)
def test_cells_are_told_as_people_say_them(cell, unit, told) -> None:
    assert cell_text(cell, Column("x", "Any.", unit)) == told


def test_csv_has_units_in_its_head_and_lists_in_one_cell() -> None:
    columns = (Column("over_s", "By how much.", "s"), Column("lost", "Lost.", "min"), Column("names", "Who."))
    answer = Answer("any", {}, columns, ((60.0, 1, ["a", 'b"']), (None, 2, [])), (), 2)
    assert _csv(answer) == 'over_s,lost (min),names\r\n60.0,1,"a; b"""\r\n,2,\r\n'
