"""``evaluate``: what measuring costs, against parsing the same bytes and against a library of business hours. Pure CPU.

All ratios are of CPU time within one run, medians of rounds. Cold means that the calendar is laid out anew.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from statistics import median

from benchmarks.long_incidents import (
    RECEIVED_AT,
    Page,
    flapping,
    office_version,
    page_notices,
    page_payloads,
    plain_json,
    talkative,
)
from benchmarks.report import Figure, Report, spread
from models.agreement import AgreementVersion
from models.calendar import Calendar, _compiled
from models.clocks import measure as measured
from models.fact import Fact, fact_of
from models.meter import Meter
from models.notice import Notice
from models.reading import Reading

SIZES = (10, 50, 100, 500, 1000, 2000, 5000)
MORE = 10
LENGTH = 50
"""Notices of the incident to which one more comes."""
INCIDENTS = 600

Interval = tuple[datetime, datetime]


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that some work takes."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def measure(rounds: int, *, tiny: bool) -> Report:
    """Run all three parts.

    Args:
        rounds: of each.
        tiny: only show that it runs.
    """
    report = Report("evaluate", "nothing: one thread, no servers")
    rounds = rounds if tiny else max(rounds, 7)
    _one_more(report, rounds)
    _history(report, rounds if tiny else 3, 5 if tiny else INCIDENTS)
    sizes = SIZES[:2] if tiny else SIZES
    _curve(report, "talkative provider", talkative(sizes[-1]), sizes, rounds=1 if tiny else 3)
    sizes = sizes[:4]  # it grows
    _curve(report, "flapping witness", flapping(sizes[-1]), sizes, rounds=1 if tiny else 2)
    return report


def _one_more(report: Report, rounds: int) -> None:
    """One more notice on an incident of fifty, kept in a meter, and measured whole; mean of the next ten."""
    version, notices = office_version(), talkative(LENGTH + MORE)
    wires = [plain_json(one) for one in notices]
    facts = [fact_of(one) for one in notices]
    known, as_of = facts[: LENGTH + 1], facts[LENGTH].received_at
    more, whole, alone, together, hours = [], [], [], [], []
    library = _library()
    for _ in range(rounds + 1):
        meter, change = _meter(version, facts[:LENGTH]), list[Reading]()
        more.append(cpu(lambda: [change.extend(_take(meter, fact_of(one))) for one in notices[LENGTH:]]) / MORE)  # noqa: B023
        whole.append(cpu(lambda: measured(known, version, as_of)))
        alone.append(cpu(lambda: _parse(wires[LENGTH:])) / MORE)
        together.append(cpu(lambda: _parse(wires[: LENGTH + 1])))
        asked = _intervals(change, as_of)
        hours.append(cpu(lambda: library(asked)) / MORE)  # noqa: B023
    name = f"one more notice on {LENGTH}"
    report.ratios += [
        _ratio(f"{name}: evaluated / the incident's {LENGTH + 1} notices parsed", more, together, "< 2"),
        _ratio(f"{name}: evaluated / that notice alone parsed", more, alone, "< 2, read strictly"),
        _ratio(f"{name}: business hours by the library / evaluated", hours, more, "> 10"),
        _ratio(f"{name}: all measured anew / the incident's {LENGTH + 1} notices parsed", whole, together, "< 2"),
    ]
    report.figures += [
        _micros(f"{name}: evaluated", more),
        _micros(f"{name}: all {len(measured(known, version, as_of))} clocks measured anew", whole),
        _micros("one notice parsed and validated", alone),
        _micros(f"{LENGTH + 1} notices parsed and validated", together),
        _micros(f"{name}: business hours of the {len(asked) / MORE:g} intervals that changed, by the library", hours),
    ]


def _history(report: Report, rounds: int, limit: int) -> None:
    """Real incidents, cold: facts made, then measured."""
    payloads = page_payloads(limit)
    if not payloads:
        report.notes.append("real incidents left out: the payloads are not here (HOLDFAST_CORPUS names their folder)")
        return
    told = [page_notices(one) for one in payloads]
    wires = [plain_json(one) for notices in told for one in notices]
    cold, parsed, typed, hours, ours = [], [], [], [], []
    library = _library()
    for _ in range(rounds):
        version, found = office_version(), list[Reading]()
        _compiled.cache_clear()
        cold.append(cpu(lambda: found.extend(_all(told, version))))  # noqa: B023
        parsed.append(cpu(lambda: _parse(wires)))
        typed.append(cpu(lambda: [Page.model_validate(json.loads(one)) for one in payloads]))
        asked = _intervals(found, RECEIVED_AT)
        hours.append(cpu(lambda: library(asked)))  # noqa: B023
        ours.append(cpu(lambda: _add_up(version.named_calendar("office"), asked)))  # noqa: B023
    name = f"{len(payloads)} real incidents, cold"
    report.ratios += [
        _ratio(f"{name}: measured / their {len(wires)} notices parsed", cold, parsed, "< 2"),
        _ratio(f"{name}: measured / their payloads parsed and typed", cold, typed, "< 2"),
        _ratio(f"{name}: business hours by the library / measured", hours, cold, "> 10"),
        _ratio(f"{name}: business hours by the library / by our calendar", hours, ours, ""),
    ]
    report.figures += [
        _micros(f"{name}: measured, {len(found)} clocks", cold),
        _micros("the notices parsed and validated", parsed),
        _micros("the payloads parsed and validated", typed),
        _micros(f"business hours of {len(asked)} intervals by the library", hours),
    ]


def _curve(report: Report, mix: str, notices: Sequence[Notice], sizes: Sequence[int], *, rounds: int) -> None:
    """Cost per notice, as an incident grows: all notices between one size and the next."""
    facts = [fact_of(one) for one in notices]
    per: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        meter, done = Meter(office_version()), 0
        for size in sizes:
            step = facts[done:size]
            per[size].append(cpu(lambda: [_take(meter, one) for one in step]) / len(step))  # noqa: B023
            done = size
    for size, values in per.items():
        report.figures.append(_micros(f"{mix}: one more notice, up to {size}", values))
    first, last = median(per[sizes[1]]), median(per[sizes[-1]])
    report.ratios.append(
        Figure(f"{mix}: a notice at {sizes[-1]} / at {sizes[1]}", last / first, "", rounds, aim="1: flat")
    )


def _meter(version: AgreementVersion, facts: Iterable[Fact]) -> Meter:
    meter = Meter(version)
    for fact in facts:
        _take(meter, fact)
    return meter


def _take(meter: Meter, fact: Fact) -> Sequence[Reading]:
    meter.add(fact)
    return meter.changed(fact.received_at).readings


def _all(told: Iterable[Sequence[Notice]], version: AgreementVersion) -> Iterable[Reading]:
    for notices in told:
        yield from measured([fact_of(one) for one in notices], version, RECEIVED_AT)


def _parse(wires: Iterable[bytes]) -> None:
    for wire in wires:
        Notice.model_validate(json.loads(wire))


def _intervals(readings: Iterable[Reading], as_of: datetime) -> list[Interval]:
    """Return what of the clocks the library has to add up: from the earliest begin to the latest end."""
    return [
        (one.begin.earliest, as_of if one.end is None else one.end.latest or as_of)
        for reading in readings
        for one in reading.stretches
    ]


def _add_up(calendar: Calendar, intervals: Iterable[Interval]) -> None:
    for begin, end in intervals:
        calendar.elapsed(begin, end)


def _library() -> Callable[[Iterable[Interval]], None]:
    """Return what adds up business hours with ``businesstimedelta``, in the same hours and zone."""
    import businesstimedelta
    import pytz

    office = businesstimedelta.WorkDayRule(
        start_time=datetime(2000, 1, 1, 9).time(),  # noqa: DTZ001 - a wall time
        end_time=datetime(2000, 1, 1, 17).time(),  # noqa: DTZ001
        working_days=[0, 1, 2, 3, 4],
        tz=pytz.timezone("Europe/Berlin"),
    )
    rules = businesstimedelta.Rules([office])

    def add_up(intervals: Iterable[Interval]) -> None:
        for begin, end in intervals:
            rules.difference(begin, end)

    return add_up


def _ratio(name: str, over: Sequence[float], under: Sequence[float], aim: str) -> Figure:
    """Return the ratio round by round; the first round, which warms up, is left out where there are several."""
    values = [one / max(other, 1e-9) for one, other in zip(over, under, strict=True)]
    return spread(name, values[1:] or values, "", aim=aim)


def _micros(name: str, values: Sequence[float]) -> Figure:
    return spread(name, [1e6 * one for one in values[1:] or values], "us")
