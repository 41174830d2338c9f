"""Who is told when. Pure."""

from dashboards.catalogue import common
from dashboards.catalogue.fields import (
    Field,
    FieldType,
    Kind,
    Writes,
    instant,
    keyword,
    number,
    text,
)
from models.paging import RungState

_RUNGS = Field(
    name="rungs",
    type=FieldType.NESTED,
    meaning="Every rung of both ladders, for one recipient on one channel each, with its computed instant.",
    many=True,
    fields=(
        keyword(name="page_id", meaning="Id of the page that it is, or would be.", example=common.PAGE),
        common.side(),
        common.rung(),
        keyword(name="condition", meaning="What it waits for, in words.", example="75% of restore target"),
        common.objective(meaning="Objective of the condition; null where it has none.", nullable=True),
        common.recipient(),
        common.recipient_name(),
        keyword(name="channel", meaning="How they are told.", example="webhook"),
        instant(
            name="due_at",
            meaning="When; null where the condition can't be reached any more, or nothing runs towards it.",
            example="2026-05-04T12:30:00Z",
            nullable=True,
        ),
        keyword(name="state", meaning="State of the rung.", example="acknowledged", words=RungState),
        text(
            name="reason",
            meaning="Why it is suppressed, withdrawn or reached by other means than its condition, in words.",
            example="no answer from the rung below",
            nullable=True,
            absent=True,
        ),
        common.rota(),
        instant(
            name="told_at",
            meaning="When the first page of this rung was issued.",
            example="2026-05-04T12:30:00Z",
            nullable=True,
            absent=True,
        ),
        number(name="loop", meaning="The latest repetition issued; 0 is the first page.", example=0, absent=True),
        instant(
            name="next_loop_at",
            meaning="When it is paged again if nothing happens; null where nobody is paged again.",
            example="2026-05-04T13:00:00Z",
            nullable=True,
            absent=True,
        ),
        keyword(
            name="acknowledged_by", meaning="Contact id of who answered.", example="duty", nullable=True, absent=True
        ),
        instant(
            name="acknowledged_at",
            meaning="When they answered.",
            example="2026-05-04T12:34:00Z",
            nullable=True,
            absent=True,
        ),
    ),
)

_ANSWERS = Field(
    name="answers",
    type=FieldType.OBJECT,
    meaning="Acknowledgements and mutes, in order of time.",
    many=True,
    absent=True,
    fields=(
        keyword(name="action", meaning="What was done, such as `acknowledge` or `mute`.", example="acknowledge"),
        common.side(nullable=True, meaning="Whose ladder it stops; null: both."),
        keyword(name="person", meaning="Contact id of who did it.", example="duty"),
        keyword(name="identity", meaning="How sure it is that they did.", example="verified_link"),
        instant(name="at", meaning="When.", example="2026-05-04T12:34:00Z"),
        instant(
            name="until", meaning="Of a mute: until when.", example="2026-05-04T14:00:00Z", nullable=True, absent=True
        ),
        text(name="reason", meaning="Why, in their words.", example="Known, we are on it.", nullable=True, absent=True),
    ),
)

PLANS = Kind(
    name="plans",
    meaning="The escalation plan of each incident; one document each, by revision.",
    writes=Writes.CURRENT,
    identity=("incident_id",),
    dated_by=("started_at",),
    keep_months=None,
    fields=(
        common.incident_id(ecs="event.id"),
        common.source_incident_id(),
        common.provider(),
        common.services(),
        common.policy(ecs="rule.id"),
        common.policy_version(),
        instant(
            name="started_at",
            meaning="When the incident began, on the agreed basis.",
            example="2026-05-04T09:30:00Z",
            ecs="event.start",
        ),
        instant(
            name="next_due_at",
            meaning="When somebody is told next; null: nobody is waited for.",
            example="2026-05-04T13:30:00Z",
            nullable=True,
        ),
        _RUNGS,
        _ANSWERS,
        common.revision(),
        common.caused_by(),
    ),
)
