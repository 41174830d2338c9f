"""Whether a provider's own times agree with what we saw, and stayed as they were told. Pure.

Facts, no intent: a time may differ because nobody knew better. What we did not see can't be checked.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from models.agreement import Evidence
from models.episode import Case, Word, start_of
from models.moment import Moment
from models.outage import outages
from models.records import Basis

TOLERANCE = timedelta(minutes=5)
"""By so much times may differ: clocks and probes do."""


class Doubt(StrEnum):
    """How claimed times can differ from what we saw."""

    BEGAN_EARLIER = "began_earlier"
    """We saw it fail before the begin that is claimed."""
    ENDED_LATER = "ended_later"
    """We saw it fail after the end that is claimed."""
    EDITED = "edited"
    """A claimed time was changed after it had been told."""
    BACKDATED = "backdated"
    """A statement's stamp lies before a look of ours that did not show it."""


def checked(case: Case) -> bool:
    """Return whether there is anything to check: a word of the provider that was not written afterwards as a whole."""
    return bool(case.spoken) and not case.is_imported


def doubts(case: Case, as_of: datetime) -> tuple[Doubt, ...]:
    """Return what of an incident's claimed times differs, each kind once, in the order of ``Doubt``.

    Args:
        case: of the incident.
        as_of: how far the world has run; UTC.
    """
    found = {*_differences(case, as_of), *_changes(case)}
    return tuple(one for one in Doubt if one in found)


def claimed_and_observed(case: Case) -> tuple[timedelta, timedelta] | None:
    """Return how long it lasted by the provider's times and by our witnesses'; None where either is not known."""
    if not case.witnessed:
        return None
    told, seen = _ends(case, Basis.CLAIMED), _ends(case, Basis.OBSERVED)
    if told is None or seen is None or told[1] is None or seen[1] is None:
        return None
    return told[1] - told[0], seen[1] - seen[0]


def _ends(case: Case, basis: Basis) -> tuple[datetime, datetime | None] | None:
    """Return the begin of the first outage and the end of the last one, on a basis."""
    start = start_of(case, basis, Evidence())
    if start is None:
        return None
    end: Moment | None = outages(case, basis, Evidence(), start)[-1].end
    return start.earliest, None if end is None else end.latest


def _differences(case: Case, as_of: datetime) -> Iterator[Doubt]:
    if not case.witnessed:
        return
    begin, onset = case.claimed_begin(), case.onset()
    if begin is not None and onset is not None and begin.earliest > onset.earliest + TOLERANCE:
        yield Doubt.BEGAN_EARLIER
    told, seen = _ends(case, Basis.CLAIMED), _ends(case, Basis.OBSERVED)
    if told is not None and seen is not None and told[1] is not None:
        until = as_of if seen[1] is None else seen[1]
        if until > told[1] + TOLERANCE:
            yield Doubt.ENDED_LATER


def _changes(case: Case) -> Iterator[Doubt]:
    for word in case.spoken:
        if _is_edited(word):
            yield Doubt.EDITED
        if word.first.received_after is not None and word.stamped is word.seen and _is_stamped(word):
            yield Doubt.BACKDATED


def _is_edited(word: Word) -> bool:
    """Return whether a time that had been claimed reads otherwise in the last version."""
    first, last = word.first, word.last
    return any(
        before is not None and before != after
        for before, after in ((first.claimed_at, last.claimed_at), (first.claimed_end_at, last.claimed_end_at))
    )


def _is_stamped(word: Word) -> bool:
    stamp, before = word.first.published_at, word.first.received_after
    return stamp is not None and before is not None and stamp < before
