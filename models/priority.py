"""The priority of an incident: what the speakers' severities come to, and how it changed (measurement.md §4). Pure.

The highest that was reached is kept. Lowering it needs our acceptance to have any effect on ``agreed``; a provider that
says outright that it lowers it does so on ``claimed`` only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion
from models.fact import Fact
from models.notice import Flag, Kind, Phase, Ruling, Speaker
from models.records import Basis


@dataclass(frozen=True, slots=True)
class Rise:
    """From an instant on this priority was in force."""

    at: datetime
    priority: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How the priority of one incident changed, on one basis."""

    highest: str
    """Ever reached."""
    rises: tuple[Rise, ...]
    """In order of time: each higher than the one before, but for a lowering that counts; empty where nobody named a
    known severity."""

    @property
    def in_force(self) -> str:
        """The priority after the last change."""
        return self.rises[-1].priority if self.rises else self.highest

    @classmethod
    def of(
        cls,
        facts: Iterable[Fact],
        version: AgreementVersion,
        basis: Basis = Basis.AGREED,
        as_of: datetime | None = None,
    ) -> "Scale":
        """Read the severities of an incident's facts, of those said by ``as_of`` (all of them for None).

        The first severity that anybody names holds from the start, also before it was named.

        The provider's count; our witnesses' only while the provider has named none. Words that the agreement does not
        know leave the lowest priority.
        """
        told: list[Rise] = []
        seen: list[Rise] = []
        lowered: list[Rise] = []
        known = list(_in_order(facts))
        for fact, is_edit in known:
            priority = version.priority_of(_severity(fact, known))
            if priority is None:
                continue
            change = Rise(fact.received_at if is_edit else fact.spoken_at, priority)
            if _sets(fact, basis):
                lowered.append(change)
            elif fact.ruling is None:
                (seen if fact.is_witness else told).append(change)
        steps = _until(_steps(told or seen, lowered), as_of)
        lowest = list(version.priorities)[-1]
        return cls(min((step.priority for step in steps), default=lowest), steps)


def priority_of(facts: Iterable[Fact], version: AgreementVersion) -> str:
    """Return the priority in force on the agreed basis (measurement.md §4, Priority change)."""
    return Scale.of(facts, version).in_force


def _in_order(facts: Iterable[Fact]) -> Iterable[tuple[Fact, bool]]:
    """Yield the facts that may name a severity, with whether each is an edit of an earlier statement."""
    versions: dict[tuple[str, str, str], str | None] = {}
    for fact in sorted(facts, key=lambda one: (one.received_at, one.spoken_at, one.notice_id)):
        if fact.kind is not Kind.INCIDENT or fact.speaker is Speaker.AUTHORITY or Flag.TEST in fact.flags:
            continue
        is_edit = fact.statement in versions
        if not is_edit or versions[fact.statement] != fact.severity:  # an edit of something else says nothing of it
            yield fact, is_edit
        versions[fact.statement] = fact.severity


def _sets(fact: Fact, basis: Basis) -> bool:
    """Return whether a statement may lower the priority too: our people's; on ``claimed`` the provider's."""
    if fact.phase is not Phase.SEVERITY_CHANGED:
        return False
    if fact.speaker is Speaker.CUSTOMER:
        return basis is not Basis.CLAIMED and fact.ruling in (None, Ruling.ACCEPTED)
    return basis is Basis.CLAIMED and fact.speaker is Speaker.PROVIDER


def _severity(fact: Fact, known: Sequence[tuple[Fact, bool]]) -> str | None:
    """Return the severity that a fact names; an acceptance without one takes that of what it accepts."""
    if fact.severity is not None or fact.ruling is not Ruling.ACCEPTED or fact.concerns is None:
        return fact.severity
    answered = [one.severity for one, _ in known if fact.concerns in (one.update_id, one.notice_id)]
    return answered[-1] if answered else None


def _until(steps: tuple[Rise, ...], as_of: datetime | None) -> tuple[Rise, ...]:
    return steps if as_of is None else steps[:1] + tuple(step for step in steps[1:] if step.at <= as_of)


def _steps(named: list[Rise], lowered: list[Rise]) -> tuple[Rise, ...]:
    """Put changes in order: what anybody names only raises it, but for those that may lower it."""
    order = [(one.at, 0, one.priority) for one in named] + [(one.at, 1, one.priority) for one in lowered]
    steps: list[Rise] = []
    for at, may_lower, priority in sorted(order):
        standing = steps[-1].priority if steps else None
        if standing is None or priority < standing or (may_lower and priority != standing):
            steps.append(Rise(at, priority))
    return tuple(steps)
