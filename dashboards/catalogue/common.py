"""Fields that several kinds share: call one for the field, with what differs there. Pure."""

from functools import partial

from dashboards.catalogue.fields import Field, FieldType, Unit, instant, keyword, number, text
from models.notice import Identity
from models.paging import Side
from models.records import Basis, Objective

INCIDENT = "1f5c6a1d8d1b4b0b9a55d3b2c0a1e7f4"
NOTICE = "9b1e6f0c3a2d4e5f8a7b6c5d4e3f2a1b"
PAGE = "5d0c4b3a29187f6e5d4c3b2a19080706"
"""Ids in the examples."""

schema_version = partial(
    number,
    name="schema_version",
    meaning="Version of the document's form; raised when a field changes its meaning.",
    example=1,
)
timestamp = partial(instant, name="@timestamp")
provider = partial(
    keyword, name="provider", meaning="Id of the Provider document.", example="nimbus", ecs="organization.id"
)
services = partial(
    keyword,
    name="services",
    meaning="Services that it concerns, by the agreement's names; empty where none was named.",
    example=["mail"],
    many=True,
    ecs="service.id",
)
incident_id = partial(
    keyword, name="incident_id", meaning="Our id of the incident: `_id` in `incidents`.", example=INCIDENT
)
source_incident_id = partial(
    keyword, name="source_incident_id", meaning="The source's own id of the incident.", example="inc-0"
)
priority = partial(
    keyword,
    name="priority",
    meaning="Priority of the incident by the agreement's scale; null where it is not known.",
    example="P1",
    nullable=True,
)
agreement = partial(
    keyword, name="agreement", meaning="Id of the Agreement that governs it.", example="nimbus-hosting", ecs="rule.id"
)
agreement_version = partial(
    keyword,
    name="agreement_version",
    meaning="Version of the agreement: the day from which on it is in force.",
    example="2026-01-01",
    ecs="rule.version",
)
policy = partial(
    keyword, name="policy", meaning="Id of the EscalationPolicy by which people are told.", example="standard"
)
policy_version = partial(
    keyword,
    name="policy_version",
    meaning="Version of the policy that the incident began under: a hash of its content.",
    example="3f6a0c2b9d11",
    ecs="rule.version",
)
objective = partial(keyword, name="objective", meaning="What the clock measures.", example="restore", words=Objective)
basis = partial(
    keyword,
    name="basis",
    meaning="Whose times it is computed from: as the provider claims, as we observed, or as the agreement has it.",
    example="agreed",
    words=Basis,
)
side = partial(
    keyword,
    name="side",
    meaning="Whose ladder it is: our people's (`customer`) or the provider's.",
    example="customer",
    words=Side,
)
rung = partial(number, name="rung", meaning="Position of the rung in its ladder, from 0.", example=0)
recipient = partial(
    keyword,
    name="recipient",
    meaning="Who gets it: a contact id of the Provider document, or a member of a Rota.",
    example="duty",
)
recipient_name = partial(keyword, name="recipient_name", meaning="Name of the recipient.", example="Duty manager")
rota = partial(
    keyword,
    name="rota",
    meaning="Rota through which the recipient was found, as the policy names it; null where there was none.",
    example="first-line",
    nullable=True,
    absent=True,
)
identity = partial(
    keyword,
    name="identity",
    meaning="How sure it is that this person said it.",
    example="verified_link",
    words=Identity,
)
hazard = partial(
    keyword,
    name="hazard",
    meaning="`source/id` of the hazard that it is told under; null where there is none.",
    example="weather/storm-7",
    nullable=True,
    absent=True,
)
attachment_digest = partial(
    keyword,
    name="attachment_digest",
    meaning="SHA-256, in hex, of a document that came with it, such as a report on the cause.",
    example="c4d5e6f70819203142536475869708192a3b4c5d6e7f8091a2b3c4d5e6f70819",
    nullable=True,
    absent=True,
)
phrase = partial(
    text,
    name="phrase",
    meaning="The words that a promise was read from; null where the feed has a field for it, or nothing was promised.",
    example="will be restored by 12:00 UTC",
    nullable=True,
)
received_after = partial(
    instant,
    name="received_after",
    meaning="The last successful look before `received_at`; null when there was none.",
    example="2026-05-04T09:31:00Z",
    nullable=True,
    absent=True,
)
revision = partial(
    Field,
    name="revision",
    type=FieldType.LONG,
    unit=Unit.COUNT,
    meaning="How often it has changed, from 1: the document's external version.",
    example=2,
    ecs="event.sequence",
)
caused_by = partial(
    keyword,
    name="caused_by",
    meaning="Id of the notice or wake that made this revision; null where none did.",
    example=NOTICE,
    nullable=True,
)
