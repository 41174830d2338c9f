"""Promises that providers made of themselves: the next word by, power back by. Pure.

A promise of the next word is judged by the update clocks of the draft ``promises-only``, whose own interval nobody
reaches, so what is left are the times that the provider named. A promise of restoration is held against
the looks that still listed the outage, the end of the agreed ``restore`` clock being known no better: listed after the
time named is late for certain; no longer listed before it is gone, and whether with power, nobody said.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from holdfast.histories.reading import Gathered, Told
from holdfast.histories.statistics import Figures, on, percentile, share, spread
from models.clocks import Reading
from models.records import Objective, Verdict

NOBODY_WAITS = timedelta(days=3650)
"""The interval of the draft: a shorter target is a time that the provider named."""
GROSSLY_S = 3600
LATE_VERDICTS = (Verdict.BREACHED, Verdict.OVERDUE)


def words_promised(gathered: Gathered) -> Figures | None:
    """Return how the provider kept its promises to speak again; None where no draft asks."""
    if "promises-only" not in gathered.history.drafts:
        return None
    clocks = [
        reading
        for one in gathered.incidents
        for reading in on(one.under("promises-only", gathered.history.as_of), Objective.UPDATE)
        if reading.target < NOBODY_WAITS
    ]
    margins = [margin for one in clocks if (margin := _margin(one)) is not None]
    late = [margin for margin in margins if margin > 0]
    verdicts = Counter(one.verdict for one in clocks)
    grossly = [one for one in clocks if (_margin(one) or 0) > GROSSLY_S]
    kept = verdicts[Verdict.MET]
    broken = sum(verdicts[verdict] for verdict in LATE_VERDICTS)
    return {
        "promises": len(clocks),
        "kept": kept,
        "late": broken,
        "open": len(clocks) - kept - broken,
        "kept_share": share(kept, kept + broken),
        "asked_for": spread(one.target.total_seconds() for one in clocks),
        "late_by": spread(late),
        "late_within_15m": sum(margin <= 900 for margin in late),
        "late_over_1h": len(grossly),
        "nights_of_late_over_1h": len({one.started_at.date() for one in grossly if one.started_at}),
        "margin_median_s": percentile(margins, 0.5),
        "margins_s": sorted(margins),
    }


def _margin(reading: Reading) -> float | None:
    """Return how long after the promised instant the next word came, in seconds; negative when before."""
    if reading.stopped_at is None or reading.elapsed is None or reading.elapsed.most is None:
        return None
    return (reading.elapsed.most - reading.target).total_seconds()


def restorations_promised(gathered: Gathered) -> Figures:
    """Return how first estimates of restoration compare with what came, incident by incident."""
    rows = [row for one in gathered.incidents if (row := _estimates(one, gathered.history.as_of)) is not None]
    outcomes = Counter(row["outcome"] for row in rows)
    return {
        "incidents": len(gathered.incidents),
        "with_estimate": len(rows),
        "estimates": sum(len(row["estimates"]) for row in rows),
        "moved": sum(len(row["estimates"]) > 1 for row in rows),
        **{outcome: outcomes[outcome] for outcome in ("late", "gone_before", "between_looks", "open")},
        "rows": rows,
    }


def _estimates(told: Told, as_of: datetime) -> Figures | None:
    """Compare the first estimate of one incident with when it was last, and no longer, listed; None without one."""
    named = list(dict.fromkeys(_named(told)))
    found = on(told.readings, Objective.RESTORE)
    if not named or not found or not found[0].stretches:
        return None
    stretch, gone = found[0].stretches[-1], told.subject.case.vanished
    last_seen = as_of if stretch.end is None else stretch.end.earliest
    missed = gone[-1].first.received_at if gone else None
    return {
        "incident": told.name,
        "title": told.title,
        "begin": _text(found[0].stretches[0].begin.earliest),
        "estimates": [_text(one) for one in named],
        "last_seen_out": _text(last_seen),
        "not_listed": _text(missed) if missed else None,
        "outcome": _outcome(named[0], last_seen, missed),
        "late_by_s": max((last_seen - named[0]).total_seconds(), 0.0),
    }


def _outcome(promised: datetime, last_seen: datetime, missed: datetime | None) -> str:
    if last_seen > promised:
        return "late"
    if missed is None:
        return "open"
    return "gone_before" if missed <= promised else "between_looks"


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _named(told: Told) -> Iterator[datetime]:
    """Yield the times that were named for restoration, in the order in which we saw them."""
    facts = sorted(told.subject.facts, key=lambda fact: (fact.received_at, fact.notice_id))
    yield from (fact.promised_at for fact in facts if fact.promises == "restore" and fact.promised_at is not None)
