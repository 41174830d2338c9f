"""The promise ledger as people read it: each promise with its phrase, who corrected it, what came of it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.agreement import AgreementVersion
from models.documents import Documents
from models.fact import fact_of
from models.figures import ENOUGH, percentile
from models.incident import Subject
from models.instants import format_instant
from models.notice import Kind, Notice
from models.promises import Keeping, Promise, ledger
from models.records import Basis

JUDGED = (Keeping.KEPT, Keeping.LATE, Keeping.BROKEN)


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """One promise on one basis, with what was said."""

    promise: Promise
    notice: Notice | None
    """In which it was made; None where that can't be told."""
    correction: Notice | None = None

    @property
    def phrase(self) -> str | None:
        """The words that it was read from; None where the feed has a field for it."""
        return None if self.notice is None else self.notice.phrase

    @property
    def corrected_by(self) -> str | None:
        """Who corrected it: a contact, else the feed that the correction came by."""
        return None if self.correction is None else self.correction.person or self.correction.source

    def line(self) -> dict[str, Any]:
        """Return its JSON object: instants RFC 3339 in UTC, absent is null."""
        one, said = self.promise, self.notice
        return {
            "notice_id": one.made.notice_id,
            "source": None if said is None else said.source,
            "source_incident_id": None if said is None else said.source_incident_id,
            "basis": one.basis.value,
            "of": one.of,
            "said_at": format_instant(one.made.earliest),
            "phrase": self.phrase,
            "person": None if said is None else said.person,
            "identity": None if said is None else said.identity,
            "promised_at": format_instant(one.promised_at),
            "keeping": one.keeping.value,
            "fulfilled_at": _text(None if one.fulfilled is None else one.fulfilled.earliest),
            "late_by_s": None if one.late_by is None else one.late_by.total_seconds(),
            "original_at": _text(one.original_at),
            "corrected_by": self.corrected_by,
            "correction_id": one.corrected_by,
        }


def promise_lines(
    notices: Iterable[Notice], version: AgreementVersion, as_of: datetime, bases: Sequence[Basis] = (Basis.AGREED,)
) -> tuple[PromiseLine, ...]:
    """Return the promises of one incident with their words, in the order in which they fall due.

    Args:
        notices: of the incident, any order, copies allowed.
        version: of the agreement that it is judged by.
        as_of: how far the world has run; UTC.
        bases: on which.
    """
    known: Mapping[str, Notice] = {one.notice_id: one for one in notices}
    found = ledger((fact_of(one) for one in known.values()), version, as_of)
    lines = [
        PromiseLine(one, known.get(one.made.notice_id or ""), known.get(one.corrected_by or ""))
        for one in found
        if one.basis in bases
    ]
    return tuple(sorted(lines, key=lambda one: (one.promise.promised_at, one.promise.made.order, one.promise.basis)))


def promises_of(
    incident_id: str, provider: str, notices: Iterable[Notice], documents: Documents, as_of: datetime
) -> tuple[PromiseLine, ...] | None:
    """Return the promises of one incident on all bases, judged by the agreement in force at its start.

    Args:
        incident_id: of the incident.
        provider: whose it is.
        notices: of the incident and its hazards, any order.
        documents: in force.
        as_of: how far the world has run; UTC.

    Returns:
        None where no agreement was in force: then nobody can say what counts.

    Raises:
        AmbiguousAgreementError: if two agreements fit equally well.
    """
    told = [one for one in notices if one.kind in (Kind.INCIDENT, Kind.MAINTENANCE)]
    facts = [fact_of(one) for one in told]
    last = max((fact.received_at for fact in facts), default=as_of)
    subject = Subject.of(incident_id, provider, facts, last)
    contract = None if subject is None else subject.contract(documents)
    return None if contract is None else promise_lines(told, contract.version, as_of, tuple(Basis))


def rates(lines: Iterable[PromiseLine], basis: Basis = Basis.AGREED) -> dict[str, Any]:
    """Return what became of the promises on a basis, as the JSON object of ``holdfast promises --json``.

    Below five that are judged there is no share and no length (measurement.md §11).
    """
    mine = [one.promise for one in lines if one.promise.basis is basis]
    counts = Counter(one.keeping for one in mine)
    judged = sum(counts[one] for one in JUDGED)
    late = [one.late_by.total_seconds() for one in mine if one.late_by is not None]
    return {
        "basis": basis.value,
        "promises": len(mine),
        "n": judged,
        **{keeping.value: counts[keeping] for keeping in Keeping},
        "kept_share": counts[Keeping.KEPT] / judged if judged >= ENOUGH else None,
        "late_by_median_s": percentile(late, 0.5),
        "late_by_p90_s": percentile(late, 0.9),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
