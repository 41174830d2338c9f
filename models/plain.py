"""Plain statements: updates in order that name nothing new, and so move no clock but that of the updates. Pure.

Decides what may be left out when the other clocks are measured, and what makes everything to be told anew. Where in
doubt a statement is not plain: that costs time and changes no answer.
"""

from collections.abc import Iterable
from datetime import datetime

from models.agreement import AgreementVersion
from models.episode import ENDING, REOPENING, Case, Word, is_deciding
from models.fact import Fact
from models.instants import EARLIEST
from models.notice import Flag, Phase, Speaker
from models.outage import recurrences


class Thread:
    """One incident's statements as they followed each other, to judge the next one by. Mutable."""

    def __init__(self, version: AgreementVersion) -> None:
        self.turning: list[Fact] = []
        """The facts that are not plain."""
        self.last_received = EARLIEST
        self.last_is_plain = False
        """Of the fact that was followed last."""
        self._version = version
        self._statements: set[tuple[str, str, str]] = set()
        self._members: dict[tuple[str | None, Phase], tuple[str, str]] = {}
        """Whose record said a text first: another one's is a copy."""
        self._last: Word | None = None
        self._anchor: Word | None = None
        """The first that has all that a later update could be the first to have."""
        self._peak: tuple[str, datetime] | None = None
        """The highest priority that the provider named, and when it did so."""
        self._is_over = False
        self._is_seen = False
        """Whether anything shows when the provider spoke."""

    @classmethod
    def of(cls, facts: Iterable[Fact], case: Case, version: AgreementVersion) -> "Thread | None":
        """Follow a case from its beginning; None where pauses, claims, returns and the like touch more than is said."""
        every = list(facts)
        told = {fact.statement for fact in every if fact.speaker is Speaker.PROVIDER}
        is_tangled = case.decided or case.vanished or case.is_cancelled or case.is_imported
        is_lowered = any(fact.phase is Phase.SEVERITY_CHANGED for fact in every)
        if is_tangled or is_lowered or len(told) != len(case.spoken) or len(recurrences(case, version)) > 1:
            return None
        thread = cls(version)
        versions: dict[tuple[str, str, str], list[Fact]] = {}
        for fact in every:
            versions.setdefault(fact.statement, []).append(fact)
        for word in case.spoken:
            thread._place(word, versions[word.first.statement])
        thread.turning += [fact for fact in every if fact.speaker is not Speaker.PROVIDER]
        thread._statements.update(versions)
        thread.last_received = max(fact.received_at for fact in every)
        return thread

    def follow(self, fact: Fact) -> Word | None:
        """Take the next fact; None, and nothing taken, where it can't be told without all that was said before."""
        if fact.received_at < self.last_received or fact.statement in self._statements:
            return None
        word = Word.of([fact])
        if is_deciding(word) or not (self._follows(word) if fact.speaker is Speaker.PROVIDER else fact.is_witness):
            return None
        if not self._is_told(fact):
            return None
        self.last_received = fact.received_at
        self._statements.add(fact.statement)
        if fact.is_witness:
            self.turning.append(fact)
            self.last_is_plain = False
        else:
            self._place(word, [fact])
        return word

    def _follows(self, word: Word) -> bool:
        """Return whether a statement of the provider comes after all others, and turns nothing back."""
        fact, last = word.first, self._last
        if Flag.VANISHED in fact.flags or word.phase is Phase.CANCELLED or not (self._is_seen or word.is_measurable):
            return False
        if (self._is_over and word.phase in REOPENING) or (last is not None and word.order <= last.order):
            return False
        is_copy = self._members.get((fact.text_digest, word.phase), fact.member) != fact.member
        return fact.text_digest is None or not is_copy

    def _is_told(self, fact: Fact) -> bool:
        """Return whether the severity that a fact names leaves the priority as it is."""
        priority = self._version.priority_of(fact.severity)
        if priority is None:
            return True
        return self._peak is not None and priority >= self._peak[0] and fact.spoken_at >= self._peak[1]

    def _place(self, word: Word, versions: list[Fact]) -> None:
        """Put the provider's next statement where it belongs."""
        fact = word.first
        self._last = word
        self._is_seen = self._is_seen or word.is_measurable
        self._members.setdefault((fact.text_digest, word.phase), fact.member)
        self.last_is_plain = len(versions) == 1 and self._is_plain(word) and self._is_told(fact)
        if self.last_is_plain:
            return
        self.turning += versions
        if word.phase in ENDING or word.phase in REOPENING:
            self._is_over = word.phase in ENDING
        if self._anchor is None and _is_whole(word):
            self._anchor = word
        for version in versions:
            self._raise(version, fact.spoken_at if version is fact else version.received_at)

    def _raise(self, fact: Fact, at: datetime) -> None:
        priority = self._version.priority_of(fact.severity)
        if priority is not None and (self._peak is None or (priority, at) < self._peak):
            self._peak = (priority, at)

    def _is_plain(self, word: Word) -> bool:
        """Return whether a statement is an update, later by every clock than one that has all that it has."""
        fact, anchor = word.first, self._anchor
        if anchor is None or word.phase is not Phase.UPDATE or fact.flags or fact.claimed_end_at is not None:
            return False
        return (
            anchor.first.spoken_at <= fact.spoken_at
            and anchor.stamped.order < word.stamped.order
            and anchor.seen.order < word.seen.order
            and anchor.claimed.order < word.claimed.order
        )


def _is_whole(word: Word) -> bool:
    """Return whether a statement notifies, acknowledges and responds, at a time that is known."""
    return not word.first.flags and word.is_measurable and word.first.phase.rank >= Phase.ENGAGED.rank
