"""Availability and credits of the same history under two agreements, month by month. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from holdfast.availing import troubles
from holdfast.backtesting import Track
from holdfast.measuring import Gathered, Question
from holdfast.supposing import Draft, nearest
from models.agreement import Agreement
from models.availability import Availability, Evidence, Side, availability
from models.correlation import span_of
from models.credits import NOTHING, credit
from models.downtime import ZERO
from models.fact import Fact, Member
from models.failures import Trouble
from models.months import Month, Period, periods

MARGIN = timedelta(days=2)
"""Around a month, so that its bounds in any zone lie inside."""


@dataclass(frozen=True)
class MonthOfService:
    """One service in one month under both sides; None where a side promises nothing or no service was owed."""

    month: Month
    part: int
    """Of the month, from 0: more than one where a version ends within it."""
    service: str
    a_percent: Decimal | None
    b_percent: Decimal | None
    a_downtime_s: Decimal | None
    b_downtime_s: Decimal | None

    def line(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
        return {
            "kind": "availability",
            "month": str(self.month),
            "part": self.part,
            "service": self.service,
            "a_percent": _number(self.a_percent),
            "b_percent": _number(self.b_percent),
            "a_downtime_s": None if self.a_downtime_s is None else float(self.a_downtime_s),
            "b_downtime_s": None if self.b_downtime_s is None else float(self.b_downtime_s),
        }


@dataclass(frozen=True)
class MonthOfCredit:
    """What both sides would have paid back for one month, in one currency."""

    month: Month
    currency: str
    a: Decimal
    b: Decimal

    def line(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
        return {
            "kind": "credit",
            "month": str(self.month),
            "currency": self.currency or None,
            "a_credit": str(self.a),
            "b_credit": str(self.b),
        }


@dataclass(frozen=True)
class Months:
    """What the months come to; only those in which the sides differ are told one by one."""

    services: tuple[MonthOfService, ...]
    credits: tuple[MonthOfCredit, ...]

    def words(self) -> str | None:
        """Return the difference in money in a sentence; None where neither side pays any credit."""
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])
        for one in self.credits:
            sums[one.currency][0] += one.a
            sums[one.currency][1] += one.b
        if not sums:
            return None
        told = [f"{b} instead of {a} {currency}".rstrip() for currency, (a, b) in sorted(sums.items())]
        return f"B would have paid back {', '.join(told)} in {len({one.month for one in self.credits})} months."


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def compare_months(
    question: Question, gathered: Gathered, sides: tuple[Draft, Draft], as_of: datetime, track: Track
) -> Months:
    """Measure each month of the history under both sides, up to ``as_of``, by the agreed figure.

    Where no version of a side was in force, the nearest in time governs the whole month.
    """
    agreements = [draft.agreements(question.provider) for draft in sides]
    promised = [[one for one in side if any(version.availability for version in one.versions)] for side in agreements]
    found = [(trouble, *_reach(trouble)) for trouble in troubles(question, gathered.notices)]
    if not found or not any(promised):
        return Months((), ())
    months = list(_months(min(begin for _, begin, _ in found), as_of))
    services: dict[tuple[Month, int, str], list[Availability | None]] = {}
    money: dict[tuple[Month, str], list[Decimal]] = {}
    paid: dict[tuple[int, str, int], Decimal] = defaultdict(lambda: NOTHING)
    for month in track(months, "months"):
        begin, end = month.bounds("UTC")
        near = tuple(one for one, since, to in found if since < end + MARGIN and (to is None or to > begin - MARGIN))
        for index, side in enumerate(promised):
            for agreement in side:
                for number, part in enumerate(_measured(agreement, month, Evidence(near), as_of)):
                    for one in part:
                        services.setdefault((month, number, one.promise.service), [None, None])[index] = one
                    _pay(money, paid, index, agreement, part, as_of)
    return Months(
        tuple(_service(key, *pair) for key, pair in sorted(services.items(), key=lambda entry: entry[0])),
        tuple(MonthOfCredit(*key, *pair) for key, pair in sorted(money.items())),
    )


def _reach(trouble: Trouble) -> tuple[datetime, datetime | None]:
    """Return between which instants a trouble may have lasted by anybody's word; None while it lasts.

    When a statement was received says something of the world only where we had looked before: history that is read
    years later did not last for years.
    """
    members: dict[Member, list[Fact]] = {}
    for fact in trouble.facts:
        members.setdefault(fact.member, []).append(fact)
    spans = [span_of(member, facts) for member, facts in members.items()]
    begin = min(one.begin for one in spans)
    if any(one.end is None for one in spans):
        return begin, None
    seen = [fact.received_at for fact in trouble.facts if fact.received_after is not None]
    told = [at for fact in trouble.facts for at in (fact.spoken_at, fact.claimed_end_at) if at is not None]
    return begin, max([*seen, *told, *(one.end for one in spans if one.end is not None)])


def _months(begin: datetime, as_of: datetime) -> Iterator[Month]:
    month, last = Month(begin.year, begin.month), Month(as_of.year, as_of.month)
    while month <= last:
        yield month
        month = month.following


def _measured(agreement: Agreement, month: Month, evidence: Evidence, as_of: datetime) -> Iterator[list[Availability]]:
    """Yield the services of each part of a month; the maintenance allowance is used up across the parts."""
    used: dict[str, timedelta] = {}
    for part in periods(agreement, month) or (_supposed(agreement, month),):
        if as_of <= part.span[0]:
            continue
        found = []
        for promise in part.version.availability:
            one = availability(evidence, part, promise, as_of, used.get(promise.service, ZERO))
            used[promise.service] = one.allowance_used
            found.append(one)
        if found:
            yield found


def _supposed(agreement: Agreement, month: Month) -> Period:
    version = nearest(agreement, month.bounds("UTC")[0])
    return Period(month, version, month.bounds(version.timezone))


def _pay(
    money: dict[tuple[Month, str], list[Decimal]],
    paid: dict[tuple[int, str, int], Decimal],
    index: int,
    agreement: Agreement,
    part: Sequence[Availability],
    as_of: datetime,
) -> None:
    """Add the credit of one part of a month; a yearly cap counts years from the agreement's first month."""
    month = part[0].period.month
    first = min(version.effective_from for version in agreement.versions)
    year = ((month.year - first.year) * 12 + month.number - first.month) // 12
    found = credit(part, as_of, paid[index, agreement.id, year])
    if found is None:
        return
    paid[index, agreement.id, year] += found.amount
    money.setdefault((month, found.currency or ""), [NOTHING, NOTHING])[index] += found.amount


def _service(key: tuple[Month, int, str], a: Availability | None, b: Availability | None) -> MonthOfService:
    figures = [None if one is None else one.figures[Side.AGREED] for one in (a, b)]
    percents = [None if one is None else one.percent for one in figures]
    downtimes = [None if one is None else one.downtime_s for one in figures]
    return MonthOfService(*key, percents[0], percents[1], downtimes[0], downtimes[1])


def differing(found: Iterable[MonthOfService]) -> list[MonthOfService]:
    """Return the months in which the two sides do not say the same."""
    return [one for one in found if one.a_percent != one.b_percent]
