"""Reads what the auditor compares: documents, ledger, plans, pages and deliveries. IO: Kafka; writes nothing.

The order of reading is what makes it sound while everything runs on. First how far the engine has committed: what
follows from records before that is on the topics. Then the topics. Then the ledger to its end: whatever was on the
topics follows from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition

from holdfast import kafka
from holdfast.settings import Settings
from models.audit import Discrepancy, Found, Scope, audit
from models.document import Document
from models.documents import is_version_key
from models.fact import EPOCH
from models.paging import Delivery, Page, PlanDocument
from models.replaying import LedgerRecord, Replay
from models.telling import Terms
from models.topics import HEADER_TYPE, Stream
from streams.config import ENGINE

Kind = TypeVar("Kind", bound=Document)
MARGIN = timedelta(days=1)
"""Before the scope begins pages and deliveries are read for this long: what is in it may follow from them."""
ANSWER_MS = 15_000


@dataclass(frozen=True)
class Audited:
    """What an audit looked at, and what it found."""

    discrepancies: tuple[Discrepancy, ...]
    since: datetime | None
    ledger_records: int
    pages: int
    plans: int
    deliveries: int

    @property
    def faults(self) -> tuple[Discrepancy, ...]:
        """Those that no changed document explains."""
        return tuple(one for one in self.discrepancies if one.explained is None)


def audit_installation(
    settings: Settings, since: datetime | None, on_progress: Callable[[int], None] = lambda _: None
) -> Audited:
    """Compare what the ledger gives with what was told.

    Args:
        settings: the installation.
        since: compare what was issued from then on; None is everything. The ledger is read whole either way.
        on_progress: called with the number of ledger records folded since the last call.

    Raises:
        KafkaUnreachableError: if no broker answers.
        KafkaError: if it stops answering.
    """
    kafka.await_broker(settings)
    documents, changed_at = kafka.read_documents(settings), _changed_at(settings)
    handled = _handled(settings)
    found = _found(settings, None if since is None else since - MARGIN)
    replay = Replay(Terms(documents, settings.late_after))
    count = 0
    for record in _ledger(settings):
        replay.apply(record)
        count += 1
        on_progress(1)
    scope = Scope(settings.clock.now(), since, handled, changed_at)
    discrepancies = audit(replay.expected, found, documents, scope)
    return Audited(discrepancies, since, count, len(found.pages), len(found.plans), len(found.deliveries))


def _handled(settings: Settings) -> dict[int, int]:
    """Return by partition of the ledger how far the engine has committed."""
    names = kafka.names(settings)
    topic = names.topic(Stream.LEDGER)
    consumer = KafkaConsumer(
        **kafka.options(settings),
        group_id=names.group(ENGINE),
        enable_auto_commit=False,
        allow_auto_create_topics=False,
    )
    try:
        numbers = consumer.partitions_for_topic(topic) or ()
        committed = {
            number: consumer.committed(TopicPartition(topic, number), timeout_ms=ANSWER_MS) for number in numbers
        }
    finally:
        consumer.close(autocommit=False, timeout_ms=1000)
    return {number: offset for number, offset in committed.items() if offset is not None}


def _changed_at(settings: Settings) -> dict[str, datetime]:
    """Return when each document was published last; nothing where the product's clock is not the wall clock.

    Documents are stamped by the wall clock, the ledger by the product's: the two can't be compared in a demo.
    """
    if settings.clock_text:
        return {}
    found = {}
    for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.DOCUMENTS)):
        key = (record.key or b"").decode(errors="replace")
        if not is_version_key(key):
            found[key] = _stamp(record)
    return found


def _found(settings: Settings, since: datetime | None) -> Found:
    pages = [page for page in _documents(settings, Stream.PAGES, Page) if since is None or page.issued_at >= since]
    plans: dict[str, PlanDocument] = {}
    for plan in _documents(settings, Stream.PLANS, PlanDocument):
        known = plans.get(plan.incident_id)
        if known is None or plan.revision >= known.revision:
            plans[plan.incident_id] = plan
    deliveries = [
        one for one in _documents(settings, Stream.DELIVERIES, Delivery) if since is None or one.finished_at >= since
    ]
    return Found(pages, plans, deliveries)


def _documents(settings: Settings, stream: Stream, kind: type[Kind]) -> Iterator[Kind]:
    """Yield the documents of a topic; what is none there is a dead letter of whoever reads it."""
    for record in kafka.read_all(settings, kafka.names(settings).topic(stream)):
        try:
            yield kind.from_wire(record.value or b"")
        except (ValueError, TypeError, AttributeError):
            continue


def _ledger(settings: Settings) -> Iterator[LedgerRecord]:
    for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.LEDGER)):
        kind = dict(record.headers or ()).get(HEADER_TYPE, b"notice").decode(errors="replace")
        yield LedgerRecord(record.partition, record.offset, _stamp(record), kind, record.value or b"")


def _stamp(record: Any) -> datetime:
    """Return a record's own stamp, as the engine reads it: one outside the calendar is the epoch."""
    try:
        return datetime.fromtimestamp(record.timestamp / 1000.0, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return EPOCH


def ledger_records(settings: Settings) -> int:
    """Return how many records the ledger has now.

    Raises:
        KafkaUnreachableError: if no broker answers.
    """
    from holdfast.groups import count_records

    kafka.await_broker(settings)
    return count_records(settings, [kafka.names(settings).topic(Stream.LEDGER)])
