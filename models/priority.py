"""The priority of an incident: what the speakers' severities come to, and when it rose (measurement.md §4). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion
from models.fact import Fact
from models.notice import Flag, Kind, Speaker


@dataclass(frozen=True, slots=True)
class Rise:
    """From an instant on at least this priority had been reached."""

    at: datetime
    priority: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How the priority of one incident rose; lowering one has no effect without our acceptance."""

    highest: str
    rises: tuple[Rise, ...]
    """In order of time, each higher than the one before; empty where nobody named a known severity."""

    @classmethod
    def of(cls, facts: Iterable[Fact], version: AgreementVersion) -> "Scale":
        """Read the severities of an incident's facts.

        The provider's count; our witnesses' only while the provider has named none. Words that the agreement does not
        know leave the lowest priority.
        """
        told: list[Rise] = []
        seen: list[Rise] = []
        for fact, is_edit in _in_order(facts):
            priority = version.priority_of(fact.severity) if fact.severity else None
            if priority is not None:
                rise = Rise(fact.received_at if is_edit else fact.spoken_at, priority)
                (seen if fact.is_witness else told).append(rise)
        rises = _rising(told or seen)
        return cls(rises[-1].priority if rises else list(version.priorities)[-1], rises)


def priority_of(facts: Iterable[Fact], version: AgreementVersion) -> str:
    """Return the highest priority reached (measurement.md §4, Priority change)."""
    return Scale.of(facts, version).highest


def _in_order(facts: Iterable[Fact]) -> Iterable[tuple[Fact, bool]]:
    """Yield the facts that may name a severity, with whether each is an edit of an earlier statement."""
    versions: set[tuple[str, str, str]] = set()
    for fact in sorted(facts, key=lambda one: (one.received_at, one.spoken_at, one.notice_id)):
        if fact.kind is not Kind.INCIDENT or fact.speaker is Speaker.AUTHORITY or Flag.TEST in fact.flags:
            continue
        yield fact, fact.statement in versions
        versions.add(fact.statement)


def _rising(named: list[Rise]) -> tuple[Rise, ...]:
    rises: list[Rise] = []
    for rise in sorted(named, key=lambda one: (one.at, one.priority)):
        if not rises or rise.priority < rises[-1].priority:
            rises.append(rise)
    return tuple(rises)
