"""Every question, asked of the real Elasticsearch over the seeded month, answers what plain Python finds in it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import Any, TypeVar

import orjson
import pytest

from dashboards.questions import QUESTIONS, Questions
from dashboards.questions.asking import Search
from dashboards.questions.listed_clocks import CLOCK_LISTINGS
from dashboards.questions.listed_records import RECORD_LISTINGS
from dashboards.questions.listings import Listing, pick
from dashboards.questions.page import page
from holdfast.reader import SearchReader
from holdfast.sample import Shape, history
from models.availability import Evidence
from models.communication import Communication, CommunicationKind
from models.document import Document
from models.documents import Documents
from models.fact import fact_of
from models.failures import Trouble
from models.instants import format_instant, parse_instant
from models.meetings import actions
from models.monthly import available
from models.months import Month, periods
from models.notice import Flag, Kind, Notice, Speaker
from models.paging import Delivery, Outcome, Page
from models.questions import Answer, QuestionError
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict
from tests.architecture.test_docs import DOCS
from tests.reference.filters import matcher, values
from tests.support.seeded import MONTH, Seeded

pytestmark = pytest.mark.live
Doc = TypeVar("Doc", bound=Document)
ENDED = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED, IncidentStatus.MERGED)
JUDGED = (Verdict.MET, Verdict.BREACHED)


class Asking:
    """The questions of the seeded month, and its documents for whoever computes the same plainly."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded, self.now = seeded, seeded.now
        self.known: Documents = history(Shape(begin=MONTH)).documents
        self.reader = SearchReader(seeded.client, seeded.names, "the test's")
        self.library = Questions(QUESTIONS, self.reader, lambda: self.known, lambda: seeded.now)

    def ask(self, name: str, **inputs: str) -> Answer:
        """Answer a question."""
        return self.library.ask(name, inputs)

    def listed(self, listing: Listing, **inputs: str) -> Answer:
        """Answer a listing."""
        return Questions([listing.question()], self.reader, lambda: self.known, lambda: self.now).ask(
            listing.name, inputs
        )

    def rows(self, name: str, **inputs: str) -> list[dict[str, Any]]:
        """Return an answer's rows by column."""
        answer = self.ask(name, **inputs)
        return [dict(zip([column.name for column in answer.columns], row, strict=True)) for row in answer.rows]

    def every(self, model: type[Doc]) -> list[Doc]:
        """Return the last revision of each document of a model."""
        known: dict[str, Doc] = {}
        for one in self.seeded.documents:
            if isinstance(one, model):
                before = known.get(one.document_id())
                if before is None or (before.document_version() or 0) <= (one.document_version() or 0):
                    known[one.document_id()] = one
        return list(known.values())

    def notices_of(self, incident: IncidentDocument) -> list[Notice]:
        """Return what was said of an incident, in the order in which it was received."""
        mine = [one for one in self.every(Notice) if f"{one.source}/{one.source_incident_id}" in incident.members]
        return sorted(mine, key=lambda one: (one.received_at, one.notice_id))

    @cached_property
    def busiest(self) -> IncidentDocument:
        """The ended incident of which most was said, with pages and calls about it."""
        paged = Counter(page.incident_id for page in self.every(Page))
        ended = [one for one in self.every(IncidentDocument) if one.resolved_at is not None and one.kind == "incident"]
        return max(ended, key=lambda one: (min(paged[one.incident_id], 3), one.notice_count, one.incident_id))


@pytest.fixture(scope="module")
def asking(seeded: Seeded) -> Asking:
    return Asking(seeded)


GIVEN = {"provider": "arbor-cloud", "filter": "phase : restored or source : arbor*"}
LISTINGS = (*CLOCK_LISTINGS, *RECORD_LISTINGS)


def plain_listing(asking: Asking, listing: Listing, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the documents that a listing asks for."""
    kql = [matcher(listing.kql, asking.now)]
    for one in listing.inputs:
        value = given.get(one.name) or one.default
        if value is None or one.name in ("since", "limit", "until", "incident"):
            continue
        kql.append(matcher(value if one.kind == "filter" else f'{one.name} : "{value}"', asking.now))
    found = {one["@timestamp"] + _id(one): one for one in asking.seeded.wire[listing.index]}
    fitting = [one for one in _latest(found.values()) if all(test(one) for test in kql)]
    if "incident" in given:
        return [one for one in fitting if one["incident_id"] == given["incident"]]
    since = next((one.default for one in listing.inputs if one.name == "since"), None)
    if since is None:
        return fitting
    begin = asking.now - timedelta(days=int((since or "")[4:-1]))
    return [one for one in fitting if parse_instant(one["@timestamp"]) >= begin]


def _id(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document).decode()


def _latest(documents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    known: dict[str, Mapping[str, Any]] = {}
    for one in documents:
        name = next((str(one[key]) for key in ("clock_id", "plan_id") if key in one), None)
        name = name or (one["incident_id"] if "reopened_count" in one else _id(one))
        if name not in known or known[name].get("revision", 0) <= one.get("revision", 0):
            known[name] = one
    return list(known.values())


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
def test_a_listing_shows_what_its_filter_takes_in_its_order(asking: Asking, listing: Listing) -> None:
    given = {one.name: GIVEN[one.name] for one in listing.inputs if one.name in GIVEN and one.required}
    if listing.name == "time-line":
        given["incident"] = asking.busiest.incident_id
    expected = plain_listing(asking, listing, given)
    answer = asking.listed(listing, **given, limit="1000")
    shown = [field for field, _, _ in listing.shown]
    assert Counter(map(repr, answer.rows)) == Counter(repr(tuple(pick(one, f) for f in shown)) for one in expected)
    assert answer.total == len(expected) > 0
    first = listing.order[0]
    ordered = [_sortable(dict(zip(shown, row, strict=True)).get(first.strip("-"))) for row in answer.rows]
    held = [one for one in ordered if one is not None]
    assert held == sorted(held, reverse=first[0] == "-")
    assert ordered[: len(held)] == held
    few = asking.listed(listing, **given, limit="2")
    assert few.rows == answer.rows[:2]


def _sortable(value: Any) -> Any:
    return parse_instant(value) if isinstance(value, str) and value.endswith("Z") else value


def test_an_incident_narrows_a_listing_whatever_its_time(asking: Asking) -> None:
    clocks = [one for one in asking.every(ClockDocument) if one.basis is Basis.AGREED]
    broken = [one for one in clocks if one.verdict in (Verdict.BREACHED, Verdict.OVERDUE)]
    incident = broken[0].incident_id
    rows = asking.rows("clocks-run-out", incident=incident, since="now-1s")
    mine = [one for one in broken if one.incident_id == incident]
    assert Counter(row["objective"] for row in rows) == Counter(one.objective.value for one in mine)
    assert {row["over_s"] for row in rows} == {one.over_s for one in mine}


def test_said_by_tells_what_was_said_and_what_had_reached_us(asking: Asking) -> None:
    incident = asking.busiest
    said = asking.notices_of(incident)
    at = said[len(said) // 2].received_at - timedelta(seconds=1)
    rows = asking.rows("said-by", incident=incident.incident_id, at=format_instant(at))
    expected = {one.notice_id: one.received_at <= at for one in said if min(one.order_at, one.received_at) <= at}
    assert {row["notice_id"]: row["we_knew"] for row in rows} == expected
    assert [row["said_at"] for row in rows] == sorted((row["said_at"] for row in rows), key=parse_instant)


def test_first_human_word_counts_no_robot(asking: Asking) -> None:
    for incident in asking.every(IncidentDocument)[:12]:
        rows = {row["side"]: row for row in asking.rows("first-human-word", incident=incident.incident_id)}
        spoken = [at for at, _ in _human(asking, incident, Speaker.PROVIDER, ("from_provider", "both"))]
        if spoken and "provider" in rows:
            assert parse_instant(rows["provider"]["at"]) == min(spoken)
        assert bool(spoken) == ("provider" in rows)


def _human(
    asking: Asking, incident: IncidentDocument, speaker: Speaker, directions: Iterable[str]
) -> list[tuple[datetime, str]]:
    first: dict[str, Notice] = {}
    for one in asking.notices_of(incident):
        words = one.speaker is speaker and not {Flag.VANISHED, Flag.TEST, Flag.AUTOMATIC_REPLY} & set(one.flags)
        if words and not (one.source_update_id or "").startswith("answer:"):
            first.setdefault(one.source_update_id or one.notice_id, one)
    stamped = [(min(one.published_at or one.received_at, one.received_at), one.notice_id) for one in first.values()]
    told = [
        (one.happened_at, one.communication_id)
        for one in asking.every(Communication)
        if incident.incident_id in one.incident_ids and one.direction in directions
        and one.kind is not CommunicationKind.RECEIPT
    ]  # fmt: skip
    return [*stamped, *told]


def test_who_was_paged_names_every_page_with_its_reply(asking: Asking) -> None:
    incident = asking.busiest
    pages = [one for one in asking.every(Page) if one.incident_id == incident.incident_id]
    rows = {row["page_id"]: row for row in asking.rows("who-was-paged", incident=incident.incident_id)}
    assert rows.keys() == {one.page_id for one in pages}
    assert rows
    brought: dict[str, datetime] = {}
    for one in asking.every(Delivery):
        if one.outcome in (Outcome.SENT, Outcome.BUNDLED) and one.page_id in rows:
            brought[one.page_id] = min(one.finished_at, brought.get(one.page_id, one.finished_at))
    assert {key: row["brought_at"] for key, row in rows.items() if row["brought_at"]} == {
        key: format_instant(at) for key, at in brought.items()
    }
    replies = [one for one in asking.every(Communication) if one.page_id in rows and one.kind == "reply"]
    for one in replies:
        row = rows[one.page_id or ""]
        assert parse_instant(row["answered_at"]) <= one.happened_at
        assert row["after_s"] >= 0


@pytest.mark.parametrize("name", ["compared-with-past", "compared-with-others"])
def test_a_comparison_is_of_the_same_priority_and_objective_without_the_incident(asking: Asking, name: str) -> None:
    is_past, checked = name.endswith("past"), 0
    ended = sorted(asking.every(IncidentDocument), key=lambda one: (one.started_at, one.incident_id))
    for incident in ended[-25::3]:
        for row in asking.rows(name, incident=incident.incident_id):
            found = _comparable(asking, incident, row, is_past=is_past)
            lengths = sorted(one.elapsed_max_s or 0.0 for one in found)
            assert (row["n"], row["faster"]) == (len(lengths), sum(one < row["own_s"] for one in lengths))
            assert row["rank"] == row["faster"] + 1
            expected = [lengths[ceil(share * len(lengths)) - 1] if len(lengths) >= 5 else None for share in (0.5, 0.9)]
            assert [row["median_s"], row["p90_s"]] == expected
            checked += len(lengths) >= 5
    assert checked > 3


def _comparable(
    asking: Asking, incident: IncidentDocument, row: Mapping[str, Any], *, is_past: bool
) -> list[ClockDocument]:
    until = incident.started_at if is_past else asking.now
    return [
        one
        for one in asking.every(ClockDocument)
        if one.basis is Basis.AGREED and one.verdict in JUDGED and one.elapsed_max_s is not None
        and one.objective == row["objective"] and one.priority == row["priority"]
        and (one.provider == incident.provider) is is_past and one.incident_id != incident.incident_id
        and until - timedelta(days=365) <= one.occurred_at() < until
    ]  # fmt: skip


def test_open_now_is_what_is_not_over_with_its_next_clock(asking: Asking) -> None:
    expected = {
        one.incident_id: one
        for one in asking.every(IncidentDocument)
        if one.status not in ENDED and one.kind == "incident"
    }
    rows = {row["incident_id"]: row for row in asking.rows("open-now", limit="1000")}
    assert rows.keys() == expected.keys()
    assert rows
    running = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)
    due: dict[str, list[datetime]] = defaultdict(list)
    for one in asking.every(ClockDocument):
        if one.basis is Basis.AGREED and one.verdict in running and one.due_at is not None:
            due[one.incident_id].append(one.due_at)
    for key, row in rows.items():
        assert row["age_s"] == (asking.now - expected[key].started_at).total_seconds()
        assert row["due_at"] == (format_instant(min(due[key])) if due[key] else None)


def test_disasters_are_incidents_with_exposures_and_their_recovery(asking: Asking) -> None:
    rows = asking.rows("disasters", limit="1000")
    exposed = {one.incident_id for one in asking.every(IncidentDocument) if one.exposures}
    assert {row["incident_id"] for row in rows} == exposed
    assert exposed
    objectives = (Objective.RESTORE, Objective.RESOLVE, Objective.RECOVERY_POINT)
    mine = [
        (one.incident_id, one.objective.value, one.target_s, one.over_s)
        for one in asking.every(ClockDocument)
        if one.incident_id in exposed and one.basis is Basis.AGREED and one.objective in objectives
    ]
    shown = [(row["incident_id"], row["objective"], row["target_s"], row["over_s"]) for row in rows if row["objective"]]
    assert Counter(shown) == Counter(mine)


def test_components_and_services_are_counted_by_incident(asking: Asking) -> None:
    incidents: dict[str, set[str]] = defaultdict(set)
    for one in asking.every(Notice):
        if one.kind is Kind.INCIDENT:
            for component in one.components:
                incidents[component].add(one.source_incident_id)
    rows = asking.rows("by-component", limit="1000")
    assert {row["component"]: row["incidents"] for row in rows} == {key: len(own) for key, own in incidents.items()}
    services = Counter(
        service for one in asking.every(IncidentDocument) if one.kind == "incident" for service in one.services
    )
    assert {row["service"]: row["incidents"] for row in asking.rows("by-service", limit="1000")} == services


def test_who_saw_it_first_is_told_by_both_times(asking: Asking) -> None:
    provider = next(one.provider for one in asking.every(IncidentDocument) if one.witnesses)
    seen = {
        one.incident_id: (one.first_published_at - one.observed_started_at).total_seconds()
        for one in asking.every(IncidentDocument)
        if one.provider == provider and one.witnesses and one.kind == "incident"
        and one.first_published_at is not None and one.observed_started_at is not None
    }  # fmt: skip
    rows = asking.rows("who-saw-first", provider=provider, limit="1000")
    assert {row["incident_id"]: row["lag_s"] for row in rows} == seen
    assert all(row["first"] == ("we" if row["lag_s"] > 0 else "provider") for row in rows)


def test_a_repeat_shares_a_component_or_a_cause_else_words_and_is_no_other_provider(asking: Asking) -> None:
    incident = asking.busiest
    mine = {component for one in asking.notices_of(incident) for component in one.components}
    sharing = {
        other.incident_id
        for other in asking.every(IncidentDocument)
        if other.provider == incident.provider and other.incident_id != incident.incident_id
        and other.status is not IncidentStatus.MERGED
        and mine & {component for one in asking.notices_of(other) for component in one.components}
    }  # fmt: skip
    rows = asking.rows("repeats", incident=incident.incident_id, limit="1000")
    assert {row["incident_id"] for row in rows if row["components"]} == sharing
    reasons = {
        (True, True): "component and cause", (True, False): "component",
        (False, True): "cause", (False, False): "title",
    }  # fmt: skip
    assert [row["because"] for row in rows] == [reasons[bool(row["components"]), row["same_cause"]] for row in rows]
    assert all(row["words"] for row in rows if row["because"] == "title")
    assert incident.incident_id not in {row["incident_id"] for row in rows}
    assert [row["because"] == "title" for row in rows] == sorted(row["because"] == "title" for row in rows)


def test_a_repeat_began_within_the_days_that_are_asked_for_before_or_after(asking: Asking) -> None:
    incident = asking.busiest.incident_id
    everyone = asking.rows("repeats", incident=incident, limit="1000")
    apart = sorted(timedelta(seconds=abs(row["before_s"])) for row in everyone)
    days = apart[len(apart) // 2].days
    near = asking.rows("repeats", incident=incident, limit="1000", days=str(days))
    assert {row["incident_id"] for row in near} == {
        row["incident_id"] for row in everyone if abs(row["before_s"]) <= timedelta(days=days).total_seconds()
    }
    assert len(near) < len(everyone)


def test_open_actions_are_those_of_the_minutes(asking: Asking) -> None:
    waiting = [one for one in actions(asking.every(Communication)) if one.is_open]
    rows = asking.rows("actions-open", limit="1000")
    assert [row["text"] for row in rows] == [one.detail.text for one in waiting]
    assert [row["overdue"] for row in rows] == [one.is_overdue(asking.now) for one in waiting]


def test_the_version_in_force_supposed_changes_nothing(asking: Asking) -> None:
    incident = asking.busiest
    rows = asking.rows("what-if", incident=incident.incident_id, version=str(incident.agreement_version))
    clocks = [
        one
        for one in asking.every(ClockDocument)
        if one.incident_id == incident.incident_id and one.basis is Basis.AGREED
    ]
    assert {(row["objective"], row["ordinal"]): row["supposed"] for row in rows} == {
        (one.objective.value, one.ordinal): one.verdict.value for one in clocks
    }
    assert not any(row["differs"] for row in rows)


def test_minutes_lost_are_told_for_every_service_that_was_promised(asking: Asking) -> None:
    provider = asking.busiest.provider
    rows = asking.rows("minutes-lost", provider=provider, month="2026-05")
    troubles = [
        Trouble(one.incident_id, Kind(one.kind), one.services, tuple(map(fact_of, asking.notices_of(one))))
        for one in asking.every(IncidentDocument)
        if one.provider == provider and one.status is not IncidentStatus.MERGED
    ]
    expected = {
        (found.period.version.version, found.promise.service): (float(found.agreed.downtime_s), found.is_final)
        for agreement in asking.known.agreements.values()
        if agreement.provider == provider
        for part in available(Evidence(troubles), periods(agreement, Month(2026, 5)), asking.now)
        for found in part
    }
    shown = {(row["version"], row["service"]): (row["lost_min"] * 60, row["is_final"]) for row in rows}
    assert shown.keys() == expected.keys()
    for key, (lost, final) in expected.items():
        assert shown[key] == (pytest.approx(lost), final)
    assert any(lost for lost, _ in expected.values())


def test_every_question_is_asked_somewhere_here(asking: Asking) -> None:
    """And answers the same twice, with rows as wide as its columns and documents that exist."""
    incident = asking.busiest
    given = {**GIVEN, "incident": incident.incident_id, "version": str(incident.agreement_version)}
    given |= {"month": "2026-05", "kind": "clocks", "provider": incident.provider}
    for described in asking.library.descriptions():
        inputs = {one.name: given[one.name] for one in described.inputs if one.required}
        answer, searches = asking.library.traced(described.name, inputs)
        assert answer == asking.ask(described.name, **inputs)
        assert all(len(row) == len(answer.columns) for row in answer.rows)
        assert orjson.dumps(answer.rows)
        assert searches
        for one in answer.evidence[:3]:
            found = Search(one.index, {"query": {"ids": {"values": [one.document_id]}}, "size": 1})
            assert asking.reader.search(found.index, found.body)["hits"]["total"]["value"] == 1


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("said-by", {"incident": "nothing-like-it"}, "no incident has an id"),
        ("said-by", {"incident": "inc"}, "no incident has an id"),
        ("said-by", {}, "input 'incident' is missing"),
        ("said-by", {"incident": "x", "att": "now"}, "did you mean 'at'?"),
        ("said-by", {"incident": "inc-", "at": "now"}, "give more of the id"),
        ("zzz", {}, "there are said-by"),
        ("longest-silense", {}, "did you mean 'longest-silence'?"),
        ("slowest", {"limit": "0"}, "no number from 1"),
        ("slowest", {"since": "noon"}, "no instant"),
        ("minutes-lost", {"provider": "arbor-cloud", "month": "May"}, "write it as 2026-05"),
        ("minutes-lost", {"provider": "nobody", "month": "2026-05"}, "there are agreements with"),
        ("notices-search", {"filter": "provider"}, "filter: the expression ends too early"),
        ("search", {"kind": "clock"}, "did you mean 'clocks'?"),
        ("search", {"kind": "clocks", "sort": "reasn"}, "sort: no field 'reasn'"),
    ],
)
def test_what_can_not_be_answered_is_told_with_what_to_give(asking: Asking, name, inputs, words) -> None:
    with pytest.raises(QuestionError) as refused:
        asking.ask(name, **inputs)
    assert words in str(refused.value)


def test_an_empty_installation_has_empty_answers(asking: Asking) -> None:
    reader = SearchReader(asking.seeded.client, type(asking.seeded.names)("nobody-here"), "the test's")
    library = Questions(QUESTIONS, reader, lambda: asking.known, lambda: asking.now)
    for name in ("open-now", "slowest", "by-component", "by-service", "disasters", "actions-open", "unreadable"):
        answer = library.ask(name, {})
        assert (answer.rows, answer.total) == ((), 0)
        assert answer.note


def test_the_reference_page_is_that_of_the_library() -> None:
    """Write it anew by `holdfast ask --markdown`."""
    assert (DOCS / "reference" / "questions.md").read_text(encoding="utf-8") == page(QUESTIONS)


def test_values_of_a_document_are_found_by_their_dotted_name() -> None:
    assert pick({"a": {"b": [1]}}, "a.b") == values({"a": {"b": [1]}}, "a.b") == [1]
    assert pick({"a": None}, "a.b") is None
