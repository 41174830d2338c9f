"""Questions about incidents: what is open, who saw it first, and where they are. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    LIMIT,
    PROVIDER,
    SINCE,
    THE_PROVIDER,
    UNTIL,
    Answered,
    Asked,
    Found,
    Question,
    Search,
    Steps,
    between,
    every,
    of_provider,
    ordered,
    references,
    said,
    seconds_between,
)
from dashboards.questions.finding import Lookup, clocks, documents, read
from models.figures import CENSORED, ENOUGH
from models.matter import OVER
from models.questions import Column, QuestionDescription
from models.records import Basis, IncidentDocument

NO_MAINTENANCE = {"term": {"kind": "incident"}}


def _open_now(asked: Asked) -> Steps:
    over = {"terms": {"status": [status.value for status in OVER]}}
    query = {"bool": {"filter": [NO_MAINTENANCE, *of_provider(asked)], "must_not": [over]}}
    body = {"query": query, "sort": ordered("started_at", "incident_id"), "size": asked.limit, "track_total_hits": True}
    answered = yield Search("incidents", body)
    found, count = documents(IncidentDocument, answered), int(answered["hits"]["total"]["value"])
    due = yield from _due([one.incident_id for one in found])
    rows = tuple(_open_row(one, asked.instant("as_of"), due.get(one.incident_id)) for one in found)
    note = f"{len(found)} of {count} shown" if len(found) < count else None if rows else "nothing is open"
    return Found(rows, references("incidents", (one.incident_id for one in found)), count, note)


def _due(ids: Sequence[str]) -> Lookup[dict[str, datetime]]:
    """Find when the first running clock of each incident falls due, or did."""
    running = {"terms": {"verdict": [verdict.value for verdict in CENSORED]}}
    agreed = {"term": {"basis": Basis.AGREED.value}}
    found = yield from clocks(every({"terms": {"incident_id": list(ids)}}, running, agreed))
    due: dict[str, datetime] = {}
    for one in found:
        if one.due_at is not None:
            due[one.incident_id] = min(one.due_at, due.get(one.incident_id, one.due_at))
    return due


def _open_row(one: IncidentDocument, as_of: datetime, due_at: datetime | None) -> tuple[Any, ...]:
    return (
        one.incident_id, one.provider, one.title or one.source_incident_id, one.priority, one.status.value,
        said(one.started_at), seconds_between(one.started_at, as_of), said(one.last_notice_at),
        seconds_between(one.last_notice_at, as_of), said(due_at), seconds_between(as_of, due_at),
    )  # fmt: skip


OPEN_NOW = Question(
    QuestionDescription(
        "open-now",
        "What is open, since when, and what falls due next?",
        (PROVIDER, AS_OF, LIMIT),
        (
            Column("incident_id", "Incident."),
            Column("provider", "Provider."),
            Column("title", "Its title, else the source's own id."),
            Column("priority", "Priority."),
            Column("status", "`restored` is a claim until it is resolved."),
            Column("started_at", "When it began.", "instant"),
            Column("age_s", "Since then.", "s"),
            Column("last_notice_at", "The last that was said.", "instant"),
            Column("silent_s", "Since then.", "s"),
            Column("due_at", "When its first running clock falls due, or did.", "instant"),
            Column("left_s", "Until then; below 0 it is past.", "s"),
        ),
        "Incidents that are not over, and their running clocks on the agreed basis.",
    ),
    _open_now,
)


def _saw_first(asked: Asked) -> Steps:
    both = [{"exists": {"field": name}} for name in ("observed_started_at", "first_published_at", "witnesses")]
    bounds = between("@timestamp", asked.values.get("since"), asked.values.get("until"))
    query = every(*both, NO_MAINTENANCE, bounds, *of_provider(asked))
    found = yield from read(IncidentDocument, "incidents", query, "-@timestamp", "incident_id")
    lags = {one.incident_id: seconds_between(one.observed_started_at, one.first_published_at) or 0.0 for one in found}
    late = sorted(found, key=lambda one: (-lags[one.incident_id], one.incident_id))
    rows = tuple(
        (
            one.incident_id, one.provider, one.title, said(one.observed_started_at), said(one.first_published_at),
            lags[one.incident_id], "we" if lags[one.incident_id] > 0 else "provider", list(one.witnesses),
        )
        for one in late[: asked.limit]
    )  # fmt: skip
    first = sum(1 for lag in lags.values() if lag > 0)
    enough = f"we saw {first} of {len(found)} first"
    note = enough if len(found) >= ENOUGH else f"not enough data: n={len(found)}"
    return Found(rows, references("incidents", (one.incident_id for one in late)), len(found), note)


WHO_SAW_FIRST = Question(
    QuestionDescription(
        "who-saw-first",
        "Who saw the trouble first, our witnesses or the provider, and by how much?",
        (THE_PROVIDER, SINCE, UNTIL, LIMIT),
        (
            Column("incident_id", "Incident."),
            Column("provider", "Provider."),
            Column("title", "Its title."),
            Column("observed_started_at", "When our witnesses saw it begin.", "instant"),
            Column("first_published_at", "When the provider first published it.", "instant"),
            Column("lag_s", "From seen to published; below 0 the provider was first.", "s"),
            Column("first", "`we` or `provider`."),
            Column("witnesses", "Our sources that saw it."),
        ),
        "Incidents that our own witnesses saw and the provider published.",
    ),
    _saw_first,
)


def _by(asked: Asked, index: str, field: str, inner: dict[str, Any]) -> Lookup[Answered]:
    bounds = between("@timestamp", asked.values.get("since"), asked.values.get("until"))
    query = every(NO_MAINTENANCE, bounds, *of_provider(asked))
    by = {"terms": {"field": field, "size": asked.limit, "order": [{"_count": "desc"}, {"_key": "asc"}]}, "aggs": inner}
    body = {"query": query, "size": 0, "track_total_hits": True, "aggs": {"by": by}}
    answered = yield Search(index, body)
    return answered


def _by_component(asked: Asked) -> Steps:
    own = {"cardinality": {"field": "source_incident_id", "precision_threshold": 10_000}}
    last = {"max": {"field": "@timestamp", "format": "strict_date_optional_time"}}
    answered = yield from _by(asked, "notices", "components", {"incidents": own, "last": last})
    buckets = answered.get("aggregations", {}).get("by", {}).get("buckets", [])
    rows = tuple(
        (one["key"], one["incidents"]["value"], one["doc_count"], _whole(one["last"]["value_as_string"]))
        for one in buckets
    )
    return Found(rows, total=int(answered["hits"]["total"]["value"]), note=None if rows else "no component was named")


def _whole(text: str) -> str:
    """Return an instant of an aggregation as documents have it: without digits that say nothing."""
    return text.replace(".000Z", "Z")


BY_COMPONENT = Question(
    QuestionDescription(
        "by-component",
        "Which components fail most often?",
        (PROVIDER, SINCE, UNTIL, LIMIT),
        (
            Column("component", "As the provider calls it."),
            Column("incidents", "Incidents whose notices name it."),
            Column("notices", "Notices that name it."),
            Column("last_at", "The last of them.", "instant"),
        ),
        "All notices of that time that name components, counted; too many to name.",
    ),
    _by_component,
)


def _by_service(asked: Asked) -> Steps:
    prioritised = {"terms": {"field": "priority", "size": 1, "order": {"_key": "asc"}}}
    came_back = {"filter": {"range": {"reopened_count": {"gt": 0}}}}
    answered = yield from _by(asked, "incidents", "services", {"first": prioritised, "reopened": came_back})
    buckets = answered.get("aggregations", {}).get("by", {}).get("buckets", [])
    rows = tuple(
        (
            one["key"], one["doc_count"], one["reopened"]["doc_count"],
            next((bucket["key"] for bucket in one["first"]["buckets"]), None),
        )
        for one in buckets
    )  # fmt: skip
    return Found(rows, total=int(answered["hits"]["total"]["value"]), note=None if rows else "no incident in that time")


BY_SERVICE = Question(
    QuestionDescription(
        "by-service",
        "Which services had most incidents?",
        (PROVIDER, SINCE, UNTIL, LIMIT),
        (
            Column("service", "Service."),
            Column("incidents", "Incidents that are about it."),
            Column("reopened", "Of them, those that came back after they had been called over."),
            Column("highest_priority", "The first by name, such as `P1`."),
        ),
        "All incidents of that time, counted; too many to name.",
    ),
    _by_service,
)

INCIDENTS = (OPEN_NOW, WHO_SAW_FIRST, BY_COMPONENT, BY_SERVICE)
