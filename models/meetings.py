"""Minutes of meetings: what was decided, and who undertook what until when. Pure.

Minutes are records of the communication log. An action keeps its id through all minutes that tell of it, and what was
recorded last counts; minutes that another record corrects do not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.answers import ANSWERS_FEED, COMMUNICATION_FORMAT
from models.communication import ActionItem, Communication, CommunicationKind
from models.ids import stable_id
from models.instants import format_instant
from models.notice import Identity
from models.provider import Contact
from models.raw import RawPayload
from models.review_periods import ReviewPeriod

TEXT_AT_MOST = 200_000
"""Characters of minutes."""
SENTENCE_AT_MOST = 2_000
"""Characters of one decision or action."""
LINES_AT_MOST = 200
"""Decisions, or actions, of one meeting."""
CHANNEL_AT_MOST = 40

_ACTION = re.compile(r"\s*([^:\s]+)\s*:\s*(\S.*?)(?:\s+by\s+(\d{4}-\d{2}-\d{2}))?\s*", re.DOTALL)


class MeetingError(ValueError):
    """Minutes that can't be put on record as they are; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it was recorded last."""

    detail: ActionItem
    provider: str
    raised_at: datetime
    """When it was first undertaken."""
    communication_id: str
    """The record that says so last."""
    agreement: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody recorded it as done."""
        return self.detail.done_on is None

    def is_overdue(self, as_of: datetime) -> bool:
        """Return whether it is open past its date, which has no zone: past the end of that day in UTC."""
        due = self.detail.due_on
        return self.is_open and due is not None and as_of.date() > due


@dataclass(frozen=True, slots=True)
class Minutes:
    """What somebody wants to put on record of a review meeting."""

    provider: str
    agreement: str
    period: ReviewPeriod
    present: tuple[str, ...]
    """Contact ids, the chair first."""
    by: str
    """Contact id of who records it."""
    text: str
    held_at: datetime
    decisions: tuple[str, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    channel: str = "meeting"
    """Such as ``room``, ``phone``, ``video``."""
    corrects: str | None = None


def standing(communications: Iterable[Communication]) -> tuple[Communication, ...]:
    """Return what still counts, in order of recording: copies are one, and what another record corrects is gone."""
    known = {one.communication_id: one for one in communications}
    corrected = {one.corrects for one in known.values() if one.corrects is not None}
    left = (one for key, one in known.items() if key not in corrected)
    return tuple(sorted(left, key=lambda one: (one.recorded_at, one.communication_id)))


def actions(communications: Iterable[Communication]) -> tuple[Action, ...]:
    """Return every action as it was recorded last: open ones first, the first to fall due first."""
    found: dict[str, Action] = {}
    for one in standing(communications):
        for detail in one.actions:
            before = found.get(detail.action_id)
            raised = one.happened_at if before is None else before.raised_at
            agreement = one.agreement or (before.agreement if before else None)
            found[detail.action_id] = Action(detail, one.provider, raised, one.communication_id, agreement)
    return tuple(sorted(found.values(), key=_order))


def _order(action: Action) -> tuple[bool, date, datetime, str]:
    return (not action.is_open, action.detail.due_on or date.max, action.raised_at, action.detail.action_id)


def read_action(text: str, minutes_of: Sequence[str]) -> ActionItem:
    """Read ``owner: what is to be done by 2026-06-01``; the date may be left out.

    Args:
        text: as it was written.
        minutes_of: what tells this meeting from others: an action of the same words in another one is another action.

    Raises:
        MeetingError: if it has no owner, or its date is none.
    """
    match = _ACTION.fullmatch(text)
    if match is None:
        raise MeetingError(f"{text!r} is no action: write it as `owner: what is to be done by 2026-06-01`")
    owner, what, due = match.groups()
    try:
        due_on = None if due is None else date.fromisoformat(due)
    except ValueError as error:
        raise MeetingError(f"{due} is no date: write one such as 2026-06-01") from error
    return undertaken(owner, what, due_on, minutes_of)


def undertaken(owner: str, text: str, due_on: date | None, minutes_of: Sequence[str]) -> ActionItem:
    """Return a new action of a meeting; see ``read_action``."""
    return ActionItem(action_id=stable_id("action", *minutes_of, owner, text), text=text, owner=owner, due_on=due_on)


def record(minutes: Minutes, contacts: Mapping[str, Contact], now: datetime) -> Communication:
    """Return the record of a review meeting; the same minutes of the same meeting have the same id.

    Args:
        minutes: what is to be recorded.
        contacts: the provider's document's, by id.
        now: the instant of recording.

    Raises:
        MeetingError: if it names somebody whom the document does not, lies ahead, or is too long.
    """
    _check(minutes, contacts, now)
    parts = (minutes.provider, minutes.agreement, minutes.period.name, format_instant(minutes.held_at), minutes.by)
    said = (*minutes.present, minutes.text, *minutes.decisions, *(one.model_dump_json() for one in minutes.actions))
    return Communication(
        communication_id=stable_id("review", *parts, minutes.corrects, *said),
        provider=minutes.provider,
        kind=CommunicationKind.REVIEW,
        direction="both",
        channel=minutes.channel,
        people=minutes.present,
        identity=Identity.TOKEN,
        subject=f"Review of {minutes.agreement}, {minutes.period.name}",
        text=minutes.text,
        happened_at=minutes.held_at,
        clock="told",
        recorded_at=now,
        recorded_by=minutes.by,
        review_period=minutes.period.name,
        agreement=minutes.agreement,
        decisions=minutes.decisions,
        actions=minutes.actions,
        corrects=minutes.corrects,
    )


def record_done(action: Action, by: str, on: date, now: datetime) -> Communication:
    """Return the record that an action is done.

    Args:
        action: as it was recorded last.
        by: contact id of who says so.
        on: the day on which it was done.
        now: the instant of recording.
    """
    detail = action.detail.model_copy(update={"done_on": on})
    return Communication(
        communication_id=stable_id("done", detail.action_id, on.isoformat(), by),
        provider=action.provider,
        kind=CommunicationKind.OTHER,
        direction="internal",
        channel="command",
        people=(by,),
        identity=Identity.TOKEN,
        subject=f"Action done: {detail.text}",
        happened_at=now,
        clock="ours",
        recorded_at=now,
        recorded_by=by,
        agreement=action.agreement,
        actions=(detail,),
    )


def as_payload(told: Communication) -> RawPayload:
    """Return the raw payload by which a contact enters the stream: evidence, as everything else that came in."""
    return RawPayload(
        feed=ANSWERS_FEED,
        format=COMMUNICATION_FORMAT,
        body=told.to_wire(),
        received_at=told.recorded_at,
        content_type="application/json",
        name=told.subject,
    )


def _check(minutes: Minutes, contacts: Mapping[str, Contact], now: datetime) -> None:
    if not minutes.present:
        raise MeetingError("nobody was present: name at least one contact")
    named = dict.fromkeys((*minutes.present, minutes.by, *(one.owner for one in minutes.actions)))
    unknown = [name for name in named if name not in contacts]
    if unknown:
        there = ", ".join(sorted(contacts)) or "none"
        raise MeetingError(f"no contact {', '.join(unknown)} of provider {minutes.provider}; there are {there}")
    if minutes.held_at > now:
        raise MeetingError(f"a meeting at {format_instant(minutes.held_at)} lies ahead: record it once it was held")
    sentences = (*minutes.decisions, *(one.text for one in minutes.actions))
    too_many = max(len(minutes.decisions), len(minutes.actions), len(minutes.present)) > LINES_AT_MOST
    if too_many or len(minutes.text) > TEXT_AT_MOST or any(len(one) > SENTENCE_AT_MOST for one in sentences):
        raise MeetingError(
            f"too long: minutes have at most {TEXT_AT_MOST} characters, a decision or action {SENTENCE_AT_MOST}, "
            f"and there are at most {LINES_AT_MOST} of each"
        )
    if not minutes.channel or len(minutes.channel) > CHANNEL_AT_MOST:
        raise MeetingError(f"a channel is a word of at most {CHANNEL_AT_MOST} characters, such as room or phone")
