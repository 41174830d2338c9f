"""Whom we told: pages, and the attempts to deliver them. Pure."""

from typing import get_args

from dashboards.catalogue import common
from dashboards.catalogue.fields import (
    Field,
    FieldType,
    Kind,
    Unit,
    Writes,
    count,
    instant,
    keyword,
    number,
    seconds,
    text,
    yes_or_no,
)
from models.paging import Channel, Outcome, PageKind

CHANNELS: tuple[str, ...] = get_args(Channel)

_FALLBACKS = Field(
    name="fallbacks",
    type=FieldType.OBJECT,
    meaning="Whom to try in order, each by a page of its own, when this one can't be brought.",
    many=True,
    absent=True,
    fields=(
        common.recipient(example="head"),
        common.recipient_name(example="Head of operations"),
        keyword(name="channel", meaning="How they are told.", example="email", words=CHANNELS),
        keyword(name="address", meaning="Where, as of the page.", example="head@example.org", nullable=True),
    ),
)

PAGES = Kind(
    name="pages",
    meaning="Messages to people, once each; monthly.",
    writes=Writes.MONTHLY,
    identity=("page_id",),
    dated_by=("due_at",),
    keep_months=36,
    fields=(
        keyword(
            name="page_id",
            meaning="Hash of incident, policy version, rung, loop, recipient as the policy names it, and channel.",
            example=common.PAGE,
            ecs="event.id",
        ),
        keyword(name="kind", meaning="What it is about.", example="rung", words=PageKind, absent=True),
        common.incident_id(
            meaning="Our id of the incident; of a hazard without one, of its case; of a bundle, of its first member."
        ),
        keyword(
            name="source",
            meaning="Feed whose incident `source_incident_id` is: an answer to the page is told of the same one.",
            example="nimbus-status",
            nullable=True,
            absent=True,
        ),
        common.source_incident_id(),
        common.provider(),
        common.services(),
        common.policy(ecs="rule.id"),
        common.policy_version(),
        common.side(),
        common.rung(),
        number(name="loop", meaning="Which repetition it is; 0 is the first page.", example=0),
        common.recipient(ecs="user.id"),
        common.recipient_name(ecs="user.name"),
        common.rota(),
        keyword(name="channel", meaning="How they are told.", example="webhook", words=CHANNELS),
        keyword(
            name="address",
            meaning="Address, URL, key or number; `env:NAME` is read where it is sent; null lets the settings decide.",
            example="env:DUTY_URL",
            nullable=True,
        ),
        common.priority(),
        common.objective(meaning="Objective of the rung's condition; null where it has none.", nullable=True),
        text(
            name="reason",
            meaning="The rung's condition in words: why this page exists.",
            example="75% of restore target",
            ecs="event.reason",
        ),
        text(name="title", meaning="Title of the message.", example="nimbus: Mail is delayed"),
        text(
            name="text",
            meaning="The message.",
            example="Restore is due 2026-05-04T13:30:00Z; three quarters of it are gone.",
            ecs="message",
        ),
        instant(
            name="due_at",
            meaning="The computed instant of the rung, not the moment that somebody looked.",
            example="2026-05-04T12:30:00Z",
            ecs="event.start",
        ),
        instant(
            name="issued_at",
            meaning="Instant up to which the world had run when the page was issued.",
            example="2026-05-04T12:30:01Z",
            ecs="event.created",
        ),
        seconds(name="late_s", meaning="From `due_at` to `issued_at`.", example=1.0),
        instant(
            name="answer_by",
            meaning="Until when an answer is expected before the next rung is told; null where nobody waits for one.",
            example="2026-05-04T12:45:00Z",
            nullable=True,
            absent=True,
        ),
        instant(
            name="expires_at",
            meaning="Until when the page can be answered by its link or its reply address.",
            example="2026-05-11T12:30:00Z",
            nullable=True,
            absent=True,
        ),
        yes_or_no(
            name="critical",
            meaning="False for what may be told late or not twice: an unknown outcome is then not tried again.",
            example=True,
            absent=True,
        ),
        common.hazard(),
        seconds(
            name="cadence_s",
            meaning="Of a hazard: time between two messages to one person about it.",
            example=3600.0,
            nullable=True,
            absent=True,
        ),
        seconds(
            name="digest_s",
            meaning="Of low priority: told at the next whole multiple of so many seconds since 1970, with others.",
            example=1800.0,
            nullable=True,
            absent=True,
        ),
        count(
            name="quota_per_h",
            unit=Unit.PER_HOUR,
            meaning="Messages that the recipient takes on this channel; more are told together.",
            example=6,
            nullable=True,
            absent=True,
        ),
        _FALLBACKS,
        keyword(
            name="stands_in_for",
            meaning="The page that could not be brought, in whose place this one goes out.",
            example=common.PAGE,
            nullable=True,
            absent=True,
        ),
        keyword(
            name="members",
            meaning="Of a bundle: the pages that it tells, by id.",
            example=[common.PAGE],
            many=True,
            absent=True,
        ),
    ),
)

DELIVERIES = Kind(
    name="deliveries",
    meaning="Attempts to deliver pages and what became of them; monthly.",
    writes=Writes.MONTHLY,
    identity=("delivery_id",),
    dated_by=("finished_at",),
    keep_months=36,
    fields=(
        keyword(
            name="delivery_id",
            meaning="Hash of page, attempt and outcome.",
            example="abad1dea00abad1dea00abad1dea00ab",
            ecs="event.id",
        ),
        keyword(
            name="page_id", meaning="The page; also the idempotency key that the receiver gets.", example=common.PAGE
        ),
        common.incident_id(meaning="Of the page."),
        common.provider(),
        common.recipient(ecs="user.id"),
        keyword(name="channel", meaning="How it was tried.", example="webhook"),
        count(name="attempt", meaning="Which attempt it was, from 1.", example=1),
        keyword(name="outcome", meaning="What became of it.", example="sent", words=Outcome),
        yes_or_no(
            name="repeated",
            meaning="True where an earlier attempt's outcome is unknown: the receiver may get it twice.",
            example=False,
            absent=True,
        ),
        number(
            name="status_code",
            meaning="HTTP status of the answer; null where there was none.",
            example=200,
            nullable=True,
            ecs="http.response.status_code",
        ),
        text(name="error", meaning="What went wrong, in words.", example="the receiver answered 503", nullable=True),
        instant(
            name="started_at", meaning="When the attempt began.", example="2026-05-04T12:30:02Z", ecs="event.start"
        ),
        instant(name="finished_at", meaning="When it ended.", example="2026-05-04T12:30:02Z", ecs="event.end"),
        Field(
            name="latency_ms",
            type=FieldType.DOUBLE,
            unit=Unit.MILLISECONDS,
            meaning="From begin to end of the attempt.",
            example=12.5,
        ),
        keyword(
            name="proof",
            meaning="What the receiver gave for it: the mail server's reply, a message id, a deduplication key.",
            example="250 2.0.0 queued",
            nullable=True,
            absent=True,
        ),
        keyword(
            name="bundle_id",
            meaning="The message within which it was told; of outcome `bundled`.",
            example="6e1d5c4b3a29187f6e5d4c3b2a190807",
            nullable=True,
            absent=True,
        ),
        keyword(
            name="failed_over_to",
            meaning="The page that went out in its place.",
            example="7f2e6d5c4b3a29187f6e5d4c3b2a1908",
            nullable=True,
            absent=True,
        ),
        keyword(name="kind", meaning="What the page is about.", example="rung", words=PageKind, absent=True),
        common.priority(absent=True, meaning="Of the page."),
        common.hazard(),
    ),
)
