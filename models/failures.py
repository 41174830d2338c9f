"""When the incidents of one service failed it, and how badly: from facts to plain downtime. Pure.

The outages are those of the restore clock: same evidence rules, same stability window; a quiet gap between an outage
and its return is no downtime (measurement.md §7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from models.agreement import AgreementVersion
from models.claims import claims_of
from models.clauses import AvailabilitySpec
from models.downtime import Down, Span, gaps
from models.episode import ENDING, Case, speaking, start_of
from models.fact import Fact
from models.instants import EARLIEST
from models.moment import Moment
from models.notice import Kind, Phase
from models.outage import Outage, outages, settle, until
from models.priority import Scale
from models.records import Basis

WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One incident or maintenance of the provider, as it is known."""

    incident_id: str
    kind: Kind
    services: tuple[str, ...]
    """Empty means all."""
    facts: tuple[Fact, ...]

    def concerns(self, service: str) -> bool:
        """Return whether it is about a service."""
        return not self.services or service in self.services


@dataclass(frozen=True, slots=True)
class Failure:
    """Downtime of one service by one incident: what is certain, and what there was at most."""

    certain: tuple[Down, ...]
    possible: tuple[Down, ...]


def failure(
    trouble: Trouble, version: AgreementVersion, promise: AvailabilitySpec, basis: Basis, as_of: datetime
) -> Failure:
    """Return the downtime of one incident on a basis, before any maintenance is excused.

    Args:
        trouble: an incident or a maintenance that concerns the promise's service.
        version: whose evidence rules, priorities and exclusions apply.
        promise: the service and its weights.
        basis: whose times; on ``claimed`` and ``agreed`` the exclusion claims that count there are taken out.
        as_of: what still lasts, lasts until then.
    """
    case = Case.of(trouble.facts)
    found = () if called_off(case, as_of) else _found(trouble, case, version, basis, as_of)
    if not found:
        return Failure((), ())
    window = version.stability
    sure = [_bounds(one, as_of, certain=True) for one in settle(found, window, doubtful=False)]
    most = [_bounds(one, as_of, certain=False) for one in settle(found, window, doubtful=True)]
    excused = [
        (claim.begin or EARLIEST, as_of if claim.end is None else claim.end)
        for claim in claims_of(case, version, basis, as_of)
        if claim.counts_on(basis) and (not claim.services or promise.service in claim.services)
    ]
    scales = _weights(trouble, version, promise, basis)
    return Failure(
        tuple(_weighed(trouble.incident_id, sure, excused, scales)),
        tuple(_weighed(trouble.incident_id, most, excused, scales)),
    )


def _found(
    trouble: Trouble, case: Case, version: AgreementVersion, basis: Basis, as_of: datetime
) -> tuple[Outage, ...]:  # fmt: skip
    if trouble.kind is Kind.MAINTENANCE:
        start = work_began(case, version, basis)
    else:
        start = start_of(case, basis, version.evidence)
    if start is None or start.earliest > as_of:
        return ()
    return until(outages(case, basis, version.evidence, start), as_of)


def called_off(case: Case, as_of: datetime) -> bool:
    """Return whether the provider had called it a false alarm, a duplicate or cancelled by an instant."""
    return case.said_by(as_of).is_cancelled


def work_began(case: Case, version: AgreementVersion, basis: Basis) -> Moment | None:
    """Return when maintenance began: when it was said to be in progress.

    Where the provider only says that it is over, it began as announced; where it says neither, it has not begun.
    """
    for word in case.spoken:
        if word.phase is Phase.ENGAGED:
            return speaking(word, basis, version.evidence)
        if word.phase in ENDING:
            return case.claimed_begin()
    return None


def _bounds(outage: Outage, as_of: datetime, *, certain: bool) -> Span:
    begin, end = outage.begin, outage.end
    if certain:
        return begin.latest or begin.earliest, as_of if end is None else end.earliest
    return begin.earliest, as_of if end is None or end.latest is None else min(end.latest, as_of)


def _weighed(
    incident_id: str, spans: Iterable[Span], excused: list[Span], steps: list[tuple[datetime, Decimal]]
) -> Iterable[Down]:  # fmt: skip
    """Yield what is left of the spans after the excused ones, cut where the weight changes."""
    for span in spans:
        for begin, end in gaps(excused, span):
            edges = sorted({begin, end, *(at for at, _ in steps[1:] if begin < at < end)})
            for low, high in pairwise(edges):
                weight = [weight for at, weight in steps[1:] if at <= low][-1:] or [steps[0][1]]
                if weight[0] > 0:
                    yield Down(low, high, weight[0], incident_id)


def _weights(
    trouble: Trouble, version: AgreementVersion, promise: AvailabilitySpec, basis: Basis
) -> list[tuple[datetime, Decimal]]:
    """Return from when on which weight counts, at least one; the first holds from the beginning."""
    if not promise.weights:
        return [(EARLIEST, WHOLE)]
    weights = {word.lower(): weight for word, weight in promise.weights.items()}
    words = {fact.severity.lower() for fact in trouble.facts if fact.severity}
    known = {word for word in words if version.priority_of(word) is not None}
    if not known:
        named = [weights[word] for word in words if word in weights]
        lowest = _of_priority(list(version.priorities)[-1], version, weights)
        return [(EARLIEST, max(named, default=WHOLE if trouble.kind is Kind.MAINTENANCE else lowest))]
    if trouble.kind is Kind.MAINTENANCE:
        priorities = [version.priority_of(word) or "" for word in known]
        return [(EARLIEST, max(_of_words(name, known, version, weights) for name in priorities))]
    rises = Scale.of(trouble.facts, version, basis).rises
    steps = [(rise.at, _of_words(rise.priority, known, version, weights)) for rise in rises]
    return steps or [(EARLIEST, _of_priority(list(version.priorities)[-1], version, weights))]


def _of_words(priority: str, words: set[str], version: AgreementVersion, weights: dict[str, Decimal]) -> Decimal:
    """Take the weight of the very word that was said, else that of another word of its priority."""
    said = [weights[word] for word in words if word in weights and version.priority_of(word) == priority]
    return max(said) if said else _of_priority(priority, version, weights)


def _of_priority(priority: str, version: AgreementVersion, weights: dict[str, Decimal]) -> Decimal:
    return max(
        (weight for word, weight in weights.items() if version.priority_of(word) == priority), default=Decimal(0)
    )
