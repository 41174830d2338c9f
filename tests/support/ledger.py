"""Plays notices through a book, as the engine would: offsets, stamps, wakes between them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.agreement import Agreement
from models.book import Book, Entry
from models.document import Document
from models.documents import Documents
from models.notice import Notice
from models.paging import Page, PlanDocument
from models.policy import EscalationPolicy
from models.provider import Provider
from models.records import ClockDocument, IncidentDocument
from models.shelf import Row, books, rows
from models.telling import Terms

AGREEMENT = {
    "apiVersion": "holdfast/v1",
    "kind": "Agreement",
    "id": "nimbus-sla",
    "provider": "nimbus",
    "customer": "us",
    "contract": "sla",
    "versions": [
        {
            "version": "1",
            "effective_from": "2026-01-01",
            "timezone": "UTC",
            "services": ["mail"],
            "calendars": {"always": {"hours": "24x7"}},
            "priorities": {"p1": {"severities": ["critical", "major"]}, "p2": {"severities": ["minor"]}},
            "targets": [
                {"objective": "acknowledge", "p1": "15m", "p2": "30m", "warn_at": [0.5]},
                {"objective": "update", "p1": "60m"},
                {"objective": "restore", "p1": "4h", "p2": "8h"},
                {"objective": "resolve", "p1": "8h"},
            ],
            "escalation": "major",
        }
    ],
}
PROVIDER = {
    "apiVersion": "holdfast/v1",
    "kind": "Provider",
    "id": "nimbus",
    "name": "Nimbus",
    "contacts": {
        "duty": {"name": "Duty desk", "side": "provider", "email": "duty@nimbus.example"},
        "noc": {"name": "NOC", "side": "customer"},
        "boss": {"name": "Vendor manager", "side": "customer", "email": "vm@us.example"},
    },
    "services": {"mail": {"sites": ["fra"]}, "web": {}},
    "sites": {"fra": {"name": "Frankfurt", "lat": 50.1, "lon": 8.7}},
}
POLICY = {
    "apiVersion": "holdfast/v1",
    "kind": "EscalationPolicy",
    "id": "major",
    "applies_to": {"priorities": ["p1"]},
    "provider_ladder": [{"when": {"objective": "restore", "share": 0.75}, "notify": ["duty"], "via": ["email"]}],
    "customer_ladder": [
        {"when": {"objective": "acknowledge", "breached": True}, "notify": ["noc"], "via": ["webhook"]},
        {"when": {"objective": "update", "missed": 2}, "notify": ["noc"], "via": ["webhook"]},
        {"when": {"objective": "restore", "share": 1.0, "after": "30m"}, "notify": ["boss"], "via": ["email"]},
    ],
}


def documents() -> Documents:
    """Return one agreement, one provider and one policy, with targets that are easy to reckon with."""
    return Documents.of(
        [
            Agreement.model_validate(AGREEMENT),
            Provider.model_validate(PROVIDER),
            EscalationPolicy.model_validate(POLICY),
        ]
    )


@dataclass
class Play:
    """A book with everything that it has said so far."""

    terms: Terms = field(default_factory=lambda: Terms(documents()))
    book: Book = field(default_factory=lambda: Book("nimbus"))
    said: list[Document] = field(default_factory=list)
    offset: int = -1
    stored: dict[bytes, bytes] = field(default_factory=dict)
    heard: list[Notice] = field(default_factory=list)

    def tell(self, notice: Notice, *, recorded_at: datetime | None = None) -> "Play":
        """Apply a notice as the next ledger record."""
        self.offset += 1
        self.heard.append(notice)
        self.said += self.book.apply(notice, Entry(self.offset, recorded_at or notice.received_at), self.terms)
        return self

    def run_to(self, instant: datetime) -> "Play":
        """Let time pass: apply every wake that falls due, each as a ledger record of its own."""
        while (
            due := min((case.wake_at for case in self.book.cases.values() if case.wake_at), default=None)
        ) is not None:
            if due > instant:
                break
            for case in list(self.book.cases.values()):
                if case.wake_at == due:
                    self.offset += 1
                    self.said += self.book.wake(case.incident_id, due, Entry(self.offset, due), self.terms)
        return self

    def restart(self) -> "Play":
        """Forget everything but what was stored."""
        self.store()
        self.book = books(self.stored.items()).get("nimbus", Book("nimbus"))
        return self

    def store(self) -> list[Row]:
        """Store what changed; return it."""
        changed = rows(self.book)
        self.stored.update(changed)
        return changed

    def pages(self) -> list[Page]:
        """Return the pages so far, in order."""
        return [one for one in self.said if isinstance(one, Page)]

    def incident(self) -> IncidentDocument:
        """Return the last revision of the only incident, or of the one told last."""
        return [one for one in self.said if isinstance(one, IncidentDocument)][-1]

    def plan(self) -> PlanDocument:
        """Return the last revision of the plan told last."""
        return [one for one in self.said if isinstance(one, PlanDocument)][-1]

    def clock(self, objective: str, basis: str = "agreed", ordinal: int = 0) -> ClockDocument:
        """Return the last revision of a clock."""
        return self.clocks(objective, basis, ordinal)[-1]

    def clocks(self, objective: str, basis: str = "agreed", ordinal: int = 0) -> list[ClockDocument]:
        """Return all revisions of a clock."""
        return [
            one
            for one in self.said
            if isinstance(one, ClockDocument) and (one.objective, one.basis, one.ordinal) == (objective, basis, ordinal)
        ]


def final(said: Iterable[Document]) -> dict[str, Any]:
    """Return what documents say in the end, by id, apart from how often they changed and why."""
    last: dict[str, Any] = {}
    for one in said:
        content = one.model_dump(exclude={"revision", "caused_by", "replaces", "issued_at", "late_s"})
        last[f"{type(one).__name__}/{one.document_id()}"] = content
    return last


def shuffled_with_copies(notices: Sequence[Notice], order: Sequence[int]) -> list[Notice]:
    """Return the notices at these positions, in this order; positions may repeat."""
    return [notices[position % len(notices)] for position in order]


HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
