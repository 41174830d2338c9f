"""Documents and notices to measure with: a fleet of providers, their incidents as notices or as Statuspage polls. Pure.

Nothing here is random: the same numbers give the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from models.agreement import Agreement
from models.documents import AnyDocument, Documents
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.policy import EscalationPolicy
from models.provider import Provider
from models.raw import RawPayload

Spec = dict[str, Any]
"""A document, or a part of one, as it stands in YAML."""
PROVIDERS = 8
HISTORY_BEGIN = datetime(2026, 5, 4, tzinfo=UTC)
"""Histories begin here; the product's clock is set to stand before them, so that no timer interferes."""
RESTORE_WITHIN = timedelta(minutes=30)
"""Target of the documents that page."""

_TARGETS: list[Spec] = [
    {"objective": "acknowledge", "p1": "15m", "warn_at": [0.5]},
    {"objective": "update", "p1": "60m"},
    {"objective": "restore", "p1": "4h"},
    {"objective": "resolve", "p1": "8h"},
]
_LADDERS = {
    "provider_ladder": [{"when": {"objective": "restore", "share": 0.75}, "notify": ["duty"], "via": ["email"]}],
    "customer_ladder": [
        {"when": {"objective": "acknowledge", "breached": True}, "notify": ["noc"], "via": ["webhook"]},
        {"when": {"objective": "update", "missed": 2}, "notify": ["noc"], "via": ["webhook"]},
        {"when": {"objective": "restore", "breached": True}, "notify": ["noc"], "via": ["webhook"]},
    ],
}
_PAGING_TARGETS: list[Spec] = [
    {"objective": "update", "p1": "60m"},
    {"objective": "restore", "p1": "30m"},
    {"objective": "resolve", "p1": "8h"},
]
_PAGING_LADDERS = {
    "customer_ladder": [{"when": {"objective": "restore", "breached": True}, "notify": ["noc"], "via": ["webhook"]}]
}


def working_documents() -> Documents:
    """Return documents as an installation has them: four objectives, two ladders."""
    return _documents(_TARGETS, _LADDERS)


def paging_documents() -> Documents:
    """Return documents whose one rung is a restore that is breached after ``RESTORE_WITHIN``."""
    return _documents(_PAGING_TARGETS, _PAGING_LADDERS)


def _documents(targets: Sequence[Spec], ladders: dict[str, Any]) -> Documents:
    policy = {"apiVersion": "holdfast/v1", "kind": "EscalationPolicy", "id": "major", **ladders}
    found: list[AnyDocument] = [EscalationPolicy.model_validate(policy)]
    for number in range(PROVIDERS):
        found += [Provider.model_validate(_provider(number)), Agreement.model_validate(_agreement(number, targets))]
    return Documents.of(found)


def _provider(number: int) -> dict[str, Any]:
    return {
        "apiVersion": "holdfast/v1",
        "kind": "Provider",
        "id": f"p{number}",
        "name": f"Provider {number}",
        "contacts": {
            "duty": {"name": "Duty desk", "side": "provider", "email": "duty@provider.example"},
            "noc": {"name": "NOC", "side": "customer"},
        },
        "services": {"mail": {}},
        "feeds": [{"id": f"p{number}-status", "format": "statuspage", "timezone": "UTC"}],
    }


def _agreement(number: int, targets: Sequence[Spec]) -> Spec:
    version = {
        "version": "1",
        "effective_from": "2026-01-01",
        "timezone": "UTC",
        "services": ["mail"],
        "calendars": {"always": {"hours": "24x7"}},
        "priorities": {"p1": {"severities": ["critical", "major"]}},
        "targets": list(targets),
        "escalation": "major",
    }
    return {
        "apiVersion": "holdfast/v1",
        "kind": "Agreement",
        "id": f"p{number}-sla",
        "provider": f"p{number}",
        "customer": "us",
        "contract": "sla",
        "versions": [version],
    }


def notice(number: int, ordinal: int, phase: Phase, received_at: datetime, **fields: Any) -> Notice:
    """Return one statement about incident ``number``, claimed and published when it was received."""
    provider = f"p{number % PROVIDERS}"
    values: dict[str, Any] = {
        "notice_id": stable_id(provider, str(number), str(ordinal)),
        "source": f"{provider}-status",
        "source_incident_id": f"inc-{number}",
        "source_update_id": f"{number}-{ordinal}",
        "speaker": Speaker.PROVIDER,
        "phase": phase,
        "provider": provider,
        "services": ("mail",),
        "components": ("SMTP relay", "IMAP"),
        "severity": "major",
        "title": f"Mail is delayed for some customers ({number})",
        "text": _words(phase.value, ordinal),
        "claimed_at": received_at,
        "published_at": received_at,
        "received_at": received_at,
    }
    return Notice(**{**values, **fields})


@dataclass(frozen=True)
class Said:
    """One update of the usual incident."""

    phase: Phase
    status: str
    """The word that Statuspage has for it."""
    minutes: float


USUAL = (
    Said(Phase.REPORTED, "investigating", 0),
    Said(Phase.ENGAGED, "identified", 6),
    Said(Phase.UPDATE, "identified", 25),
    Said(Phase.UPDATE, "identified", 55),
    Said(Phase.RESTORED, "monitoring", 80),
    Said(Phase.RESOLVED, "resolved", 120),
)
"""What a provider says of an incident."""
SLOW = 4
"""Every so-manieth incident takes this many times as long: it misses updates and its restore target, and pages."""
HISTORY = timedelta(days=2)
"""Over this time the incidents of a history begin."""


def _minutes(number: int, said: Said) -> timedelta:
    return timedelta(minutes=said.minutes * (SLOW if number % SLOW == 0 else 1))


def every_one_new(count: int) -> list[Notice]:
    """Return notices of as many incidents: each opens its clocks."""
    step = timedelta(minutes=5) / count
    return [notice(number, 0, Phase.REPORTED, HISTORY_BEGIN + number * step) for number in range(count)]


def usual_mix(count: int) -> list[Notice]:
    """Return about so many notices of incidents with six updates each, as received: all of them end."""
    incidents = max(1, count // len(USUAL))
    step = HISTORY / incidents
    found = [
        notice(number, ordinal, said.phase, HISTORY_BEGIN + number * step + _minutes(number, said))
        for number in range(incidents)
        for ordinal, said in enumerate(USUAL)
    ]
    return sorted(found, key=lambda one: one.received_at)


MIXES = {"every notice a new incident": every_one_new, "usual mix, six notices an incident": usual_mix}
SHOWN = 10
"""Incidents that a page lists."""


def statuspage_polls(count: int) -> list[RawPayload]:
    """Return about so many polls of the providers' pages in order of time, each with one update more than the last."""
    per_provider = max(1, count // PROVIDERS // len(USUAL))
    found = [poll for number in range(PROVIDERS) for poll in _polls(number, per_provider)]
    return sorted(found, key=lambda poll: (poll.received_at, poll.feed))


def _polls(provider: int, incidents: int) -> Iterator[RawPayload]:
    step = HISTORY / incidents
    told: dict[int, list[dict[str, Any]]] = {}
    moments = sorted(
        (HISTORY_BEGIN + row * step + _minutes(row, said), row, ordinal)
        for row in range(incidents)
        for ordinal, said in enumerate(USUAL)
    )
    for at, row, ordinal in moments:
        told.setdefault(row, []).insert(0, _update(provider, row, ordinal, at))
        shown = sorted(told.items(), reverse=True)[:SHOWN]
        page = {"page": {"id": f"page{provider}", "name": f"Provider {provider}", "updated_at": _stamp(at)}}
        body = orjson.dumps({**page, "incidents": [_incident(provider, one, updates) for one, updates in shown]})
        yield _payload(provider, body, at + timedelta(seconds=5 + provider))


def breached_incident(number: int, began_at: datetime, now: datetime) -> RawPayload:
    """Return a poll of one incident that was told just now and began at ``began_at``."""
    provider = number % PROVIDERS
    body = {**_incident(provider, number, [_update(provider, number, 0, now)]), "started_at": _stamp(began_at)}
    return _payload(provider, orjson.dumps({"incident": body}), now)


def _payload(provider: int, body: bytes, received_at: datetime) -> RawPayload:
    feed = f"p{provider}-status"
    return RawPayload(
        feed=feed, format="statuspage", body=body, received_at=received_at, content_type="application/json"
    )


def _incident(provider: int, row: int, updates: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"p{provider}inc{row}",
        "name": f"Mail is delayed for some customers ({row})",
        "status": updates[0]["status"],
        "impact": "major",
        "started_at": updates[-1]["created_at"],
        "created_at": updates[-1]["created_at"],
        "resolved_at": updates[0]["created_at"] if updates[0]["status"] == "resolved" else None,
        "incident_updates": list(updates),
        "components": [{"name": "SMTP relay"}, {"name": "IMAP"}],
    }


def _update(provider: int, row: int, ordinal: int, at: datetime) -> dict[str, Any]:
    said = USUAL[ordinal]
    stamp = _stamp(at)
    return {
        "id": f"p{provider}inc{row}u{ordinal}",
        "status": said.status,
        "body": _words(said.status, ordinal),
        "created_at": stamp,
        "display_at": stamp,
        "updated_at": stamp,
        "affected_components": [{"name": "SMTP relay"}],
    }


def _words(status: str, ordinal: int) -> str:
    return f"Update {ordinal}, {status}: deliveries from our outbound relays take longer than usual. More later."


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
