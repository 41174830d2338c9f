"""Availability and credits of payloads, without servers: files and documents to figures. Pure.

``holdfast availability`` and ``holdfast credits`` read the files, ask this and print what it answers. The parsing and
the grouping into incidents are the engine's own; nothing is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from feeds.files import FileError
from feeds.series import FeedContext, replay
from holdfast.measuring import Question
from models.agreement import Agreement
from models.availability import Availability, Evidence, Figure, Side
from models.budget import Budget, budget
from models.correlation import groups, incident_id, span_of
from models.credits import NOTHING, Credit, Line
from models.downtime import Span, Stretch
from models.fact import Fact, Member, fact_of, join
from models.failures import Trouble
from models.instants import format_instant, seconds
from models.maintenance import excused_windows, why_not
from models.monthly import available
from models.monthly import credited as owed
from models.months import Month, Period, periods
from models.notice import Flag, Kind, Notice
from models.raw import RawPayload


@dataclass(frozen=True)
class Availed:
    """One service in the part of a month that one version governs."""

    agreement: Agreement
    found: Availability
    budget: Budget
    maintenances: tuple["Work", ...]

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast availability --json``: its keys and their order are part of the interface."""
        found, spent = self.found, self.budget
        return {
            "agreement": self.agreement.id,
            "agreement_version": found.period.version.version,
            "provider": self.agreement.provider,
            "service": found.promise.service,
            "month": str(found.period.month),
            "begin": format_instant(found.period.span[0]),
            "end": format_instant(found.period.span[1]),
            "as_of": format_instant(found.as_of),
            "is_final": found.is_final,
            "objective": str(found.promise.objective),
            "service_time_s": seconds(found.owed),
            "measured_time_s": seconds(found.owed_so_far),
            "verdict": found.agreed.verdict(found.promise.objective),
            **{side.value: _figure(found.figures[side]) for side in Side},
            "maintenance": [work.line() for work in self.maintenances],
            "allowance_used_s": seconds(found.allowance_used),
            "budget": _budget(spent),
        }


@dataclass(frozen=True)
class Work:
    """One maintenance and what of it is excused."""

    source_incident_id: str
    excused: tuple[Span, ...]
    reason: str | None

    def line(self) -> dict[str, Any]:
        """Return its part of the line."""
        return {
            "source_incident_id": self.source_incident_id,
            "excused": [_span(span) for span in self.excused],
            "reason": self.reason,
        }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "percent": _number(figure.percent),
        "percent_worst": _number(figure.worst),
        "downtime_s": float(figure.downtime_s),
        "downtime_worst_s": float(figure.possible_s),
        "incidents": _incidents(figure.stretches),
    }


def _incidents(stretches: Iterable[Stretch]) -> list[dict[str, Any]]:
    """Return the intervals that counted, each with the incidents that made it."""
    return [
        {**_span((one.begin, one.end)), "weight": str(one.weight), "incident_ids": list(one.incident_ids)}
        for one in stretches
    ]


def _span(span: Span) -> dict[str, str]:
    return {"begin": format_instant(span[0]), "end": format_instant(span[1])}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _budget(spent: Budget) -> dict[str, Any]:
    ahead = spent.next_tier
    return {
        "allowed_s": float(spent.allowed_s),
        "used_s": float(spent.used_s),
        "left_s": float(spent.left_s),
        "burn_rates": [
            {
                "long_s": seconds(burn.windows.long),
                "short_s": seconds(burn.windows.short),
                "threshold": str(burn.windows.threshold),
                "long_rate": _number(burn.long_rate),
                "short_rate": _number(burn.short_rate),
                "is_burning": burn.is_burning,
            }
            for burn in spent.burns
        ],
        "next_tier_below": None if ahead is None else str(ahead.tier.below),
        "next_tier_at": None if ahead is None else format_instant(ahead.at),
        "minutes_to_next_tier": None if ahead is None else seconds(ahead.after) / 60,
    }


@dataclass(frozen=True)
class Credited:
    """What one agreement pays back for one period."""

    agreement: Agreement
    credit: Credit
    as_of: datetime

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast credits --json``: its keys and their order are part of the interface."""
        found = self.credit
        return {
            "agreement": self.agreement.id,
            "agreement_version": found.period.version.version,
            "provider": self.agreement.provider,
            "month": str(found.period.month),
            "begin": format_instant(found.period.span[0]),
            "end": format_instant(found.period.span[1]),
            "as_of": format_instant(self.as_of),
            "currency": found.currency,
            "fee": str(found.fee),
            "services": [_credited(line) for line in found.lines],
            "sum": str(found.sum),
            "credit": str(found.amount),
            "limits": list(found.limits),
            "claim": found.state.value,
            "claim_by": None if found.claim_by is None else format_instant(found.claim_by),
        }


def _credited(line: Line) -> dict[str, Any]:
    figure = line.found.figures[line.side]
    return {
        "service": line.found.promise.service,
        "figure": line.side.value,
        "percent": _number(figure.percent),
        "tier_below": None if line.tier is None else str(line.tier.below),
        "tier_credit": None if line.tier is None else str(line.tier.credit),
        "credit": str(line.amount),
        "is_set_aside": line.set_aside,
        "attach": _incidents(figure.stretches),
    }


@dataclass(frozen=True)
class Availing:
    """What came of it; ``problems`` tells what could not be read, the rest was."""

    services: tuple[Availed, ...]
    credits: tuple[Credited, ...]
    problems: tuple[str, ...]


def avail(
    question: Question,
    month: Month,
    payloads: Iterable[RawPayload],
    refused: Sequence[FileError] = (),
    *,
    decisions: Iterable[RawPayload] = (),
    blind: Sequence[Span] = (),
    earlier: Decimal = NOTHING,
) -> Availing:
    """Measure a month of a provider's services.

    Args:
        question: what is asked; a what-if applies one version to the whole month.
        month: in each contract's own zone.
        payloads: sorted by ``received_at``.
        refused: files that are none; told among the problems.
        decisions: what our own people say of these incidents, in format ``statements``.
        blind: when we did not look: down in the worst case.
        earlier: what earlier months of the contract year have paid, for a yearly cap.

    Raises:
        UnknownNameError: if the question names what is not there.
    """
    supposed, context = question.supposed(), question.context()
    problems = [str(error) for error in refused]
    notices = _read(payloads, context, problems)
    notices += _read(decisions, replace(context, format="statements", zone=None), problems)
    evidence = Evidence(tuple(troubles(question, notices)), blind)
    services: list[Availed] = []
    credited: list[Credited] = []
    for agreement in question.documents.agreements.values():
        if agreement.provider != question.provider:
            continue
        if supposed is None:
            parts = periods(agreement, month)
        elif supposed.agreement.id == agreement.id:
            parts = (Period(month, supposed.version, month.bounds(supposed.version.timezone)),)
        else:
            continue
        found = list(available(evidence, parts, question.as_of))
        services += [_availed(agreement, one, evidence) for part in found for one in part]
        credited += [Credited(agreement, one, question.as_of) for one in owed(found, question.as_of, earlier)]
    return Availing(tuple(services), tuple(credited), tuple(problems))


def _read(payloads: Iterable[RawPayload], context: FeedContext, problems: list[str]) -> list[Notice]:
    notices: list[Notice] = []
    for followed in replay(payloads, context):
        problems += [f"{letter.name or '-'}: {letter.reason}: {letter.detail}" for letter in followed.problems]
        notices += followed.notices
    return notices


def troubles(question: Question, notices: Iterable[Notice]) -> Iterator[Trouble]:
    """Yield the provider's incidents and maintenances, grouped as the engine does; copies and order do not matter."""
    facts: dict[Member, dict[str, Fact]] = {}
    for notice in notices:
        known = question.known_at is None or notice.received_at <= question.known_at
        if known and notice.provider == question.provider and notice.kind in (Kind.INCIDENT, Kind.MAINTENANCE):
            fact = fact_of(notice)
            held = facts.setdefault(fact.member, {})
            held[fact.notice_id] = join(held.get(fact.notice_id), fact)
    spans = {member: span_of(member, held.values()) for member, held in facts.items()}
    for members in groups(spans):
        told = [fact for member in members for fact in facts[member].values() if Flag.TEST not in fact.flags]
        said = [fact for fact in told if not fact.is_witness] or told
        if told:
            services = tuple(sorted({service for fact in said for service in fact.services}))
            yield Trouble(incident_id(question.provider, members[0]), said[0].kind, services, tuple(told))


def _availed(agreement: Agreement, found: Availability, evidence: Evidence) -> Availed:
    version = found.period.version
    tiers = () if version.credits is None else version.credits.tiers
    return Availed(agreement, found, budget(found, tiers), tuple(_works(found, evidence)))


def _works(found: Availability, evidence: Evidence) -> Iterator[Work]:
    """Yield the maintenances of the service that have to do with the period."""
    begin, end = found.period.span
    for one in evidence.troubles:
        if one.kind is Kind.MAINTENANCE and one.concerns(found.promise.service):
            version, as_of = found.period.version, found.as_of
            spans = tuple(
                span for span in excused_windows(one.facts, version, as_of) if span[0] < end > begin < span[1]
            )
            during = span_of(one.facts[0].member, one.facts)
            if spans or (during.begin < end and (during.end is None or during.end > begin)):
                yield Work(one.facts[0].source_incident_id, spans, why_not(one.facts, version, as_of))
