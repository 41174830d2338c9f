"""Many providers under load: their documents, their notices, and what an independent reader finds on the topics."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from holdfast import kafka
from holdfast.settings import Settings
from models.agreement import Agreement
from models.book import Book, Entry
from models.correlation import incident_id
from models.document import Document
from models.documents import AnyDocument, Documents, document_key, to_wire
from models.ids import stable_id
from models.notice import Notice, Phase, Speaker
from models.paging import Page, PlanDocument
from models.policy import EscalationPolicy
from models.provider import Provider
from models.records import ClockDocument, IncidentDocument
from models.telling import Terms
from models.topics import HEADER_ID, HEADER_TYPE, HEADER_VERSION, Headers, Stream, document_headers
from tests.support.ledger import AGREEMENT, POLICY, PROVIDER

KINDS: dict[Stream, type[Document]] = {
    Stream.INCIDENTS: IncidentDocument,
    Stream.CLOCKS: ClockDocument,
    Stream.PLANS: PlanDocument,
    Stream.PAGES: Page,
}
BORN_AND_CAUSED = {"revision", "caused_by", "replaces", "issued_at", "late_s"}
"""Fields that tell how a document came to be, not what it says."""

EVER = datetime.min.replace(tzinfo=UTC)


def fleet(count: int) -> Documents:
    """Return documents of so many providers, ``p0`` on, with targets of seconds: time runs out during the test."""
    found: list[AnyDocument] = []
    policy = deepcopy(POLICY)
    policy["customer_ladder"] = [
        {"when": {"objective": "restore", "share": 0.5}, "notify": ["noc"], "via": ["webhook"]},
        {"when": {"objective": "restore", "breached": True}, "notify": ["boss"], "via": ["email"]},
    ]
    found.append(EscalationPolicy.model_validate(policy))
    for number in range(count):
        provider, agreement = deepcopy(PROVIDER), deepcopy(AGREEMENT)
        provider["id"] = agreement["provider"] = f"p{number}"
        agreement["id"] = f"p{number}-sla"
        agreement["versions"][0]["targets"] = [
            {"objective": "acknowledge", "p1": "5s"},
            {"objective": "restore", "p1": "20s", "warn_at": [0.5]},
        ]
        provider["feeds"] = [{"id": f"p{number}-status", "format": "statuspage", "timezone": "UTC"}]
        found += [Provider.model_validate(provider), Agreement.model_validate(agreement)]
    return Documents.of(found)


def publish(settings: Settings, documents: Documents) -> None:
    """Publish documents, as ``holdfast apply`` does."""
    with kafka.Publisher(settings) as publisher:
        for document in documents:
            publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))


def history(provider: str, number: int, start: datetime, *, restored: bool) -> Iterator[Notice]:
    """Yield an incident's notices: reported, engaged, and, where it ends, restored after the first rung."""
    told = [(Phase.REPORTED, 0.0), (Phase.ENGAGED, 2.0), (Phase.UPDATE, 3.0)]
    for ordinal, (phase, seconds) in enumerate([*told, (Phase.RESTORED, 13.0)] if restored else told):
        at = start + timedelta(seconds=seconds)
        yield Notice(
            notice_id=stable_id(provider, str(number), str(ordinal)),
            source=f"{provider}-status",
            source_incident_id=f"inc-{number}",
            source_update_id=str(ordinal),
            speaker=Speaker.PROVIDER,
            phase=phase,
            provider=provider,
            services=("mail",),
            severity="major",
            title=f"Incident {number}",
            text=f"{phase.value} of {number}",
            claimed_at=at,
            published_at=at,
            received_at=at + timedelta(milliseconds=200),
        )


def histories(providers: int, incidents: int, per_second: float, start: datetime) -> list[Notice]:
    """Return the notices of incidents that begin at a steady rate, every third one unrestored, as received."""
    found = [
        notice
        for number in range(incidents)
        for notice in history(
            f"p{number % providers}", number, start + timedelta(seconds=number / per_second), restored=number % 3 > 0
        )
    ]
    return sorted(found, key=lambda notice: notice.received_at)


def ledger_headers(notice: Notice) -> Headers:
    """Return the headers of a notice on the ledger."""
    return [*document_headers(notice.notice_id, month=f"{notice.order_at:%Y-%m}"), (HEADER_TYPE, b"notice")]


@dataclass
class Found:
    """What an independent reader finds on the engine's output topics."""

    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The newest revision of each document, by kind and id, without how it came to be."""
    versions: dict[str, set[int]] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    copies: int = 0
    """Records that say again what an earlier one said: same id, same revision."""
    contradictions: list[str] = field(default_factory=list)
    """Same id and revision, other content: must never be."""


def read(settings: Settings) -> Found:
    """Read the output topics from their beginning to their end as of now."""
    found = Found()
    seen: dict[tuple[str, int], dict[str, Any]] = {}
    newest: dict[str, int] = {}
    for stream, kind in KINDS.items():
        for record in kafka.read_all(settings, kafka.names(settings).topic(stream)):
            headers = dict(record.headers)
            name = f"{kind.__name__}/{headers[HEADER_ID].decode()}"
            version = int(headers.get(HEADER_VERSION, b"0"))
            content = kind.from_wire(record.value).model_dump(exclude=BORN_AND_CAUSED)
            if (name, version) in seen:
                found.copies += 1
                if seen[name, version] != content:
                    found.contradictions.append(f"{name} revision {version}")
            seen[name, version] = content
            if stream is Stream.PAGES:
                found.pages[name] = content
            elif version >= newest.get(name, 0):
                newest[name] = version
                found.last[name] = content
                found.versions.setdefault(name, set()).add(version)
            else:
                found.versions.setdefault(name, set()).add(version)
    return found


def overtaken(settings: Settings) -> set[str]:
    """Return the incidents of which a notice reached the ledger after a wake for a later instant than its receipt.

    So it is when the broker is away: what the sender holds back can't be known, and what fell due meanwhile is told
    without it. The verdicts come out the same, but pages and revisions may be more than the notices alone would give.
    """
    woken: dict[str, datetime] = {}
    found: set[str] = set()
    for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.LEDGER)):
        if dict(record.headers)[HEADER_TYPE] == b"wake":
            incident = orjson.loads(record.value)["incident_id"]
            woken[incident] = max(woken.get(incident, EVER), datetime.fromtimestamp(record.timestamp / 1000, UTC))
        elif dict(record.headers)[HEADER_TYPE] == b"notice":
            notice = Notice.from_wire(record.value)
            incident = incident_id(notice.provider or "", (notice.source, notice.source_incident_id))
            if woken.get(incident, EVER) >= notice.received_at:
                found.add(incident)
    return found


def oracle(notices: Iterable[Notice], documents: Documents, until: datetime) -> Found:
    """Return what the pure core makes of the notices, with nothing but itself: no Kafka, no Faust, no table."""
    found = Found()
    terms = Terms(documents)
    books: dict[str, Book] = {}
    offset = 0
    for notice in sorted(notices, key=lambda one: one.received_at):
        assert notice.provider is not None
        book = books.setdefault(notice.provider, Book(notice.provider))
        _take(found, book.apply(notice, Entry(offset, notice.received_at), terms))
        offset += 1
    for book in books.values():
        for case in list(book.cases.values()):
            while case.wake_at is not None and case.wake_at < until:
                _take(found, book.wake(case.incident_id, case.wake_at, Entry(offset, case.wake_at), terms))
                offset += 1
    return found


def _take(found: Found, said: Iterable[Document]) -> None:
    for one in said:
        name = f"{type(one).__name__}/{one.document_id()}"
        content = one.model_dump(exclude=BORN_AND_CAUSED)
        if isinstance(one, Page):
            found.pages[name] = content
        else:
            found.last[name] = content
            found.versions.setdefault(name, set()).add(one.document_version() or 0)


def now() -> datetime:
    """Return the wall clock: the engine's timers run on it."""
    return datetime.now(UTC)
