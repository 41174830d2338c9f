"""What was rewritten afterwards, and what it changed: edited statements, moved times, verdicts that fell. Pure.

A provider may edit what it said, or say later that it all began earlier. Nothing of that is lost here: every version is
a notice. This compares each with what had been known until it came, at the instant at which it came, so that a verdict
differs because of the notice and not because time went on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.agreement import AgreementVersion, Evidence
from models.case import clock_name
from models.clocks import measure
from models.episode import Case, start_of
from models.fact import Fact, fact_of
from models.instants import format_instant
from models.moment import Moment
from models.notice import Flag, Kind, Notice, Speaker
from models.records import Basis, Verdict

FIELDS = (
    "phase", "severity", "title", "text", "services", "claimed_at", "claimed_end_at", "published_at", "promised_at",
)  # fmt: skip
"""Fields whose change is told."""
SETTLED = (Verdict.MET, Verdict.BREACHED, Verdict.INDETERMINATE, Verdict.EXCLUDED, Verdict.NOT_APPLICABLE)
"""Verdicts that time alone does not change."""
BEGIN = "claimed begin"
NOTICES_AT_MOST = 400
"""Notices of one incident that are compared, the earliest first: each that names times is measured twice."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that reads otherwise than before."""

    field: str
    """Of the notice; ``claimed begin`` is that of the incident, by all that the provider said."""
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Overturned:
    """A clock whose verdict a notice changed."""

    clock: str
    """Such as ``restore|agreed|0``."""
    before: Verdict
    after: Verdict

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.clock.replace('|', '/')}: {self.before.value} -> {self.after.value}"


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One notice that changed what had been said."""

    notice: Notice
    replaces: Notice | None
    """The version of the same statement before it; None where a new statement moved a time."""
    changes: tuple[Change, ...]
    overturned: tuple[Overturned, ...] | None
    """None where no agreement says what counts."""


def rewritings(notices: Iterable[Notice], version: AgreementVersion | None) -> tuple[Rewriting, ...]:
    """Return what was rewritten about one incident, in the order in which it was received.

    Args:
        notices: of the incident, any order, copies allowed; derived and test ones are left out.
        version: of the agreement that it is judged by; None where none was in force.
    """
    known = {one.notice_id: one for one in notices if one.kind is Kind.INCIDENT and Flag.TEST not in one.flags}
    ordered = sorted(known.values(), key=lambda one: (one.received_at, one.notice_id))[:NOTICES_AT_MOST]
    return tuple(_rewritings(ordered, version))


def _rewritings(ordered: Sequence[Notice], version: AgreementVersion | None) -> Iterator[Rewriting]:
    evidence = Evidence() if version is None else version.evidence
    spoke_at = min((one.received_at for one in ordered if one.speaker is Speaker.PROVIDER), default=None)
    latest: dict[tuple[str, str, str], Notice] = {}
    for position, notice in enumerate(ordered):
        before = latest.get(_statement(notice))
        latest[_statement(notice)] = notice
        changes = list(_changes(before, notice))
        until = [fact_of(one) for one in ordered[:position]]
        speaks_again = notice.speaker is Speaker.PROVIDER and spoke_at is not None and notice.received_at > spoke_at
        if speaks_again and notice.claimed_at is not None:
            changes += _moved(until, fact_of(notice), evidence)
        if changes:
            found = None if version is None else tuple(_overturned(until, notice, version, is_edit=before is not None))
            yield Rewriting(notice, before, tuple(changes), found)


def _statement(notice: Notice) -> tuple[str, str, str]:
    return (notice.source, notice.source_incident_id, notice.source_update_id or notice.notice_id)


def _changes(before: Notice | None, after: Notice) -> Iterator[Change]:
    if before is not None:
        for name in FIELDS:
            said, now = (_text(getattr(one, name)) for one in (before, after))
            if said != now:
                yield Change(name, said, now)


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return None if value is None else str(value)


def _moved(until: Sequence[Fact], fact: Fact, evidence: Evidence) -> Iterator[Change]:
    """Yield that the claimed begin moved, after the provider had spoken.

    Before that our probes' onset stands in for it, and what comes together with its first word has no order of its own:
    neither is a begin that the provider took back.
    """
    before, after = (start_of(Case.of(facts), Basis.CLAIMED, evidence) for facts in (until, [*until, fact]))
    if before is not None and _begin(before) != _begin(after):
        yield Change(BEGIN, _begin(before), _begin(after))


def _begin(at: Moment | None) -> str | None:
    return None if at is None else format_instant(at.earliest)


def _overturned(
    until: Sequence[Fact], notice: Notice, version: AgreementVersion, *, is_edit: bool
) -> Iterator[Overturned]:
    """Yield the clocks that read otherwise with the notice than without it, at the instant at which it came.

    A new statement also ends what still ran, as it should: only settled verdicts are overturned by it.
    """
    without, with_it = (
        {clock_name(one): one.verdict for one in measure(facts, version, notice.received_at)}
        for facts in (until, [*until, fact_of(notice)])
    )
    for name, before in without.items():
        after = with_it.get(name)
        if after is not None and after is not before and (is_edit or before in SETTLED):
            yield Overturned(name, before, after)
