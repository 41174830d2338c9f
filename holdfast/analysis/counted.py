"""Clocks as cases that statistics count: how long, against what, how it ended, and which cases are alike. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.agreement import AgreementVersion
from models.clocks import measure
from models.documents import Documents
from models.figures import CENSORED
from models.instants import format_instant
from models.matter import Matter
from models.reading import Reading
from models.records import Basis, ClockDocument, Objective, Verdict


class Ending(StrEnum):
    """What became of a case, as far as statistics care."""

    MET = "met"
    BREACHED = "breached"
    CENSORED = "censored"
    """Still running as of the instant."""
    INDETERMINATE = "indeterminate"
    LEFT_OUT = "left_out"
    """Cancelled, excluded, not applicable."""


_ENDINGS = {
    Verdict.MET: Ending.MET,
    Verdict.BREACHED: Ending.BREACHED,
    Verdict.INDETERMINATE: Ending.INDETERMINATE,
    **dict.fromkeys(CENSORED, Ending.CENSORED),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One clock as a case."""

    clock_id: str
    provider: str
    services: tuple[str, ...]
    priority: str | None
    objective: Objective
    basis: Basis
    began_at: datetime
    """The clock's own time: it counts in that month."""
    ending: Ending
    length_s: float | None
    """Of a case that ended, at most; of one that runs, at least and as of the instant. None where nobody can say."""
    target_s: float
    under_hazard: bool
    metric: str
    """Equal where lengths were measured alike: same calendar, same evidence, same pauses."""

    @property
    def is_judged(self) -> bool:
        """Met or breached."""
        return self.ending in (Ending.MET, Ending.BREACHED)


def counted(matters: Iterable[Matter], documents: Documents, as_of: datetime) -> Iterator[Counted]:
    """Yield every clock that had begun by an instant, as a case.

    What stopped later still ran then: such clocks, and those that run now, are measured anew as of the instant.

    Args:
        matters: incidents, each once; clocks in their newest revision count.
        documents: the agreements that they were judged by.
        as_of: how far the world has run; UTC.
    """
    metrics = Metrics(documents)
    for matter in matters:
        newest = _newest(matter.clocks)
        going = [one for one in newest if _goes(one, as_of)]
        version = pinned(matter, documents) if going else None
        readings = {} if version is None else _measured(matter, version, as_of)
        for clock in newest:
            if clock.occurred_at() < as_of:
                yield _case(clock, matter, readings.get(_name(clock)), metrics, as_of)


def pinned(matter: Matter, documents: Documents) -> AgreementVersion | None:
    """Return the version that an incident is judged by; None where it is not among the documents."""
    agreement = documents.agreements.get(matter.incident.agreement or "")
    return None if agreement is None else matter.version(agreement)


def _newest(clocks: Iterable[ClockDocument]) -> list[ClockDocument]:
    known: dict[str, ClockDocument] = {}
    for clock in clocks:
        before = known.get(clock.clock_id)
        if before is None or before.revision < clock.revision:
            known[clock.clock_id] = clock
    return sorted(known.values(), key=lambda one: one.clock_id)


def _goes(clock: ClockDocument, as_of: datetime) -> bool:
    return clock.verdict in CENSORED or (clock.stopped_at is not None and clock.stopped_at > as_of)


def _measured(matter: Matter, version: AgreementVersion, as_of: datetime) -> dict[tuple[str, str, int], Reading]:
    readings = measure(matter.facts, version, as_of)
    return {(one.objective.value, one.basis.value, one.ordinal): one for one in readings}


def _name(clock: ClockDocument) -> tuple[str, str, int]:
    return (clock.objective.value, clock.basis.value, clock.ordinal)


def _case(
    clock: ClockDocument, matter: Matter, reading: Reading | None, metrics: "Metrics", as_of: datetime
) -> Counted:  # fmt: skip
    if _goes(clock, as_of):
        ending, length_s = Ending.CENSORED, _so_far(reading)
    else:
        ending, length_s = _ENDINGS.get(clock.verdict, Ending.LEFT_OUT), clock.elapsed_max_s
    return Counted(
        clock_id=clock.clock_id,
        provider=clock.provider,
        services=clock.services,
        priority=clock.priority,
        objective=clock.objective,
        basis=clock.basis,
        began_at=clock.occurred_at(),
        ending=ending,
        length_s=length_s,
        target_s=clock.target_s,
        under_hazard=bool(matter.incident.exposures),
        metric=metrics.of(clock),
    )


def _so_far(reading: Reading | None) -> float | None:
    """Return how long a clock has run at least; None where it can't be told."""
    if reading is None or reading.verdict not in CENSORED or reading.elapsed is None:
        return None
    return reading.elapsed.least.total_seconds()


class Metrics:
    """How each version of an agreement measures; versions that differ in targets only measure alike."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[tuple[str, str, Objective, str | None], str] = {}

    def of(self, clock: ClockDocument) -> str:
        """Return the name of the way in which a clock was measured."""
        key = (clock.agreement, clock.agreement_version, clock.objective, clock.priority)
        if key not in self._known:
            self._known[key] = self._name(*key)
        return self._known[key]

    def _name(self, agreement: str, version: str, objective: Objective, priority: str | None) -> str:
        found = self._documents.agreements.get(agreement)
        one = next((one for one in found.versions if one.version == version), None) if found is not None else None
        if one is None or found is None:
            return f"{agreement}/{version}"
        alike = [
            other for other in found.versions if _terms(other, objective, priority) == _terms(one, objective, priority)
        ]
        return f"{agreement}/{min(format_instant(other.begins_at()) for other in alike)}"


def _terms(version: AgreementVersion, objective: Objective, priority: str | None) -> tuple[object, ...]:
    """Return everything but the target that a length of one objective depends on."""
    target = next((one for one in version.targets if one.objective is objective), None)
    name = None if target is None else target.calendars_by_priority.get(priority or "", target.calendar)
    return (
        None if name is None else (version.timezone, version.calendars[name]),
        version.evidence,
        version.pauses_for(objective),
        version.stability,
        version.reopen,
        version.exclusions,
        version.priority_change,
    )
