"""Outages by what caused them, and how long each kind lasts. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from holdfast.histories.reading import Gathered, Told
from holdfast.histories.statistics import Figures, on, summary
from models.records import Objective

ALL = "all causes"


def causes(gathered: Gathered) -> list[Figures]:
    """Return a row of all and one per cause as the source's titles name it, the most frequent first.

    Rows of the source that name no end, or an end that is not after the begin, are counted apart and left out: such
    a row says when something happened, not how long it lasted.
    """
    found: dict[str, list[Told]] = defaultdict(list)
    for one in gathered.incidents:
        found[one.title].append(one)
    rows = [_row(cause, told) for cause, told in found.items()]
    rows.sort(key=lambda row: (-row["incidents"], row["cause"]))
    return [_row(ALL, gathered.incidents), *rows]


def _row(cause: str, told: Sequence[Told]) -> Figures:
    lasting = [one for one in told if _lasted(one)]
    return {
        "cause": cause,
        "incidents": len(told),
        "without_length": len(told) - len(lasting),
        **summary(on((reading for one in lasting for reading in one.readings), Objective.RESTORE)),
    }


def _lasted(told: Told) -> bool:
    """Return whether the source names an end after the begin."""
    begin = told.subject.case.claimed_begin()
    ends = [end for word in told.subject.case.spoken if (end := word.claimed_end()) is not None]
    named = [end for end in ends if begin is None or end.notice_id != begin.notice_id]
    return begin is not None and any(end.earliest > begin.earliest for end in named)
