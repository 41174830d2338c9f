"""``holdfast serve``: the NOC board, the REST API and the receiver of pushed feeds. IO: HTTP, Kafka, Elasticsearch."""

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from board.live import Live
    from holdfast.beating import Loop
    from holdfast.settings import Settings
    from models.documents import Documents
    from models.heartbeat import Figures
    from models.raw import RawPayload

CONFIRM_S = 20
"""How long a sender waits for the broker before it is told to send again."""
DOCUMENTS_S = 15.0
"""Real seconds after which the documents in force are read again."""
SOURCE_AWAY_S = 30.0
"""A source that is away for a moment is no trouble of the board's."""
DRAIN_S = 3
"""How long open pages are given to end when the board stops."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve() -> None:
    """Serve the board and the API on HOLDFAST_BOARD_HOST and HOLDFAST_BOARD_PORT (loopback unless set)."""
    import logging

    import uvicorn

    from board.app import create_app
    from holdfast import logs
    from holdfast.beating import Beat, service_name
    from holdfast.settings import load

    settings = load()
    logs.configure(settings.log_level)
    for name in ("kafka", "elastic_transport"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a source that is gone is told once, by the board itself
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    publisher = RawPublisher(settings)
    app = create_app(options(settings, publisher))
    config = uvicorn.Config(
        app,
        host=settings.board_host,
        port=settings.board_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
    )
    server = _server(config, f"http://{settings.board_host}:{settings.board_port}/")
    vitals = BoardVitals(app.state.live)
    with Beat(settings, service_name("serve", settings.instance), vitals.read) as beat:
        with suppress(SystemExit):  # its answer to a port that is taken; ours follows
            server.run()
        if not server.started:
            beat.stop(goodbye=False)
    publisher.close()
    if not server.started:
        typer.echo(
            f"the board could not listen on {settings.board_host}:{settings.board_port}; "
            "is another one running? Set HOLDFAST_BOARD_PORT to a free port",
            err=True,
        )
        raise typer.Exit(1)


def options(settings: "Settings", publisher: "RawPublisher") -> Any:
    """Return what the board is given."""
    from board.app import BoardOptions
    from dashboards.questions import QUESTIONS, Questions
    from holdfast import kafka, search
    from holdfast.clock import Clock
    from holdfast.reader import SearchReader

    names, documents = kafka.names(settings), InForce(settings).read
    reader = SearchReader(search.client(settings), names, settings.elasticsearch)
    return BoardOptions(
        elasticsearch=search.options(settings),
        kafka=kafka.options(settings),
        names=names,
        clock=settings.clock,
        publish_raw=publisher.publish,
        documents=documents,
        library=Questions(QUESTIONS, reader, documents, settings.clock.now),
        speed=settings.clock.speed,
        late_after=settings.late_after,
        token=settings.board_token,
        public_url=settings.public_url,
        host=settings.board_host,
        hosts=_hosts(settings),
        link_secret=settings.link_secret,
        slack_secret=settings.slack_signing_secret,
        pagerduty_secret=settings.pagerduty_webhook_secret,
        wall=Clock.from_text(None),
    )


def _hosts(settings: "Settings") -> tuple[str, ...]:
    """Return the further Host names that are answered to: those configured, and that of the links in pages."""
    configured = [name.strip() for name in settings.board_hosts.split(",") if name.strip()]
    public = urlsplit(settings.public_url or "").hostname
    return tuple(dict.fromkeys([*configured, *([public] if public else [])]))


def _server(config: Any, address: str) -> Any:
    import logging
    import signal
    from contextlib import contextmanager

    import uvicorn

    from holdfast.signals import on_terminate

    class Announced(uvicorn.Server):
        """Says when it listens: what starts services waits for this line. Being told to stop is an orderly end."""

        @contextmanager
        def capture_signals(self) -> "Iterator[None]":
            """Stop when asked, and exit with 0: uvicorn's own way raises the signal again at the end."""
            on_terminate(lambda: self.handle_exit(signal.SIGTERM, None))
            yield

        async def startup(self, sockets: Any = None) -> None:
            """Listen, then say so."""
            await super().startup(sockets)
            if self.started:
                logging.getLogger("holdfast.serve").info("ready at %s", address)

    return Announced(config)


class InForce:
    """The documents in force, read from the broker at most every ``DOCUMENTS_S`` seconds; usable from any thread."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._reading = threading.Lock()
        self._read_at = float("-inf")
        self._known: Documents | None = None

    def read(self) -> "Documents":
        """Return the documents in force.

        Raises:
            BrokerUnavailableError: if no broker answers.
        """
        from board.receive import BrokerUnavailableError
        from holdfast import kafka

        with self._reading:
            if self._known is None or time.monotonic() - self._read_at > DOCUMENTS_S:
                try:
                    self._known = kafka.read_documents(self._settings)
                except kafka.KafkaUnreachableError as error:
                    raise BrokerUnavailableError("no broker answers, so the documents in force are unknown") from error
                self._read_at = time.monotonic()
            return self._known


class BoardVitals:
    """What the board says of itself in its heartbeat: whether its loop goes round, and which sources are away."""

    def __init__(self, live: "Live") -> None:
        self._live = live
        self._loop: Loop | None = None
        self._well_at = time.monotonic()

    def read(self) -> "Figures":
        """Return the figures now. Called from the heartbeat's thread; the board itself is asked on its loop."""
        from holdfast.beating import Loop
        from models.heartbeat import Figures

        if self._live.loop is None:
            return Figures(progress_age_s=time.monotonic() - self._well_at)
        self._loop = self._loop or Loop(self._live.loop)
        age_s, troubles = self._loop.ask(lambda: [str(one) for one in self._live.beat()["troubles"]])
        if not troubles:
            self._well_at = time.monotonic()
        lasting = troubles and time.monotonic() - self._well_at > SOURCE_AWAY_S
        return Figures(progress_age_s=age_s, trouble="; ".join(troubles) if lasting else None)


class RawPublisher:
    """Puts pushed payloads on the raw topic, one confirmed by one. Connects at the first; usable from any thread."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._producer: Any = None
        self._connecting = threading.Lock()

    def publish(self, payload: "RawPayload") -> None:
        """Send a payload and wait until the broker has it.

        Raises:
            BrokerUnavailableError: if it did not confirm in time; the sender should send again.
            PayloadTooLargeError: if it takes no record of this size.
        """
        from kafka.errors import KafkaError, MessageSizeTooLargeError

        from board.receive import BrokerUnavailableError, PayloadTooLargeError
        from holdfast import kafka
        from models.topics import Stream

        topic = kafka.names(self._settings).topic(Stream.RAW)
        try:
            future = self._connected().send(topic, key=payload.feed.encode(), value=payload.to_wire())
            future.get(timeout=CONFIRM_S)
        except MessageSizeTooLargeError as error:
            raise PayloadTooLargeError("the broker takes no payload of this size; send less at once") from error
        except KafkaError as error:
            raise BrokerUnavailableError(f"the broker did not confirm the payload: {type(error).__name__}") from error

    def close(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            self._producer.close(timeout=5)

    def _connected(self) -> Any:
        from kafka import KafkaProducer

        from holdfast import kafka

        with self._connecting:
            if self._producer is None:
                self._producer = KafkaProducer(
                    **{"bootstrap_timeout_ms": 5000, **kafka.options(self._settings)},
                    acks="all",
                    max_block_ms=CONFIRM_S * 1000,
                    max_request_size=kafka.MAX_RECORD_BYTES,
                )
            return self._producer
