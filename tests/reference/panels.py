"""What a panel shows, computed from documents in plain Python: a second reading of the panel models.

It shares the models with the product and nothing else: neither the translation into searches nor Elasticsearch. A
document is the dict that travels. A field with several values puts its document into several buckets; a document
without the field is in none, unless the bucket asks for those.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any

from dashboards.kibana.buckets import Bucket, ByFilters, ByRange, ByTerms, ByTime, RankByFigure
from dashboards.kibana.figures import (
    Amount,
    Count,
    Figure,
    LastValue,
    Percentile,
    PercentileRank,
    Ratio,
    Statistic,
)
from dashboards.kibana.panels import Sort
from tests.reference.filters import LENGTHS, Wire, matcher, values
from tests.reference.numbers import Between, near, percentile, rank

MISSING = "__missing__"
"""Key of the bucket of documents without the field, where one is asked for."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)

Row = tuple[tuple[Any, ...], tuple[Any, ...]]
"""(bucket keys from the outside in, figures in order)."""
Slices = Mapping[str | None, Sequence[Wire]]
"""Documents of a bucket in the chosen time, and in the times moved back that figures ask for."""


@dataclass(frozen=True)
class Chosen:
    """The documents of a data view, and the time that is chosen on the dashboard."""

    documents: Sequence[Wire]
    time_field: str | None
    """None: the chosen time narrows nothing."""
    since: datetime
    until: datetime
    """Both inclusive; what ``now`` means is ``until``."""
    interval: str = "1h"
    """Of time buckets that leave their length to Kibana."""

    def of(self, expression: str, shift: str | None) -> list[Wire]:
        """Return the documents that a filter takes, of the chosen time moved back."""
        test, back = matcher(expression, self.until), length(shift)
        return [one for one in self.documents if test(one) and self._within(one, self.since - back, self.until - back)]

    def late(self, documents: Sequence[Wire], span: str, shift: str | None) -> list[Wire]:
        """Return those of the last part of the chosen time."""
        until = self.until - length(shift)
        return [one for one in documents if self._within(one, until - length(span), until)]

    def _within(self, document: Wire, since: datetime, until: datetime) -> bool:
        if self.time_field is None:
            return True
        return any(since <= at <= until for at in values(document, self.time_field))


class OneOf:
    """Equal to each of several values: what an index may give where the order leaves it open."""

    def __init__(self, allowed: Sequence[Any]) -> None:
        """Keep them."""
        self.allowed = allowed

    def __eq__(self, other: object) -> bool:
        return other in self.allowed

    __hash__ = None  # type: ignore[assignment]  # equal to many values: no set can hold it

    def __repr__(self) -> str:
        return f"one of {self.allowed}"


def length(text: str | None) -> timedelta:
    """Return a length as Kibana writes it: ``30m``, ``1w``; nothing is none."""
    return timedelta() if text is None else int(text[:-1]) * LENGTHS[text[-1]]


def ordered(documents: Sequence[Wire], sorts: Sequence[Sort]) -> list[Wire]:
    """Return documents as a list shows them; those without the field come last, whichever way it goes."""
    found = list(documents)
    for sort in reversed(sorts):
        falling = sort.direction == "desc"
        having = [one for one in found if values(one, sort.name)]
        having.sort(key=lambda one: (max if falling else min)(values(one, sort.name)), reverse=falling)
        found = having + [one for one in found if not values(one, sort.name)]
    return found


def rows(expression: str, buckets: Sequence[Bucket], figures: Sequence[Figure], chosen: Chosen) -> list[Row]:
    """Return the rows of a panel in the order in which it shows them; rows without a document are left out.

    Args:
        expression: the panel's filter.
        buckets: from the outside in.
        figures: in order.
        chosen: documents and time.
    """
    slices = {shift: chosen.of(expression, shift) for shift in {None, *(one.time_shift for one in figures)}}
    return list(_Panel(figures, chosen).rows(buckets, slices, ()))


@dataclass(frozen=True)
class _Panel:
    figures: Sequence[Figure]
    chosen: Chosen

    def rows(self, buckets: Sequence[Bucket], slices: Slices, keys: tuple[Any, ...]) -> Iterator[Row]:
        if not buckets:
            yield keys, tuple(self.figure(one, slices) for one in self.figures)
            return
        for key, inner in self._parts(buckets[0], slices):
            yield from self.rows(buckets[1:], inner, (*keys, key))

    def _parts(self, bucket: Bucket, slices: Slices) -> Iterator[tuple[Any, Slices]]:
        """Yield the buckets that have documents in the chosen time, or in one that a figure looks back at, in order."""
        grouped = {shift: self._grouped(bucket, documents) for shift, documents in slices.items()}
        keys = {key for found in grouped.values() for key in found}
        parts = {key: {shift: found.get(key, ()) for shift, found in grouped.items()} for key in keys}
        for key in self._ordered(bucket, parts):
            yield key, parts[key]

    def _grouped(self, bucket: Bucket, documents: Sequence[Wire]) -> dict[Any, list[Wire]]:
        keys = self._keys(bucket)
        found: dict[Any, list[Wire]] = defaultdict(list)
        for document in documents:
            for key in keys(document):
                found[key].append(document)
        return found

    def _keys(self, bucket: Bucket) -> Callable[[Wire], set[Any]]:
        """Return what gives the keys of a document's buckets."""
        if isinstance(bucket, ByTime):
            step = bucket.suggested_interval.replace("auto", self.chosen.interval)
            return lambda one: {_begin(at, step) for at in values(one, bucket.field)}
        if isinstance(bucket, ByTerms):
            instead = {MISSING} if bucket.other_bucket else set()
            return lambda one: set(values(one, bucket.fields[0])) or instead
        if isinstance(bucket, ByFilters):
            tests = {named.label: matcher(named.filter.expression, self.chosen.until) for named in bucket.filters}
            return lambda one: {label for label, test in tests.items() if test(one)}
        return lambda one: {
            each.label
            for each in bucket.ranges
            if any(_inside(value, each.low, each.high) for value in values(one, bucket.field))
        }

    def _ordered(self, bucket: Bucket, parts: Mapping[Any, Slices]) -> list[Any]:
        if isinstance(bucket, ByFilters):
            return [one.label for one in bucket.filters if one.label in parts]
        if isinstance(bucket, ByRange):
            return [one.label for one in bucket.ranges if one.label in parts]
        named = sorted(parts)
        if isinstance(bucket, ByTime):
            return named
        ranking, falling = bucket.rank_by, bucket.rank_by.direction == "desc"
        if not isinstance(ranking, RankByFigure):
            return (named[::-1] if falling else named)[: bucket.limit]
        figure = self.figures[ranking.metric_index]
        heights = {key: _height(self.figure(figure, parts[key])) for key in named}
        return sorted(named, key=lambda key: (heights[key] is None, _turned(heights[key], falling)))[: bucket.limit]

    def figure(self, figure: Figure, slices: Slices) -> Any:
        """Return a figure over the documents of a bucket."""
        found = list(slices[figure.time_shift])
        if figure.reduced_time_range is not None:
            found = self.chosen.late(found, figure.reduced_time_range, figure.time_shift)
        if figure.filter is not None:
            found = self._passed(found, figure.filter.expression)
        if isinstance(figure, Count):
            return len(found)
        if isinstance(figure, Ratio):
            return self._ratio(figure, found)
        if isinstance(figure, LastValue):
            return _last(found, figure)
        numbers = [value for one in found for value in values(one, figure.field)]
        if isinstance(figure, Percentile):
            return percentile(numbers, figure.percentile)
        if isinstance(figure, PercentileRank):
            return rank(numbers, figure.rank)
        return _statistic(figure, numbers)

    def _ratio(self, figure: Ratio, documents: Sequence[Wire]) -> Any:
        below = self._amount(figure.denominator, documents)
        if not below:
            return None
        share = self._amount(figure.numerator, documents) / below
        return near((1 - share if figure.complement else share) * figure.scale)

    def _amount(self, amount: Amount, documents: Sequence[Wire]) -> float:
        found = documents if amount.filter is None else self._passed(documents, amount.filter.expression)
        if amount.field is None:
            return len(found)
        numbers = [value for one in found for value in values(one, amount.field)]
        return len(set(numbers)) if amount.of == "unique_count" else sum(numbers)

    def _passed(self, documents: Sequence[Wire], expression: str) -> list[Wire]:
        test = matcher(expression, self.chosen.until)
        return [one for one in documents if test(one)]


def _begin(at: datetime, step: str) -> datetime:
    """Return the begin of the bucket of an instant, UTC: an hour, a day, a week from Monday, a month."""
    if step == "1M":
        return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    base = MONDAY if step.endswith("w") else EPOCH
    return at - (at - base) % length(step)


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value < high)


def _height(found: Any) -> float | None:
    """Return a figure as a number to sort by; None of none."""
    if isinstance(found, datetime):
        return found.timestamp()
    if isinstance(found, Between):
        return found.middle
    return None if found is None else float(found)


def _turned(height: float | None, falling: bool) -> float:
    return 0.0 if height is None else -height if falling else height


def _statistic(figure: Statistic, numbers: Sequence[Any]) -> Any:
    if figure.operation == "unique_count":
        return len(set(numbers))
    if figure.operation == "sum":
        return near(sum(numbers))
    if not numbers:
        return None
    if figure.operation == "median":
        return percentile(numbers, 50)
    if figure.operation == "average":
        return near(fmean(numbers))
    return (min if figure.operation == "min" else max)(numbers)


def _last(documents: Sequence[Wire], figure: LastValue) -> Any:
    """Return the field in the latest document that has one; of equally late ones any."""
    dated = [(max(values(one, figure.time_field)), values(one, figure.field)) for one in documents
             if values(one, figure.time_field) and values(one, figure.field)]  # fmt: skip
    if not dated:
        return None
    latest = max(at for at, _ in dated)
    return OneOf([found[0] if len(found) == 1 else tuple(found) for at, found in dated if at == latest])
