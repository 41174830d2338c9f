"""Questions that hold one incident's clocks against those of others at the same priority and objective. Pure.

Exact where it can be: ranks are counts, and a percentile is the length of a real case (nearest rank, as in
``models.figures``), found by its place in the order. Beyond the ten thousand places that a search reaches it is
Elasticsearch's estimate, and the answer says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    INCIDENT,
    READ_AT_MOST,
    Answered,
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
)
from dashboards.questions.finding import Lookup, clocks, incident
from models.figures import ENOUGH
from models.questions import Column, Input, InputKind, QuestionDescription
from models.records import Basis, ClockDocument, IncidentDocument, Objective, Verdict

LENGTH = "elapsed_max_s"
"""What is compared: how long it took at most."""
DAYS = Input("days", InputKind.NUMBER, "How far back, in days.", required=False, default="365")
COLUMNS = (
    Column("objective", "What the clocks measure."),
    Column("priority", "Priority of the incident, and of those it is compared with."),
    Column("own_s", "This incident's; the longest, where it has several.", "s"),
    Column("verdict", "What came of it."),
    Column("n", "Clocks that it is compared with: stopped and judged."),
    Column("faster", "Of them, those that took less."),
    Column("rank", "Its place from the fastest, itself included."),
    Column("median_s", "Their median; empty below five.", "s"),
    Column("p90_s", "Their 90th percentile; empty below five.", "s"),
    Column("met_share", "Share of them met; empty below five.", "share"),
)


@dataclass(frozen=True, slots=True)
class _Others:
    """What one clock is compared with."""

    own: ClockDocument
    query: dict[str, Any]
    n: int
    faster: int
    met: int


def _compared(asked: Asked, others: "_Whom") -> Steps:
    about = yield from incident(asked.text("incident"))
    own = yield from _own(about)
    rows, notes, total = [], [], 0
    for one in own:
        found = yield from _others(one, _query(one, about, asked, others))
        median, p90, estimated = yield from _percentiles(found)
        total += found.n
        notes += [f"{one.objective.value}: not enough data, n={found.n}"] if found.n < ENOUGH else []
        notes += [f"{one.objective.value}: percentiles are estimates"] if estimated else []
        rows.append(_row(found, median, p90))
    note = "; ".join(notes) or (None if rows else "no clock of this incident has stopped and was judged")
    return Found(tuple(rows), references("clocks", (one.clock_id for one in own)), total, note)


def _own(about: IncidentDocument) -> Lookup[list[ClockDocument]]:
    """Find the incident's own judged clocks on the agreed basis, the longest of each objective."""
    mine = every({"term": {"incident_id": about.incident_id}}, *_judged())
    found = yield from clocks(mine)
    return [
        max(same, key=lambda one: (one.elapsed_max_s or 0.0, -one.ordinal))
        for objective in Objective
        if (same := [one for one in found if one.objective is objective])
    ]


def _judged() -> list[dict[str, Any]]:
    return [
        {"term": {"basis": Basis.AGREED.value}},
        {"terms": {"verdict": [Verdict.MET.value, Verdict.BREACHED.value]}},
        {"exists": {"field": LENGTH}},
    ]


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whether an incident is held against its provider's own past, or against other providers."""

    is_past: bool

    def filters(self, about: IncidentDocument, as_of: datetime, days: int) -> dict[str, Any]:
        """Return what bounds the clocks that are compared with: time, provider, and never the incident itself."""
        until = about.started_at if self.is_past else as_of
        since = (about.started_at if self.is_past else as_of) - timedelta(days=days)
        provider = {"term": {"provider": about.provider}}
        itself = {"term": {"incident_id": about.incident_id}}
        bounds = [between("@timestamp", since, until), *([provider] if self.is_past else [])]
        return {"filter": bounds, "must_not": [itself, *([] if self.is_past else [provider])]}


def _query(own: ClockDocument, about: IncidentDocument, asked: Asked, others: _Whom) -> dict[str, Any]:
    bounds = others.filters(about, asked.instant("as_of"), int(asked.values["days"]))
    same: list[dict[str, Any]] = [{"term": {"objective": own.objective.value}}]
    if own.priority is None:
        bounds["must_not"].append({"exists": {"field": "priority"}})
    else:
        same.append({"term": {"priority": own.priority}})
    return {"bool": {"filter": [*same, *_judged(), *bounds["filter"]], "must_not": bounds["must_not"]}}


def _others(own: ClockDocument, query: dict[str, Any]) -> Lookup[_Others]:
    faster = {"filter": {"range": {LENGTH: {"lt": own.elapsed_max_s}}}}
    met = {"filter": {"term": {"verdict": Verdict.MET.value}}}
    body = {"query": query, "size": 0, "track_total_hits": True, "aggs": {"faster": faster, "met": met}}
    answered = yield Search("clocks", body)
    counts = answered.get("aggregations", {})
    counted = {name: int(counts.get(name, {}).get("doc_count", 0)) for name in ("faster", "met")}
    return _Others(own, query, int(answered["hits"]["total"]["value"]), counted["faster"], counted["met"])


def _percentiles(found: _Others) -> Lookup[tuple[float | None, float | None, bool]]:
    """Find the median and the 90th percentile; True where they are estimates."""
    if found.n < ENOUGH:
        return None, None, False
    if found.n <= READ_AT_MOST:
        median = yield from _at(found, 0.5)
        p90 = yield from _at(found, 0.9)
        return median, p90, False
    asked_for = {"p": {"percentiles": {"field": LENGTH, "percents": [50, 90]}}}
    answered = yield Search("clocks", {"query": found.query, "size": 0, "track_total_hits": False, "aggs": asked_for})
    values = answered["aggregations"]["p"]["values"]
    return values["50.0"], values["90.0"], True


def _at(found: _Others, share: float) -> Lookup[float | None]:
    """Find the length at a share of the order: nearest rank."""
    place = max(ceil(share * found.n) - 1, 0)
    body = {
        "query": found.query, "sort": ordered(LENGTH, "clock_id"), "from": place, "size": 1,
        "track_total_hits": False, "_source": [LENGTH],
    }  # fmt: skip
    answered = yield Search("clocks", body)
    return _length(answered)


def _length(answered: Answered) -> float | None:
    return next((float(hit["_source"][LENGTH]) for hit in hits(answered)), None)


def _row(found: _Others, median: float | None, p90: float | None) -> tuple[Any, ...]:
    own = found.own
    share = None if found.n < ENOUGH else found.met / found.n
    return (
        own.objective.value, own.priority, own.elapsed_max_s, own.verdict.value, found.n, found.faster,
        found.faster + 1, median, p90, share,
    )  # fmt: skip


def _question(name: str, title: str, whom: _Whom, inputs: Iterable[Input], evidence: str) -> Question:
    described = QuestionDescription(name, title, tuple(inputs), COLUMNS, evidence)
    return Question(described, lambda asked: _compared(asked, whom))


COMPARING = (
    _question(
        "compared-with-past",
        "How does this response compare with the provider's own past, at the same priority?",
        _Whom(is_past=True),
        (INCIDENT, DAYS, AS_OF),
        "Judged clocks of the provider on the agreed basis, from `days` before this incident began until it did.",
    ),
    _question(
        "compared-with-others",
        "How does this response compare with other providers', at the same priority?",
        _Whom(is_past=False),
        (INCIDENT, DAYS, AS_OF),
        "Judged clocks of all other providers on the agreed basis, of the last `days`.",
    ),
)
