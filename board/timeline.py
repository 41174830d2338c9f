"""The time line of one incident: what was said, what the clocks decided, who was paged. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from board.state import Dossier
from models.edits import Edit, edits, versions
from models.instants import LATEST, format_instant
from models.notice import Kind, Notice
from models.paging import Answered, Delivery, Outcome, Page
from models.records import Basis, ClockDocument, Verdict
from models.saying import said_of


@dataclass(frozen=True)
class Entry:
    """One happening. Entries sort by instant; at one instant notices come before verdicts, verdicts before pages."""

    at: datetime
    what: str
    """``notice``, ``hazard``, ``verdict``, ``page``, ``delivery`` or ``decision``."""
    mark: str
    """The word that sums it up: a phase, a ruling on a claim, ``edited``, a verdict, an outcome, what was decided."""
    who: str
    text: str
    claimed_at: datetime | None = None
    published_at: datetime | None = None
    received_at: datetime | None = None
    flags: tuple[str, ...] = ()
    ref: str | None = None
    """Id of the notice, clock, page or delivery."""

    def to_document(self) -> dict[str, Any]:
        """Return the entry as JSON: instants RFC 3339 in UTC, absent is null."""
        return {
            "at": format_instant(self.at),
            "what": self.what,
            "mark": self.mark,
            "who": self.who,
            "text": self.text,
            "claimed_at": _text(self.claimed_at),
            "published_at": _text(self.published_at),
            "received_at": _text(self.received_at),
            "flags": list(self.flags),
            "ref": self.ref,
        }


_ORDER = ("hazard", "notice", "verdict", "page", "delivery", "decision")


def timeline(dossier: Dossier, notices: Iterable[Notice], known_at: datetime | None = None) -> list[Entry]:
    """Return everything that happened to an incident, the earliest first.

    Only the agreed basis speaks here; the other two are in the table of clocks.

    Args:
        dossier: of the incident.
        notices: what was said of it.
        known_at: show only what was in hand by then; None shows all. The verdicts that are stored rest on all that is
            known now, so a view of the past has none: ``holdfast explain`` computes them anew.
    """
    limit = known_at or LATEST
    entries = list(_told(notice for notice in notices if notice.received_at <= limit))
    for clock in dossier.clocks if known_at is None else ():
        if clock.basis is Basis.AGREED:
            entries.extend(_decided(clock))
    names = {page.page_id: page.recipient_name for page in dossier.pages}
    entries.extend(_paged(page) for page in dossier.pages if page.issued_at <= limit)
    entries.extend(
        _attempted(one, names.get(one.page_id, one.recipient))
        for one in dossier.deliveries
        if one.outcome is not Outcome.SENDING and one.finished_at <= limit
    )
    answers = dossier.plan.answers if dossier.plan is not None else ()
    entries.extend(_answered(one) for one in answers if one.at <= limit)
    return sorted(entries, key=lambda entry: (entry.at, _ORDER.index(entry.what), entry.ref or ""))


def _answered(one: Answered) -> Entry:
    """Return an acknowledgement of a ladder, or a mute, of it or of the whole provider."""
    ladder = "both ladders" if one.side is None else f"the {one.side.value}'s ladder"
    until = "" if one.until is None else f" until {one.until:%Y-%m-%d %H:%M} UTC"
    why = f": {one.reason}" if one.reason else ""
    return Entry(one.at, "decision", one.action, one.person, f"{ladder}{until}{why}")


def _told(notices: Iterable[Notice]) -> Iterator[Entry]:
    """Yield each statement when it was made, and each later version of it when we saw that it had changed."""
    for told in versions(notices):
        yield _said(told[0])
        yield from (_edited(edit) for edit in edits(told))


def _edited(edit: Edit) -> Entry:
    entry = _said(edit.after)
    return replace(entry, at=edit.after.received_at, mark="edited", text=edit.text or entry.text)


def _said(notice: Notice) -> Entry:
    hazard = notice.kind in (Kind.HAZARD, Kind.EXPOSURE)
    phase = notice.phase.value if notice.ruling is None else notice.ruling.value
    words = "" if hazard else said_of(notice)
    return Entry(
        at=notice.order_at,
        what="hazard" if hazard else "notice",
        mark=notice.kind.value if hazard else phase,
        who=f"{notice.speaker.value} · {notice.source}",
        text="\n".join(part for part in (words, notice.text or notice.title) if part),
        claimed_at=notice.claimed_at,
        published_at=notice.published_at,
        received_at=notice.received_at,
        flags=tuple(flag.value for flag in notice.flags),
        ref=notice.notice_id,
    )


def _decided(clock: ClockDocument) -> Iterator[Entry]:
    """Yield the computed breach instant, and the stop with its verdict."""
    name = clock.objective.value if clock.ordinal == 0 else f"{clock.objective.value} {clock.ordinal + 1}"
    if clock.breached_at is not None:
        mark = "overdue" if clock.stopped_at is None else "breached"
        yield Entry(clock.breached_at, "verdict", mark, "agreement", f"{name}: target passed", ref=clock.clock_id)
    if clock.stopped_at is not None and clock.verdict is not Verdict.NOT_APPLICABLE:
        text = f"{name}: clock stopped" + (f" ({clock.reason})" if clock.reason else "")
        yield Entry(clock.stopped_at, "verdict", clock.verdict.value, "agreement", text, ref=clock.clock_id)


def _paged(page: Page) -> Entry:
    who = f"{page.recipient_name} ({page.side.value})"
    return Entry(page.due_at, "page", "paged", who, f"{page.reason}: {page.title}", ref=page.page_id)


def _attempted(delivery: Delivery, who: str) -> Entry:
    text = f"by {delivery.channel}, attempt {delivery.attempt}"
    if delivery.error:
        text = f"{text}: {delivery.error}"
    return Entry(delivery.finished_at, "delivery", delivery.outcome.value, who, text, ref=delivery.delivery_id)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
