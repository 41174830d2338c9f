"""The postmortem of one incident: what happened by whose word, what was agreed, what is to be done. Pure.

Blameless: people are told by their roles, and there are facts and no adjectives. Every number names its documents. The
same record gives the same report.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from holdfast.reports.blocks import Block, Bullets, Callout, Chart, Heading, Paragraph, Report, Table, Words
from holdfast.reports.charts import gantt
from holdfast.reports.postmortem_clocks import clock_blocks
from holdfast.reports.postmortem_cost import cost_blocks, past_blocks
from holdfast.reports.postmortem_people import communication_blocks, decision_blocks, page_blocks
from holdfast.reports.postmortem_rest import action_blocks, question_blocks, rewritten_blocks
from holdfast.reports.record import Record
from holdfast.reports.words import instant, plain, refs, span, text
from models.derived import Lane, TimelineEntry
from models.outage import Outage
from models.paging import Outcome
from models.records import Basis
from models.timeline_entries import ACTION, DECIDED, timeline_entries

HOW = "People are told by their roles. All times are UTC. Numbers in brackets name the documents that a line rests on."
ENTRIES_AT_MOST = 200
"""Lines of the time line; more than that nobody reads, and the index has all."""
BASES = {
    Basis.CLAIMED: "claimed: the provider's own times",
    Basis.OBSERVED: "observed: what we saw",
    Basis.AGREED: "agreed: by the agreement's rules of evidence",
}
THEIRS = (Lane.CLAIMED,)
SAID_ELSEWHERE = (Outcome.SENT.value, Outcome.BUNDLED.value, DECIDED, ACTION)
"""A page that was brought says so by its end; what meetings came to has parts of its own."""


def postmortem(record: Record, board: str | None = None) -> Report:
    """Return the report.

    Args:
        record: of the incident.
        board: where the board is reached; None leaves documents without links.
    """
    incident = record.incident
    title = incident.title or incident.source_incident_id
    about = [
        incident.provider,
        ", ".join(incident.services) or "all services",
        incident.priority or "no priority",
        f"incident {incident.incident_id}",
        f"as of {instant(record.as_of)} UTC",
    ]
    return Report(f"Postmortem: {title}", " · ".join(about), tuple(_blocks(record)), board)


def _blocks(record: Record) -> Iterator[Block]:
    every = timeline_entries(record.matter, record.notices, record.communications)
    entries = tuple(one for one in every if one.what not in SAID_ELSEWHERE)
    yield Callout("How to read this", text(HOW))
    yield from _summary(record)
    yield from _timeline(record, entries)
    yield from clock_blocks(record)
    yield from communication_blocks(record)
    yield from page_blocks(record)
    yield from decision_blocks(record)
    yield from rewritten_blocks(record)
    yield from cost_blocks(record)
    yield from past_blocks(record)
    yield from action_blocks(record)
    yield from question_blocks(record)


def _summary(record: Record) -> Iterator[Block]:
    incident = record.incident
    mine = refs("incidents", [incident.incident_id])
    yield Heading("Summary")
    lines = [
        Words(f"It is {incident.status.value}; the last phase is {plain(incident.phase)}.", mine),
        text(f"Services: {', '.join(incident.services) or 'all of the provider'}."),
        text(
            f"Priority: {incident.priority or 'none'}, severity in the provider's words: {incident.severity or 'none'}."
        ),
        text(_judged_by(record)),
    ]
    lines += _hazards(record)
    if incident.reopened_count:
        lines.append(text(f"Reopened {incident.reopened_count} times."))
    yield Bullets(tuple(lines))
    rows = [row for basis in Basis for row in _down(record, basis)]
    if rows:
        yield Table(
            "How long the service was down", ("Whose times", "From", "Until", "Length"), tuple(rows), frozenset({3})
        )


def _judged_by(record: Record) -> str:
    if record.contract is None:
        return "No agreement was in force when it began: nothing is judged."
    return f"Judged by {record.contract.agreement.id}, version {record.contract.version.version}."


def _hazards(record: Record) -> Iterator[Words]:
    for name in record.incident.exposures:
        source, _, own = name.partition("/")
        said = [one for one in record.notices if (one.source, one.source_incident_id) == (source, own)]
        title = next((one.title for one in reversed(said) if one.title), own)
        yield Words(
            f"A hazard lay over the provider's sites: {title}.", refs("notices", (one.notice_id for one in said))
        )
    if not record.incident.exposures:
        yield text("No hazard lay over the provider's sites.")


def _down(record: Record, basis: Basis) -> Iterator[tuple[Words, ...]]:
    for one in record.outages(basis):
        named = [at.notice_id for at in (one.begin, one.end) if at is not None and at.notice_id is not None]
        end = None if one.end is None else one.end.latest
        shown = Words(span(_length(one, record.as_of)) + ("" if end else " so far"), refs("notices", named))
        yield text(BASES[basis]), text(instant(one.begin.earliest)), text(instant(end)), shown


def _length(one: Outage, as_of: datetime) -> timedelta:
    end = as_of if one.end is None else one.end.latest or one.end.earliest
    return max(timedelta(), end - one.begin.earliest)


def _timeline(record: Record, entries: tuple[TimelineEntry, ...]) -> Iterator[Block]:
    yield Heading("Time line")
    if not entries:
        yield Paragraph(text("Nothing is on record."))
        return
    shown = entries[:ENTRIES_AT_MOST]
    yield _chart(record, entries)
    rows = tuple(_row(record, one) for one in shown)
    yield Table("What the provider said, by its own times, beside what was seen and done", (
        "At", "The provider's word", "Seen, measured and done", "Known here",
    ), rows)  # fmt: skip
    if len(entries) > len(shown):
        yield Callout("Left out", text(f"{len(entries) - len(shown)} later lines; the index of time lines has all."))


def _row(record: Record, one: TimelineEntry) -> tuple[Words, ...]:
    index, _, document_id = one.refers_to.partition("/")
    who = record.role(one.who) if one.who is not None else ""
    lasts = one.ends_at is not None and instant(one.ends_at) != instant(one.starts_at)
    until = f", until {instant(one.ends_at)}" if lasts else ""
    head = " ".join(part for part in (who, plain(one.what)) if part)
    words = Words(f"{head}{until}: {one.text}" if one.text else f"{head}{until}", refs(index, [document_id]))
    late = one.known_at - one.starts_at
    known = "at once" if abs(late) < timedelta(seconds=1) else f"{span(late)} later" if late > timedelta() else "before"
    is_theirs = one.lane in THEIRS
    return text(instant(one.starts_at)), words if is_theirs else text(""), text("") if is_theirs else words, text(known)


def _chart(record: Record, entries: tuple[TimelineEntry, ...]) -> Chart:
    lanes = sorted({one.lane.value for one in entries})
    spans = sum(1 for one in entries if one.ends_at is not None)
    begin, end = entries[0].starts_at, max(one.ends_at or one.starts_at for one in entries)
    told = (
        f"{len(entries)} entries in the lanes {', '.join(lanes)}, {spans} of them with a length, from {instant(begin)} "
        f"to {instant(min(end, max(record.as_of, begin)))} UTC; the table below has each."
    )
    return Chart("timeline", "Claimed and observed, one above the other", told, gantt(entries, record.as_of))
