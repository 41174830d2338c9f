"""Every panel's search, run on a real Elasticsearch, gives what plain Python computes from the same documents."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from dashboards.kibana.boards.live_operations import live_operations
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import Panel
from dashboards.kibana.readings import readings_of
from dashboards.kibana.searches import MISSING, rows_of, search_of
from holdfast import kafka
from holdfast.clock import Clock
from models.ids import stable_id
from models.instants import parse_instant
from models.notice import Notice, Speaker
from models.paging import Delivery, Outcome, Page
from models.raw import DeadLetter
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict
from models.topics import Names
from tests.board.conftest import put
from tests.support import samples

pytestmark = pytest.mark.live
NOW = SINCE = Clock.from_text(None).now()  # set again when documents are made: tests before may take long
PROVIDERS = ("nimbus", "polaris", "tessera")
WORKED = (Objective.ACKNOWLEDGE, Objective.RESTORE, Objective.UPDATE)
ENDED = (Verdict.MET, Verdict.BREACHED, Verdict.INDETERMINATE)


def _ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def _incidents() -> list[IncidentDocument]:
    """Return incidents of the last days, some still open after a week, one without a title."""
    return [
        samples.incident(
            number,
            provider=PROVIDERS[number % 3],
            title=None if number == 8 else f"Trouble {number}",
            status=list(IncidentStatus)[number % 5],
            acknowledged_at=None if number % 4 == 0 else _ago(1),
            started_at=_ago(1 + 3.3 * number),
            last_notice_at=_ago(0.5 + number),
            reopened_count=number % 2,
            notice_count=number + 1,
        )
        for number in range(24)
    ]


def _clocks() -> list[ClockDocument]:
    """Return clocks on all bases: stopped, running, overdue, due before and after the next half hour."""
    clocks = []
    for number in range(120):
        verdict = (*ENDED, Verdict.RUNNING, Verdict.OVERDUE)[number % 5]
        stopped = verdict in ENDED
        ended, took = _ago(0.37 * number + 0.2), 60.0 * (number + 1)
        clocks.append(
            samples.clock(
                number,
                clock_id=stable_id("clock", str(number)),
                source_incident_id=f"inc-{number % 20}",
                provider=PROVIDERS[number % 3],
                objective=WORKED[number % 7 % 3],
                basis=list(Basis)[number // 5 % 3],
                verdict=verdict,
                started_at=_ago(30 + number),
                due_at=NOW + timedelta(minutes=6 * (number // 5) - 20.5),
                stopped_at=ended if stopped else None,
                breached_at=ended if verdict in (Verdict.BREACHED, Verdict.OVERDUE) else None,
                elapsed_min_s=took if stopped else None,
                elapsed_max_s=took if stopped else None,
                target_s=900.0 * (number % 4 + 1),
            )
        )
    return clocks


def _told() -> list[Notice | Page | Delivery | DeadLetter]:
    documents: list[Notice | Page | Delivery | DeadLetter] = []
    for number in range(40):
        at = _ago(0.9 * number + 0.1)
        documents.append(
            samples.notice(number, published_at=at, received_at=at, speaker=list(Speaker)[number % 4], phase="update")
        )
        documents.append(
            samples.page(number, due_at=at, issued_at=at, late_s=number * 1.5, reason=f"rung {number % 2}",
                         recipient_name=("NOC", "Duty desk", "Vendor manager")[number % 7 % 3])
        )  # fmt: skip
        documents.append(samples.delivery(number, 1, list(Outcome)[number % 5], finished_at=at))
        reason = ("not_json", "no_zone")[number % 2]
        documents.append(samples.dead_letter(number, feed=f"feed-{number % 3}", reason=reason, received_at=at))
    return documents


class Seeded:
    """The documents, and the selections that panels make of them, in plain Python."""

    def __init__(self) -> None:
        global NOW, SINCE
        NOW = Clock.from_text(None).now().replace(microsecond=0)
        SINCE = NOW - timedelta(hours=24)
        self.incidents, self.clocks, told = _incidents(), _clocks(), _told()
        self.notices = [one for one in told if isinstance(one, Notice)]
        self.pages = [one for one in told if isinstance(one, Page)]
        self.deliveries = [one for one in told if isinstance(one, Delivery)]
        self.letters = [one for one in told if isinstance(one, DeadLetter)]
        self.every = [*self.incidents, *self.clocks, *told]
        self.open = [one for one in self.incidents if one.status in (IncidentStatus.OPEN, IncidentStatus.RESTORED)]
        self.agreed = [one for one in self.clocks if one.basis is Basis.AGREED]
        self.stopped = [one for one in self.clocks if one.verdict in ENDED and _recent(one.stopped_at)]


def _recent(at: datetime | None) -> bool:
    return at is not None and SINCE <= at <= NOW


def _group(documents: Iterable[Any], keys: Callable[[Any], tuple], figures: Callable[[list[Any]], tuple]) -> dict:
    groups: dict[tuple, list[Any]] = defaultdict(list)
    for document in documents:
        groups[keys(document)].append(document)
    return {key: figures(group) for key, group in groups.items()}


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _count(documents: Iterable[Any], keys: Callable[[Any], tuple]) -> dict:
    return {key: (count,) for key, count in Counter(map(keys, documents)).items()}


def _share(values: list[float], share: float) -> "Between":
    """Return what a percentile may be: estimates differ only between the neighbouring values."""
    ordered, place = sorted(values), share * (len(values) - 1)
    low, high = max(0, int(place) - 1), min(len(values) - 1, int(place) + 2)
    return Between(ordered[low], ordered[high])


class Between:
    """Equal to any number in an interval."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and self.least <= other <= self.most

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"[{self.least}, {self.most}]"


def _expected(seeded: Seeded) -> dict[str, dict]:
    """Return, for every panel, its figures by its keys, computed without Elasticsearch."""
    soon = [
        one for one in seeded.agreed
        if one.verdict is Verdict.RUNNING and NOW <= one.due_at < NOW + timedelta(minutes=30)
    ]  # fmt: skip
    unacknowledged = [one for one in seeded.open if one.acknowledged_at is None]
    overdue = [one for one in seeded.agreed if one.verdict is Verdict.OVERDUE]
    ended = [one.breached_at for one in seeded.agreed if one.breached_at is not None]
    breached = [one for one in ended if _recent(one)]
    delivered = [one for one in seeded.deliveries if _recent(one.finished_at)]
    lost = [one for one in delivered if one.outcome in (Outcome.FAILED, Outcome.UNKNOWN)]
    return {
        "open-incidents": {(): (len(seeded.open), len(unacknowledged))},
        "overdue-clocks": {
            (): (len(overdue), sum(one.objective is Objective.ACKNOWLEDGE for one in overdue)),
        },
        "due-soon": {(): (len(soon),)},
        "oldest-open": {(): (min(one.started_at for one in seeded.open if one.status is IncidentStatus.OPEN),)},
        "breaches": {(): (len(breached), sum(_recent(one + timedelta(days=1)) for one in ended))},
        "pages-lost": {(): (len(lost),)},
        "open-table": _group(
            seeded.open,
            lambda one: (one.incident_id, one.source_incident_id, one.provider, one.title or MISSING),
            lambda group: (group[0].started_at, group[0].last_notice_at, group[0].notice_count,
                           group[0].reopened_count),
        ),
        "provider-tiles": _count(seeded.open, lambda one: (one.provider,)),
        "open-by-priority": _count(seeded.open, lambda one: (one.priority or MISSING, one.status.value)),
        "incidents-by-provider": _count(
            [one for one in seeded.incidents if _recent(one.started_at)],
            lambda one: (_hour(one.started_at), one.provider),
        ),
        "attempts-by-outcome": _count(
            [one for one in delivered if one.outcome is not Outcome.SENDING],
            lambda one: (_hour(one.finished_at), one.outcome.value),
        ),
        "paged-people": _group(
            [one for one in seeded.pages if _recent(one.due_at)],
            lambda one: (one.recipient_name, one.reason),
            lambda group: (len(group), max(one.late_s for one in group)),
        ),
        "dead-letters": _group(
            [one for one in seeded.letters if _recent(one.received_at)],
            lambda one: (one.feed, one.reason),
            lambda group: (len(group), max(one.received_at for one in group)),
        ),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Read instants back; every other value stays as it is."""
    if isinstance(value, str) and value[:4].isdigit() and "T" in value:
        return parse_instant(value)
    return value


def _answer(client: Elasticsearch, names: Names, panel: Panel) -> list:
    (reading,) = readings_of(panel)
    view = next(view for view in data_views(names) if view.id == reading.source.ref_id)
    answer = client.search(index=view.title, body=search_of(reading, view, SINCE, NOW))
    assert answer["hits"]["total"]["value"] > 0, f"{panel.id} selects nothing: the check would be empty"
    return rows_of(reading, answer.body)


def test_every_panel_shows_what_plain_python_computes(installation) -> None:
    seeded, names = Seeded(), kafka.names(installation)
    put(installation, seeded.every)
    expected = _expected(seeded)
    elsewhere = {"boards", "active-hazards", "clock-table"}
    with Elasticsearch(installation.elasticsearch) as client:
        for panel in (one for one in live_operations(names).panels if one.id not in elsewhere):
            rows = _answer(client, names, panel)
            found = {tuple(map(_plain, keys)): tuple(map(_plain, figures)) for keys, figures in rows}
            assert len(found) == len(rows), panel.id
            assert found == expected.pop(panel.id), panel.id
            assert found, panel.id
    assert expected == {}, "a panel was taken away: take its computation away too"


def test_the_table_of_clocks_begins_with_the_first_to_fall_due(installation) -> None:
    seeded, names = Seeded(), kafka.names(installation)
    put(installation, seeded.clocks)
    panel = next(one for one in live_operations(names).panels if one.id == "clock-table")
    with Elasticsearch(installation.elasticsearch) as client:
        rows = _answer(client, names, panel)
    going = [one for one in seeded.agreed if one.verdict in (Verdict.RUNNING, Verdict.OVERDUE, Verdict.PAUSED)]
    assert [parse_instant(shown[0]) for _, shown in rows] == sorted(one.due_at for one in going)
