"""What was said, and what could not be read. Pure."""

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
from models.notice import Flag, Phase, Ruling, Speaker
from models.notice import Kind as About

_POINT = {"type": "array", "prefixItems": [{"type": "number"}] * 2, "minItems": 2, "maxItems": 2}
_CIRCLE = {"type": "array", "prefixItems": [{"type": "number"}] * 3, "minItems": 3, "maxItems": 3}
_CODE = {"type": "array", "prefixItems": [{"type": "string"}] * 2, "minItems": 2, "maxItems": 2}
AREA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "description": {"type": ["string", "null"]},
        "polygons": {"type": "array", "items": {"type": "array", "items": _POINT}},
        "circles": {"type": "array", "items": _CIRCLE},
        "geocodes": {"type": "array", "items": _CODE},
    },
}
"""Where a hazard is: rings of (latitude, longitude), circles with a radius in kilometres, (scheme, code) pairs."""

NOTICES = Kind(
    name="notices",
    meaning="What somebody said, once; monthly.",
    writes=Writes.MONTHLY,
    identity=("notice_id",),
    dated_by=("published_at", "received_at"),
    keep_months=72,
    fields=(
        keyword(
            name="notice_id",
            meaning="Hash of what was said and by whom: the same statement always has the same id.",
            example=common.NOTICE,
            ecs="event.id",
        ),
        keyword(
            name="source",
            meaning="Id of the feed that it came by, or the format's name where no feed is configured.",
            example="nimbus-status",
            ecs="event.provider",
        ),
        common.source_incident_id(),
        keyword(
            name="source_update_id",
            meaning="The source's own id of this statement; equal ids are versions (edits) of one statement.",
            example="update-1",
            nullable=True,
            absent=True,
        ),
        keyword(name="speaker", meaning="Whose word it is.", example="provider", words=Speaker),
        keyword(name="kind", meaning="What it is about.", example="incident", words=About, absent=True),
        keyword(
            name="phase",
            meaning="The phase of the incident that it tells.",
            example="update",
            words=Phase,
            ecs="event.action",
        ),
        common.provider(nullable=True, absent=True, meaning="Id of the Provider document; null where none is known."),
        common.services(absent=True),
        keyword(
            name="components",
            meaning="Components as the source names them.",
            example=["SMTP relay"],
            many=True,
            absent=True,
        ),
        keyword(
            name="regions",
            meaning="Regions as the source names them.",
            example=["eu-west"],
            many=True,
            absent=True,
            ecs="cloud.region",
        ),
        keyword(
            name="severity",
            meaning="The speaker's own word for how bad it is, in lower case.",
            example="major",
            nullable=True,
            absent=True,
        ),
        text(name="title", meaning="Title of the incident.", example="Mail is delayed", nullable=True, absent=True),
        text(
            name="text",
            meaning="The words that were said.",
            example="We are looking into it.",
            nullable=True,
            absent=True,
            ecs="message",
        ),
        instant(
            name="claimed_at",
            meaning="When the speaker says it happened: the begin for `reported`, the end for `restored`, `resolved`; "
            "with `claimed_end_at` the begin of the interval.",
            example="2026-05-04T09:30:00Z",
            nullable=True,
            absent=True,
            ecs="event.start",
        ),
        instant(
            name="claimed_end_at",
            meaning="End of the interval that the speaker claims.",
            example="2026-05-04T12:25:00Z",
            nullable=True,
            absent=True,
            ecs="event.end",
        ),
        instant(
            name="published_at",
            meaning="When the source says that it published this; null where it does not.",
            example="2026-05-04T09:31:00Z",
            nullable=True,
            absent=True,
        ),
        instant(name="received_at", meaning="When we had it.", example="2026-05-04T09:32:00Z", ecs="event.created"),
        common.received_after(),
        instant(
            name="promised_at",
            meaning="The time that the speaker names for what `promises` says.",
            example="2026-05-04T12:00:00Z",
            nullable=True,
            absent=True,
        ),
        Field(
            name="area",
            type=FieldType.STORED,
            meaning="Where a hazard is: rings of (latitude, longitude), circles with a radius in km, codes.",
            example={
                "description": "Coast",
                "polygons": [],
                "circles": [[54.0, 10.0, 25.0]],
                "geocodes": [["EMMA_ID", "DE001"]],
            },
            nullable=True,
            absent=True,
            shape=AREA,
        ),
        keyword(
            name="flags",
            meaning="What to know about it before its times are trusted.",
            example=["edited"],
            words=Flag,
            many=True,
            absent=True,
            ecs="tags",
        ),
        keyword(
            name="reason",
            meaning="Why: of a pause or its end as agreed (`awaiting_customer`), of an exclusion its clause.",
            example="awaiting_customer",
            nullable=True,
            absent=True,
        ),
        keyword(
            name="ruling",
            meaning="What this says of a claim; null on the claim itself, which is then proposed.",
            example="accepted",
            words=Ruling,
            nullable=True,
            absent=True,
        ),
        keyword(
            name="concerns",
            meaning="The claim ruled upon, by `source_update_id` or `notice_id`; null: each of the phase and reason.",
            example="update-1",
            nullable=True,
            absent=True,
        ),
        instant(
            name="recovery_point_at",
            meaning="The last recoverable point that the evidence names.",
            example="2026-05-04T09:15:00Z",
            nullable=True,
            absent=True,
        ),
        keyword(
            name="promises",
            meaning="What `promised_at` is a promise of; null reads as `update`.",
            example="restore",
            words=("update", "restore"),
            nullable=True,
            absent=True,
        ),
        keyword(
            name="person",
            meaning="Contact id of who said it, where that is known: an answer to a page, a note of our own people.",
            example="duty",
            nullable=True,
            absent=True,
        ),
        common.identity(nullable=True, absent=True),
        common.phrase(absent=True),
        common.attachment_digest(),
    ),
)

DEAD_LETTERS = Kind(
    name="dead-letters",
    meaning="What could not be handled, and why; monthly. The bytes are stored, not searched.",
    writes=Writes.MONTHLY,
    identity=("letter_id",),
    dated_by=("received_at",),
    keep_months=13,
    fields=(
        keyword(
            name="letter_id",
            meaning="Hash of what was refused and why.",
            example="c0ffee00c0ffee00c0ffee00c0ffee00",
            ecs="event.id",
        ),
        keyword(
            name="stage",
            meaning="Where it could not be handled.",
            example="normalise",
            words=("ingest", "normalise", "track", "index", "notify"),
        ),
        keyword(
            name="feed",
            meaning="The feed that it came by.",
            example="nimbus-status",
            nullable=True,
            ecs="event.provider",
        ),
        keyword(name="format", meaning="The format that it was read as.", example="statuspage", nullable=True),
        keyword(
            name="reason",
            meaning="Why, short and stable: docs/reference/dead-letters.md tells each.",
            example="not_json",
            ecs="error.code",
        ),
        text(
            name="detail",
            meaning="Why, in words.",
            example="line 1 column 1: unexpected character",
            ecs="error.message",
        ),
        keyword(name="topic", meaning="Topic of the record.", example="holdfast.raw", nullable=True),
        number(name="partition", meaning="Its partition.", example=0, nullable=True),
        Field(name="offset", type=FieldType.LONG, meaning="Its offset.", example=4711, nullable=True),
        keyword(name="content_type", meaning="Media type, as it was sent.", example="application/json", nullable=True),
        keyword(
            name="name", meaning="File name or URL that the bytes came from.", example="incidents.json", nullable=True
        ),
        Field(
            name="raw",
            type=FieldType.BINARY,
            meaning="The bytes as received, in base64.",
            example="PGh0bWw+PC9odG1sPg==",
        ),
        instant(name="received_at", meaning="When we had it.", example="2026-05-04T09:32:00Z", ecs="event.created"),
        common.received_after(),
    ),
)
