"""The search that Kibana sends for a reading of a panel, and the rows that its answer holds. Pure.

This is how panels are checked without Kibana: the translation follows Kibana's documented one (counts are document
counts, terms are ranked by a sub-aggregation, a figure's own filter and window wrap it, ratios are divided
afterwards), and its answers on seeded documents are compared with a computation in plain Python. Only aggregations
of the bare server are used.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboards.kibana.kql import to_query
from dashboards.kibana.models import (
    Amount,
    Bucket,
    ByFilters,
    ByRange,
    ByTerms,
    ByTime,
    Count,
    DataView,
    Figure,
    LastValue,
    Percentile,
    PercentileRank,
    RankByFigure,
    Ratio,
    Request,
    Statistic,
)
from dashboards.kibana.readings import Reading
from models.instants import format_instant

Query = dict[str, Any]
Row = tuple[tuple[Any, ...], tuple[Any, ...]]
"""(bucket keys from the outside in, figures in the panel's order); of documents: (no keys, columns in order)."""
MISSING = "__missing__"
"""Key that Kibana gives to documents without the field."""
INTERVAL = "1h"
"""Kibana chooses its own for ``auto``; any interval checks the same numbers."""
CALENDAR = ("1d", "1w", "1M")
"""Lengths that follow the calendar; here in UTC, in Kibana in the zone that it is set to."""
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class _Chosen:
    """The time that the picker says, and whether a figure looks at an earlier one."""

    field: str | None
    since: datetime
    until: datetime
    shifts: tuple[timedelta, ...]

    def whole(self) -> list[Query]:
        """Return the filter of the whole search: all that any figure looks at."""
        return self.between(self.since - max(self.shifts, default=timedelta()), self.until)

    def of(self, figure: Figure) -> list[Query]:
        """Return the window of one figure, unless it is that of the whole search."""
        back = length_of(figure.time_shift) if figure.time_shift else timedelta()
        since = self.until - length_of(figure.reduced_time_range) if figure.reduced_time_range else self.since
        if not self.shifts and not figure.reduced_time_range:
            return []
        return self.between(since - back, self.until - back)

    def between(self, since: datetime, until: datetime) -> list[Query]:
        if self.field is None:
            return []
        return [{"range": {self.field: {"gte": format_instant(since), "lte": format_instant(until)}}}]


def length_of(text: str) -> timedelta:
    """Return a length of Kibana's, such as ``30m`` or ``1w``."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def search_of(reading: Reading, view: DataView, since: datetime, until: datetime, controls: str = "") -> dict[str, Any]:
    """Return the body of the search.

    Args:
        reading: to translate.
        view: the data view that it names.
        since: begin of the chosen time, inclusive.
        until: its end, inclusive; a view without a time field is not narrowed.
        controls: what the dashboard's controls choose (``Dashboard.chosen``).
    """
    shifts = tuple(length_of(figure.time_shift) for figure in reading.figures if figure.time_shift)
    chosen = _Chosen(view.time_field, since, until, shifts)
    narrowed = to_query("" if reading.free else controls)
    query = {"bool": {"filter": [to_query(reading.query.expression), narrowed, *chosen.whole()]}}
    whole: dict[str, Any] = {"size": reading.size, "track_total_hits": True, "query": query}
    if reading.columns:
        sort = [{one.name: {"order": one.direction}} for one in reading.sort]
        return {**whole, "_source": False, "fields": list(reading.columns), "sort": sort}
    return {**whole, "aggs": _nest(reading.buckets, reading.figures, chosen)}


def search_of_request(
    request: Request, view: DataView, since: datetime, until: datetime, controls: str = ""
) -> dict[str, Any]:
    """Return the body of a Vega panel's search, as :func:`search_of` does for others."""
    chosen = _Chosen(view.time_field, since, until, ())
    filters = [to_query(request.query.expression), to_query(controls), *chosen.whole()]
    return {**request.body, "query": {"bool": {"filter": filters}}}


def rows_of(reading: Reading, answer: dict[str, Any]) -> list[Row]:
    """Return the rows of a search's answer, in the order in which Kibana shows them."""
    if reading.columns:
        shown = (hit.get("fields", {}) for hit in answer["hits"]["hits"])
        return [((), tuple(_single(fields.get(column)) for column in reading.columns)) for fields in shown]
    level = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    return list(_walk(level, len(reading.buckets), reading.figures, ()))


def _single(values: list[Any] | None) -> Any:
    """Return the only value of a field, several as they are, None for none."""
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)


def _nest(buckets: Sequence[Bucket], figures: Sequence[Figure], chosen: _Chosen) -> dict[str, Any]:
    """Return the aggregations: the figures within the last bucket, and those further out that a bucket is ranked by.

    So does Lens (``metricsAtAllLevels: false``): what no row shows is not computed.
    """
    if not buckets:
        return _figures(range(len(figures)), figures, chosen)
    bucket, inner = buckets[0], _nest(buckets[1:], figures, chosen)
    ranking = bucket.rank_by if isinstance(bucket, ByTerms) else None
    by = _figures([ranking.metric_index], figures, chosen) if isinstance(ranking, RankByFigure) else {}
    return {"b": {**_bucket(bucket, figures, chosen), "aggs": {**by, **inner}}}


def _figures(numbers: Iterable[int], figures: Sequence[Figure], chosen: _Chosen) -> dict[str, Any]:
    """Return the aggregations of some figures; a plain count needs none."""
    found: dict[str, Any] = {}
    for number in numbers:
        name, body = _named(number, figures), _figure(figures[number], chosen)
        if body is not None and name in found:
            found[name]["percentiles"]["percents"] += body["percentiles"]["percents"]
        elif body is not None:
            found[name] = body
    return found


def _named(number: int, figures: Sequence[Figure]) -> str:
    """Return the name of a figure's aggregation; percentiles that are alike share one.

    Lens collapses those that nothing narrows, too (elastic/kibana, pull request 131875): the digest of a field's values
    is what costs, not how many percentiles are read from it.
    """
    alike = (at for at, one in enumerate(figures[:number]) if _are_alike(one, figures[number]))
    is_moved = any(one.time_shift for one in figures)
    return f"f{number if is_moved else next(alike, number)}"


def _are_alike(one: Figure, other: Figure) -> bool:
    """Return whether both are percentiles of one field, over all that their bucket holds."""
    if not (isinstance(one, Percentile) and isinstance(other, Percentile)) or one.field != other.field:
        return False
    return not any(each.filter or each.reduced_time_range for each in (one, other))


def _bucket(bucket: Bucket, figures: Sequence[Figure], chosen: _Chosen) -> dict[str, Any]:
    if isinstance(bucket, ByTime):
        length = INTERVAL if bucket.suggested_interval == "auto" else bucket.suggested_interval
        key = "calendar_interval" if length in CALENDAR else "fixed_interval"
        return {"date_histogram": {"field": bucket.field, key: length}}
    if isinstance(bucket, ByFilters):
        return {"filters": {"filters": {one.label: to_query(one.filter.expression) for one in bucket.filters}}}
    if isinstance(bucket, ByRange):
        bounds = ({"key": one.label, "from": one.low, "to": one.high} for one in bucket.ranges)
        ranges = [{key: value for key, value in one.items() if value is not None} for one in bounds]
        return {"range": {"field": bucket.field, "ranges": ranges}}
    terms = {"field": bucket.fields[0], "size": bucket.limit, "order": _order(bucket, figures, chosen)}
    return {"terms": terms if bucket.other_bucket is None else {**terms, "missing": MISSING}}


def _order(bucket: ByTerms, figures: Sequence[Figure], chosen: _Chosen) -> dict[str, str]:
    if not isinstance(bucket.rank_by, RankByFigure):
        return {"_key": bucket.rank_by.direction}
    number, direction = bucket.rank_by.metric_index, bucket.rank_by.direction
    figure, wrapped = figures[number], bool(_wraps(figures[number], chosen))
    if isinstance(figure, Count):
        return {f"f{number}" if wrapped else "_count": direction}
    path = f"f{number}>inner" if wrapped else _named(number, figures)
    if isinstance(figure, Percentile):
        path = f"{path}.{figure.percentile:g}"
    elif isinstance(figure, Statistic) and figure.operation == "median":
        path = f"{path}.50"
    return {path: direction}


def _wraps(figure: Figure, chosen: _Chosen) -> list[Query]:
    """Return what narrows one figure further than its bucket: its filter, its window, the field that it needs."""
    own = [to_query(figure.filter.expression)] if figure.filter else []
    needed = [{"exists": {"field": figure.field}}] if isinstance(figure, LastValue) else []
    always: list[Query] = [{"match_all": {}}] if isinstance(figure, Ratio) else []
    return [*own, *needed, *chosen.of(figure), *always]


def _figure(figure: Figure, chosen: _Chosen) -> dict[str, Any] | None:
    """Return a figure's aggregation; None for a plain count, which every bucket has."""
    body, wraps = _body(figure), _wraps(figure, chosen)
    if not wraps:
        return body
    if isinstance(figure, Ratio):
        inner = {"numerator": _amount(figure.numerator), "denominator": _amount(figure.denominator)}
    else:
        inner = {} if body is None else {"inner": body}
    return {"filter": {"bool": {"filter": wraps}}, **({"aggs": inner} if inner else {})}


def _body(figure: Figure) -> dict[str, Any] | None:
    if isinstance(figure, Count | Ratio):
        return None
    if isinstance(figure, Percentile):
        return {"percentiles": {"field": figure.field, "percents": [figure.percentile]}}
    if isinstance(figure, PercentileRank):
        return {"percentile_ranks": {"field": figure.field, "values": [figure.rank]}}
    if isinstance(figure, LastValue):
        latest = [{figure.time_field: {"order": "desc"}}]
        return {"top_hits": {"size": 1, "sort": latest, "_source": False, "fields": [figure.field]}}
    if figure.operation == "median":
        return {"percentiles": {"field": figure.field, "percents": [50]}}
    names = {"average": "avg", "unique_count": "cardinality"}
    return {names.get(figure.operation, figure.operation): {"field": figure.field}}


def _amount(amount: Amount) -> dict[str, Any]:
    condition = {"filter": to_query(amount.filter.expression if amount.filter else "")}
    if amount.of == "count":
        return condition
    kind = "sum" if amount.of == "sum" else "cardinality"
    return {**condition, "aggs": {"inner": {kind: {"field": amount.field}}}}


def _walk(level: dict[str, Any], depth: int, figures: Sequence[Figure], keys: tuple[Any, ...]) -> Iterator[Row]:
    if depth == 0:
        yield keys, tuple(_read(level, _named(number, figures), figure) for number, figure in enumerate(figures))
        return
    for key, bucket in _buckets(level.get("b", {}).get("buckets", ())):
        if bucket["doc_count"]:
            yield from _walk(bucket, depth - 1, figures, (*keys, key))


def _buckets(buckets: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    if isinstance(buckets, dict):
        yield from buckets.items()
    else:
        yield from ((bucket.get("key_as_string", bucket["key"]), bucket) for bucket in buckets)


def _read(level: dict[str, Any], name: str, figure: Figure) -> Any:
    found = level.get(name, level)
    if isinstance(figure, Count):
        return found["doc_count"]
    if isinstance(figure, Ratio):
        return _divided(found["numerator"], found["denominator"], figure)
    found = found.get("inner", found)
    if isinstance(figure, LastValue):
        hits = found["hits"]["hits"]
        return _single(hits[0]["fields"][figure.field]) if hits else None
    if isinstance(figure, Percentile):
        return found["values"][str(figure.percentile)]
    if "values" in found:
        value = next(iter(found["values"].values()))
        return value / 100 if value is not None and isinstance(figure, PercentileRank) else value
    return found.get("value_as_string", found["value"])


def _divided(over: dict[str, Any], under: dict[str, Any], figure: Ratio) -> float | None:
    first, second = (side["inner"]["value"] if "inner" in side else side["doc_count"] for side in (over, under))
    if not second:
        return None
    share = first / second
    return float((1 - share if figure.complement else share) * figure.scale)
