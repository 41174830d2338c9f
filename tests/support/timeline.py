"""A small language for scenarios: statements on a relative time line, measured as of another instant on it.

``at("10:00")`` is that time of the scenario's day; ``at("1d 02:00")`` of the next. A scenario reads like the story::

    line = Timeline(agreement(restore="4h"))
    line.provider("10:05", Phase.REPORTED, begin="10:00")
    line.monitor("10:02", fails="10:01")
    line.provider("12:00", Phase.RESTORED, end="11:55")
    assert line.read("13:00", "restore").verdict is Verdict.MET
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from models.agreement import AgreementVersion
from models.clocks import measure
from models.fact import Fact
from models.ids import stable_id
from models.notice import Flag, Kind, Phase, Speaker
from models.reading import Reading
from models.records import Basis, Objective

DAY = datetime(2026, 5, 4, tzinfo=UTC)


def at(text: str) -> datetime:
    """Return an instant of the scenario: ``HH:MM`` or ``HH:MM:SS.ffffff``, with ``1d`` before it for later days."""
    days, _, clock = text.rpartition("d ")
    hours, minutes, *rest = clock.split(":")
    seconds = float(rest[0]) if rest else 0.0
    return DAY + timedelta(
        days=int(days or 0), hours=int(hours), minutes=int(minutes), microseconds=round(seconds * 1_000_000)
    )


def agreement(**changes: Any) -> AgreementVersion:
    """Return an agreement version: objectives with the limit at p1 (``restore="4h"``), other keys as in documents."""
    objectives = {one.value for one in Objective}
    targets = [{"objective": name, "p1": changes.pop(name)} for name in sorted(objectives & changes.keys())]
    content: dict[str, Any] = {
        "version": "1",
        "effective_from": "2020-01-01",
        "timezone": "UTC",
        "services": ["vm"],
        "calendars": {"always": {"hours": "24x7"}},
        "priorities": {"p1": {"severities": ["major"]}, "p2": {"severities": ["minor"]}},
        "targets": targets,
    }
    return AgreementVersion.model_validate({**content, **changes})


def evidence(**rules: Any) -> dict[str, Any]:
    """Return evidence rules for ``agreement(evidence=...)``."""
    return rules


@dataclass
class Timeline:
    """One incident as it was told. ``facts`` is what the measuring core gets."""

    version: AgreementVersion
    facts: list[Fact] = field(default_factory=list)
    severity: str = "major"

    def say(self, speaker: Speaker, received: datetime, phase: Phase, **fields: Any) -> Fact:
        """Add one statement with any fields of ``Fact``."""
        values: dict[str, Any] = {
            "source": "status",
            "source_incident_id": "inc-1",
            "update_id": f"u{len(self.facts)}",
            "kind": Kind.INCIDENT,
            "severity": self.severity,
            **fields,
        }
        key = (
            values["source"],
            values["source_incident_id"],
            values["update_id"],
            str(sorted(values.items(), key=str)),
        )
        fact = Fact(
            notice_id=stable_id(speaker.value, phase.value, received.isoformat(), *map(str, key)),
            speaker=speaker,
            phase=phase,
            received_at=received,
            **values,
        )
        self.facts.append(fact)
        return fact

    def provider(
        self,
        when: str,
        phase: Phase,
        *,
        begin: str | None = None,
        end: str | None = None,
        looks: tuple[str, str] | None = None,
        **fields: Any,
    ) -> Fact:
        """Let the provider publish something.

        Args:
            when: its stamp.
            phase: what it says.
            begin: the claimed begin (or, on an end, the begin of the claimed interval).
            end: the claimed end.
            looks: our look before it and the one that showed it; without looks we had it when it was published.
            fields: any others of ``Fact``; times as texts of this time line are read.
        """
        values: dict[str, Any] = {"published_at": at(when)}
        if end is not None:
            values["claimed_end_at"] = at(end)
            values["claimed_at"] = at(begin) if begin is not None else at(end)
        elif begin is not None:
            values["claimed_at"] = at(begin)
        received = at(looks[1]) if looks else at(when)
        values["received_after"] = at(looks[0]) if looks else None
        values.update({name: _read(name, value) for name, value in fields.items()})
        return self.say(Speaker.PROVIDER, received, phase, **values)

    def vanish(self, looks: tuple[str, str]) -> Fact:
        """Let the page stop listing the incident between two looks."""
        return self.say(
            Speaker.PROVIDER, at(looks[1]), Phase.CLOSED, received_after=at(looks[0]), flags=(Flag.VANISHED,)
        )  # fmt: skip

    def monitor(self, when: str, *, fails: str, works: str | None = None, episode: str = "probe") -> Fact:
        """Let our monitor tell a failure that began at ``fails``, over since ``works``."""
        return self.say(
            Speaker.MONITOR,
            at(when),
            Phase.REPORTED if works is None else Phase.RESTORED,
            source="probes",
            source_incident_id=episode,
            update_id="firing" if works is None else "resolved",
            claimed_at=at(fails),
            claimed_end_at=None if works is None else at(works),
        )

    def customer(self, when: str, phase: Phase = Phase.REPORTED, **fields: Any) -> Fact:
        """Let our own people say something."""
        values = {name: _read(name, value) for name, value in fields.items()}
        return self.say(
            Speaker.CUSTOMER, at(when), phase, source="desk", source_incident_id="call-1", **values
        )  # fmt: skip

    def readings(self, as_of: str, facts: Iterable[Fact] | None = None) -> tuple[Reading, ...]:
        """Return all readings as of an instant."""
        return measure(self.facts if facts is None else facts, self.version, at(as_of))

    def read(self, as_of: str, objective: str, basis: str = "agreed", ordinal: int = 0) -> Reading:
        """Return one reading as of an instant."""
        wanted = (Objective(objective), Basis(basis), ordinal)
        found = [one for one in self.readings(as_of) if (one.objective, one.basis, one.ordinal) == wanted]
        assert len(found) == 1, f"{len(found)} readings of {wanted}"
        return found[0]

    def gaps(self, as_of: str, basis: str = "agreed") -> list[str]:
        """Return the verdicts of the update clock, gap by gap."""
        return [
            one.verdict.value
            for one in self.readings(as_of)
            if one.objective is Objective.UPDATE and one.basis is Basis(basis)
        ]


def _read(name: str, value: Any) -> Any:
    return at(value) if isinstance(value, str) and (name.endswith("_at") or name == "received_after") else value
