"""What the clauses of one agreement version need of each other: names that exist, once each. Pure.

A version that has a fault can't be measured by, so the model itself refuses it, all faults at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from models.spec import Fault, Loc
from models.terms import PRIORITY

if TYPE_CHECKING:
    from models.agreement import AgreementVersion


def faults_of(version: "AgreementVersion") -> Iterator[Fault]:
    """Yield every fault with its place below the version."""
    yield from _priorities(version)
    yield from _repeats(("services",), version.services, "service")
    yield from _targets(version)
    yield from _pauses(version)
    yield from _repeats(("exclusions",), version.exclusions, "exclusion")
    yield from _availability(version)
    if version.credits is not None and version.currency is None:
        yield ("credits",), "credits need a currency: write currency beside them, such as EUR"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a question after a name that is nearly right, or nothing.

    >>> nearest("ofice", ["always", "office"])
    "; did you mean 'office'?"
    """
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _priorities(version: "AgreementVersion") -> Iterator[Fault]:
    """Yield names that are no priority, and severities that stand in two of them."""
    taken: dict[str, str] = {}
    for name, spec in version.priorities.items():
        if not PRIORITY.fullmatch(name):
            yield ("priorities", name), f"{name!r} is no priority: write p1 to p9"
        for index, severity in enumerate(spec.severities):
            other = taken.setdefault(severity.lower(), name)
            if other != name:
                text = f"severity {severity!r} stands in {other} and in {name}"
                yield ("priorities", name, "severities", index), text


def _repeats(loc: Loc, names: Sequence[str], noun: str) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield (*loc, index), f"{noun} {name!r} stands here twice"


def _targets(version: "AgreementVersion") -> Iterator[Fault]:
    seen: set[str] = set()
    for index, target in enumerate(version.targets):
        at: Loc = ("targets", index)
        if target.objective.value in seen:
            text = f"{target.objective.value} stands twice: one entry holds the limits of all priorities"
            yield (*at, "objective"), text
        seen.add(target.objective.value)
        for priority in target.durations:
            yield from _known((*at, priority), priority, version.priorities, "priority")
        for priority, name in target.calendars_by_priority.items():
            yield from _known((*at, f"{priority}_calendar"), name, version.calendars, "calendar")
            if priority not in target.durations:
                yield (
                    (*at, f"{priority}_calendar"),
                    f"a calendar for {priority}, but no limit {priority} in this target",
                )
        if target.calendar is not None:
            yield from _known((*at, "calendar"), target.calendar, version.calendars, "calendar")


def _pauses(version: "AgreementVersion") -> Iterator[Fault]:
    """Yield reasons that are told twice for one objective: of two limits neither would be the one."""
    seen: set[tuple[str, str]] = set()
    for index, pause in enumerate(version.pauses):
        for position, objective in enumerate(pause.objectives):
            pair = (pause.reason, objective.value)
            if pair in seen:
                text = f"{pause.reason} pauses {objective.value} twice: one entry holds its rule"
                yield ("pauses", index, "objectives", position), text
            seen.add(pair)


def _availability(version: "AgreementVersion") -> Iterator[Fault]:
    services = [promise.service for promise in version.availability]
    for index, promise in enumerate(version.availability):
        at: Loc = ("availability", index)
        yield from _known((*at, "service"), promise.service, version.services, "service")
        if promise.service in services[:index]:
            yield (*at, "service"), f"service {promise.service!r} stands here twice"
        if promise.hours is not None:
            yield from _known((*at, "hours"), promise.hours, version.calendars, "calendar")


def _known(loc: Loc, name: str, names: Iterable[str], noun: str) -> Iterator[Fault]:
    known = list(names)
    if name not in known:
        yield loc, f"no {noun} {name!r} in this version{nearest(name, known)}"
