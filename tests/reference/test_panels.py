"""The plain reading of panels, held by cases that are worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.kibana.models import (
    Amount,
    Bucket,
    ByFilters,
    ByRange,
    ByTerms,
    ByTime,
    Count,
    Figure,
    Kql,
    LastValue,
    Missing,
    Named,
    Percentile,
    PercentileRank,
    Range,
    RankByFigure,
    RankByName,
    Ratio,
    Sort,
    Statistic,
)
from tests.reference.panels import MISSING, Chosen, ordered, rows

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
DOCUMENTS: list[dict[str, Any]] = [
    {"at": "2026-05-04T09:30:00Z", "who": "ana", "services": ["mail", "web"], "took_s": 10.0, "kept": True},
    {"at": "2026-05-04T10:30:00Z", "who": "ben", "services": ["mail"], "took_s": 20.0, "kept": False},
    {"at": "2026-05-05T10:30:00Z", "who": "ben", "services": [], "took_s": None, "kept": True},
    {"at": "2026-05-06T11:30:00Z", "who": None, "services": ["web"], "took_s": 40.0, "kept": True},
]
KEPT = Kql(expression="kept : true")
COUNT = Count()
DAY = ByTime(field="at", suggested_interval="1d")
MEAN = Statistic(operation="average", field="took_s")


def shown(
    buckets: tuple[Bucket, ...] = (), figures: tuple[Figure, ...] = (COUNT,), days: float = 3, expression: str = ""
) -> list[Any]:
    """Return the rows of the documents of the last days."""
    return rows(expression, buckets, figures, Chosen(DOCUMENTS, "at", NOW - timedelta(days=days), NOW))


def instant(day: int) -> datetime:
    return datetime(2026, 5, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (DAY, [(instant(4), 2), (instant(5), 1), (instant(6), 1)]),
        (ByTime(field="at", suggested_interval="1w"), [(instant(4), 4)]),
        (ByTime(field="at", suggested_interval="1M"), [(instant(1), 4)]),
        (ByTerms(fields=("who",)), [("ben", 2), ("ana", 1)]),
        (ByTerms(fields=("who",), limit=1), [("ben", 2)]),
        (ByTerms(fields=("who",), rank_by=RankByName()), [("ana", 1), ("ben", 2)]),
        (ByTerms(fields=("who",), rank_by=RankByFigure(direction="asc")), [("ana", 1), ("ben", 2)]),
        (ByTerms(fields=("who",), other_bucket=Missing()), [("ben", 2), (MISSING, 1), ("ana", 1)]),
        (ByTerms(fields=("services",)), [("mail", 2), ("web", 2)]),
        (ByFilters(filters=(Named(label="kept", filter=KEPT),)), [("kept", 3)]),
        (
            ByRange(field="took_s", ranges=(Range(label="high", low=20), Range(label="low", high=20))),
            [("high", 2), ("low", 1)],
        ),
    ],
)
def test_buckets_hold_these_documents_in_this_order(bucket: Bucket, expected: list[tuple[Any, int]]) -> None:
    """Equal counts are ordered by name; a document of two services is in both buckets, one without is in none."""
    assert [(keys[0], count) for keys, (count,) in shown((bucket,))] == expected


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (COUNT, 4),
        (Count(filter=KEPT), 3),
        (Count(reduced_time_range="1d"), 1),
        (MEAN, 70 / 3),
        (Statistic(operation="sum", field="took_s"), 70.0),
        (Statistic(operation="max", field="at"), datetime(2026, 5, 6, 11, 30, tzinfo=UTC)),
        (Statistic(operation="median", field="took_s"), 20.0),
        (Statistic(operation="unique_count", field="services"), 2),
        (Percentile(field="took_s", percentile=75), 30.0),
        (PercentileRank(field="took_s", rank=20), 1 / 3),
        (PercentileRank(field="took_s", rank=20), 2 / 3),
        (LastValue(field="took_s", time_field="at"), 40.0),
        (LastValue(field="who", time_field="at"), "ben"),
        (Ratio(numerator=Amount(filter=KEPT)), 0.75),
        (Ratio(numerator=Amount(of="sum", field="took_s"), complement=True, scale=2), 2 * (1 - 70 / 4)),
        (Ratio(numerator=Amount(), denominator=Amount(filter=Kql(expression="who : nobody"))), None),
    ],
)
def test_a_figure_over_them_is(figure: Figure, expected: Any) -> None:
    assert shown(figures=(figure,)) == [((), (expected,))]


def test_nothing_has_a_count_and_a_sum_and_no_other_figure() -> None:
    figures = (COUNT, Statistic(operation="sum", field="took_s"), MEAN, Percentile(field="took_s", percentile=50))
    assert shown(figures=figures, expression="who : nobody") == [((), (0, 0.0, None, None))]


def test_a_figure_that_looks_back_counts_the_time_before() -> None:
    assert shown(figures=(COUNT, Count(time_shift="1d")), days=1) == [((), (1, 1))]
    assert shown((ByTerms(fields=("who",)),), (COUNT, Count(time_shift="1d")), days=1) == [(("ben",), (0, 1))]


def test_nested_buckets_rank_within_the_one_around_them() -> None:
    found = shown((DAY, ByTerms(fields=("services",), rank_by=RankByFigure(direction="asc"))), (MEAN,))
    assert [keys for keys, _ in found] == [(instant(4), "web"), (instant(4), "mail"), (instant(6), "web")]


@pytest.mark.parametrize(("direction", "expected"), [("asc", ["ana", "ben", "ben"]), ("desc", ["ben", "ben", "ana"])])
def test_a_list_is_sorted_and_what_lacks_the_field_comes_last(direction: Any, expected: list[str]) -> None:
    found = ordered(DOCUMENTS, (Sort(name="who", direction=direction),))
    assert [one["who"] for one in found] == [*expected, None]
