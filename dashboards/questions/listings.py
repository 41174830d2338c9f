"""Questions that are one search: a filter in KQL, an order, and the fields that are shown. Pure.

The same filter is the saved query in Kibana (``saved``): what the command answers and what Kibana shows can't differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.kibana.kql import to_query
from dashboards.questions.asking import (
    INCIDENT,
    LIMIT,
    PROVIDER,
    SINCE,
    UNTIL,
    Asked,
    Found,
    Question,
    Search,
    Steps,
    between,
    every,
    hits,
    ordered,
    references,
    total,
)
from dashboards.questions.fields import searchable
from dashboards.questions.finding import incident
from models.questions import Column, Input, InputKind, QuestionDescription

UNIQUE = {
    "incidents": ("incident_id",),
    "clocks": ("clock_id",),
    "plans": ("incident_id",),
    "notices": ("notice_id",),
    "pages": ("page_id",),
    "deliveries": ("delivery_id",),
    "communications": ("communication_id",),
    "dead-letters": ("letter_id",),
    "scorecards": ("provider", "service", "priority", "objective", "basis", "tally", "begins_at", "weekday", "hour"),
    "availability": ("provider", "service", "agreement", "day"),
    "hazards": ("hazard",),
    "promises": ("promise_id", "basis"),
    "timelines": ("entry_id",),
}
"""Fields of each index that tell its documents apart: the end of every order, so that answers never vary."""
ABOUT = Input("incident", InputKind.INCIDENT, "Only of this incident.", required=False)
BOUNDED = (PROVIDER, SINCE, UNTIL, LIMIT)


@dataclass(frozen=True, slots=True)
class Listing:
    """What such a question is made of."""

    name: str
    title: str
    index: str
    kql: str
    """What it always asks for; its inputs narrow that."""
    shown: tuple[tuple[str, str, str | None], ...]
    """A column each: the field, its meaning and its unit."""
    order: tuple[str, ...]
    """Fields, ``-field`` downwards."""
    evidence: str
    inputs: tuple[Input, ...] = BOUNDED
    note: str | None = None
    """What the answer can't say."""

    def question(self) -> Question:
        """Return it as a question."""
        columns = tuple(Column(field, meaning, unit) for field, meaning, unit in self.shown)
        described = QuestionDescription(self.name, self.title, self.inputs, columns, self.evidence)
        shown = tuple(field for field, _, _ in self.shown)
        return Question(described, self.steps, self.index, self.kql, shown, self.order)

    def steps(self, asked: Asked) -> Steps:
        """Search, once the incident is known where one is asked for: then its own time bounds the answer."""
        filters = [to_query(self.kql, searchable(self.index), asked.now)] if self.kql else []
        if INCIDENT.name in asked.values:
            about = yield from incident(asked.text(INCIDENT.name))
            field = "incident_ids" if self.index == "communications" else "incident_id"
            filters.append({"term": {field: about.incident_id}})
        elif SINCE.name in asked.values:
            filters.append(between("@timestamp", asked.values.get(SINCE.name), asked.values.get(UNTIL.name)))
        filters += [_narrowed(self.index, one, asked) for one in self.inputs if one.name in _narrowing(self, asked)]
        shown = [field for field, _, _ in self.shown]
        body: dict[str, Any] = {
            "query": every(*filters),
            "sort": ordered(*self.order, *UNIQUE[self.index]),
            "size": asked.limit,
            "track_total_hits": True,
            "_source": shown,
        }
        answered = yield Search(self.index, body)
        rows = tuple(tuple(pick(hit["_source"], field) for field in shown) for hit in hits(answered))
        count = total(answered)
        return Found(
            rows, references(self.index, [hit["_id"] for hit in hits(answered)]), count, _note(self, len(rows), count)
        )


def _narrowing(listing: Listing, asked: Asked) -> set[str]:
    bounds = {one.name for one in (INCIDENT, SINCE, UNTIL, LIMIT)}
    return {one.name for one in listing.inputs if one.name in asked.values} - bounds


def _narrowed(index: str, wanted: Input, asked: Asked) -> dict[str, Any]:
    value = asked.text(wanted.name)
    if wanted.kind is InputKind.FILTER:
        return to_query(value, searchable(index), asked.now)
    return {"term": {wanted.name: value}}


def _note(listing: Listing, shown: int, count: int) -> str | None:
    if count == 0:
        return listing.note or "no document fits"
    return f"{shown} of {count} shown; `limit` shows more" if shown < count else listing.note


def pick(source: Mapping[str, Any], path: str) -> Any:
    """Return a field of a document by its dotted name; None where it is absent."""
    found: Any = source
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
