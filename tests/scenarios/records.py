"""What people say and do in a scenario, as the records that the ledger gets. Pure."""

from datetime import datetime, timedelta
from typing import Any

from models.correlation import incident_id
from models.decision import Action, Decision
from models.ids import stable_id
from models.notice import Identity, Kind, Notice, Phase, Speaker
from tests.scenarios.grammar import Deed, Hazard, Line, Word, Works
from tests.scenarios.language import Event, Scenario

PROVIDER_ID = "nimbus"
SOURCES = {Speaker.PROVIDER: "status", Speaker.MONITOR: "probes", Speaker.CUSTOMER: "desk"}
SEEN = {"down": Phase.REPORTED, "up": Phase.RESTORED}


def notice_of(scenario: Scenario, event: Event, at: datetime) -> Notice:
    """Return what somebody says as a notice."""
    entry = event.entry
    if isinstance(entry, Word):
        fields = _word(entry)
    elif isinstance(entry, Works):
        fields = _works(entry)
    else:
        assert isinstance(entry, Hazard)
        fields = _hazard(entry)
    said = getattr(entry, "said", None)
    values: dict[str, Any] = {
        "notice_id": stable_id("scenario", str(event.line), fields["source"]),
        "source_update_id": str(event.line),
        "provider": PROVIDER_ID,
        "title": f"{entry_name(entry)}",
        "text": f"line {event.line}",
        "published_at": at if said is None else scenario.instant(said),
        "received_at": at,
    }
    instants = {name: scenario.instant(one) for name, one in fields.items() if isinstance(one, timedelta)}
    return Notice(**{**values, **fields, **instants})


def entry_name(entry: Line) -> str:
    """Return what an entry is about, as a title."""
    return next(str(one) for lead in type(entry).leads if (one := getattr(entry, lead, None)) is not None)


def _word(word: Word) -> dict[str, Any]:
    speaker = Speaker.PROVIDER if word.provider else Speaker.MONITOR if word.monitor else Speaker.CUSTOMER
    phase = word.provider or word.customer or SEEN[word.monitor or "down"]
    return {
        "source": SOURCES[speaker],
        "source_incident_id": f"{word.incident}@probes" if word.monitor else word.incident,
        "speaker": speaker,
        "phase": phase,
        "services": word.services,
        "severity": word.severity or ("major" if phase is Phase.REPORTED else None),
        "claimed_at": word.began,
        "claimed_end_at": word.ended,
        "promised_at": word.promised,
        "promises": word.promises,
        "reason": word.reason,
        "ruling": word.ruling,
        "flags": word.flags,
    }


def _works(works: Works) -> dict[str, Any]:
    return {
        "source": SOURCES[Speaker.PROVIDER],
        "source_incident_id": works.maintenance,
        "speaker": Speaker.PROVIDER,
        "kind": Kind.MAINTENANCE,
        "phase": Phase.CANCELLED if works.cancelled else Phase.REPORTED,
        "services": works.services,
        "claimed_at": works.begin,
        "claimed_end_at": works.until,
    }


def _hazard(hazard: Hazard) -> dict[str, Any]:
    return {
        "source": "weather",
        "source_incident_id": hazard.hazard,
        "speaker": Speaker.AUTHORITY,
        "kind": Kind.EXPOSURE,
        "phase": Phase.CANCELLED if hazard.withdrawn else Phase.REPORTED,
        "services": hazard.services,
        "claimed_at": hazard.begin,
        "claimed_end_at": hazard.until,
    }


def decision_of(scenario: Scenario, event: Event, at: datetime) -> Decision:
    """Return what a person does as a decision."""
    deed = event.entry
    assert isinstance(deed, Deed)
    action = Action.ACKNOWLEDGE if deed.acknowledge else Action.MUTE if deed.mute else Action.UNMUTE
    return Decision(
        decision_id=stable_id("decision", str(event.line)),
        provider=PROVIDER_ID,
        incident_id=None if deed.incident == "all" else incident_of(deed.incident or first_incident(scenario)),
        action=action,
        side=deed.side,
        person=deed.acknowledge or deed.mute or deed.unmute or "",
        identity=Identity.VERIFIED_LINK,
        decided_at=at,
        until=None if deed.until is None else scenario.instant(deed.until),
        reason=deed.because,
    )


def first_incident(scenario: Scenario) -> str:
    """Return the name of the incident that a scenario tells of first."""
    words = [event.entry for event in scenario.events if isinstance(event.entry, Word)]
    return f"{words[0].incident}@probes" if words[0].monitor else words[0].incident


def incident_of(name: str) -> str:
    """Return the id of an incident by its name in the scenario; of a monitor's by ``name@probes``."""
    source = SOURCES[Speaker.MONITOR if name.endswith("@probes") else Speaker.PROVIDER]
    return incident_id(PROVIDER_ID, (source, name))
