"""One incident's time line across all that is on record of it: what was said, seen, measured, paged and decided. Pure.

Claims stand beside what our witnesses saw: the same outage once by the provider's own times and once by ours. Every
entry names the document that it rests on, and when we had it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.agreement import Evidence
from models.communication import Communication, CommunicationKind
from models.contacts_log import BROUGHT, shortened, standing
from models.derived import Lane, TimelineEntry
from models.edits import edits, versions
from models.episode import ENDING, Case, Word, start_of
from models.fact import fact_of
from models.ids import stable_id
from models.instants import format_instant
from models.lengths import length
from models.matter import Matter
from models.meetings import Action, actions
from models.notice import Flag, Kind, Notice, Phase, Speaker
from models.outage import outages
from models.paging import Answered, Delivery, Outcome, Page
from models.records import Basis, ClockDocument, IncidentDocument
from models.saying import said_of

HAZARDS = (Kind.HAZARD, Kind.EXPOSURE)
OUTAGE = "outage"
"""From when until when the service was down, by the word of the lane."""
EDITED = "edited"
"""A statement was changed afterwards; the entry stands where we saw it."""
DUE = "due"
BREACHED = "breached"
PAGED = "paged"
ANSWERED = "answered"
DECIDED = "decided"
ACTION = "action"
"""Somebody undertook something in a meeting about the incident; who is the owner."""
_ORDER = tuple(Lane)
_LANES = {Basis.CLAIMED: Lane.CLAIMED, Basis.OBSERVED: Lane.OBSERVED}


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before it has an id and the incident's own fields."""

    lane: Lane
    what: str
    who: str | None
    text: str
    starts_at: datetime
    refers_to: str
    ends_at: datetime | None = None
    known_at: datetime | None = None
    """None: at once."""
    part: str = ""
    """What tells it from other entries of the same word and document."""


def timeline_entries(
    matter: Matter, notices: Iterable[Notice], communications: Iterable[Communication] = ()
) -> tuple[TimelineEntry, ...]:
    """Return everything that is on record of one incident, the earliest first.

    Args:
        matter: the incident with its clocks, plan, pages and deliveries; any order, copies allowed.
        notices: of its members, and of the hazards that it was exposed to; others and exercises are left out.
        communications: the log; contacts about other incidents, and those that were corrected, are left out.

    Returns:
        One entry an id. Clocks are those of the agreed basis, and their instants are computed: known at once.
    """
    incident = matter.incident
    named = {*incident.members, *incident.exposures}
    told = {
        one.notice_id: one
        for one in notices
        if f"{one.source}/{one.source_incident_id}" in named and Flag.TEST not in one.flags
    }
    log = tuple(communications)
    ours = [one for one in standing(log) if incident.incident_id in one.incident_ids]
    drafts = [
        *_outages(told.values()),
        *_statements(told.values()),
        *(draft for clock in matter.agreed for draft in _clock(clock)),
        *_pages(matter),
        *(_contact(one) for one in ours),
        *_meetings(ours, log),
        *(_decision(incident.incident_id, one) for one in (matter.plan.answers if matter.plan is not None else ())),
    ]
    found = {one.entry_id: one for one in (_entry(incident, draft) for draft in drafts)}
    return tuple(
        sorted(found.values(), key=lambda one: (one.starts_at, _ORDER.index(one.lane), one.what, one.entry_id))
    )


def _entry(incident: IncidentDocument, draft: _Draft) -> TimelineEntry:
    return TimelineEntry(
        entry_id=stable_id("timeline", incident.incident_id, draft.refers_to, draft.lane, draft.what, draft.part),
        incident_id=incident.incident_id,
        provider=incident.provider,
        services=incident.services,
        priority=incident.priority,
        lane=draft.lane,
        what=draft.what,
        who=draft.who,
        text=shortened(draft.text),
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        known_at=draft.known_at or draft.starts_at,
        refers_to=draft.refers_to,
    )


def _outages(notices: Iterable[Notice]) -> Iterator[_Draft]:
    """Yield when the service was down by the provider's own times, and by what we saw."""
    told = {one.notice_id: one for one in notices if one.kind is Kind.INCIDENT}
    case = Case.of(fact_of(one) for one in told.values())
    for basis, lane in _LANES.items():
        start = start_of(case, basis, Evidence())
        for number, one in enumerate(outages(case, basis, Evidence(), start) if start is not None else ()):
            said = told[str((one.end or one.begin).notice_id)]
            yield _Draft(
                lane=lane,
                what=OUTAGE,
                who=said.source,
                text="down" if one.end is not None else "down, and no end is known",
                starts_at=one.begin.earliest,
                refers_to=f"notices/{said.notice_id}",
                ends_at=None if one.end is None else one.end.latest,
                known_at=said.received_at,
                part=str(number),
            )


def _statements(notices: Iterable[Notice]) -> Iterator[_Draft]:
    """Yield each statement by its speaker's own times, and each later version of it when we saw that it had changed."""
    for told in versions(notices):
        yield _said(told[0])
        for edit in edits(told):
            after = edit.after
            yield _Draft(
                _lane(after), EDITED, _speaker(after), edit.text or _words(after), after.received_at,
                f"notices/{after.notice_id}",
            )  # fmt: skip


def _said(notice: Notice) -> _Draft:
    begin, end = _claimed(notice)
    hazard = notice.kind in HAZARDS
    mark = notice.kind.value if hazard else (notice.ruling or notice.phase).value
    return _Draft(
        _lane(notice), "vanished" if Flag.VANISHED in notice.flags else mark, _speaker(notice), _words(notice), begin,
        f"notices/{notice.notice_id}", end, notice.received_at,
    )  # fmt: skip


def _lane(notice: Notice) -> Lane:
    if notice.kind in HAZARDS:
        return Lane.HAZARD
    if notice.speaker is Speaker.PROVIDER:
        return Lane.OBSERVED if Flag.VANISHED in notice.flags else Lane.CLAIMED
    return Lane.OBSERVED if notice.ruling is None else Lane.DECISION


def _speaker(notice: Notice) -> str:
    return notice.person or notice.source


def _words(notice: Notice) -> str:
    words = "" if notice.kind in HAZARDS else said_of(notice)
    return ". ".join(part for part in (words, notice.text or notice.title) if part)


def _claimed(notice: Notice) -> tuple[datetime, datetime | None]:
    """Return the time that a statement is of by its speaker's word: when it began, ended, or was said."""
    fact = fact_of(notice)
    word = Word.of([fact])
    lasts = notice.kind is not Kind.INCIDENT or notice.phase in (Phase.PAUSED, Phase.EXCLUDED)
    if lasts and fact.claimed_at is not None:
        is_span = fact.claimed_end_at is not None and fact.claimed_end_at > fact.claimed_at
        return fact.claimed_at, fact.claimed_end_at if is_span else None
    ended = word.claimed_end() if notice.phase in ENDING else None
    if ended is not None:
        return ended.earliest, None
    if notice.phase is Phase.REPORTED and fact.claimed_at is not None and fact.claim_usable:
        return fact.claimed_at, None
    return word.claimed.earliest, None


def _clock(clock: ClockDocument) -> Iterator[_Draft]:
    """Yield how long a clock ran, when it was due, and when its target was passed."""
    if clock.started_at is None:
        return
    refers_to = f"clocks/{clock.clock_id}"
    name = clock.objective.value.replace("_", " ") + (f" {clock.ordinal + 1}" if clock.ordinal else "")
    target = length(timedelta(seconds=clock.target_s))
    verdict = clock.verdict.value.replace("_", " ")
    words = f"{name}: {verdict}, {target} agreed" + (f" ({clock.reason})" if clock.reason else "")
    yield _Draft(
        Lane.CLOCK, clock.objective.value, None, words, clock.started_at, refers_to, clock.stopped_at, part="runs"
    )
    if clock.due_at is not None:
        yield _Draft(Lane.CLOCK, DUE, None, f"{name}: due, {target} agreed", clock.due_at, refers_to)
    if clock.breached_at is not None:
        yield _Draft(Lane.CLOCK, BREACHED, None, f"{name}: target passed", clock.breached_at, refers_to)


def _pages(matter: Matter) -> Iterator[_Draft]:
    """Yield each page until it was brought, and what became of each attempt."""
    attempts = {one.delivery_id: one for one in matter.deliveries if one.outcome is not Outcome.SENDING}
    brought: dict[str, datetime] = {}
    for one in attempts.values():
        if one.outcome in BROUGHT:
            brought[one.page_id] = min(one.finished_at, brought.get(one.page_id, one.finished_at))
    pages = {page.page_id: page for page in matter.pages}
    yield from (_paged(page, brought.get(page.page_id)) for page in pages.values())
    yield from (_attempted(one, pages.get(one.page_id)) for one in attempts.values())


def _paged(page: Page, brought: datetime | None) -> _Draft:
    text = f"{page.side.value}, rung {page.rung + 1}, by {page.channel}: {page.reason}"
    refers_to = f"pages/{page.page_id}"
    end = brought if brought is not None and brought >= page.issued_at else None
    return _Draft(Lane.PAGE, PAGED, page.recipient_name, text, page.issued_at, refers_to, end)


def _attempted(one: Delivery, page: Page | None) -> _Draft:
    who = one.recipient if page is None else page.recipient_name
    text = f"by {one.channel}, attempt {one.attempt}" + (f": {one.error}" if one.error else "")
    return _Draft(Lane.PAGE, one.outcome.value, who, text, one.finished_at, f"deliveries/{one.delivery_id}")


def _contact(one: Communication) -> _Draft:
    is_answer = one.kind is CommunicationKind.REPLY
    return _Draft(
        Lane.PAGE if is_answer else Lane.CONTACT,
        ANSWERED if is_answer else one.kind.value,
        one.people[0] if one.people else one.channel,
        one.text or one.subject or "",
        one.happened_at,
        f"communications/{one.communication_id}",
        one.ended_at,
        one.recorded_at,
    )


def _meetings(ours: Sequence[Communication], log: Iterable[Communication]) -> Iterator[_Draft]:
    """Yield what meetings about the incident decided, and what was undertaken there, as the log has it last."""
    for one in ours:
        refers_to, who = f"communications/{one.communication_id}", one.people[0] if one.people else one.channel
        for number, text in enumerate(one.decisions):
            yield _Draft(
                Lane.DECISION, DECIDED, who, text, one.happened_at, refers_to, None, one.recorded_at, str(number)
            )
    undertaken = {each.action_id: one.recorded_at for one in reversed(ours) for each in one.actions}
    for action in actions(log):
        known_at = undertaken.get(action.detail.action_id)
        if known_at is not None:
            refers_to = f"communications/{action.communication_id}"
            yield _Draft(
                Lane.DECISION, ACTION, action.detail.owner, _undertaken(action), action.raised_at, refers_to,
                None, known_at, action.detail.action_id,
            )  # fmt: skip


def _undertaken(action: Action) -> str:
    """Return what is to be done, and how it stands: shortened, so the state comes first."""
    due = "" if action.detail.due_on is None else f", until {action.detail.due_on}"
    state = "open" if action.is_open else f"done on {action.detail.done_on}"
    return f"{state}{due}: {action.detail.text}"


def _decision(incident_id: str, one: Answered) -> _Draft:
    side = "both sides" if one.side is None else f"the {one.side.value}'s ladder"
    text = f"{one.action.replace('_', ' ')}: {side}" + (f" ({one.reason})" if one.reason else "")
    part = f"{format_instant(one.at)} {one.person} {side}"
    return _Draft(Lane.DECISION, one.action, one.person, text, one.at, f"plans/{incident_id}", one.until, part=part)
