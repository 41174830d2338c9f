"""The language of scenarios: a promise, a time line, and who is paged when. Read here, played by ``stage``.

A scenario is one YAML file of ten to thirty lines::

    promise: An unanswered page climbs to the next rung after ten minutes.
    policy:
      customer_ladder:
        - {when: {objective: acknowledge, breached: true}, notify: [noc], via: [webhook], acknowledge_within: 10m}
        - {when: {silence: true}, notify: [boss], via: [email]}
    at 00:00: {monitor: down, severity: major}
    at 00:15: page noc by webhook
    between 00:16 and 00:24: nothing
    at 00:25: page boss by email

Times are hours and minutes since ``begins``, and may pass 24:00. ``policy``, ``provider``, ``agreement`` and ``rotas``
are laid over the small documents of ``stage``. An unknown key is an error that names the file and the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from models.spec import faults_in_words
from tests.scenarios.grammar import KINDS, TIME, Deed, Judged, Line, Nothing, Paged, Planned, Tracker, Woken, clock

HEADING = re.compile(rf"at ({TIME})|between ({TIME}) and ({TIME})")
PAGE = re.compile(
    rf"(?P<what>page|heads-up|all clear)(?: to)? (?P<who>[\w.-]+) by (?P<by>[a-z]+)(?:, rung (?P<rung>\d+))?"
    rf"(?:, loop (?P<loop>\d+))?(?P<late>, late)?(?:, due (?P<due>{TIME}))?(?:, of (?P<of>[\w.-]+))?"
)
HEADER = ("promise", "begins", "policy", "provider", "agreement", "rotas")


class ScenarioError(ValueError):
    """A scenario can't be read; names the file and the line."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the time line at its place in the file."""

    line: int
    at: timedelta
    until: timedelta | None
    """Of ``between``."""
    entry: Line


class Header(BaseModel):
    """What stands above the time line."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    promise: str = Field(min_length=20)
    begins: datetime = datetime(2026, 5, 4, tzinfo=UTC)
    policy: dict[str, Any] = Field(default_factory=dict)
    provider: dict[str, Any] = Field(default_factory=dict)
    agreement: dict[str, Any] = Field(default_factory=dict)
    rotas: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _zoned(self) -> Self:
        if self.begins.tzinfo is None:
            raise ValueError("begins needs an offset, such as 2026-10-24T00:00:00Z")
        return self


@dataclass(frozen=True, slots=True)
class Scenario:
    """One promise, and what has to happen for it to be kept."""

    path: Path
    header: Header
    events: tuple[Event, ...]

    @property
    def ends(self) -> timedelta:
        """The last time that is named."""
        return max(event.until or event.at for event in self.events)

    def instant(self, at: timedelta) -> datetime:
        """Return a time of the scenario as an instant."""
        return self.header.begins.astimezone(UTC) + at

    def place(self, event: Event) -> str:
        """Return where an entry stands, as errors name it."""
        return f"{self.path.name}:{event.line}"


def read(path: Path) -> Scenario:
    """Read one scenario.

    Raises:
        ScenarioError: if it can't be read; names the file and the line.
    """
    try:
        content = YAML(typ="rt").load(path.read_text())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise ScenarioError(f"{path.name}:{line}: {error.problem}") from error
    if not isinstance(content, CommentedMap):
        raise ScenarioError(f"{path.name}:1: a scenario is a mapping that begins with its promise")
    try:
        header = Header.model_validate({key: plain(content[key]) for key in HEADER if key in content})
    except ValidationError as error:
        raise ScenarioError(f"{path.name}:{_line_of(content, error)}: {faults_in_words(error)}") from error
    events = tuple(_events(path, content))
    if not any(isinstance(event.entry, Paged | Planned | Judged | Woken | Nothing) for event in events):
        raise ScenarioError(f"{path.name}:1: nothing is expected: say who is paged, or between when and when nobody is")
    return Scenario(path, header, events)


def plain(content: Any) -> Any:
    """Return YAML's mappings and lists as Python's own."""
    if isinstance(content, dict):
        return {str(key): plain(one) for key, one in content.items()}
    return [plain(one) for one in content] if isinstance(content, list) else content


def _line_of(content: CommentedMap, error: ValidationError) -> int:
    key = error.errors()[0]["loc"][:1]
    return content.lc.key(key[0])[0] + 1 if key and key[0] in content else 1


def _events(path: Path, content: CommentedMap) -> Iterator[Event]:
    """Yield the entries of the time line; they stand in the order in which their times end."""
    before = timedelta()
    for key, value in content.items():
        if key in HEADER:
            continue
        line = content.lc.key(key)[0] + 1
        found = HEADING.fullmatch(str(key))
        if found is None:
            known = ", ".join(HEADER)
            raise ScenarioError(
                f"{path.name}:{line}: unknown key {key!r}: write `at 00:15`, `between .. and ..`, {known}"
            )
        at, until = _times(*found.groups())
        if (until or at) < before or (until is not None and until <= at):
            raise ScenarioError(f"{path.name}:{line}: {key!r} is not in order of time")
        before = until or at
        for position, one in enumerate(value if isinstance(value, list) else [value]):
            where = value.lc.item(position)[0] + 1 if isinstance(value, CommentedSeq) else line
            try:
                entry = _entry(plain(one))
                _check(entry, within=until is not None)
            except ValidationError as error:
                raise ScenarioError(f"{path.name}:{where}: {faults_in_words(error)}") from error
            except ValueError as error:
                raise ScenarioError(f"{path.name}:{where}: {error}") from error
            yield Event(where, at, until, entry)


def _times(at: str | None, begin: str | None, end: str | None) -> tuple[timedelta, timedelta | None]:
    first, second = clock(at or begin), clock(end)
    assert isinstance(first, timedelta)
    return first, second if isinstance(second, timedelta) else None


def _entry(content: Any) -> Line:
    """Return what one entry means, by its leading key or its words."""
    if isinstance(content, str):
        return _of_words(content)
    if not isinstance(content, dict):
        raise ValueError(f"{content!r} is no entry of a time line: write words or a mapping")  # noqa: TRY004 - told as a fault
    kind = next((kind for kind in KINDS if next(iter(content), None) in kind.leads), None)
    if kind is None:
        every = ", ".join(lead for kind in KINDS for lead in kind.leads)
        raise ValueError(f"an entry begins with one of {every}")
    return kind.model_validate(content)


def _of_words(words: str) -> Line:
    if words == "nothing":
        return Nothing()
    if words in ("restart", "tracker down", "tracker up"):
        state = {"restart": "restarts", "tracker down": "down", "tracker up": "up"}[words]
        return Tracker.model_validate({"tracker": state})
    found = PAGE.fullmatch(words)
    if found is None:
        raise ValueError(f"{words!r} says nothing: write `page noc by webhook, rung 1, late`, `nothing` or `restart`")
    said = {name: text for name, text in found.groupdict().items() if text is not None}
    content: dict[str, Any] = {said.pop("what"): said.pop("who"), **said}
    return Paged.model_validate({**content, "late": "late" in content})


def _check(entry: Line, *, within: bool) -> None:
    """Refuse what stands under the wrong kind of time."""
    if within and not isinstance(entry, Paged | Nothing):
        raise ValueError("between two times only pages and nothing can be expected")
    if isinstance(entry, Nothing) and not within:
        raise ValueError("nothing needs between: every page that is not expected is a fault anyway")
    if isinstance(entry, Paged) and not within and (entry.every is not None or entry.times != 1):
        raise ValueError("times and every need between")
    if isinstance(entry, Deed) and (entry.mute is None) is not (entry.until is None):
        raise ValueError("a mute has an end, and nothing else has")
