"""Questions that hold one incident's clocks against those of others at the same priority and objective. Pure.

Counts and ranks are exact. A percentile is the length of a real case (nearest rank, as in ``models.figures``) where all
lengths fit one answer; of more than ten thousand it is Elasticsearch's estimate, and the answer says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    either,
    every,
    references,
    total,
)
from dashboards.questions.finding import Lookup, clocks, incident
from models.figures import ENOUGH, percentile
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

    n: int
    faster: int
    met: int
    median_s: float | None
    p90_s: float | None


def _compared(asked: Asked, whom: "_Whom") -> Steps:
    about = yield from incident(asked.text("incident"))
    own = yield from _own(about)
    if not own:
        return Found((), note="no clock of this incident has stopped and was judged")
    query = whom.query(about, own, asked)
    answered = yield Search("clocks", _counting(query, own))
    count = total(answered)
    lengths = yield Search("clocks", _spreading(query, own, is_exact=count <= READ_AT_MOST))
    found = [(one, _others(one, answered, lengths)) for one in own]
    notes = [f"{one.objective.value}: not enough data, n={them.n}" for one, them in found if them.n < ENOUGH]
    notes += ["percentiles are estimates"] if count > READ_AT_MOST else []
    rows = tuple(_row(one, them) for one, them in found)
    return Found(rows, references("clocks", (one.clock_id for one in own)), count, "; ".join(notes) or None)


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

    def query(self, about: IncidentDocument, own: Sequence[ClockDocument], asked: Asked) -> dict[str, Any]:
        """Return what bounds the clocks that are compared with: time, provider, and never the incident itself."""
        until = about.started_at if self.is_past else asked.instant("as_of")
        provider = {"term": {"provider": about.provider}}
        bounds = [*_judged(), between("@timestamp", until - timedelta(days=int(asked.values["days"])), until)]
        without = [{"term": {"incident_id": about.incident_id}}]
        (bounds if self.is_past else without).append(provider)
        return {"bool": {"filter": [*bounds, either(*(_like(one) for one in own))], "must_not": without}}


def _like(own: ClockDocument) -> dict[str, Any]:
    """Return what is comparable: the same objective at the same priority."""
    same: dict[str, Any] = {"filter": [{"term": {"objective": own.objective.value}}]}
    if own.priority is None:
        return {"bool": {**same, "must_not": [{"exists": {"field": "priority"}}]}}
    return {"bool": {"filter": [*same["filter"], {"term": {"priority": own.priority}}]}}


def _counting(query: dict[str, Any], own: Sequence[ClockDocument]) -> dict[str, Any]:
    """Return the search that counts, for each own clock, those like it, the faster and the met of them."""
    counts: dict[str, Any] = {}
    for one in own:
        inner = {
            "faster": {"filter": {"range": {LENGTH: {"lt": one.elapsed_max_s}}}},
            "met": {"filter": {"term": {"verdict": Verdict.MET.value}}},
        }
        counts[one.objective.value] = {"filter": _like(one), "aggs": inner}
    return {"query": query, "size": 0, "track_total_hits": True, "aggs": counts}


def _spreading(query: dict[str, Any], own: Sequence[ClockDocument], *, is_exact: bool) -> dict[str, Any]:
    """Return the search for the lengths that each own clock is compared with: all of them, or estimates.

    Lengths with their counts are an aggregation over a column; as hits, each would be fetched from its document.
    """
    every_one = {"terms": {"field": LENGTH, "size": READ_AT_MOST, "order": {"_key": "asc"}}}
    inner = every_one if is_exact else {"percentiles": {"field": LENGTH, "percents": [50, 90]}}
    likes = {one.objective.value: {"filter": _like(one), "aggs": {"lengths": inner}} for one in own}
    return {"query": query, "size": 0, "track_total_hits": False, "aggs": likes}


def _others(own: ClockDocument, answered: Answered, lengths: Answered) -> _Others:
    counts, spread = (one.get("aggregations", {}).get(own.objective.value, {}) for one in (answered, lengths))
    n, faster, met = (
        int(each.get("doc_count", 0)) for each in (counts, counts.get("faster", {}), counts.get("met", {}))
    )
    found = spread.get("lengths", {})
    if "values" in found:
        estimates = found["values"] if n >= ENOUGH else {}
        return _Others(n, faster, met, estimates.get("50.0"), estimates.get("90.0"))
    exact = [one["key"] for one in found.get("buckets", ()) for _ in range(one["doc_count"])]
    return _Others(n, faster, met, percentile(exact, 0.5), percentile(exact, 0.9))


def _row(own: ClockDocument, them: _Others) -> tuple[Any, ...]:
    share = None if them.n < ENOUGH else them.met / them.n
    return (
        own.objective.value, own.priority, own.elapsed_max_s, own.verdict.value, them.n, them.faster,
        them.faster + 1, them.median_s, them.p90_s, share,
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
