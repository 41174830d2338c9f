"""The pages of the last months by id, read from their topic: whom a reply address means. IO: Kafka.

A follower of its own, in no group: each mailbox holds all pages. Ready when it has read to the end; a page that it
does not know is looked for once more after it has caught up with what the topic holds by then.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from models.paging import Page
from models.tokens import Claims
from models.topics import Names, Stream

log = logging.getLogger("holdfast.mailbox")

POLL_MS = 200
PAUSE_S = 1.0
SETTLE_S = 5.0
"""Longest wait for the end of the topic when a page is not known."""
DAYS = 90
"""How long ago a page may have been issued."""
KEPT = 200_000
"""Pages held at most; the first ones read go first."""


class NotCaughtUpError(Exception):
    """The topic can't be read to its end now, so whether there is such a page can't be told: ask again later."""


class KnownPage(BaseModel):
    """What has to be known of a page when somebody answers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: Claims
    rota: str | None
    email: str | None
    """Address that the page went to, if it went by mail."""

    @classmethod
    def of(cls, page: Page) -> "KnownPage":
        """Return it of a page.

        Raises:
            ValueError: if the page can't be answered.
        """
        is_mail = page.channel == "email" and page.address is not None and "@" in page.address
        return cls(claims=Claims.of(page), rota=page.rota, email=page.address if is_mail else None)


class PagesKnown:
    """The follower. ``start`` it, and ask it from any thread."""

    def __init__(self, kafka: Mapping[str, Any], names: Names, since: datetime, kept: int = KEPT) -> None:
        """Connect.

        Args:
            kafka: connection options of kafka-python clients.
            names: of the installation.
            since: pages that came onto the topic before this are not known.
            kept: pages held at most.

        Raises:
            KafkaError: if no broker answers.
        """
        self._topic = names.topic(Stream.PAGES)
        self._since_ms = int(since.timestamp() * 1000)
        self._kept = kept
        self._consumer = KafkaConsumer(**kafka, group_id=None, enable_auto_commit=False)
        self._pages: dict[str, bytes] = {}
        self._stopping = threading.Event()
        self._turn = threading.Condition()
        self._wanted = 1
        """How many times the end of the topic was asked for."""
        self._reached = 0
        """How many times it was reached since it was asked for."""
        self._thread = threading.Thread(target=self._follow, name="pages-known", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the topic was read to its end once; return whether it was."""
        with self._turn:
            return self._turn.wait_for(lambda: self._reached > 0 or self._stopping.is_set(), timeout_s) and bool(
                self._reached
            )

    def find(self, page_id: str) -> KnownPage | None:
        """Return a page; None for one that is too old, or can't be answered, or does not exist.

        Raises:
            NotCaughtUpError: if it is not known, and the topic can't be read to its end now.
        """
        found = self._pages.get(page_id)
        if found is None:
            self._catch_up()
            found = self._pages.get(page_id)
        return None if found is None else KnownPage.model_validate_json(found)

    def __len__(self) -> int:
        return len(self._pages)

    def _catch_up(self) -> None:
        """Wait until all that the topic holds by now is read."""
        with self._turn:
            self._wanted += 1
            mine = self._wanted
            if not self._turn.wait_for(lambda: self._reached >= mine, SETTLE_S):
                raise NotCaughtUpError(f"{self._topic} was not read to its end in {SETTLE_S:g} s")

    def _follow(self) -> None:
        begun = False
        while not self._stopping.is_set():
            try:
                begun = begun or self._begin()
                if begun:
                    self._read()
                else:
                    self._stopping.wait(PAUSE_S)  # the topic is just being made
            except KafkaError as error:
                log.warning("pages are not read, trying again: %s", error)
                self._stopping.wait(PAUSE_S)
        self._consumer.close()

    def _begin(self) -> bool:
        """Go to the first records that are new enough."""
        partitions = [
            TopicPartition(self._topic, one) for one in self._consumer.partitions_for_topic(self._topic) or ()
        ]
        if not partitions:
            return False
        self._consumer.assign(partitions)
        ends = self._consumer.end_offsets(partitions)  # before asking for times: what comes in between is read
        starts = self._consumer.offsets_for_times(dict.fromkeys(partitions, self._since_ms))
        for partition in partitions:
            start = starts.get(partition)
            self._consumer.seek(partition, ends[partition] if start is None else start.offset)
        return True

    def _read(self) -> None:
        """Read what is there; where somebody waits for the end, on to the end of now."""
        with self._turn:
            wanted = self._wanted
        if wanted == self._reached:
            self._poll()
            return
        ends = self._consumer.end_offsets(list(self._consumer.assignment()))
        while any(self._consumer.position(one) < end for one, end in ends.items()) and not self._stopping.is_set():
            self._poll()
        with self._turn:
            self._reached = wanted
            self._turn.notify_all()

    def _poll(self) -> None:
        for records in self._consumer.poll(timeout_ms=POLL_MS).values():
            for record in records:
                self._note(record.value or b"")

    def _note(self, value: bytes) -> None:
        try:
            page = Page.from_wire(value)
            self._pages[page.page_id] = KnownPage.of(page).model_dump_json().encode()
        except (ValueError, TypeError, AttributeError):
            return  # no page, or one that can't be answered
        while len(self._pages) > self._kept:
            del self._pages[next(iter(self._pages))]
