"""Every panel of every board, asked of the real Elasticsearch over the seeded month, shows what plain Python computes.

The search is the one that Kibana would send (``dashboards.kibana.searches``); the computation (``tests.reference``)
reads the same panel models and nothing of the index, over the documents that the pure fold made of the notices.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from dashboards.kibana.boards import BOARDS
from dashboards.kibana.data_views import data_views
from dashboards.kibana.models import Dashboard, DataView
from dashboards.kibana.readings import Reading, readings_of
from dashboards.kibana.searches import INTERVAL, length_of, rows_of, search_of
from models.instants import format_instant, parse_instant
from models.topics import Names
from tests.reference import panels
from tests.reference.filters import INSTANT, Wire, values
from tests.support.seeded import Seeded

pytestmark = pytest.mark.live

EMPTY: Mapping[str, str] = {}
"""Why a panel has nothing to show in the seeded month, by ``board/panel``."""
READINGS = [
    pytest.param(board, panel.id, number, id=f"{board}/{panel.id}" + (f"-{number}" if number else ""))
    for board, make in BOARDS.items()
    for panel in make(Names()).panels
    for number, _ in enumerate(readings_of(panel))
]


class Asked(NamedTuple):
    """One search of a panel, and what it is asked of."""

    reading: Reading
    view: DataView
    dashboard: Dashboard


def asked(names: Names, board: str, panel_id: str, number: int) -> Asked:
    """Return one reading of a panel of an installation's board."""
    dashboard = BOARDS[board](names)
    panel = next(one for one in dashboard.panels if one.id == panel_id)
    reading = readings_of(panel)[number]
    return Asked(reading, view_of(names, reading), dashboard)


def view_of(names: Names, reading: Reading) -> DataView:
    return next(view for view in data_views(names) if view.id == reading.source.ref_id)


def since_of(dashboard: Dashboard, seeded: Seeded) -> datetime:
    """Return the begin of the time that a board opens with, seen from the month's ``now``."""
    return seeded.now - length_of(dashboard.time_from.removeprefix("now-"))


def narrowed(one: Asked, chosen: str) -> str:
    """Return the filter of a reading, with what the controls choose."""
    parts = [f"({part})" for part in (one.reading.query.expression, "" if one.reading.free else chosen) if part]
    return " and ".join(parts)


def found(seeded: Seeded, one: Asked, chosen: str) -> tuple[list[panels.Row], Mapping[str, Any]]:
    """Ask Elasticsearch; return the rows, and its whole answer."""
    body = search_of(one.reading, one.view, since_of(one.dashboard, seeded), seeded.now, chosen)
    answer = seeded.client.search(index=one.view.title, body=pinned(body, seeded.now))
    rows = rows_of(one.reading, answer.body)
    return [(tuple(map(_plain, keys)), tuple(map(_plain, figures))) for keys, figures in rows], answer.body


def pinned(body: Any, now: datetime) -> Any:
    """Return a search in which ``now`` is the month's, and not the server's."""
    if isinstance(body, dict):
        return {key: pinned(value, now) for key, value in body.items()}
    if isinstance(body, list):
        return [pinned(value, now) for value in body]
    if isinstance(body, str) and body.startswith("now") and body[3:4] in ("", "+", "-", "/"):
        return f"{format_instant(now)}||{body[3:]}"
    return body


def _plain(value: Any) -> Any:
    """Read what Elasticsearch writes: instants, points and lists."""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return parse_instant(value)
    if isinstance(value, dict) and value.get("type") == "Point":
        return dict(zip(("lon", "lat"), value["coordinates"], strict=True))
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def expected(seeded: Seeded, one: Asked, chosen: str, documents: Sequence[Wire] | None = None) -> list[panels.Row]:
    """Return the rows of a panel by plain Python."""
    known = seeded.wire[one.view.index] if documents is None else documents
    since = since_of(one.dashboard, seeded)
    of = panels.Chosen(known, one.view.time_field, since, seeded.now, INTERVAL)
    return panels.rows(narrowed(one, chosen), one.reading.buckets, one.reading.figures, of)


@pytest.mark.parametrize(("board", "panel", "number"), READINGS)
def test_a_panel_shows_what_plain_python_computes(seeded: Seeded, board: str, panel: str, number: int) -> None:
    one = asked(seeded.names, board, panel, number)
    chosen = one.dashboard.chosen()
    rows, answer = found(seeded, one, chosen)
    if one.reading.columns:
        listed(seeded, one, chosen, rows, answer)
    else:
        assert rows == expected(seeded, one, chosen)
    reason = EMPTY.get(f"{board}/{panel}")
    assert (answer["hits"]["total"]["value"] == 0) is (reason is not None), "it selects nothing: a check of nothing"


def listed(seeded: Seeded, one: Asked, chosen: str, rows: Sequence[panels.Row], answer: Mapping[str, Any]) -> None:
    """Hold a list of documents against plain Python: the same ones, in the same order; equal places in any."""
    of = panels.Chosen(seeded.wire[one.view.index], one.view.time_field, since_of(one.dashboard, seeded), seeded.now)
    documents = of.of(narrowed(one, chosen), None)
    places: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for document in panels.ordered(documents, one.reading.sort):
        shown = tuple(_shown(values(document, column)) for column in one.reading.columns)
        places[tuple(_shown(values(document, sort.name)) for sort in one.reading.sort)].append(shown)
    assert answer["hits"]["total"]["value"] == len(documents)
    assert len(rows) == min(len(documents), one.reading.size)
    at = 0
    for place in places.values():
        there = [figures for _, figures in rows[at : at + len(place)]]
        assert all(figures in place for figures in there)
        at += len(place)
    assert at == len(documents)


def _shown(found: Sequence[Any]) -> Any:
    return None if not found else found[0] if len(found) == 1 else tuple(found)


@pytest.mark.parametrize(("board", "panel", "number"), READINGS)
def test_no_control_empties_a_panel(seeded: Seeded, board: str, panel: str, number: int) -> None:
    """What can be chosen at the top of a board is what its panels' documents have, as many under each value."""
    one = asked(seeded.names, board, panel, number)
    if one.reading.free:
        return
    fields = [control.field_name for control in one.dashboard.controls]
    since = since_of(one.dashboard, seeded)
    query = search_of(one.reading, one.view, since, seeded.now)["query"]
    terms = {field: {"terms": {"field": field, "size": 1000}} for field in fields}
    answer = seeded.client.search(index=one.view.title, size=0, query=pinned(query, seeded.now), aggs=terms)
    of = panels.Chosen(seeded.wire[one.view.index], one.view.time_field, since, seeded.now)
    selected = of.of(one.reading.query.expression, None)
    for field in fields:
        under = Counter(value for document in selected for value in set(values(document, field)))
        buckets = answer["aggregations"][field]["buckets"]
        assert {bucket["key"]: bucket["doc_count"] for bucket in buckets} == under
        assert set(under) <= offered(seeded, one.dashboard, field)
        assert under or f"{board}/{panel}" in EMPTY, f"whatever is chosen as {field}, nothing is left"


def offered(seeded: Seeded, dashboard: Dashboard, field: str) -> set[Any]:
    """Return the values that a control offers: those of its own data view."""
    control = next(one for one in dashboard.controls if one.field_name == field)
    view = next(view for view in data_views(seeded.names) if view.id == control.data_view_id)
    return {value for document in seeded.wire[view.index] for value in values(document, field)}


@pytest.mark.parametrize("board", BOARDS)
def test_a_document_less_makes_a_difference(seeded: Seeded, board: str) -> None:
    """So the comparison can fail: every panel that shows figures rests on at least one document that it can't miss."""
    dashboard = BOARDS[board](seeded.names)
    for panel in dashboard.panels:
        for number, reading in enumerate(readings_of(panel)):
            if reading.figures and f"{board}/{panel.id}" not in EMPTY:
                one = asked(seeded.names, board, panel.id, number)
                rows, _ = found(seeded, one, dashboard.chosen())
                assert any(rows != expected(seeded, one, dashboard.chosen(), less) for less in lessened(seeded, one))


def lessened(seeded: Seeded, one: Asked) -> Iterator[list[Wire]]:
    """Yield a panel's documents without one of those that it selects, one after the other."""
    every = seeded.wire[one.view.index]
    of = panels.Chosen(every, one.view.time_field, since_of(one.dashboard, seeded), seeded.now)
    for left_out in of.of(narrowed(one, one.dashboard.chosen()), None):
        yield [document for document in every if document is not left_out]
