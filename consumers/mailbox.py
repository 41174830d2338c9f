"""The mailbox: takes replies to pages by SMTP and puts them into the stream as they are. IO: SMTP, DNS, Kafka.

250 is said only after the broker has the mail; while it has not, 451 keeps the mail with the sender's server, which
tries again. Only reply addresses that we signed are taken, anything else is refused at RCPT. Nothing is ever sent from
here: a mailbox that answers machines which answer mail ends in a loop (RFC 3834).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from consumers.kafka_options import producer_options
from consumers.mail_proof import LookUp, signatures_of
from consumers.mail_receipt import ContactOf, Find, ReplyAddresses, answered
from consumers.metrics import MailboxMetrics
from consumers.pages_known import NotCaughtUpError
from models.answers import ANSWERS_FEED
from models.mail import MAIL_FORMAT, MailEnvelope, stamp
from models.ports import Clock
from models.raw import RawPayload
from models.topics import Names, Stream

log = logging.getLogger("holdfast.mailbox")

SIZE_LIMIT = 10 * 1024 * 1024
"""Bytes of the largest mail: in base64 it still fits a 16 MiB record."""
IDLE_S = 60.0
"""Real seconds that a sender may be silent for."""
CONNECTIONS = 50
"""Senders at once; more are told to come back."""
COMMANDS = 100
"""Of one kind in one connection."""
BROKER_S = 20.0
"""Real seconds in which the broker has to take a mail; a sender waits for minutes (RFC 5321, 4.5.3.2.6)."""
WORKERS = 8

Publish = Callable[[RawPayload], None]
"""Returns when the broker has it; raises ``KafkaError``."""

NOT_OURS = "550 5.1.1 No such reply address here"
LATER = "451 4.3.0 Not taken down yet, try again later"
TOO_LARGE = "552 5.3.4 Too large"
TAKEN = "250 2.6.0 Taken down"
BUSY = b"421 4.3.2 Too many connections, try again later\r\n"


@dataclass(frozen=True)
class Desk:
    """What a mailbox works with."""

    ours: ReplyAddresses
    find: Find
    contact_of: ContactOf
    look_up: LookUp
    publish: Publish
    clock: Clock


class Letterbox:
    """The hooks of the SMTP server: whom mail is taken for, and what becomes of it."""

    def __init__(self, desk: Desk, metrics: MailboxMetrics) -> None:
        self._desk = desk
        self._metrics = metrics
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="mailbox")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, if it is a reply address that we signed."""
        if self._desk.ours.page_of(address) is None:
            self._metrics.mails.labels(outcome="refused").inc()
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail down; say so only when the broker has it."""
        mail = envelope.original_content or b""
        loop = asyncio.get_running_loop()
        answer, outcome = await loop.run_in_executor(
            self._workers, self._take, mail, tuple(envelope.rcpt_tos), envelope.mail_from
        )
        self._metrics.mails.labels(outcome=outcome).inc()
        return answer

    def close(self) -> None:
        """Wait for the mails in hand."""
        self._workers.shutdown()

    def _take(self, mail: bytes, recipients: tuple[str, ...], sender: str | None) -> tuple[str, str]:
        """Return the reply to the sender, and the word that it is counted under."""
        received_at = self._desk.clock.now()
        try:
            pages = answered(mail, recipients, self._desk.ours, self._desk.find, self._desk.contact_of)
            envelope = MailEnvelope(
                received_at=received_at,
                way="smtp",
                sender=(sender or "").removeprefix("<").removesuffix(">")[:320],
                pages=pages,
                signatures=signatures_of(mail, self._desk.look_up),
            )
            self._desk.publish(payload_of(envelope, mail))
        except MessageSizeTooLargeError:
            return TOO_LARGE, "refused"
        except (KafkaError, NotCaughtUpError) as error:
            log.warning("a mail was not taken down, its sender has to try again: %s", error)
            return LATER, "deferred"
        except Exception:
            log.exception("a mail was not taken down: a fault of ours; its sender has to try again")
            return LATER, "deferred"
        log.info("taken down: a mail that answers %s", ", ".join(one.page_id for one in pages) or "no page")
        return TAKEN, "taken"


def payload_of(envelope: MailEnvelope, mail: bytes, name: str | None = None) -> RawPayload:
    """Return the raw payload of a mail with its envelope."""
    return RawPayload(
        feed=ANSWERS_FEED,
        format=MAIL_FORMAT,
        body=stamp(envelope, mail),
        received_at=envelope.received_at,
        content_type="message/rfc822",
        name=name,
    )


class _Server(SMTP):  # type: ignore[misc]  # aiosmtpd is untyped
    """One connection; too many at once are sent away."""

    def __init__(self, handler: Letterbox, open_now: set["_Server"], **options: Any) -> None:
        super().__init__(handler, **options)
        self._open_now = open_now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self._open_now) >= CONNECTIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(BUSY)
            transport.close()
            return
        self._open_now.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._open_now:
            self._open_now.discard(self)
            super().connection_lost(error)


class Mailbox(Controller):  # type: ignore[misc]  # aiosmtpd is untyped
    """The SMTP server, in a thread of its own. ``start`` raises ``OSError`` where the port is taken."""

    def __init__(self, desk: Desk, host: str, port: int, metrics: MailboxMetrics | None = None) -> None:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # below it, the server writes addresses down
        self._letterbox = Letterbox(desk, metrics or MailboxMetrics())
        self._domain = desk.ours.domain
        self._open_now: set[_Server] = set()
        super().__init__(self._letterbox, hostname=host, port=port)

    def factory(self) -> SMTP:
        """Return the protocol of one connection."""
        return _Server(
            self._letterbox,
            self._open_now,
            hostname=self._domain,
            ident="Holdfast mailbox",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            timeout=IDLE_S,
            command_call_limit=COMMANDS,
            loop=self.loop,
        )

    def stop(self, no_assert: bool = False) -> None:
        """Take no more mail; those in hand are taken down first."""
        super().stop(no_assert)
        self._letterbox.close()


class RawDoor:
    """Brings raw payloads to the broker, one call at a time or several."""

    def __init__(self, kafka: Mapping[str, Any], names: Names) -> None:
        """Connect.

        Raises:
            KafkaError: if no broker answers.
        """
        limits = {"delivery_timeout_ms": int(BROKER_S * 1000), "request_timeout_ms": 10_000, "max_block_ms": 10_000}
        self._producer = KafkaProducer(**producer_options(kafka), **limits)
        self._topic = names.topic(Stream.RAW)

    def publish(self, payload: RawPayload) -> None:
        """Send, and return when the broker has it.

        Raises:
            KafkaError: if it has not in ``BROKER_S``; it may get it yet, and the same again changes nothing.
        """
        self._producer.send(self._topic, payload.to_wire(), payload.feed.encode()).get(timeout=BROKER_S + 5)

    def close(self) -> None:
        """Disconnect."""
        self._producer.close()
