"""What was rewritten about an incident afterwards, what is to be done, and what nobody knows. Pure."""

from collections.abc import Iterator

from holdfast.reports.blocks import Block, Bullets, Heading, Paragraph, Table, Words
from holdfast.reports.record import Record
from holdfast.reports.words import NONE, counted, instant, plain, refs, text
from models.agenda_points import PointKind, of_incident
from models.meetings import actions
from models.notice import Flag, Phase
from models.questions import Reference
from models.rewriting import Rewriting, rewritings
from models.summing_up import HEADINGS, SIDES, shortened

ASKED = {
    PointKind.OPEN: "incidents",
    PointKind.UNKNOWN: "clocks",
    PointKind.CLAIM: "notices",
    PointKind.UNANSWERED: "pages",
    PointKind.UNDELIVERED: "deliveries",
}
"""Points that are questions, each with the index of what shows it."""
CONTRADICTORY = {
    Flag.CLAIM_IN_FUTURE: "claims a time after we had the statement",
    Flag.CLAIM_TOO_OLD: "claims a time before 1990",
    Flag.END_BEFORE_BEGIN: "claims an end before its begin",
    Flag.BACKFILLED: "was written after the fact",
}


def rewritten_blocks(record: Record) -> Iterator[Block]:
    """Yield each statement that was changed afterwards, and the verdicts that changed with it."""
    yield Heading("What was rewritten afterwards")
    version = None if record.contract is None else record.contract.version
    rows = [row for one in rewritings(record.told, version) for row in _rewritten(one)]
    if rows:
        yield Table(
            "Changes of what had been said", ("Seen here", "By", "What", "Before", "After", "Verdicts"), tuple(rows)
        )
    else:
        yield Paragraph(text("Nothing that was said was changed."))


def _rewritten(one: Rewriting) -> Iterator[tuple[Words, ...]]:
    named = [one.notice.notice_id] + ([one.replaces.notice_id] if one.replaces is not None else [])
    verdicts = NONE if not one.overturned else "; ".join(str(each) for each in one.overturned)
    for position, change in enumerate(one.changes):
        yield (
            Words(instant(one.notice.received_at), refs("notices", named)),
            text(one.notice.speaker.value),
            text(plain(change.field)),
            text(shortened(change.before or "none", 80)),
            text(shortened(change.after or "none", 80)),
            text(verdicts if position == 0 else ""),
        )


def action_blocks(record: Record) -> Iterator[Block]:
    """Yield what was undertaken about it, with owners and dates."""
    yield Heading("Actions")
    found = actions((*record.communications, *record.reviews))
    if not found:
        yield Paragraph(text("No action is on record: neither about it, nor in the reviews of its period."))
        return
    rows = []
    for one in found:
        state = "overdue" if one.is_overdue(record.as_of) else "open" if one.is_open else f"done {one.detail.done_on}"
        rows.append((
            Words(one.detail.text, refs("communications", [one.communication_id])),
            text(record.role(one.detail.owner)),
            text(one.detail.due_on or NONE),
            text(state),
        ))  # fmt: skip
    yield Table("What was undertaken", ("What", "Owner", "Until", "State"), tuple(rows))


def question_blocks(record: Record) -> Iterator[Block]:
    """Yield what the record can't answer."""
    yield Heading("Open questions")
    found = list(_questions(record))
    yield Bullets(tuple(found)) if found else Paragraph(text("None: the record answers all that is asked here."))


def _questions(record: Record) -> Iterator[Words]:
    incident = record.incident
    if not any(one.phase is Phase.ROOT_CAUSE for one in record.told):
        yield text("The cause: no report on it is on record.")
    if record.contract is None:
        yield text("What was agreed: no agreement was in force when it began, or two fit equally well.")
    else:
        for point in of_incident(record.matter, record.contract.version, record.as_of):
            if point.kind in ASKED:
                words = _by_role(record, point.evidence) or point.text.removeprefix(f"{record.matter.name}: ")
                shown = refs(ASKED[point.kind], point.evidence)
                yield Words(f"{HEADINGS[point.kind]} ({SIDES[point.side]}): {words}.", shown)
    yield from _contradictions(record)
    if not incident.witnesses:
        yield text(
            "What it was like from here: no probe or person of ours reported on it, so only the provider's word stands."
        )


def _by_role(record: Record, evidence: tuple[str, ...]) -> str:
    """Return who was to answer, or could not be reached, by role; empty for points about no page."""
    pages = {one.page_id: one for one in record.matter.pages}
    named = [*evidence, *(one.page_id for one in record.matter.deliveries if one.delivery_id in evidence)]
    told = [pages[name] for name in named if name in pages]
    return f"{counted(len(told), 'page')} to {record.addressee(told[0])}" if told else ""


def _contradictions(record: Record) -> Iterator[Words]:
    for flag, words in CONTRADICTORY.items():
        found: tuple[Reference, ...] = refs("notices", (one.notice_id for one in record.told if flag in one.flags))
        if found:
            yield Words(f"Times that contradict each other: {len(found)} of the statements {words}.".replace(
                "1 of the statements", "one statement"), found)  # fmt: skip
