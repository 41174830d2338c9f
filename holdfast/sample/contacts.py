"""What people and channels do in a made-up history: pages arrive or not, somebody answers, calls, reviews. Pure."""

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import log
from random import Random

from models.communication import ActionItem, Communication, CommunicationKind
from models.decision import Action, Decision
from models.document import Document
from models.ids import stable_id
from models.instants import format_instant
from models.notice import Identity
from models.paging import Delivery, Outcome, Page, PageKind, Side
from models.raw import DeadLetter
from models.records import IncidentDocument

ANSWERED = {Side.CUSTOMER: 0.8, Side.PROVIDER: 0.5}
"""Share of pages that somebody answers, by side."""
NAMES = {"ana": "Ana", "ben": "Ben", "kim": "Kim", "sita": "Sita", "us-head": "Our head of operations"}


def _chance(*names: str) -> Random:
    return Random("/".join(names))  # noqa: S311 - made-up data, no secret


def reply_of(page: Page) -> Decision | None:
    """Return the acknowledgement that a page brings; None where nobody answers."""
    if page.kind is not PageKind.RUNG:
        return None
    chance = _chance("reply", page.page_id)
    if chance.random() >= ANSWERED[page.side]:
        return None
    after = timedelta(seconds=round(60 * chance.lognormvariate(log(6), 0.8)))
    return Decision(
        decision_id=stable_id("sample", "reply", page.page_id),
        provider=page.provider,
        incident_id=page.incident_id,
        action=Action.ACKNOWLEDGE,
        side=page.side,
        person=page.recipient,
        person_name=page.recipient_name,
        identity=Identity.VERIFIED_LINK,
        channel="link",
        decided_at=page.issued_at + after,
        page_id=page.page_id,
    )


def said_in_reply(decision: Decision) -> Communication:
    """Return the contact that an acknowledgement by link is."""
    return Communication(
        communication_id=stable_id("sample", "said", decision.decision_id),
        provider=decision.provider,
        incident_ids=() if decision.incident_id is None else (decision.incident_id,),
        kind=CommunicationKind.REPLY,
        direction="internal" if decision.side is Side.CUSTOMER else "from_provider",
        channel="link",
        people=(decision.person,),
        identity=decision.identity,
        text="Acknowledged.",
        happened_at=decision.decided_at,
        clock="ours",
        recorded_at=decision.decided_at,
        page_id=decision.page_id,
    )


def deliveries(page: Page, until: datetime) -> Iterator[Delivery]:
    """Yield the attempts to deliver a page: most arrive at once, a few late, twice or not at all."""
    chance = _chance("delivery", page.page_id)
    outcomes = chance.choices(
        ((Outcome.SENT,), (Outcome.RETRYING, Outcome.SENT), (Outcome.UNKNOWN, Outcome.SENT), (Outcome.FAILED,)),
        weights=(94, 3, 1, 2),
    )[0]
    at = page.issued_at
    for attempt, outcome in enumerate(outcomes, 1):
        took = timedelta(milliseconds=round(chance.lognormvariate(log(180), 0.6)))
        if at + took <= until:
            yield _attempt(page, attempt, Outcome.SENDING, at, at, repeated=False)
            repeated = attempt > 1 and outcomes[attempt - 2] is Outcome.UNKNOWN
            yield _attempt(page, attempt, outcome, at, at + took, repeated=repeated)
        at += took + timedelta(seconds=30)


def _attempt(
    page: Page, attempt: int, outcome: Outcome, began: datetime, ended: datetime, *, repeated: bool
) -> Delivery:  # fmt: skip
    bad = outcome in (Outcome.RETRYING, Outcome.FAILED)
    return Delivery(
        delivery_id=stable_id("sample", page.page_id, str(attempt), outcome.value),
        page_id=page.page_id,
        incident_id=page.incident_id,
        provider=page.provider,
        recipient=page.recipient,
        channel=page.channel,
        attempt=attempt,
        outcome=outcome,
        repeated=repeated,
        status_code={Outcome.SENT: 200, Outcome.RETRYING: 503, Outcome.FAILED: 410}.get(outcome),
        error="the receiver is gone" if outcome is Outcome.FAILED else "busy" if bad else None,
        started_at=began,
        finished_at=ended,
        latency_ms=(ended - began) / timedelta(milliseconds=1),
        kind=page.kind,
        priority=page.priority,
        hazard=page.hazard,
    )


def calls(documents: Iterable[Document], until: datetime, chance: Random) -> Iterator[Communication]:
    """Yield notes of calls about incidents of high priority."""
    for one in documents:
        if not isinstance(one, IncidentDocument) or one.priority not in ("p1", "p2") or chance.random() >= 0.4:
            continue
        at = one.started_at + timedelta(minutes=chance.randint(30, 150))
        ended = at + timedelta(minutes=chance.randint(3, 25))
        if ended <= until:
            yield Communication(
                communication_id=stable_id("sample", "call", one.incident_id),
                provider=one.provider,
                incident_ids=(one.incident_id,),
                kind=CommunicationKind.CALL,
                direction=chance.choice(("to_provider", "from_provider")),
                channel="phone",
                people=("us-desk", f"{one.provider}-desk"),
                identity=Identity.TOKEN,
                subject=one.title,
                text="They say that they are at it; we asked for a time of restoration.",
                happened_at=at,
                ended_at=ended,
                clock="told",
                recorded_at=ended,
                recorded_by="us-desk",
            )


UNDERTAKEN = ("add a probe of the write path", "name a deputy on duty", "send reports on the cause within five days")


def review(
    provider: str, begin: datetime, end: datetime, until: datetime, chance: Random
) -> Iterator[Communication]:  # fmt: skip
    """Yield the review of a month, with what was decided and who undertook what; one in eight is not held."""
    at = (end + timedelta(days=chance.randint(3, 12))).replace(hour=13)
    if at > until or chance.random() < 0.125:
        return
    actions = tuple(
        ActionItem(
            action_id=stable_id("sample", "action", provider, format_instant(begin), str(number))[:12],
            text=chance.choice(UNDERTAKEN).capitalize() + ".",
            owner=chance.choice((f"{provider}-manager", "us-head")),
            due_on=(at + timedelta(days=30)).date(),
            done_on=(at + timedelta(days=chance.randint(5, 45))).date() if chance.random() < 0.7 else None,
        )
        for number in range(chance.randint(1, 3))
    )
    yield Communication(
        communication_id=stable_id("sample", "review", provider, format_instant(begin)),
        provider=provider,
        kind=CommunicationKind.REVIEW,
        direction="both",
        channel="room",
        people=("us-head", f"{provider}-manager"),
        identity=Identity.TOKEN,
        subject=f"Review of {begin:%Y-%m}",
        happened_at=at,
        ended_at=at + timedelta(hours=1),
        clock="told",
        recorded_at=at + timedelta(hours=2),
        recorded_by="us-head",
        review_period=f"{begin:%Y-%m}",
        agreement=f"{provider}-sla",
        decisions=("The figures of the month are agreed.",),
        actions=actions,
    )


def lost(provider: str, begin: datetime, end: datetime, until: datetime, chance: Random) -> Iterator[DeadLetter]:
    """Yield a payload that could not be read, in about one of five months."""
    at = begin + (end - begin) * chance.random()
    if at > until or chance.random() >= 0.2:
        return
    yield DeadLetter(
        letter_id=stable_id("sample", "lost", provider, format_instant(begin)),
        stage="normalise",
        feed=f"{provider}-status",
        format="statuspage",
        reason="not_json",
        detail="the page answered with HTML: a proxy's error page",
        topic=None,
        partition=None,
        offset=None,
        content_type="text/html",
        name=None,
        raw=base64.b64encode(b"<html>502 Bad Gateway</html>").decode(),
        received_at=at.replace(microsecond=0),
    )
