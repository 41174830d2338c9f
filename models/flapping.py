"""A probe of ours that fails and recovers in turns: recoveries that never held, left out one by one. Pure.

Where a failure follows a recovery within the stability window, the two make no difference to any clock: the outages are
joined as if neither had been told. So a probe may flap a thousand times at the cost of one failure.
"""

from datetime import datetime

from models.agreement import AgreementVersion
from models.episode import ENDING, Case, Word, onset_of, start_of
from models.fact import Fact
from models.notice import Phase, Speaker
from models.records import Basis


class Flapping:
    """The record of one probe, as long as no other witness speaks. Mutable."""

    def __init__(self, version: AgreementVersion) -> None:
        self.has_left_out = False
        self._version = version
        self._last: Word | None = None
        self._begun: Word | None = None
        """The failure that lasts, or lasted until the last word."""
        self._is_alone = True
        self._starts: tuple[datetime, ...] | None = None

    def goes_on(self, word: Word) -> bool:
        """Return whether a word goes on with the record of the one probe, in time with what was left out of it."""
        last = self._last
        if last is None or word.first.member != last.first.member or word.order <= last.order:
            return False
        at = (word.claimed_end() or word.stamped) if word.phase in ENDING else onset_of(word)
        return at.earliest >= max(last.stamped.earliest, onset_of(last).earliest)

    def joins(self, word: Word, turning: list[Fact]) -> bool:
        """Take the witness's next word; return whether it undoes the last recovery, which is the last turning fact.

        Args:
            word: a witness's next.
            turning: the facts by which an incident is measured; empty where nothing may be left out.
        """
        last, self._last = self._last, word
        if not self._is_alone or not self._is_regular(last, word):
            self._is_alone = False
            return False
        begun = self._begun
        if word.phase in ENDING:
            return False
        if last is None or last.phase not in ENDING or begun is None:
            self._begun = begun or word
            return False
        if turning and turning[-1] is last.first and self._never_held(begun, last, word, turning):
            self.has_left_out = True
            return True
        self._begun = word
        return False

    def _is_regular(self, last: Word | None, word: Word) -> bool:
        """Return whether a probe's word follows its own last one, and the two are not both of recoveries."""
        fact = word.first
        if fact.speaker is not Speaker.MONITOR or word.last is not fact or fact.recovery_point_at is not None:
            return False
        return last is None or (
            last.first.member == fact.member
            and word.order > last.order
            and not (word.phase in ENDING and last.phase in ENDING)
        )

    def _never_held(self, begun: Word, recovered: Word, back: Word, turning: list[Fact]) -> bool:
        """Return whether a recovery lies after the start, and was undone for certain within the stability window."""
        end, begin = recovered.claimed_end() or recovered.stamped, onset_of(back)
        latest = begin.latest or begin.earliest
        is_ordered = onset_of(begun).earliest <= end.earliest <= begin.earliest
        if back.phase is not Phase.REPORTED or not is_ordered or latest - end.earliest >= self._version.stability:
            return False
        if self._starts is None:
            case = Case.of(turning)
            starts = (start_of(case, basis, self._version.evidence) for basis in Basis)
            self._starts = tuple(start.latest or start.earliest for start in starts if start is not None)
        return all(start < end.earliest for start in self._starts)
