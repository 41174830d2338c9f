"""Builders of documents with sensible defaults; every keyword replaces one field. Pure: same call, same document."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from models.communication import Communication
from models.document import Document
from models.ids import stable_id
from models.instants import format_instant
from models.notice import Kind, Notice, Phase, Speaker
from models.paging import Delivery, Outcome, Page, PlanDocument, PlannedPage, RungState, Side
from models.raw import DeadLetter
from models.records import Basis, ClockDocument, IncidentDocument, IncidentStatus, Objective, Verdict, WarningStage
from models.topics import HEADER_TYPE, Headers, Stream, document_headers

STARTED = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
"""When the sample incident starts."""
PROVIDER = "nimbus"


def later(minutes: float) -> datetime:
    """Return the instant so many minutes after ``STARTED``."""
    return STARTED + timedelta(minutes=minutes)


def notice(ordinal: int = 0, **fields: Any) -> Notice:
    """Return a provider's notice; another ordinal is another notice of the same incident."""
    values: dict[str, Any] = {
        "notice_id": stable_id("sample-notice", str(ordinal)),
        "source": "nimbus-status",
        "source_incident_id": "inc-1",
        "source_update_id": f"update-{ordinal}",
        "speaker": Speaker.PROVIDER,
        "kind": Kind.INCIDENT,
        "phase": Phase.REPORTED if ordinal == 0 else Phase.UPDATE,
        "provider": PROVIDER,
        "services": ("mail",),
        "components": ("SMTP relay",),
        "regions": ("eu-west",),
        "severity": "major",
        "title": "Mail is delayed",
        "text": f"We are looking into it ({ordinal}).",
        "claimed_at": later(ordinal),
        "published_at": later(ordinal + 1),
        "received_at": later(ordinal + 2),
        "received_after": later(ordinal + 1),
    }
    return Notice(**{**values, **fields})


def incident(ordinal: int = 0, revision: int = 1, **fields: Any) -> IncidentDocument:
    """Return an incident's state at a revision; another ordinal is another incident."""
    values: dict[str, Any] = {
        "incident_id": stable_id("sample-incident", str(ordinal)),
        "provider": PROVIDER,
        "services": ("mail",),
        "source": "nimbus-status",
        "source_incident_id": f"inc-{ordinal}",
        "kind": "incident",
        "title": "Mail is delayed",
        "severity": "major",
        "priority": "P1",
        "status": IncidentStatus.OPEN,
        "phase": Phase.ENGAGED.value,
        "started_at": STARTED,
        "claimed_started_at": STARTED,
        "observed_started_at": later(-2),
        "first_published_at": later(6),
        "acknowledged_at": later(12),
        "restored_at": None,
        "resolved_at": None,
        "claimed_ended_at": None,
        "last_notice_at": later(revision),
        "notice_count": revision,
        "reopened_count": 0,
        "members": (f"nimbus-status/inc-{ordinal}", "probe-eu/mail"),
        "witnesses": ("probe-eu",),
        "agreement": "nimbus-hosting",
        "agreement_version": "2026-01-01",
        "policy": "standard",
        "revision": revision,
        "caused_by": stable_id("sample-notice", str(revision)),
    }
    return IncidentDocument(**{**values, **fields})


def clock(ordinal: int = 0, revision: int = 1, **fields: Any) -> ClockDocument:
    """Return a restore clock at a revision; another ordinal is another clock."""
    values: dict[str, Any] = {
        "clock_id": stable_id("sample-clock", str(ordinal)),
        "incident_id": stable_id("sample-incident", str(ordinal)),
        "source_incident_id": f"inc-{ordinal}",
        "provider": PROVIDER,
        "services": ("mail",),
        "objective": Objective.RESTORE,
        "basis": Basis.AGREED,
        "ordinal": 0,
        "priority": "P1",
        "agreement": "nimbus-hosting",
        "agreement_version": "2026-01-01",
        "started_at": STARTED,
        "due_at": later(240),
        "stopped_at": None,
        "elapsed_min_s": None,
        "elapsed_max_s": None,
        "target_s": 14400.0,
        "paused_s": 0.0,
        "verdict": Verdict.RUNNING,
        "breached_at": None,
        "warnings": (WarningStage(share=0.5, at=later(120)), WarningStage(share=0.9, at=later(216))),
        "revision": revision,
        "caused_by": stable_id("sample-notice", str(revision)),
        "replaces": None,
    }
    return ClockDocument(**{**values, **fields})


def planned_page(ordinal: int = 0, **fields: Any) -> PlannedPage:
    """Return one rung of a plan for one recipient."""
    values: dict[str, Any] = {
        "page_id": stable_id("sample-page", str(ordinal)),
        "side": Side.CUSTOMER,
        "rung": ordinal,
        "condition": "75% of restore target",
        "objective": Objective.RESTORE,
        "recipient": "duty",
        "recipient_name": "Duty manager",
        "channel": "webhook",
        "due_at": later(180),
        "state": RungState.WAITING,
    }
    return PlannedPage(**{**values, **fields})


def plan(ordinal: int = 0, revision: int = 1, **fields: Any) -> PlanDocument:
    """Return an escalation plan at a revision; another ordinal is another incident's."""
    values: dict[str, Any] = {
        "incident_id": stable_id("sample-incident", str(ordinal)),
        "source_incident_id": f"inc-{ordinal}",
        "provider": PROVIDER,
        "services": ("mail",),
        "policy": "standard",
        "policy_version": "3f6a0c2b9d11",
        "started_at": STARTED,
        "next_due_at": later(180),
        "rungs": (planned_page(0), planned_page(1, state=RungState.SUPPRESSED, reason="already acknowledged")),
        "revision": revision,
        "caused_by": stable_id("sample-notice", str(revision)),
    }
    return PlanDocument(**{**values, **fields})


def page(ordinal: int = 0, **fields: Any) -> Page:
    """Return a page by webhook to our duty manager; another ordinal is another page."""
    values: dict[str, Any] = {
        "page_id": stable_id("sample-page", str(ordinal)),
        "incident_id": stable_id("sample-incident", "0"),
        "source_incident_id": "inc-0",
        "provider": PROVIDER,
        "services": ("mail",),
        "policy": "standard",
        "policy_version": "3f6a0c2b9d11",
        "side": Side.CUSTOMER,
        "rung": 0,
        "loop": 0,
        "recipient": "duty",
        "recipient_name": "Duty manager",
        "channel": "webhook",
        "address": None,
        "priority": "P1",
        "objective": Objective.RESTORE,
        "reason": "75% of restore target",
        "title": "nimbus: Mail is delayed",
        "text": "Restore is due 2026-05-04T13:30:00Z by nimbus-hosting; three quarters of it are gone.",
        "due_at": later(180),
        "issued_at": later(180),
        "late_s": 0.0,
    }
    return Page(**{**values, **fields})


def delivery(ordinal: int = 0, attempt: int = 1, outcome: Outcome = Outcome.SENT, **fields: Any) -> Delivery:
    """Return the outcome of one attempt to deliver the page of that ordinal."""
    page_id = stable_id("sample-page", str(ordinal))
    values: dict[str, Any] = {
        "delivery_id": stable_id(page_id, str(attempt), outcome.value),
        "page_id": page_id,
        "incident_id": stable_id("sample-incident", "0"),
        "provider": PROVIDER,
        "recipient": "duty",
        "channel": "webhook",
        "attempt": attempt,
        "outcome": outcome,
        "status_code": 200 if outcome is Outcome.SENT else None,
        "error": None,
        "started_at": later(180),
        "finished_at": later(180),
        "latency_ms": 12.5,
    }
    return Delivery(**{**values, **fields})


def dead_letter(ordinal: int = 0, **fields: Any) -> DeadLetter:
    """Return a payload that the normaliser could not read."""
    values: dict[str, Any] = {
        "letter_id": stable_id("sample-letter", str(ordinal)),
        "stage": "normalise",
        "feed": "nimbus-status",
        "format": "statuspage",
        "reason": "not_json",
        "detail": "line 1 column 1: unexpected character",
        "topic": "holdfast.raw",
        "partition": 0,
        "offset": ordinal,
        "content_type": "application/json",
        "name": "incidents.json",
        "raw": base64.b64encode(b"<html>502 Bad Gateway</html>").decode(),
        "received_at": later(1),
        "received_after": later(0),
    }
    return DeadLetter(**{**values, **fields})


STREAM_OF: dict[type[Document], Stream] = {
    IncidentDocument: Stream.INCIDENTS,
    ClockDocument: Stream.CLOCKS,
    PlanDocument: Stream.PLANS,
    Page: Stream.PAGES,
    Delivery: Stream.DELIVERIES,
    DeadLetter: Stream.DEAD_LETTERS,
    Communication: Stream.COMMUNICATIONS,
}
"""Which topic a document travels on."""


def record(document: Document | Notice) -> tuple[Stream, str, bytes, Headers]:
    """Return the record that the engine would write, as the arguments of ``Publisher.send``."""
    if isinstance(document, Notice):
        headers = [
            *document_headers(document.notice_id, month=format_instant(document.order_at)[:7]),
            (HEADER_TYPE, b"notice"),
        ]
        return Stream.LEDGER, document.provider or "-", document.to_wire(), headers
    version = document.document_version()
    month = format_instant(document.occurred_at())[:7] if version is None else None
    return (
        STREAM_OF[type(document)],
        _key(document),
        document.to_wire(),
        document_headers(document.document_id(), version=version, month=month),
    )


def _key(document: Document) -> str:
    if isinstance(document, DeadLetter):
        return document.feed or "-"
    if isinstance(document, Page):
        return document.postbox
    if isinstance(document, Delivery):
        return document.recipient  # of our side, as all of these samples
    key: str = document.provider  # type: ignore[attr-defined]  # every other document has one
    return key


def one_of_each() -> list[Document | Notice]:
    """Return one document of every kind that is indexed."""
    return [notice(), incident(), clock(), plan(), page(), delivery(), dead_letter()]
