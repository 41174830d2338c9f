"""The pack for a regular review: the scorecard, what was said last time, what is open, what can be claimed. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from holdfast.reports.blocks import Block, Bullets, Callout, Heading, Paragraph, Report, Table, Words
from holdfast.reports.scorecard import Sheet, about, scorecard_blocks
from holdfast.reports.words import NONE, counted, instant, refs, text
from models.agenda_points import Point, PointKind, of_incident
from models.agreement import Agreement
from models.communication import Communication, CommunicationKind
from models.credits import Credit
from models.meetings import actions, standing
from models.provider import Contact
from models.summing_up import HEADINGS, SIDES, shortened

POINTS_AT_MOST = 60
"""Points of the pack; ``holdfast reviews agenda`` has all."""
INDICES = {
    PointKind.OPEN: "incidents", PointKind.BREACH: "clocks", PointKind.SILENCE: "clocks", PointKind.PROMISE: "notices",
    PointKind.UNKNOWN: "clocks", PointKind.CHANGED: "clocks", PointKind.CLAIM: "notices",
    PointKind.UNANSWERED: "pages", PointKind.UNDELIVERED: "deliveries",
}  # fmt: skip
"""Where the evidence of a point stands."""


@dataclass(frozen=True)
class Pack:
    """What a review's pack is made of."""

    sheet: Sheet
    communications: tuple[Communication, ...]
    """With the provider, all of them."""
    contacts: Mapping[str, Contact]
    """The provider's document's, by id."""
    claims: tuple[tuple[Agreement, Credit], ...]
    """Of the months that end within the period."""


def review(pack: Pack, board: str | None = None) -> Report:
    """Return the report.

    Args:
        pack: what it is made of.
        board: where the board is reached; None leaves documents without links.
    """
    sheet = pack.sheet
    title = f"Review pack: {sheet.provider}, {sheet.period}"
    return Report(title, about(sheet), tuple(_blocks(pack)), board)


def _blocks(pack: Pack) -> Iterator[Block]:
    yield from _last_time(pack)
    yield from _actions(pack)
    yield from scorecard_blocks(pack.sheet)
    yield from _points(pack)
    yield Callout("With this pack", text("credits.csv and credits.json are the claim with its evidence; data.json has "
                                         "every figure with its documents."))  # fmt: skip


def _last_time(pack: Pack) -> Iterator[Block]:
    """Yield what was decided in the last review before as-of."""
    yield Heading("Last time")
    look = pack.sheet.look
    held = [
        one
        for one in standing(pack.communications)
        if one.kind is CommunicationKind.REVIEW and one.happened_at <= look.as_of
    ]
    if not held:
        yield Paragraph(text("No review is on record."))
        return
    last = max(held, key=lambda one: (one.happened_at, one.communication_id))
    named = refs("communications", [last.communication_id])
    people = ", ".join(_name(pack, one) for one in last.people) or "nobody named"
    held_at = instant(last.happened_at)
    yield Paragraph(Words(f"Review of {last.review_period or NONE}, held at {held_at} UTC by {people}.", named))
    if last.decisions:
        yield Bullets(tuple(Words(f"Decided: {one}", named) for one in last.decisions))


def _name(pack: Pack, person: str) -> str:
    contact = pack.contacts.get(person)
    return person if contact is None else contact.name


def _actions(pack: Pack) -> Iterator[Block]:
    """Yield what was undertaken before as-of: what is open, and what was done since the period began."""
    yield Heading("Actions")
    look = pack.sheet.look
    found = [one for one in actions(pack.communications) if one.raised_at <= look.as_of]
    told = [
        one
        for one in found
        if one.is_open or (one.detail.done_on is not None and one.detail.done_on >= look.begin.date())
    ]
    if not told:
        yield Paragraph(text("None is open, and none was done since the period began."))
        return
    rows = []
    for one in told:
        state = "overdue" if one.is_overdue(look.as_of) else "open" if one.is_open else f"done {one.detail.done_on}"
        rows.append((
            Words(one.detail.text, refs("communications", [one.communication_id])),
            text(_name(pack, one.detail.owner)),
            text(f"{one.raised_at:%Y-%m-%d}"),
            text(one.detail.due_on or NONE),
            text(state),
        ))  # fmt: skip
    yield Table("Actions from last time and before", ("What", "Owner", "Raised", "Until", "State"), tuple(rows))


def _points(pack: Pack) -> Iterator[Block]:
    """Yield what is to be talked about, as an agenda has it."""
    yield Heading("Points to go through")
    found = sorted((point for point in _of_incidents(pack)), key=lambda one: one.order)
    if not found:
        yield Paragraph(text("None."))
        return
    shown = found[:POINTS_AT_MOST]
    rows = tuple(
        (
            text(HEADINGS[one.kind]),
            Words(shortened(one.text), refs(INDICES[one.kind], one.evidence)),
            text(SIDES[one.side]),
        )
        for one in shown
    )
    yield Table(counted(len(found), "point"), ("About", "What", "Whose"), rows)
    if len(found) > len(shown):
        yield Callout(
            "Left out", text(f"{len(found) - len(shown)} more; holdfast reviews agenda has all of one period.")
        )


def _of_incidents(pack: Pack) -> Iterator[Point]:
    look = pack.sheet.look
    for one in look.incidents:
        agreement = look.documents.agreements.get(one.incident.agreement or "")
        version = None if agreement is None else one.version(agreement)
        if version is not None:
            yield from of_incident(one, version, look.as_of)
