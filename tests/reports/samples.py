"""A small report with every kind of block, and the record of a made-up incident. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from holdfast.drawing import frame
from holdfast.reports.blocks import Block, Bullets, Callout, Chart, Heading, Paragraph, Report, Table, Words
from holdfast.reports.crediting import available_in, credits_of, months_between
from holdfast.reports.record import Record, roles_of
from holdfast.reports.review import Pack
from holdfast.reports.scorecard import Sheet
from holdfast.sample import History, Shape, history, told
from models.communication import Communication
from models.contacts_log import standing
from models.dimensions import Lookback
from models.fact import fact_of
from models.matter import Matter
from models.months import Month
from models.notice import Notice
from models.paging import Delivery, Page, PlanDocument
from models.questions import Reference
from models.records import Basis, ClockDocument, IncidentDocument, Verdict
from models.reviews import reviews

SHAPE = Shape(seed=3, providers=1, begin=datetime(2026, 5, 1, tzinfo=UTC), months=2, incidents_per_month=14)
BOARD = "https://board.example"


def chart(title: str = "n = 2") -> Chart:
    """Return a chart of two bars."""
    spec: dict[str, Any] = {
        **frame(200, 80),
        "title": title,
        "data": {"values": [{"name": "a", "number": 1}, {"name": "b", "number": 3}]},
        "mark": "bar",
        "encoding": {"x": {"field": "name", "type": "nominal"}, "y": {"field": "number", "type": "quantitative"}},
    }
    return Chart("bars", "Two bars", "a 1, b 3", spec)


def report(text: str = "plain", *, board: str | None = BOARD) -> Report:
    """Return a report that says a text wherever somebody's words can stand."""
    shown = Words(text, (Reference("clocks", "c1"), Reference("incidents", "i1")))
    blocks: tuple[Block, ...] = (
        Heading(text),
        Paragraph(shown),
        Callout(text, Words(text)),
        Bullets((shown, Words(text))),
        Table(text, (text, "n"), ((Words(text), shown), (Words(""), Words(text))), frozenset({1})),
        replace(chart(), caption=text, told=text),
        Heading(text, 3),
    )
    return Report(text, text, blocks, board)


@cache
def made_up() -> History:
    """Return two months with one provider."""
    return history(SHAPE)


@cache
def records() -> dict[str, Record]:
    """Return the record of every incident of the made-up months, by id."""
    held = made_up()
    every = list(told(held))
    said: dict[str, list[Notice]] = {}
    for notice in held.notices():
        said.setdefault(f"{notice.source}/{notice.source_incident_id}", []).append(notice)
    incidents = [one for one in every if isinstance(one, IncidentDocument)]
    matters = [_matter(one, every, said) for one in incidents]
    return {one.incident.incident_id: _record(one, matters, every, said) for one in matters}


def _matter(incident: IncidentDocument, every: list[Any], said: dict[str, list[Notice]]) -> Matter:
    def mine(model: type) -> tuple[Any, ...]:
        return tuple(one for one in every if isinstance(one, model) and one.incident_id == incident.incident_id)

    facts = tuple(fact_of(notice) for name in incident.members for notice in said.get(name, ()))
    plans = mine(PlanDocument)
    return Matter(incident, mine(ClockDocument), facts, plans[0] if plans else None, mine(Page), mine(Delivery))


def _record(matter: Matter, matters: list[Matter], every: list[Any], said: dict[str, list[Notice]]) -> Record:
    held, incident = made_up(), matter.incident
    contacts = standing(one for one in every if isinstance(one, Communication))
    before = [one for one in matters if one.incident.started_at < incident.started_at]
    stopped = (Verdict.MET, Verdict.BREACHED)
    record = Record(
        matter=matter,
        notices=tuple(notice for name in (*incident.members, *incident.exposures) for notice in said.get(name, ())),
        communications=tuple(one for one in contacts if incident.incident_id in one.incident_ids),
        documents=held.documents,
        as_of=SHAPE.end,
        past=tuple(
            clock for one in before for clock in one.clocks if clock.basis is Basis.AGREED and clock.verdict in stopped
        ),
        roles=roles_of(held.documents, incident.provider),
    )
    if record.contract is None:
        return record
    months = months_between(incident.started_at, incident.started_at, record.contract.version.timezone)
    found = credits_of(record.contract.agreement, months, matters, record.as_of)
    mine = (one for one in found if any(incident.incident_id in line.incident_ids for line in one.lines))
    return replace(record, credits=tuple(mine))


def eventful() -> Record:
    """Return the record with the most pages, of those that a hazard touched."""
    return max(
        records().values(),
        key=lambda one: (len(one.incident.exposures), len(one.matter.told), one.incident.incident_id),
    )


@cache
def pack() -> Pack:
    """Return what the pack of the second month is made of."""
    held = made_up()
    every = list(told(held))
    (provider,) = held.documents.providers
    matters = tuple(one.matter for one in records().values())
    said = tuple(one for one in every if isinstance(one, Communication))
    (agreement,) = held.documents.agreements.values()
    zone = agreement.versions[-1].timezone
    (first, _), (begin, end) = (month.bounds(zone) for month in (Month(2026, 5), Month(2026, 6)))
    as_of = SHAPE.end + timedelta(days=10)

    def look(since: datetime, until: datetime, month: Month) -> Lookback:
        return Lookback(
            provider, since, until, as_of, matters, held.documents, reviews(agreement, said, as_of),
            available_in(agreement, [month], matters, as_of),
        )  # fmt: skip

    found = credits_of(agreement, [Month(2026, 6)], matters, as_of)
    sheet = Sheet(provider, "2026-06", look(begin, end, Month(2026, 6)), look(first, begin, Month(2026, 5)), found)
    contacts = held.documents.providers[provider].contacts
    return Pack(sheet, said, contacts, tuple((agreement, one) for one in found))
