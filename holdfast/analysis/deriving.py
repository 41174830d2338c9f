"""From evidence to the derived documents. Pure: the same evidence and as-of give the same documents, in one order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from holdfast.analysis.counted import Counted, counted, pinned
from holdfast.analysis.days import availability_days, lasting
from holdfast.analysis.evidence import Evidence
from holdfast.analysis.hazards import hazards
from holdfast.analysis.rates import Rates, rates_of, tried_by
from holdfast.analysis.scorecards import Scope, scorecards
from holdfast.analysis.trends import month_of
from models.derived import PromiseDocument
from models.document import Document
from models.ids import stable_id
from models.instants import format_instant
from models.matter import Matter
from models.notice import Kind, Notice
from models.promise_lines import PromiseLine, promise_lines
from models.records import Basis
from models.timeline_entries import timeline_entries


def derive(evidence: Evidence, as_of: datetime) -> Iterator[Document]:
    """Yield everything that is computed from evidence: a provider after the other, then the hazards.

    Args:
        evidence: of all providers that are to be compared, unless it brings their rates.
        as_of: how far the world has run; UTC.
    """
    rates = evidence.rates or rates_of(tried_by(cases_of(evidence, as_of)))
    for provider, part in evidence.by_provider():
        yield from of_provider(provider, part, rates, as_of)
    yield from hazards(evidence.notices, touched_by(evidence.standing), as_of)


def of_provider(provider: str, evidence: Evidence, rates: Rates, as_of: datetime) -> Iterator[Document]:
    """Yield the documents of one provider, all but hazards, which concern several.

    Args:
        provider: its id.
        evidence: of this provider only.
        rates: of all providers.
        as_of: how far the world has run; UTC.
    """
    cases = cases_of(evidence, as_of)
    scope = _scope(provider, evidence, cases, as_of)
    yield from scorecards(cases, rates, scope)
    troubles = lasting(evidence.standing)
    for agreement in evidence.documents.agreements.values():
        if agreement.provider == provider:
            yield from availability_days(agreement, troubles, (scope.begin, scope.end), as_of)
    notices = _by_member(evidence.notices)
    for matter in evidence.standing:
        told = [one for name in matter.incident.members for one in notices[name]]
        yield from _promises(matter, told, evidence, as_of)
        over = [one for name in matter.incident.exposures for one in notices[name]]
        yield from timeline_entries(matter, [*told, *over], evidence.communications)


def cases_of(evidence: Evidence, as_of: datetime) -> tuple[Counted, ...]:
    """Return the clocks of some evidence as cases, those that began within its period."""
    begin, end = evidence.begin, evidence.end
    return tuple(
        one
        for one in counted(evidence.standing, evidence.documents, as_of)
        if (begin is None or begin <= one.began_at) and (end is None or one.began_at < end)
    )


def touched_by(matters: Iterable[Matter]) -> dict[str, set[str]]:
    """Return the ids of the incidents that each hazard touched."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in matters:
        for name in one.incident.exposures:
            found[name].add(one.incident.incident_id)
    return found


def _scope(provider: str, evidence: Evidence, cases: Sequence[Counted], as_of: datetime) -> Scope:
    """Return the period: as asked for, else from the month of the first case or incident."""
    started = [one.incident.started_at for one in evidence.standing if one.incident.started_at < as_of]
    first = min((one.began_at for one in cases), default=min(started, default=as_of))
    signed = [
        version.begins_at()
        for agreement in evidence.documents.agreements.values()
        for version in agreement.versions
        if agreement.provider == provider
    ]
    return Scope(
        provider=provider,
        begin=evidence.begin or month_of(first),
        end=evidence.end or as_of,
        as_of=as_of,
        joined_at=min(signed, default=first),
    )


def _by_member(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = defaultdict(list)
    for one in notices:
        found[f"{one.source}/{one.source_incident_id}"].append(one)
    return found


def _promises(
    matter: Matter, notices: Iterable[Notice], evidence: Evidence, as_of: datetime
) -> Iterator[PromiseDocument]:  # fmt: skip
    version = pinned(matter, evidence.documents)
    if version is None:
        return
    told = [one for one in notices if one.kind is Kind.INCIDENT]
    for line in promise_lines(told, version, as_of, tuple(Basis)):
        yield _promise(matter, line)


def _promise(matter: Matter, line: PromiseLine) -> PromiseDocument:
    one, incident = line.promise, matter.incident
    named = (one.basis.value, one.of, one.made.notice_id, format_instant(one.promised_at))
    return PromiseDocument(
        promise_id=stable_id("promise", incident.incident_id, *named),
        incident_id=incident.incident_id,
        provider=incident.provider,
        services=incident.services,
        priority=incident.priority,
        notice_id=one.made.notice_id,
        basis=one.basis,
        of=one.of,
        said_at=one.made.earliest,
        promised_at=one.promised_at,
        fulfilled_at=None if one.fulfilled is None else one.fulfilled.earliest,
        keeping=one.keeping,
        late_s=None if one.late_by is None else one.late_by.total_seconds(),
        phrase=line.phrase,
    )
