"""Reads what a scorecard and a review's pack are made of from the index. IO: Elasticsearch, read only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from board.reviewing import UnknownReviewError
from holdfast.reports.crediting import available_in, credits_of, months_between
from holdfast.reports.reading import ReportStore
from holdfast.reports.review import Pack
from holdfast.reports.scorecard import Sheet
from models.agreement import Agreement
from models.communication import Communication
from models.credits import Credit
from models.dimensions import REPEAT_WITHIN, Lookback
from models.documents import Documents
from models.matter import Matter
from models.meetings import MeetingError
from models.months import Month
from models.review_periods import ReviewPeriod, midnight
from models.reviews import reviews
from models.scoring import WEIGHTS, Dimension


@dataclass(frozen=True)
class Asked:
    """What is looked back on."""

    provider: str
    period: str | None
    """By name; None is the quarter before the one of as-of."""
    as_of: datetime
    weights: Mapping[Dimension, float] | None = None


def pack_of(store: ReportStore, documents: Documents, asked: Asked) -> Pack:
    """Return what a review's pack is made of; the scorecard is a part of it.

    Raises:
        UnknownReviewError: if there is no such provider.
        MeetingError: if the period is none.
        StoreError: if Elasticsearch can't answer.
    """
    provider = documents.providers.get(asked.provider)
    if provider is None:
        there = ", ".join(sorted(documents.providers)) or "none"
        raise UnknownReviewError(f"no provider {asked.provider!r}; there are {there}")
    agreements = [one for one in documents.agreements.values() if one.provider == asked.provider]
    zone = agreements[0].versions[-1].timezone if agreements else "UTC"
    period = period_of(asked.period, asked.as_of)
    (begin, end), (first, _) = _bounds(period, zone), _bounds(_before(period), zone)
    said = store.communications(provider=asked.provider)
    matters = store.matters(first - REPEAT_WITHIN, min(end, asked.as_of), provider=asked.provider)
    source = _Source(asked, documents, agreements, tuple(matters), tuple(said), zone)
    claims = tuple((one, found) for one in agreements for found in source.credits(one, begin, end))
    sheet = Sheet(
        provider=asked.provider,
        period=period.name,
        look=source.look(begin, end),
        before=source.look(first, begin),
        credits=tuple(found for _, found in claims),
        cards=tuple(store.cards(asked.provider, end)),
        weights=asked.weights or WEIGHTS,
    )
    return Pack(sheet, tuple(said), provider.contacts, claims)


def period_of(name: str | None, as_of: datetime) -> ReviewPeriod:
    """Return a period by its name; without one the quarter before that of as-of.

    Raises:
        MeetingError: if it is none.
    """
    if name is None:
        return _before(ReviewPeriod.containing("quarter", as_of.date()))
    try:
        return ReviewPeriod.parse(name)
    except ValueError as error:
        raise MeetingError(str(error)) from error


def _before(period: ReviewPeriod) -> ReviewPeriod:
    """Return the period of the same kind that ends where this one begins."""
    return ReviewPeriod.containing(period.every, period.first - timedelta(days=1))


def _bounds(period: ReviewPeriod, zone: str) -> tuple[datetime, datetime]:
    return midnight(period.first, zone), midnight(period.until, zone)


@dataclass(frozen=True)
class _Source:
    """What was read, to be looked at by period."""

    asked: Asked
    documents: Documents
    agreements: Sequence[Agreement]
    matters: tuple[Matter, ...]
    communications: tuple[Communication, ...]
    zone: str

    def look(self, begin: datetime, end: datetime) -> Lookback:
        """Return the provider over a period."""
        as_of = self.asked.as_of
        owed = [review for one in self.agreements for review in reviews(one, self.communications, as_of)]
        found = [
            one
            for agreement in self.agreements
            for one in available_in(agreement, self._months(begin, end), self.matters, as_of)
        ]
        return Lookback(
            self.asked.provider, begin, end, as_of, self.matters, self.documents, tuple(owed), tuple(found)
        )  # fmt: skip

    def credits(self, agreement: Agreement, begin: datetime, end: datetime) -> Iterable[Credit]:
        """Return what the months of a period pay back."""
        return credits_of(agreement, self._months(begin, end), self.matters, self.asked.as_of)

    def _months(self, begin: datetime, end: datetime) -> tuple[Month, ...]:
        """Return the months that end within a period; a week has at most one."""
        every = months_between(begin, end, self.zone)
        return tuple(one for one in every if begin < one.bounds(self.zone)[1] <= end)
