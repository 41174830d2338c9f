"""Keeps the board current and tells every open page what changed.

A page is made of fragments: the summary, one card per open incident, and the list of ended ones. Each is drawn
again only when its view changes, and carries the number of the change. A viewer says the last number that it has
and gets all later fragments in one patch, so a slow viewer gets fewer, larger patches and nothing piles up.
Runs on the event loop; the tail and the searches run in threads and hand their results over. IO: by its parts.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from board.announce import announcements
from board.render import Renderer
from board.state import BoardState, Dossier, Record
from board.store import StoreError
from board.store_matters import MatterStore
from board.tail import Tail
from board.view import Card, Word, WordKey, board_view
from models.instants import format_instant
from models.ports import Clock
from models.records import IncidentDocument
from models.topics import Names

logger = logging.getLogger(__name__)

TICK_S = 0.5
"""Real seconds between two looks at what the time alone has changed."""
RECONCILE_S = 15.0
WORDS_S = 2.0
"""Real seconds between searches for the last words of incidents that changed: the index is refreshed every second."""
SEARCH_S = 10
"""How long one search may take; stopping the board waits for the one that runs."""
SILENT_S = 45.0
"""Real seconds without an answer after which a source counts as lost even if nothing failed: three reconcilings."""
WORDS_ROUNDS = 5
POSITION_WAIT_S = 20.0
"""How long the first snapshot waits for the tail; without Kafka the board shows the index and says so."""
SAID_KEPT = 20
SOURCES = ("kafka", "elasticsearch")


@dataclass
class Fragment:
    """A drawn piece of the page, the view that it was drawn from, and the number of its last change."""

    view: Any
    html: str
    changed: int


@dataclass
class Health:
    """Of one source: the last instant at which it answered, and what is wrong since then."""

    answered_at: datetime | None = None
    trouble: str | None = "still connecting"


@dataclass(frozen=True)
class Connections:
    """What the live board reads from."""

    elasticsearch: dict[str, Any]
    kafka: dict[str, Any]
    names: Names


@dataclass
class Live:
    """The current board. Touched on the event loop only."""

    connections: Connections
    clock: Clock
    speed: float
    renderer: Renderer
    epoch: str = ""
    number: int = 0
    """Of the last change."""
    order: list[str] = field(default_factory=list)
    fragments: dict[str, Fragment] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=lambda: {source: Health() for source in SOURCES})
    viewers: int = 0

    def __post_init__(self) -> None:
        self.epoch = format_instant(self.clock.now())
        patient = {**self.connections.elasticsearch, "request_timeout": SEARCH_S}
        self.store = MatterStore(Elasticsearch(**patient), self.connections.names)
        self.state = BoardState()
        self.summary = board_view(self.state, {}, self.clock.now()).summary
        self.tail = Tail(self.connections.kafka, self.connections.names, self._take, self._report_kafka)
        self._words: dict[WordKey, Word] = {}
        self._wordless: dict[WordKey, int] = {}  # rounds left to ask in
        self._said: list[tuple[int, str]] = []
        self._changed = asyncio.Event()
        self._primed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start reading; the board fills as the sources answer."""
        self._loop = asyncio.get_running_loop()
        self.redraw()
        self.tail.start()
        for name, work in (("draw", self._draw), ("reconcile", self._reconcile), ("words", self._read_words)):
            self._tasks.append(asyncio.create_task(work(), name=f"board-{name}"))

    async def stop(self) -> None:
        """Stop reading."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.tail.stop)

    def dossier(self, incident_id: str) -> Dossier | None:
        """Return the newest that is known of an incident in view."""
        return self.state.dossier(incident_id)

    def redraw(self) -> None:
        """Draw what differs from the last drawing, as of now, and wake the viewers if anything does."""
        now = self.clock.now()
        view = board_view(self.state, self._words, now)
        self.summary = view.summary
        number = self.number + 1
        say = announcements(self._cards(), view.cards) if self._primed else []
        drawn = [self._draw_one("summary", view.summary, now, number), self._draw_one("ended", view.ended, now, number)]
        drawn += [self._draw_one(card.incident_id, card, now, number) for card in view.cards]
        order = [card.incident_id for card in view.cards]
        for key in set(self.order) - set(order):
            del self.fragments[key]
        if any(drawn) or order != self.order:
            self.order, self.number = order, number
            self._said = [*self._said, *((number, text) for text in say)][-SAID_KEPT:]
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    def patch(self, since: int) -> dict[str, Any]:
        """Return every fragment changed after number ``since``, and what a viewer needs to put them in place."""
        return {
            **self.beat(),
            "order": self.order,
            "fragments": {key: one.html for key, one in self.fragments.items() if one.changed > since},
            "say": [text for number, text in self._said if since and number > since],
        }

    def beat(self) -> dict[str, Any]:
        """Return the time, its speed and the sources' health: what a page needs to know that it is current."""
        ill = [health for source in SOURCES if (health := self.check(source)).trouble is not None]
        troubles = [health.trouble for health in ill]
        since = min((health.answered_at for health in ill if health.answered_at is not None), default=None)
        return {
            "now": format_instant(self.clock.now()),
            "speed": self.speed,
            "primed": self._primed,
            "troubles": troubles,
            "since": None if since is None else format_instant(since),
        }

    def check(self, source: str) -> Health:
        """Return a source's health; one that has long said nothing is in trouble, whatever the reason."""
        health = self.health[source]
        if health.trouble is None and health.answered_at is not None:
            silent_s = -self.clock.real_seconds_until(health.answered_at)
            if silent_s > SILENT_S:
                return Health(health.answered_at, f"{source} has not answered for {silent_s:.0f} s")
        return health

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that everything here belongs to; None before the start."""
        return self._loop

    @property
    def is_current(self) -> bool:
        """True while both sources answer."""
        return all(self.check(source).trouble is None for source in SOURCES)

    @property
    def is_primed(self) -> bool:
        """True once a whole snapshot has been taken in: only then does an empty board mean that all is quiet."""
        return self._primed

    def resume(self, last_event_id: str) -> int:
        """Return the number to go on from; 0 (everything) when the id is of another life of this board."""
        epoch, _, number = last_event_id.rpartition("/")
        return int(number) if epoch == self.epoch and number.isdecimal() else 0

    @property
    def last_event_id(self) -> str:
        """Names the last change of this life of the board."""
        return f"{self.epoch}/{self.number}"

    async def changed_since(self, number: int, timeout_s: float) -> bool:
        """Wait until there is a later change; return whether there is one."""
        if self.number <= number:
            try:
                await asyncio.wait_for(self._changed.wait(), timeout_s)
            except TimeoutError:
                return False
        return self.number > number

    def _cards(self) -> list[Card]:
        return [self.fragments[key].view for key in self.order]

    def _draw_one(self, key: str, view: Any, now: datetime, number: int) -> bool:
        known = self.fragments.get(key)
        if known is not None and known.view == view:
            return False
        self.fragments[key] = Fragment(view, self.renderer.fragment(key, view, now), number)
        return True

    async def _draw(self) -> None:
        """Draw twice a second; with so many incidents that drawing is slow, a fifth of the time at most."""
        while True:
            began = time.monotonic()
            self.redraw()
            await asyncio.sleep(max(TICK_S, 4 * (time.monotonic() - began)))

    async def _reconcile(self) -> None:
        ends = time.monotonic() + POSITION_WAIT_S
        while not self.tail.positioned.is_set() and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        while True:
            await self._snapshot()
            await asyncio.sleep(RECONCILE_S)

    async def _snapshot(self) -> None:
        now = self.clock.now()
        try:
            records = await asyncio.to_thread(lambda: list(self.store.snapshot(now)))
        except StoreError as error:
            logger.warning("%s", error)
            self.health["elasticsearch"].trouble = str(error).split("\n")[0][:200]
            return
        self.health["elasticsearch"] = Health(self.clock.now(), None)
        for record in records:
            self.state.apply(record)
        self.state.prune(self.clock.now())
        self._ask_words(self.state.open())
        self._words = {key: word for key, word in self._words.items() if key in self._open_keys()}
        self.redraw()
        self._primed = True

    def _open_keys(self) -> set[WordKey]:
        return {(one.source, one.source_incident_id) for one in self.state.open()}

    def _ask_words(self, incidents: Iterable[IncidentDocument]) -> None:
        self._wordless.update({(one.source, one.source_incident_id): WORDS_ROUNDS for one in incidents})

    async def _read_words(self) -> None:
        """Fetch the last words of incidents that changed, again while the index is behind what the stream said."""
        while True:
            await asyncio.sleep(WORDS_S)
            expected = {(one.source, one.source_incident_id): one.last_notice_at for one in self.state.open()}
            asked = {key: rounds for key, rounds in self._wordless.items() if key in expected}
            self._wordless = {}
            if not asked:
                continue
            try:
                self._words.update(await asyncio.to_thread(self.store.last_words, asked))
            except StoreError:
                self._wordless = asked | self._wordless
                continue
            for key, rounds in asked.items():
                word, spoken_at = self._words.get(key), expected[key]
                if rounds > 1 and (word is None or (spoken_at is not None and word.at < spoken_at)):
                    self._wordless.setdefault(key, rounds - 1)

    def _take(self, records: list[Record]) -> None:
        """Hand a batch to the loop, from the tail's thread, and wait until it is in: the tail slows with the loop."""
        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._absorb(records), self._loop).result(timeout=30)

    async def _absorb(self, records: list[Record]) -> None:
        applied = [record for record in records if self.state.apply(record)]
        self._ask_words(record for record in applied if isinstance(record, IncidentDocument))

    def _report_kafka(self, trouble: str | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note_kafka, trouble)

    def _note_kafka(self, trouble: str | None) -> None:
        if trouble is None:
            self.health["kafka"] = Health(self.clock.now(), None)
        else:
            self.health["kafka"].trouble = trouble
