"""How soon providers answered and mended: figures of each objective by year and priority. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from holdfast.histories.reading import Gathered, Told
from holdfast.histories.statistics import Figures, curve, length_of, on, percentile, spread, summary
from models.clocks import Reading
from models.notice import Flag
from models.records import Basis, Objective


def overview(gathered: Gathered) -> Figures:
    """Return what a history holds, and what of it can't be used."""
    incidents = gathered.incidents
    imported = sum(one.subject.case.is_imported for one in incidents)
    afterwards = sum(not one.subject.case.is_imported and _is_afterwards(one) for one in incidents)
    begins = [one.subject.begins_at() for one in incidents]
    return {
        "payloads": gathered.payloads,
        "incidents": len(incidents),
        "notices": gathered.notices,
        "imported": imported,
        "written_afterwards": afterwards,
        "told_live": len(incidents) - imported - afterwards,
        "maintenance": gathered.maintenance,
        "without_agreement": gathered.unmeasured,
        "unread": sum(problem.count("; ") + 1 for problem in gathered.problems),
        "first": f"{min(begins):%Y-%m-%d}" if begins else None,
        "last": f"{max(begins):%Y-%m-%d}" if begins else None,
        "looks": len(gathered.looks),
        "between_looks": spread(
            (after - before).total_seconds()
            for before, after in zip(gathered.looks, gathered.looks[1:], strict=False)
        ),
    }  # fmt: skip


def _is_afterwards(told: Told) -> bool:
    """Return whether all of it was written afterwards, though no end was told either."""
    spoken = told.subject.case.spoken
    return bool(spoken) and all(Flag.BACKFILLED in word.first.flags for word in spoken)


def by_year(gathered: Gathered) -> list[Figures]:
    """Return how many incidents began in each year, and how many of them were entered afterwards."""
    years: dict[int, list[Told]] = defaultdict(list)
    for one in gathered.incidents:
        years[one.year].append(one)
    return [
        {
            "year": year,
            "incidents": len(told),
            "imported": sum(one.subject.case.is_imported for one in told),
        }
        for year, told in sorted(years.items())
    ]


def answers(gathered: Gathered) -> list[Figures]:
    """Return a row per year, priority and objective, on the agreed basis; ``year`` None is all years."""
    return [
        {"year": year, "priority": priority, "objective": objective.value, **summary(readings)}
        for (year, priority), told in _groups(gathered.incidents)
        for objective in Objective
        if (readings := _clocks(told, objective, priority))
    ]


def _clocks(told: Sequence[Told], objective: Objective, priority: str | None) -> tuple[Reading, ...]:
    found = on((one for incident in told for one in incident.readings), objective)
    return found if priority is None else tuple(one for one in found if one.priority == priority)


def _groups(incidents: Sequence[Told]) -> Iterator[tuple[tuple[int | None, str | None], list[Told]]]:
    """Yield all, each priority, and each priority of each year; an incident stands where one of its clocks does."""
    found: dict[tuple[int | None, str | None], list[Told]] = defaultdict(list)
    for one in incidents:
        for priority in sorted({reading.priority for reading in one.readings if reading.priority}):
            found[one.year, priority].append(one)
            found[None, priority].append(one)
    yield (None, None), list(incidents)
    yield from sorted(found.items(), key=lambda entry: (entry[0][0] is not None, entry[0][0] or 0, entry[0][1] or ""))


def silences(gathered: Gathered, worst: int = 5) -> Figures:
    """Return the gaps between words that say something new, while unresolved, and the longest of them."""
    gaps = [(one, gap) for one in gathered.incidents for gap in on(one.readings, Objective.UPDATE)]
    ended = [(length, one, gap) for one, gap in gaps if (length := length_of(gap)) is not None]
    ended.sort(key=lambda entry: (-entry[0], entry[1].name))
    return {
        **summary([gap for _, gap in gaps]),
        "curve_s": curve(length for length, _, _ in ended),
        "worst": [
            {
                "incident": one.name,
                "title": one.title,
                "priority": gap.priority,
                "from": f"{gap.started_at:%Y-%m-%d %H:%M}",
                "length_s": length,
            }
            for length, one, gap in ended[:worst]
        ],
    }


def first_words(gathered: Gathered) -> Figures:
    """Return how long after the begin that the provider claims it first spoke."""
    lags = [length for one in gathered.incidents if (length := _lag(one)) is not None]
    return {
        **spread(lags),
        "same_second": sum(lag < 1 for lag in lags),
        "same_minute": sum(lag < 60 for lag in lags),
        "p10_s": percentile(lags, 0.1),
        "curve_s": curve(lags),
    }


def _lag(told: Told) -> float | None:
    """Return the length of the claimed ``notify`` clock, where the provider names a begin and it was told live."""
    if told.subject.case.claimed_begin() is None:
        return None
    found = on(told.readings, Objective.NOTIFY, Basis.CLAIMED)
    return length_of(found[0]) if found else None
