"""Pages by e-mail: one SMTP connection an attempt. IO: SMTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr

import aiosmtplib

from consumers.channels.base import AddressError, Attempt, Options, Result, resolve
from consumers.mail import Envelope, email
from models.paging import Outcome, Page


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out."""

    host: str = "127.0.0.1"
    port: int = 25
    starttls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = "holdfast@localhost"

    def __post_init__(self) -> None:
        """Refuse what would go wrong later.

        Raises:
            ValueError: if a password would travel in the clear, or the sender is no address.
        """
        if self.user is not None and not self.starttls and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(f"a password for {self.host} would travel in the clear: set HOLDFAST_SMTP_STARTTLS=true")
        if not (self.sender.isascii() and "@" in parseaddr(self.sender)[1]):
            raise ValueError(f"no sender address: {self.sender!r}; set HOLDFAST_MAIL_FROM")


class Mail:
    """E-mail by SMTP."""

    def __init__(self, now: Callable[[], datetime], server: MailServer, options: Options | None = None) -> None:
        """Keep the options; connects on delivery.

        Args:
            now: the product's clock, for the Date header.
            server: where mail goes out.
            options: what all channels are told alike; ``timeout_s`` is of each exchange with the server, an attempt
                as a whole takes at most three.
        """
        self._now = now
        self._server = server
        self._options = options or Options()

    def receiver(self, page: Page) -> str:
        return f"smtp:{self._server.host}:{self._server.port}"

    async def deliver(self, attempt: Attempt) -> Result:
        page = attempt.page
        try:
            address = resolve(page.address or "", self._options.look_up, secret=False)
        except AddressError as error:
            return Result(Outcome.FAILED, error=str(error))
        result = await self._deliver(attempt, address.value)
        return result.without((*address.secrets, *filter(None, [self._server.password])))

    async def _deliver(self, attempt: Attempt, address: str) -> Result:
        if not address or not address.isascii():
            who = attempt.page.recipient
            return Result(Outcome.FAILED, error=f"contact {who} has no usable e-mail address: {address!r}; correct it")
        try:
            content = self._content(attempt, address)
        except (ValueError, IndexError) as error:
            return Result(Outcome.FAILED, error=f"bad e-mail address {address!r}: {error}")
        handed_over = asyncio.Event()
        try:
            async with asyncio.timeout(3 * self._options.timeout_s):
                return await self._converse(address, content, handed_over)
        except aiosmtplib.SMTPResponseException as error:
            return _judge_reply(
                error.code, error.message, mendable=isinstance(error, aiosmtplib.SMTPAuthenticationError)
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            outcome = Outcome.UNKNOWN if handed_over.is_set() else Outcome.RETRYING
            return Result(outcome, error=f"{type(error).__name__}: {error}")

    def _content(self, attempt: Attempt, address: str) -> bytes:
        envelope = Envelope(self._server.sender, address, self._now(), attempt.repeated)
        return email(attempt.page, envelope, self._options.links, self._options.late_from_s).as_bytes()

    async def _converse(self, address: str, content: bytes, handed_over: asyncio.Event) -> Result:
        """Hand one message over; after the server's 250 to DATA it is sent, whatever happens to the connection."""
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            start_tls=server.starttls,
            username=server.user,
            password=server.password,
            timeout=self._options.timeout_s,
        )
        try:
            await smtp.connect()
            await smtp.mail(parseaddr(server.sender)[1])
            await smtp.rcpt(address)
            handed_over.set()
            reply = await smtp.data(content)
            # Most servers name the id in their queue here, which is what to ask their postmaster for.
            return Result(Outcome.SENT, reply.code, proof=f"{reply.code} {reply.message}")
        finally:
            smtp.close()

    async def close(self) -> None:
        """Nothing is kept open."""


def _judge_reply(code: int, words: str, *, mendable: bool) -> Result:
    """Return what an SMTP reply means: 5xx is for good, unless our own password is what it refuses."""
    for_good = code >= 500 and not mendable
    return Result(Outcome.FAILED if for_good else Outcome.RETRYING, code, f"{code} {words}")
