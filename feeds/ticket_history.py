"""A desk's log of one ticket becomes statements: what changed, when, by whose word. Pure.

That there is trouble is our own people's word: they opened the ticket. All later states are the desk's, so the
provider's. A row that changes neither state, severity nor group says nothing and gives nothing. Rows of one instant
(some logs keep whole minutes) count by what they come to: a pause that ends and begins again within it goes on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Protocol, TypeVar

from feeds.errors import PayloadError
from feeds.reading import Parsed, Problem, all_failed
from feeds.tables import Row, rows_of
from feeds.ticket_states import DONE, Stage
from models.instants import format_instant
from models.notice import Phase, Speaker, Statement

_ENDS = {Stage.RESOLVED: Phase.RESOLVED, Stage.CLOSED: Phase.CLOSED, Stage.CANCELLED: Phase.CANCELLED}


@dataclass(frozen=True)
class Step:
    """One row of a log: how things stood from then on."""

    at: datetime
    word: str
    """The state in the tool's own words."""
    stage: Stage
    reason: str | None = None
    """What a waiting one waits for."""
    severity: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Ticket:
    """What does not change of a ticket, and its log."""

    ticket_id: str
    opened_at: datetime
    steps: tuple[Step, ...]
    """At least one, in the order of the log."""
    title: str | None = None
    text: str | None = None
    components: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


class LogLine(Protocol):
    """One row of a log, read."""

    @property
    def number(self) -> str:
        """The ticket that it is of."""
        ...


Line = TypeVar("Line", bound=LogLine)


def read_log(
    body: bytes, needed: tuple[str, ...], line_of: Callable[[Row], Line], ticket_of: Callable[[list[Line]], Ticket]
) -> Parsed:
    """Read a log as CSV: rows to lines, lines to tickets, tickets to statements.

    Args:
        body: the bytes as received.
        needed: columns without which it is no log of the format.
        line_of: reads one row; what it refuses is a problem of that line, and the rest is read.
        ticket_of: makes a ticket of its lines, which are in the order of the log.

    Raises:
        PayloadError: if the payload as a whole is not of the format, or no row of it can be read.
    """
    problems: list[Problem] = []
    logs: dict[str, list[Line]] = {}
    for number, row in rows_of(body, needed, problems):
        try:
            read = line_of(row)
        except PayloadError as error:
            problems.append((error.reason, f"line {number}: {error.detail}"))
        else:
            logs.setdefault(read.number, []).append(read)
    statements = tuple(one for lines in logs.values() for one in history(ticket_of(lines)))
    all_failed(statements, problems)
    return Parsed(statements, tuple(problems))


@dataclass(frozen=True)
class _Stand:
    """How things stood before an instant."""

    step: Step | None = None
    is_acknowledged: bool = False
    is_engaged: bool = False

    @property
    def is_done(self) -> bool:
        return self.step is not None and self.step.stage in DONE

    @property
    def reason(self) -> str | None:
        return self.step.reason if self.step else None


_Word = tuple[Phase, str | None]
"""A phase, and its reason where it has one."""


def history(ticket: Ticket) -> Iterator[Statement]:
    """Yield the statements of a ticket, earliest first. Same ticket, same statements."""
    yield _opened(ticket)
    stand = _Stand()
    for _, rows in groupby(sorted(ticket.steps, key=lambda step: step.at), key=lambda step: step.at):
        steps = [_completed(step, stand.step) for step in rows]
        last = steps[-1]
        for phase, reason in _said(stand, steps):
            yield _statement(ticket, last, phase, reason)
        stand = _Stand(
            last,
            stand.is_acknowledged or last.stage is Stage.ASSIGNED,
            stand.is_engaged or last.stage is Stage.WORKING,
        )


def _completed(step: Step, before: Step | None) -> Step:
    """Fill what a row leaves out from the one before: absent is not changed."""
    if before is None:
        return step
    return replace(step, severity=step.severity or before.severity, group=step.group or before.group)


def _said(stand: _Stand, steps: list[Step]) -> list[_Word]:
    """Return what the rows of one instant say that was not so before."""
    last = steps[-1]
    words: list[_Word] = []
    if last.stage in DONE:
        words += [(phase, None) for phase in _ended(stand, steps)]
    elif stand.is_done:
        words.append((Phase.REOPENED, None))
    if stand.reason and stand.reason != last.reason:
        words.append((Phase.RESUMED, stand.reason))
    if last.stage is Stage.WAITING and stand.reason != last.reason:
        words.append((Phase.PAUSED, last.reason))
    if not words or (last.stage is Stage.WORKING and not stand.is_engaged and not stand.is_done):
        words += [(phase, None) for phase in _progress(stand, last)]
    if stand.step and last.severity != stand.step.severity:
        words.append((Phase.SEVERITY_CHANGED, None))
    if not words and stand.step and last.group != stand.step.group:
        words.append((Phase.UPDATE, None))
    return words


def _ended(stand: _Stand, steps: Iterable[Step]) -> Iterator[Phase]:
    """Yield each ending word of the instant once, without the one that stood before."""
    stages = dict.fromkeys(step.stage for step in steps if step.stage in DONE)
    for stage in stages:
        if stand.step is None or stage is not stand.step.stage:
            yield _ENDS[stage]


def _progress(stand: _Stand, last: Step) -> Iterator[Phase]:
    """Yield the word for a stage on which nothing ended, paused or went on."""
    if last.stage is Stage.WORKING and not stand.is_engaged:
        yield Phase.ENGAGED
    elif last.stage is Stage.ASSIGNED and not (stand.is_acknowledged or stand.is_engaged):
        yield Phase.ACKNOWLEDGED
    elif stand.step and last.stage not in (stand.step.stage, Stage.WAITING, *DONE):
        yield Phase.UPDATE


def _opened(ticket: Ticket) -> Statement:
    return Statement(
        source_incident_id=ticket.ticket_id,
        source_update_id="opened",
        speaker=Speaker.CUSTOMER,
        phase=Phase.REPORTED,
        components=ticket.components,
        regions=ticket.regions,
        severity=next((step.severity for step in ticket.steps if step.severity), None),
        title=ticket.title,
        text=ticket.text,
        claimed_at=ticket.opened_at,
        published_at=ticket.opened_at,
        heads_incident=True,
    )


def _statement(ticket: Ticket, step: Step, phase: Phase, reason: str | None) -> Statement:
    """Return a statement of the desk; its id holds over longer exports of the same log."""
    name = f"{format_instant(step.at)}/{phase.value}"
    return Statement(
        source_incident_id=ticket.ticket_id,
        source_update_id=f"{name}/{reason}" if reason else name,
        speaker=Speaker.PROVIDER,
        phase=phase,
        components=ticket.components,
        regions=ticket.regions,
        severity=step.severity,
        title=ticket.title,
        text=f"{step.word} ({step.group})" if step.group else step.word,
        claimed_at=step.at if phase in _ENDS.values() else None,  # on a first "engaged" it would claim the begin
        published_at=step.at,
        reason=reason,
    )
