"""The handoff of a shift: what whoever takes over has to know, as of an instant. Pure.

What is open, what runs out next, who is told next and who did not answer, what was said since, and who has duty. Any
order and copies of the records give the same handoff; where nothing is open it says so in one line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.agreement import AgreementVersion
from models.communication import Communication
from models.decision import Action
from models.document import Document
from models.documents import Documents
from models.durations import Duration
from models.instants import format_instant
from models.matter import Matter, unique
from models.meetings import standing
from models.paging import Answered, Delivery, Page, PlannedPage, RungState
from models.promises import Keeping, Promise, ledger
from models.records import Basis, ClockDocument, IncidentDocument, Verdict
from models.rota import Rota

RUNNING = (Verdict.PENDING, Verdict.RUNNING, Verdict.PAUSED, Verdict.OVERDUE)
SHIFT_AT_MOST = timedelta(days=31)
"""Longer than this no shift is."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What is handed over."""

    since: datetime
    """When the shift began, UTC; inclusive."""
    as_of: datetime
    """When it ends: the instant of the handoff."""

    @classmethod
    def ending(cls, as_of: datetime, lasted: str) -> "Shift":
        """Return the shift that ends at an instant and lasted so long, such as ``8h``.

        Raises:
            ValueError: if that is no length of a shift.
        """
        length = Duration.parse(lasted).fixed
        if length is None or not timedelta() < length <= SHIFT_AT_MOST:
            raise ValueError(f"{lasted!r} is no length of a shift: write 8h or 30m, at most {SHIFT_AT_MOST.days}d")
        return cls(as_of - length, as_of)

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in it."""
        return self.since <= at <= self.as_of


@dataclass(frozen=True, slots=True)
class Duty:
    """Who has duty from when until when on one rota; to a quarter of an hour."""

    rota: str
    name: str | None
    """None: nobody."""
    begin: datetime
    end: datetime
    is_ahead: bool
    """Of the shift that begins."""


@dataclass(frozen=True, slots=True)
class Next:
    """A rung that is told next if nothing happens."""

    matter: Matter
    rung: PlannedPage
    at: datetime
    """Its due instant, or that of its repetition."""


@dataclass(frozen=True)
class Handoff:
    """What whoever takes over has to know; each list in the order in which it matters."""

    shift: Shift
    incidents: tuple[IncidentDocument, ...]
    """Open ones: highest priority first, then the earliest start."""
    clocks: tuple[tuple[Matter, ClockDocument], ...]
    """Running ones on the agreed basis, the first to fall due first."""
    promises: tuple[tuple[Matter, Promise], ...]
    """Open ones, by the time named."""
    nexts: tuple[Next, ...]
    unacknowledged: tuple[tuple[Matter, Page], ...]
    """Pages told that nobody of their side answered, the oldest first."""
    mutes: tuple[tuple[Matter, Answered], ...]
    """In force, the first to end first."""
    undelivered: tuple[tuple[Matter, Delivery], ...]
    """Pages given up in the shift."""
    ended: tuple[IncidentDocument, ...]
    """That ended in the shift."""
    communications: tuple[Communication, ...]
    """Of the shift, in order."""
    duties: tuple[Duty, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is open and nothing happened; who has duty is no happening."""
        told = (self.incidents, self.clocks, self.promises, self.nexts, self.unacknowledged, self.mutes)
        return not any((*told, self.undelivered, self.ended, self.communications))

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast handoff --json``: its keys are part of the interface."""
        return {
            "since": format_instant(self.shift.since),
            "as_of": format_instant(self.shift.as_of),
            "is_quiet": self.is_quiet,
            "incidents": [_json(one) for one in self.incidents],
            "clocks": [_json(one) for _, one in self.clocks],
            "promises": [_promise_line(*one) for one in self.promises],
            "next_pages": [{"incident_id": one.matter.incident.incident_id, "at": format_instant(one.at),
                            "rung": one.rung.model_dump(mode="json")} for one in self.nexts],
            "unacknowledged": [_json(one) for _, one in self.unacknowledged],
            "mutes": [{"incident_id": matter.incident.incident_id, **one.model_dump(mode="json")}
                      for matter, one in self.mutes],
            "undelivered": [_json(one) for _, one in self.undelivered],
            "ended": [_json(one) for one in self.ended],
            "communications": [_json(one) for one in self.communications],
            "duties": [_duty_line(one) for one in self.duties],
        }  # fmt: skip


def _json(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json")


def _promise_line(matter: Matter, promise: Promise) -> dict[str, Any]:
    return {
        "incident_id": matter.incident.incident_id,
        "of": promise.of,
        "promised_at": format_instant(promise.promised_at),
        "keeping": promise.keeping.value,
        "notice_id": promise.made.notice_id,
    }


def _duty_line(one: Duty) -> dict[str, Any]:
    return {
        "rota": one.rota,
        "name": one.name,
        "begin": format_instant(one.begin),
        "end": format_instant(one.end),
        "is_ahead": one.is_ahead,
    }


def handoff(
    shift: Shift,
    matters: Iterable[Matter],
    communications: Iterable[Communication],
    documents: Documents,
    rotas: Iterable[Rota] = (),
) -> Handoff:
    """Sum up a shift for whoever takes over.

    Args:
        shift: from when on, and as of when.
        matters: open incidents, and those that ended in the shift.
        communications: of the shift; others are left out.
        documents: in force: agreements judge which promises are open.
        rotas: whose turns are told, for the shift and for as long after it.
    """
    every = unique(matters)
    live = [one for one in every if one.is_open]
    said = (one for one in standing(communications) if shift.holds(one.happened_at) or shift.holds(one.recorded_at))
    return Handoff(
        shift=shift,
        incidents=tuple(sorted((one.incident for one in live), key=_urgency)),
        clocks=tuple(sorted(_running(live), key=lambda one: (_due(one[1]), one[1].clock_id))),
        promises=tuple(sorted(_promised(live, documents, shift.as_of), key=_promise_order)),
        nexts=tuple(sorted(_nexts(live), key=lambda one: (one.at, one.rung.side, one.rung.page_id))),
        unacknowledged=tuple(sorted(_unanswered(live), key=lambda one: (one[1].issued_at, one[1].page_id))),
        mutes=tuple(sorted(_mutes(live, shift.as_of), key=_mute_order)),
        undelivered=tuple(
            (one, failed) for one in every for failed in one.undelivered if shift.holds(failed.finished_at)
        ),
        ended=tuple(one.incident for one in every if not one.is_open and _ended_in(one.incident, shift)),
        communications=tuple(sorted(said, key=lambda one: (one.happened_at, one.communication_id))),
        duties=tuple(duty for rota in sorted(rotas, key=lambda one: one.id) for duty in _duties(rota, shift)),
    )


def _urgency(incident: IncidentDocument) -> tuple[str, datetime, str]:
    return (incident.priority or "~", incident.started_at, incident.incident_id)


def _due(clock: ClockDocument) -> tuple[bool, datetime]:
    """Paused clocks have no instant, and come last."""
    return (clock.due_at is None, clock.due_at or clock.occurred_at())


def _running(matters: Iterable[Matter]) -> Iterator[tuple[Matter, ClockDocument]]:
    for one in matters:
        yield from ((one, clock) for clock in one.agreed if clock.verdict in RUNNING)


def _promised(matters: Iterable[Matter], documents: Documents, as_of: datetime) -> Iterator[tuple[Matter, Promise]]:
    for one in matters:
        version = _version(one, documents)
        found = () if version is None else ledger(one.facts, version, as_of)
        for promise in found:
            if promise.basis is Basis.AGREED and promise.keeping in (Keeping.OPEN, Keeping.BROKEN):
                yield one, promise


def _version(matter: Matter, documents: Documents) -> AgreementVersion | None:
    agreement = documents.agreements.get(matter.incident.agreement or "")
    return None if agreement is None else matter.version(agreement)


def _promise_order(one: tuple[Matter, Promise]) -> tuple[datetime, str, str]:
    return (one[1].promised_at, one[0].incident.incident_id, one[1].made.notice_id or "")


def _nexts(matters: Iterable[Matter]) -> Iterator[Next]:
    for one in matters:
        for rung in one.plan.rungs if one.plan is not None else ():
            at = rung.due_at if rung.state in (RungState.WAITING, RungState.DUE) else rung.next_loop_at
            if at is not None and rung.state in (RungState.WAITING, RungState.DUE, RungState.SENT):
                yield Next(one, rung, at)


def _unanswered(matters: Iterable[Matter]) -> Iterator[tuple[Matter, Page]]:
    """Yield the latest page of each recipient by each channel that their side has not answered."""
    for one in matters:
        last = {(page.side, page.recipient, page.channel): page for page in one.told if not one.acknowledged(page)}
        yield from ((one, page) for page in last.values())


def _mutes(matters: Iterable[Matter], as_of: datetime) -> Iterator[tuple[Matter, Answered]]:
    """Yield mutes in force: not over, and not lifted by the same side since."""
    for one in matters:
        answers = one.plan.answers if one.plan is not None else ()
        for mute in answers:
            lifted = any(
                other.action == Action.UNMUTE.value and other.at >= mute.at and other.side in (None, mute.side)
                for other in answers
            )
            if mute.action == Action.MUTE.value and mute.until is not None and mute.until > as_of and not lifted:
                yield one, mute


def _mute_order(one: tuple[Matter, Answered]) -> tuple[datetime, str, str]:
    return (one[1].until or one[1].at, one[0].incident.incident_id, one[1].person)


def _ended_in(incident: IncidentDocument, shift: Shift) -> bool:
    ended = incident.resolved_at or incident.last_notice_at
    return ended is not None and shift.holds(ended)


def _duties(rota: Rota, shift: Shift) -> Iterator[Duty]:
    """Yield who had duty in the shift, and who has it for as long again."""
    length = min(max(shift.as_of - shift.since, timedelta(hours=1)), SHIFT_AT_MOST)
    for is_ahead, begin, end in ((False, shift.since, shift.as_of), (True, shift.as_of, shift.as_of + length)):
        if begin < end:
            for since, until, member in rota.turns(begin, end):
                name = None if member is None else rota.members[member].name
                yield Duty(rota.id, name, since, until, is_ahead)
