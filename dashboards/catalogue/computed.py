"""What is computed from the other kinds beside the scorecards: days, hazards, promises, time lines. Pure."""

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
    seconds,
    share,
    text,
)
from models.derived import Lane
from models.promises import Keeping

AVAILABILITY = Kind(
    name="availability",
    meaning="Each service on each day, and the month's error budget by its end; computed.",
    writes=Writes.DERIVED,
    identity=("provider", "service", "agreement", "day"),
    dated_by=("day",),
    keep_months=None,
    fields=(
        common.provider(),
        keyword(name="service", meaning="The service.", example="mail"),
        common.agreement(),
        common.agreement_version(),
        instant(name="day", meaning="Begin of the day, UTC.", example="2026-05-04T00:00:00Z", ecs="event.start"),
        seconds(name="service_s", meaning="Time in which service was owed.", example=86400.0),
        seconds(
            name="strict_down_s",
            meaning="Downtime with nothing excused, by whoever's times show it.",
            example=10920.0,
        ),
        seconds(name="provider_down_s", meaning="Downtime as the provider counts it.", example=9000.0),
        seconds(
            name="agreed_down_s", meaning="Downtime by the agreement: evidence rules and exclusions.", example=10800.0
        ),
        Field(
            name="target_percent",
            type=FieldType.DOUBLE,
            unit=Unit.PERCENT,
            meaning="Availability that was agreed for a month.",
            example=99.9,
        ),
        seconds(name="budget_s", meaning="Downtime that the whole month allows.", example=2678.4),
        seconds(name="spent_s", meaning="Agreed downtime of the month, up to the end of the day.", example=10800.0),
        share(
            name="left_share",
            meaning="What is left of the budget; below 0 it is overspent.",
            example=-3.0322580645161294,
        ),
    ),
)

HAZARDS = Kind(
    name="hazards",
    meaning="Hazards, and whom each concerns; computed.",
    writes=Writes.DERIVED,
    identity=("hazard",),
    dated_by=("started_at",),
    keep_months=None,
    fields=(
        keyword(
            name="hazard",
            meaning="`source/source_incident_id`, as incidents name it in `exposures`.",
            example="weather/storm-7",
            ecs="event.id",
        ),
        text(name="title", meaning="Title of the warning.", example="Storm", nullable=True, ecs="message"),
        keyword(name="severity", meaning="The authority's own word.", example="severe", nullable=True),
        keyword(name="phase", meaning="The latest phase that was told.", example="restored", ecs="event.action"),
        instant(name="started_at", meaning="When it began.", example="2026-05-04T06:00:00Z", ecs="event.start"),
        instant(
            name="ended_at",
            meaning="When it was over; null while it is not.",
            example="2026-05-04T20:00:00Z",
            nullable=True,
            ecs="event.end",
        ),
        Field(
            name="location",
            type=FieldType.GEO_POINT,
            unit=Unit.DEGREES,
            meaning="Middle of its area; null where the feed names none.",
            example={"lat": 54.0, "lon": 10.0},
            nullable=True,
        ),
        Field(
            name="radius_km",
            type=FieldType.DOUBLE,
            unit=Unit.KILOMETRES,
            meaning="Of a circle of the same middle that holds the area.",
            example=25.0,
            nullable=True,
        ),
        text(name="area", meaning="Its area in the feed's words.", example="Coast", nullable=True),
        keyword(
            name="providers",
            meaning="Providers whose sites lie in it.",
            example=["nimbus"],
            many=True,
            ecs="organization.id",
        ),
        keyword(
            name="incidents",
            meaning="Incidents that it touched, by our ids.",
            example=[common.INCIDENT],
            many=True,
        ),
        count(name="incident_count", meaning="How many these are.", example=1),
    ),
)

PROMISES = Kind(
    name="promises",
    meaning="Times that providers named, on each basis, and what came of them; computed.",
    writes=Writes.DERIVED,
    identity=("promise_id",),
    dated_by=("promised_at",),
    keep_months=None,
    fields=(
        keyword(
            name="promise_id",
            meaning="Hash of what was promised, when, and the basis that it is judged on.",
            example="b0b0b0b0c1c1c1c1d2d2d2d2e3e3e3e3",
            ecs="event.id",
        ),
        common.incident_id(),
        common.provider(),
        common.services(),
        common.priority(),
        keyword(
            name="notice_id",
            meaning="The notice in which it was made; null where it came by other means.",
            example=common.NOTICE,
            nullable=True,
        ),
        common.basis(),
        keyword(name="of", meaning="What was promised.", example="restore", words=("update", "restore")),
        instant(name="said_at", meaning="When it was made.", example="2026-05-04T10:00:00Z", ecs="event.created"),
        instant(
            name="promised_at", meaning="The time that was named.", example="2026-05-04T12:00:00Z", ecs="event.start"
        ),
        instant(
            name="fulfilled_at",
            meaning="When it was fulfilled; null while it is not.",
            example="2026-05-04T12:30:00Z",
            nullable=True,
            ecs="event.end",
        ),
        keyword(name="keeping", meaning="What came of it.", example="late", words=Keeping),
        seconds(
            name="late_s",
            meaning="From the time that was named to its fulfilment; null where it is not late, or not fulfilled.",
            example=1800.0,
            nullable=True,
        ),
        common.phrase(example="will be restored by 12:00 UTC"),
    ),
)

TIMELINES = Kind(
    name="timelines",
    meaning="Entries of incidents' time lines, across all that is on record of them; computed.",
    writes=Writes.DERIVED,
    identity=("entry_id",),
    dated_by=("starts_at",),
    keep_months=None,
    fields=(
        keyword(
            name="entry_id",
            meaning="Hash of incident, lane and what it rests on.",
            example="1e1e1e1e2f2f2f2f3a3a3a3a4b4b4b4b",
            ecs="event.id",
        ),
        common.incident_id(),
        common.provider(),
        common.services(),
        common.priority(),
        keyword(name="lane", meaning="Whose account it is part of.", example="claimed", words=Lane),
        keyword(
            name="what",
            meaning="What happened: a phase, an objective, `paged`, `answered` and the like.",
            example="update",
            ecs="event.action",
        ),
        keyword(
            name="who",
            meaning="Who did or said it, by id; null where nobody is known.",
            example="nimbus-status",
            nullable=True,
            ecs="user.id",
        ),
        text(name="text", meaning="What happened, in words.", example="We are looking into it.", ecs="message"),
        instant(
            name="starts_at", meaning="When it happened, or began.", example="2026-05-04T09:31:00Z", ecs="event.start"
        ),
        instant(
            name="ends_at",
            meaning="When it ended; null of an instant.",
            example="2026-05-04T09:31:00Z",
            nullable=True,
            ecs="event.end",
        ),
        instant(name="known_at", meaning="When we had it.", example="2026-05-04T09:32:00Z", ecs="event.created"),
        keyword(
            name="refers_to",
            meaning="`index/id` of the document that it rests on.",
            example=f"notices/{common.NOTICE}",
        ),
    ),
)
