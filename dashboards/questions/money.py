"""The question of minutes lost and what is owed for them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dashboards.questions.asking import (
    AS_OF,
    THE_PROVIDER,
    Asked,
    Found,
    Question,
    Steps,
    between,
    either,
    every,
    references,
    said,
)
from dashboards.questions.finding import Lookup, read
from models.agreement import Agreement
from models.availability import Availability, Evidence
from models.credits import Credit
from models.documents import Documents
from models.downtime import Span
from models.fact import Fact, fact_of
from models.failures import Trouble
from models.instants import EARLIEST
from models.monthly import available, credited
from models.months import Month, periods
from models.notice import Flag, Kind, Notice
from models.questions import Column, Input, InputKind, QuestionDescription, QuestionError
from models.records import IncidentDocument, IncidentStatus

MEMBERS_AT_ONCE = 500
"""Source incidents in one search for their notices."""
INCIDENTS_AT_MOST = 2_000
"""Incidents of one month that are counted, the latest first."""
MONTH = Input("month", InputKind.WORD, "Calendar month in the contract's zone, such as 2026-05.")


def _minutes_lost(asked: Asked) -> Steps:
    provider, as_of = asked.text("provider"), asked.instant("as_of")
    month = _month(asked)
    agreements = _agreements(asked.known(), provider)
    begin, end = _bounds(agreements, month)
    touching = either(
        {"range": {"last_notice_at": {"gte": said(begin)}}},
        {"bool": {"must_not": [{"terms": {"status": ["resolved", "closed", "cancelled"]}}]}},
    )
    merged = {"term": {"status": IncidentStatus.MERGED.value}}
    wanted = [{"term": {"provider": provider}}, between("started_at", EARLIEST, end), touching]
    query = {"bool": {"filter": wanted, "must_not": [merged]}}
    found = yield from read(IncidentDocument, "incidents", query, "-@timestamp", "incident_id")
    counted = found[:INCIDENTS_AT_MOST]
    said_of = yield from _facts(counted)
    evidence = Evidence(tuple(_troubles(counted, said_of)))
    months = [(one, list(available(evidence, periods(one, month), as_of))) for one in agreements]
    rows = tuple(row for one, parts in months for row in _lost_rows(one, parts, list(credited(parts, as_of))))
    note = None if rows else "no agreement in force that month promises availability"
    if len(counted) < len(found):
        note = f"the latest {len(counted)} incidents were counted, there are more"
    return Found(rows, references("incidents", (one.incident_id for one in counted)), note=note)


def _month(asked: Asked) -> Month:
    try:
        return Month.parse(asked.text("month"))
    except ValueError as error:
        raise QuestionError(f"month: {error}") from error


def _agreements(documents: Documents, provider: str) -> list[Agreement]:
    """Return the provider's agreements, by id.

    Raises:
        QuestionError: if there is none.
    """
    found = sorted((one for one in documents.agreements.values() if one.provider == provider), key=lambda one: one.id)
    if not found:
        there = ", ".join(sorted({one.provider for one in documents.agreements.values()})) or "nobody"
        raise QuestionError(f"no agreement with {provider!r} is in force; there are agreements with {there}")
    return found


def _bounds(agreements: Iterable[Agreement], month: Month) -> Span:
    """Return the earliest begin and the latest end of a month in the agreements' zones."""
    spans = [month.bounds(version.timezone) for one in agreements for version in one.versions]
    return min(begin for begin, _ in spans), max(end for _, end in spans)


def _facts(incidents: Sequence[IncidentDocument]) -> Lookup[dict[str, list[Fact]]]:
    """Find what was said under each member, ``source/source_incident_id``; tests are left out."""
    names = sorted({name for one in incidents for name in one.members})
    found: dict[str, list[Fact]] = {}
    for start in range(0, len(names), MEMBERS_AT_ONCE):
        sources, _, own_ids = zip(
            *(name.partition("/") for name in names[start : start + MEMBERS_AT_ONCE]), strict=True
        )
        query = every(
            {"terms": {"source": sorted(set(sources))}},  # other providers may count their incidents alike
            {"terms": {"source_incident_id": sorted(set(own_ids))}},
            {"terms": {"kind": ["incident", "maintenance"]}},
        )
        for one in (yield from read(Notice, "notices", query, "received_at", "notice_id")):
            if Flag.TEST not in one.flags:
                found.setdefault(f"{one.source}/{one.source_incident_id}", []).append(fact_of(one))
    return found


def _troubles(incidents: Iterable[IncidentDocument], said_of: dict[str, list[Fact]]) -> Iterator[Trouble]:
    for one in incidents:
        facts = tuple(fact for name in one.members for fact in said_of.get(name, ()))
        if facts:
            yield Trouble(one.incident_id, Kind(one.kind), one.services, facts)


def _lost_rows(
    agreement: Agreement, parts: Iterable[Sequence[Availability]], owed: Sequence[Credit]
) -> Iterator[tuple[Any, ...]]:
    by_version = {one.period.version.version: one for one in owed}
    for part in parts:
        for one in part:
            version = one.period.version
            credit = by_version.get(version.version)
            lines = credit.lines if credit is not None else ()
            amount = next(
                (str(line.amount) for line in lines if line.found.promise.service == one.promise.service), None
            )
            yield (
                agreement.id, version.version, one.promise.service, float(one.agreed.downtime_s) / 60,
                float(one.agreed.possible_s) / 60, _text(one.agreed.percent), str(one.promise.objective),
                one.agreed.verdict(one.promise.objective), one.is_final, amount,
                None if credit is None else str(credit.amount), version.currency,
                None if credit is None else said(credit.claim_by),
            )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else format(value, "f")


MINUTES_LOST = Question(
    QuestionDescription(
        "minutes-lost",
        "How many minutes of a month were lost, and what is owed for them?",
        (
            THE_PROVIDER,
            MONTH,
            AS_OF,
        ),
        (
            Column("agreement", "Agreement."),
            Column("version", "Its version that governed that part of the month."),
            Column("service", "Service."),
            Column("lost_min", "Downtime that counts for certain, weighted, on the agreed basis.", "min"),
            Column("lost_at_most_min", "The same in the worst case.", "min"),
            Column("percent", "Availability, rounded as the contract writes it.", "%"),
            Column("objective", "What was agreed.", "%"),
            Column("verdict", "`met`, `missed`, or `indeterminate` where only the worst case misses."),
            Column("is_final", "Whether that part of the month is over."),
            Column("credit", "Of this service, before caps and the minimum; in `currency`."),
            Column("owed", "By the agreement for that part of the month: all its services, after caps; in `currency`."),
            Column("currency", "ISO 4217."),
            Column("claim_by", "Last instant to claim at.", "instant"),
        ),
        "The provider's incidents and maintenances that touch the month, their notices, and the agreements in force.",
    ),
    _minutes_lost,
)

MONEY = (MINUTES_LOST,)
