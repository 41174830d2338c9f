"""The field catalogue: every kind of document and every field of it, with type, unit, meaning and example. Pure.

The one place where a field is told. From it ``python -m dashboards.catalogue`` generates the component templates, the
JSON schemas, the policies for clusters that have ILM and docs/reference/fields.md; index templates and data views are
made of it as they are asked for. Tests compare it with the models, both ways (ADR 0025).
"""

from dashboards.catalogue.common import schema_version, timestamp
from dashboards.catalogue.computed import AVAILABILITY, HAZARDS, PROMISES, TIMELINES
from dashboards.catalogue.contacts import COMMUNICATIONS
from dashboards.catalogue.fields import Field, FieldType, Kind, Unit, Writes
from dashboards.catalogue.judged import CLOCKS, INCIDENTS
from dashboards.catalogue.plans import PLANS
from dashboards.catalogue.said import DEAD_LETTERS, NOTICES
from dashboards.catalogue.scorecards import SCORECARDS
from dashboards.catalogue.told import DELIVERIES, PAGES

__all__ = ["KINDS", "Field", "FieldType", "Kind", "Unit", "Writes", "every_field"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        INCIDENTS, CLOCKS, PLANS,
        NOTICES, PAGES, DELIVERIES, DEAD_LETTERS, COMMUNICATIONS,
        SCORECARDS, AVAILABILITY, HAZARDS, PROMISES, TIMELINES,
    )
}  # fmt: skip
"""By name, in the order in which they are shown."""


def every_field(kind: Kind) -> tuple[Field, ...]:
    """Return the fields of a kind's documents: those of every document, then its own."""
    dated = " else ".join(f"`{name}`" for name in kind.dated_by)
    example = next(field.example for field in kind.fields if field.name == kind.dated_by[0])
    return (timestamp(meaning=f"The document's own time: {dated}.", example=example), schema_version(), *kind.fields)
