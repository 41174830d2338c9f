"""Agendas and handoffs in words: headings with lines, as the terminal, Markdown and the board show them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agenda import AGENDA_AT_MOST, Agenda
from models.agenda_points import Point, PointKind
from models.figures import ENOUGH, Figures
from models.handoff import Handoff
from models.lengths import length
from models.matter import Matter
from models.paging import Page, Side
from models.promises import Keeping
from models.records import ClockDocument, Verdict

SIDES = {Side.PROVIDER: "their side", Side.CUSTOMER: "our side", None: "both sides"}
HEADINGS = {
    PointKind.REVIEW_MISSED: "Reviews that were missed",
    PointKind.ACTION: "Open actions",
    PointKind.OPEN: "Incidents that are not over",
    PointKind.BREACH: "Targets missed",
    PointKind.SILENCE: "Silence",
    PointKind.PROMISE: "Promises broken or late",
    PointKind.UNKNOWN: "Verdicts that can't be known",
    PointKind.CHANGED: "Verdicts given anew",
    PointKind.CLAIM: "Claims to be decided",
    PointKind.CREDIT: "Credits to be claimed",
    PointKind.MAINTENANCE: "Maintenance outside its terms",
    PointKind.UNANSWERED: "Pages not answered",
    PointKind.UNDELIVERED: "People who could not be reached",
}
CONTROL = {ord(one): " " for one in map(chr, (*range(32), 127))}
ESCAPED = {ord(one): f"\\{one}" for one in "\\`*_[]<>#|"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines; ``links`` has an incident's id for each line, None where it is of none."""

    heading: str
    lines: tuple[str, ...]
    links: tuple[str | None, ...] = ()

    def linked(self) -> Sequence[tuple[str, str | None]]:
        """Return each line with its incident."""
        return list(zip(self.lines, self.links or (None,) * len(self.lines), strict=True))


def agenda_title(agenda: Agenda) -> str:
    """Return what is looked back on."""
    owed = agenda.review.owed
    return f"Review of {owed.agreement.id}, {owed.period.name}"


def agenda_sections(agenda: Agenda) -> tuple[Section, ...]:
    """Return an agenda in words; without open points one section says so."""
    points = agenda.points[:AGENDA_AT_MOST]
    found = [_heading(kind, [one for one in points if one.kind is kind]) for kind in PointKind]
    told = [one for one in found if one.lines]
    if len(agenda.points) > len(points):
        told.append(Section("Left out", (f"{len(agenda.points) - len(points)} more points; --json counts them",)))
    return (_head(agenda), *(told or [Section("Open points", ("none",))]))


def handoff_sections(told: Handoff) -> tuple[Section, ...]:
    """Return a handoff in words; where nothing is open and nothing happened, one line says so."""
    if told.is_quiet:
        line = f"Nothing is open, and nothing happened since {when(told.shift.since)} UTC."
        return (Section("Handoff", (line,)), *_on_duty(told))
    found = (*_standing(told), *_paging(told), *_happened(told), *_on_duty(told))
    return tuple(one for one in found if one.lines)


def plain(title: str, sections: Sequence[Section]) -> str:
    """Return sections as plain text; what somebody wrote can't command a terminal."""
    lines = [title]
    for one in sections:
        lines += ["", one.heading, *(f"  - {line}" for line in one.lines)]
    return "\n".join(line.translate(CONTROL) for line in lines) + "\n"


def markdown(title: str, sections: Sequence[Section]) -> str:
    """Return sections as Markdown; what somebody wrote is text, never markup."""
    lines = [f"# {_escaped(title)}"]
    for one in sections:
        lines += ["", f"## {_escaped(one.heading)}", "", *(f"- {_escaped(line)}" for line in one.lines)]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.translate(CONTROL).translate(ESCAPED)


def _head(agenda: Agenda) -> Section:
    owed, lines = agenda.review.owed, []
    lines.append(f"{when(owed.begin)} to {when(owed.end)} UTC, as of {when(agenda.as_of)}: {agenda.review.reason}")
    owners = ", ".join(owed.spec.owners) or "nobody named"
    lines.append(f"owners: {owners}; {counted(agenda.incidents, 'incident')} began, {agenda.still_open} still open")
    lines += [_figure(one) for one in agenda.figures]
    made = sum(agenda.promises.values())
    if made:
        kept = ", ".join(f"{agenda.promises[one]} {one.value}" for one in Keeping if agenda.promises.get(one))
        lines.append(f"{counted(made, 'promise')}: {kept}")
    return Section("The period", tuple(lines))


def _figure(one: Figures) -> str:
    name = one.objective.value.replace("_", " ")
    rest = f"{one.open} still open" + (f", {one.indeterminate} can't be known" if one.indeterminate else "")
    if one.n < ENOUGH or one.median_s is None or one.p90_s is None or one.met_share is None:
        return f"{name}: n={one.n}, {one.met} met, {one.breached} missed; not enough data for more; {rest}"
    lengths = f"median {_seconds(one.median_s)}, p90 {_seconds(one.p90_s)}"
    return f"{name}: n={one.n}, {lengths}, {one.met_share:.0%} met; {rest}"


def _heading(kind: PointKind, points: Sequence[Point]) -> Section:
    lines = tuple(f"{one.text} ({SIDES[one.side]})" for one in points)
    return Section(HEADINGS[kind], lines, tuple(one.incident_id for one in points))


def _standing(told: Handoff) -> Iterator[Section]:
    yield Section(
        "Open incidents",
        tuple(
            f"{one.priority or '-'} {one.provider} {', '.join(one.services) or 'all services'}: "
            f"{one.title or one.source_incident_id} ({one.status.value}, {one.phase.replace('_', ' ')}, since "
            f"{when(one.started_at)})"
            for one in told.incidents
        ),
        tuple(one.incident_id for one in told.incidents),
    )
    yield Section(
        "Clocks, the next to fall due first",
        tuple(f"{_clock(clock, told.shift.as_of)}: {_of(matter)}" for matter, clock in told.clocks),
        tuple(clock.incident_id for _, clock in told.clocks),
    )
    yield Section(
        "Promises not kept yet",
        tuple(
            f"{when(one.promised_at)} {'next word' if one.of == 'update' else 'restoration'}"
            f"{' (broken)' if one.keeping is Keeping.BROKEN else ''}: {_of(matter)}"
            for matter, one in told.promises
        ),
        tuple(matter.incident.incident_id for matter, _ in told.promises),
    )


def _paging(told: Handoff) -> Iterator[Section]:
    yield Section(
        "Who is paged next if nothing happens",
        tuple(
            f"{when(one.at)} {one.rung.recipient_name} by {one.rung.channel} ({SIDES[one.rung.side]}, "
            f"{one.rung.condition}): {_of(one.matter)}"
            for one in told.nexts
        ),
        tuple(one.matter.incident.incident_id for one in told.nexts),
    )
    yield Section(
        "Pages that nobody answered",
        tuple(f"{_page(page)}: {_of(matter)}" for matter, page in told.unacknowledged),
        tuple(page.incident_id for _, page in told.unacknowledged),
    )
    yield Section(
        "Muted",
        tuple(
            f"until {when(one.until or one.at)} {SIDES[one.side]}, by {one.person} ({one.reason or 'no reason'}): "
            f"{_of(matter)}"
            for matter, one in told.mutes
        ),
        tuple(matter.incident.incident_id for matter, _ in told.mutes),
    )
    yield Section(
        "Pages that could not be delivered",
        tuple(
            f"{when(one.finished_at)} {one.recipient} by {one.channel}: {one.error or one.outcome.value}: {_of(matter)}"
            for matter, one in told.undelivered
        ),
        tuple(matter.incident.incident_id for matter, _ in told.undelivered),
    )


def _happened(told: Handoff) -> Iterator[Section]:
    yield Section(
        "Over since the shift began",
        tuple(f"{one.provider}: {one.title or one.source_incident_id} ({one.status.value})" for one in told.ended),
        tuple(one.incident_id for one in told.ended),
    )
    yield Section(
        "Said in the shift",
        tuple(
            f"{when(one.happened_at)} {one.kind.value} {one.direction.replace('_', ' ')}"
            f"{' with ' + ', '.join(one.people) if one.people else ''} by {one.channel}: "
            f"{shortened(one.subject or one.text or '-')}"
            for one in told.communications
        ),
        tuple(next(iter(one.incident_ids), None) for one in told.communications),
    )


def _on_duty(told: Handoff) -> Iterator[Section]:
    lines = tuple(
        f"{one.rota}: {one.name or 'nobody'} {when(one.begin)} to {when(one.end)}{' (next)' if one.is_ahead else ''}"
        for one in told.duties
    )
    if lines:
        yield Section("On duty", lines)


def _clock(clock: ClockDocument, as_of: datetime) -> str:
    name = clock.objective.value.replace("_", " ")
    if clock.due_at is None:
        return f"{name} is {clock.verdict.value}" + (f" ({clock.reason})" if clock.reason else "")
    left = clock.due_at - as_of
    rest = (
        f"overdue by {length(-left)}" if clock.verdict is Verdict.OVERDUE else f"{length(max(left, timedelta()))} left"
    )
    return f"{when(clock.due_at)} {name}, {rest}"


def _page(page: Page) -> str:
    return f"{when(page.issued_at)} {page.recipient_name} by {page.channel} ({SIDES[page.side]}, {page.reason})"


def _of(matter: Matter) -> str:
    return f"{matter.incident.provider}, {shortened(matter.name)}"


def shortened(text: str, at_most: int = 160) -> str:
    """Return text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 incident`` and ``2 incidents``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def when(instant: datetime) -> str:
    """Return an instant in UTC to the minute."""
    return f"{instant:%Y-%m-%d %H:%M}"


def _seconds(span_s: float) -> str:
    return length(timedelta(seconds=span_s))
