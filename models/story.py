"""The story of one verdict: whose word its endpoints are, what counted and what did not, and by which clause. Pure.

Recomputes the reading by ``models.clocks``, so it can tell nothing else than the verdict did; what is told here is why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.agreement import Agreement, AgreementVersion
from models.case import clock_name
from models.clocks import measure
from models.episode import Case
from models.fact import Fact, collect
from models.limits import limit
from models.moment import Moment
from models.notice import Flag, Kind
from models.priority import Scale
from models.reading import Reading
from models.records import Objective
from models.spans import Span, spans
from models.stated import Stated, stated
from models.terms import TargetSpec

KINDEST = "the target is used up by the kindest reading too"
OPENS = "service hours begin again: from here on it is overdue"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a clock starts or stops, and whose word that is."""

    at: Moment
    fact: Fact | None
    """The statement that says so; None where nobody said it."""
    words: str | None
    """What it said, where the caller knows."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The rule that a clock is judged by, and where the agreement says so."""

    agreement: str
    version: str
    effective_from: str
    path: str
    """Key of the limit in the agreement's document."""
    limit: str
    """As the contract writes it."""
    target: timedelta
    """What it comes to in the clock's service time."""
    calendar: str | None
    """Its name; None is around the clock."""
    zone: str
    is_promise: bool
    """Judged by a time that the provider itself named."""
    starts_by: str
    ends_by: str
    """The rules of evidence for the agreed basis."""
    reopen: str
    stability: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """From when on which priority was in force, and by whose severity."""

    at: datetime
    priority: str
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """An instant at which the verdict may change by time alone."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that is to be told of one clock."""

    reading: Reading
    clause: Clause
    start: Endpoint | None
    stop: Endpoint | None
    spans: tuple[Span, ...]
    stated: tuple[Stated, ...]
    """Pauses and exclusions that anybody asked for, counted or not."""
    steps: tuple[Step, ...]
    others: tuple[Reading, ...]
    """The same clock on the other two bases, where there is one."""
    ahead: tuple[Ahead, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """By notice id."""


def story(
    facts: Iterable[Fact],
    contract: tuple[Agreement, AgreementVersion],
    name: str,
    as_of: datetime,
    words: Mapping[str, str] | None = None,
) -> Story | None:
    """Tell the story of one clock.

    Args:
        facts: the incident's facts, any order, copies allowed.
        contract: agreement and version that it is judged by.
        name: of the clock inside its incident, such as ``restore|agreed|0``.
        as_of: how far the world has run; UTC.
        words: what notices said, by their ids.

    Returns:
        None where the facts give no such clock.
    """
    agreement, version = contract
    known = {
        key: fact for key, fact in collect(facts).items() if fact.kind is Kind.INCIDENT and Flag.TEST not in fact.flags
    }
    readings = measure(known.values(), version, as_of)
    reading = next((one for one in readings if clock_name(one) == name), None)
    if reading is None:
        return None
    begin, end = _ends(reading)
    case = Case.of(known.values())
    said = words or {}
    return Story(
        reading=reading,
        clause=_clause(agreement, version, reading),
        start=_endpoint(begin, known, said),
        stop=_endpoint(end, known, said),
        spans=spans(reading, as_of, version.exclusions),
        stated=stated(case, version, reading, as_of),
        steps=tuple(_steps(known.values(), version, reading, as_of)),
        others=tuple(one for one in readings if _is_beside(one, reading)),
        ahead=tuple(_ahead(reading, version)),
        facts=known,
    )


def _is_beside(one: Reading, reading: Reading) -> bool:
    same = one.objective is reading.objective and one.ordinal == reading.ordinal
    return same and one.basis is not reading.basis


def _ends(reading: Reading) -> tuple[Moment | None, Moment | None]:
    """Return the start and the stop; of a clock that never ran, the start that it would have had."""
    if reading.stretches:
        return reading.stretches[0].begin, reading.stretches[-1].end
    return (None if reading.started_at is None else Moment.point(reading.started_at)), None


def _endpoint(at: Moment | None, known: Mapping[str, Fact], words: Mapping[str, str]) -> Endpoint | None:
    if at is None:
        return None
    fact = known.get(at.notice_id or "")
    return Endpoint(at, fact, None if fact is None else words.get(fact.notice_id))


def _clause(agreement: Agreement, version: AgreementVersion, reading: Reading) -> Clause:
    index, target = next(
        (index, one) for index, one in enumerate(version.targets) if one.objective is reading.objective
    )
    priority = reading.priority or ""
    promise = _is_promise(version, reading)
    name = None if promise else target.calendars_by_priority.get(priority, target.calendar)
    return Clause(
        agreement=agreement.id,
        version=version.version,
        effective_from=version.effective_from.isoformat(),
        path=f"versions[{agreement.versions.index(version)}].targets[{index}].{priority}",
        limit=_limit(target, priority),
        target=reading.target,
        calendar=name,
        zone=reading.time.calendar.zone,
        is_promise=promise,
        starts_by=version.evidence.start,
        ends_by=version.evidence.restore,
        reopen=version.reopen.rule,
        stability=version.stability,
    )


def _limit(target: TargetSpec, priority: str) -> str:
    return str(target.durations.get(priority, ""))


def _is_promise(version: AgreementVersion, reading: Reading) -> bool:
    """Return whether an update was owed by a time that the provider named, before the interval's end."""
    if reading.objective is not Objective.UPDATE or reading.started_at is None:
        return False
    owed = limit(version, reading.objective, reading.priority or "")
    return owed is not None and reading.target != owed.length(reading.started_at)


def _steps(facts: Iterable[Fact], version: AgreementVersion, reading: Reading, as_of: datetime) -> Iterator[Step]:
    """Yield how the priority came to be, each step with the statement that named the severity."""
    every = sorted(facts, key=lambda fact: (fact.received_at, fact.notice_id))
    for rise in Scale.of(every, version, reading.basis, as_of).rises:
        named = (
            fact
            for fact in every
            if version.priority_of(fact.severity) == rise.priority and rise.at in (fact.spoken_at, fact.received_at)
        )
        yield Step(rise.at, rise.priority, next(named, None))


def _is_doubtful(reading: Reading) -> bool:
    return any(one.begin.earliest != one.begin.latest for one in reading.stretches)


def _ahead(reading: Reading, version: AgreementVersion) -> Iterator[Ahead]:
    """Yield the instants at which time alone may change the verdict, each with what happens then."""
    labels: dict[datetime, str] = {}
    for one in reading.time.breaks:
        labels[one.begin] = f"the break for {one.reason} begins"
        if one.end is not None:
            labels[one.end] = f"the break for {one.reason} ends"
    labels |= {at: f"{share:.0%} of the target is used up" for share, at in reading.warnings}
    if reading.due_at is not None:
        labels[reading.due_at] = "the target is used up: after this it is overdue"
    certain = reading.reaches(1.0, for_certain=True)
    if certain is not None and certain != reading.due_at:
        labels[certain] = KINDEST if _is_doubtful(reading) else OPENS
    held = reading.stretches[-1].end if reading.stretches else None
    for at in reading.wakes:
        is_window = held is not None and held.latest is not None
        default = f"the restore has held for {version.stability}" if is_window else "the provider's limit passes"
        yield Ahead(at, default if is_window else labels.get(at, default))
