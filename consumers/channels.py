"""Channels: one attempt to hand a page to a receiver, by webhook, e-mail or console. IO: HTTP, SMTP, stdout.

A channel never raises for what a receiver does; it says what is known: delivered, refused for good, worth another try,
or unknown. Unknown is said only where the receiver may have the page.
"""

import asyncio
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr, parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import aiosmtplib
import httpx

from consumers.message import LATE_S, email, summary, webhook_body
from consumers.signature import HEADER, sign
from models.paging import Outcome, Page

TIMEOUT_S = 10.0
MAX_ERROR_BYTES = 500
LONGEST_RETRY_AFTER_S = 300.0
RETRY_STATUS = frozenset({408, 425, 429})
"""And every 5xx. Any other answer that is not 2xx is a refusal, a redirect too."""


@dataclass(frozen=True)
class Result:
    """What is known after one attempt."""

    outcome: Outcome
    """``sent``, ``failed`` (for good), ``retrying`` (the receiver does not have it) or ``unknown``."""
    status_code: int | None = None
    error: str | None = None
    retry_after_s: float | None = None
    """When the receiver asked to be left alone until then; real seconds."""


@dataclass(frozen=True)
class Attempt:
    """One attempt: which, and whether the receiver may have the page already."""

    page: Page
    number: int
    repeated: bool


class Channel(Protocol):
    """A way to a receiver."""

    def receiver(self, page: Page) -> str:
        """Return who would get the page: pages to one receiver share a limit, and none waits for another's."""
        ...

    async def deliver(self, attempt: Attempt) -> Result:
        """Make one attempt; ends within the channel's time limit."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Webhook:
    """HTTP POST of JSON, signed, with an idempotency key; redirects are refused."""

    def __init__(
        self,
        now: Callable[[], datetime],
        url: str | None = None,
        secret: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        ca_file: str | None = None,
        late_from_s: float = LATE_S,
    ) -> None:
        """Keep the options; connects on delivery.

        Args:
            now: the product's clock, for the signature.
            url: of pages that name no address.
            secret: signs the body; None sends unsigned.
            timeout_s: of one attempt as a whole, real seconds.
            ca_file: further certificate authorities for https.
            late_from_s: from this lateness on a page says so, seconds of the product's clock.
        """
        self._now = now
        self._url = url
        self._secret = secret
        self._timeout_s = timeout_s
        self._late_from_s = late_from_s
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            timeout=timeout_s,
            verify=verify,
            # A kept connection that the receiver has just closed would look like an unknown outcome.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def receiver(self, page: Page) -> str:
        return page.address or self._url or "webhook"

    async def deliver(self, attempt: Attempt) -> Result:
        page, url = attempt.page, attempt.page.address or self._url
        if url is None or urlsplit(url).scheme not in ("http", "https"):
            error = f"no http(s) address for webhook pages to {page.recipient}: {url!r}"
            return Result(Outcome.FAILED, error=f"{error}; name one in its contact or in HOLDFAST_WEBHOOK_URL")
        body = webhook_body(page, self._late_from_s)
        try:
            async with asyncio.timeout(self._timeout_s):
                async with self._client.stream(
                    "POST", url, content=body, headers=self._headers(attempt, body)
                ) as answer:
                    return await self._judge(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Result(Outcome.RETRYING, error=f"not connected: {error}")
        except httpx.InvalidURL as error:
            return Result(Outcome.FAILED, error=f"bad address {url!r}: {error}")
        except (httpx.TransportError, TimeoutError) as error:
            words = str(error) or f"no answer within {self._timeout_s:g} s"
            return Result(Outcome.UNKNOWN, error=f"{type(error).__name__}: {words}")

    def _headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "holdfast",
            "Idempotency-Key": attempt.page.page_id,
            "Holdfast-Attempt": str(attempt.number),
        }
        if attempt.repeated:
            headers["Holdfast-Repeated"] = "true"
        if self._secret is not None:
            headers[HEADER] = sign(self._secret, body, int(self._now().timestamp()))
        return headers

    async def _judge(self, answer: httpx.Response) -> Result:
        """Return what an answer means; its status line is enough for success."""
        status = answer.status_code
        if 200 <= status < 300:
            return Result(Outcome.SENT, status)
        words = f"{status} {answer.reason_phrase}: {await _beginning(answer)}".rstrip(": ")
        if status in RETRY_STATUS or status >= 500:
            return Result(Outcome.RETRYING, status, words, _retry_after(answer.headers))
        if answer.is_redirect:
            words = f"{status} redirect refused: {answer.headers.get('location', '')[:200]}"
        return Result(Outcome.FAILED, status, words)

    async def close(self) -> None:
        await self._client.aclose()


async def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of an error's text; an error while reading it does not matter."""
    read = b""
    try:
        async for piece in answer.aiter_bytes():
            read += piece
            if len(read) >= MAX_ERROR_BYTES:
                break
    except httpx.HTTPError:
        pass
    return " ".join(read[:MAX_ERROR_BYTES].decode(errors="replace").split())


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110), capped; a date counts from the answer's own Date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_AFTER_S)
    try:
        span = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
        return min(max(span.total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out."""

    host: str = "127.0.0.1"
    port: int = 25
    starttls: bool = False
    user: str | None = None
    password: str | None = None
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
    """E-mail by SMTP: one connection an attempt."""

    def __init__(
        self,
        now: Callable[[], datetime],
        server: MailServer,
        timeout_s: float = TIMEOUT_S,
        late_from_s: float = LATE_S,
    ) -> None:
        """Keep the options; connects on delivery.

        Args:
            now: the product's clock, for the Date header.
            server: where mail goes out.
            timeout_s: of each exchange with the server, real seconds; an attempt as a whole takes at most three.
            late_from_s: from this lateness on a page says so, seconds of the product's clock.
        """
        self._now = now
        self._server = server
        self._timeout_s = timeout_s
        self._late_from_s = late_from_s

    def receiver(self, page: Page) -> str:
        return f"smtp:{self._server.host}:{self._server.port}"

    async def deliver(self, attempt: Attempt) -> Result:
        page, address = attempt.page, attempt.page.address
        if address is None or not address.isascii():
            return Result(Outcome.FAILED, error=f"contact {page.recipient} has no usable e-mail address: {address!r}")
        try:
            message = email(
                page,
                self._server.sender,
                address,
                repeated=attempt.repeated,
                now=self._now(),
                late_from_s=self._late_from_s,
            )
            content = message.as_bytes()
        except (ValueError, IndexError) as error:
            return Result(Outcome.FAILED, error=f"bad e-mail address {address!r}: {error}")
        handed_over = asyncio.Event()
        try:
            async with asyncio.timeout(3 * self._timeout_s):
                return await self._converse(address, content, handed_over)
        except aiosmtplib.SMTPResponseException as error:
            return _judge_reply(
                error.code, error.message, mendable=isinstance(error, aiosmtplib.SMTPAuthenticationError)
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            outcome = Outcome.UNKNOWN if handed_over.is_set() else Outcome.RETRYING
            return Result(outcome, error=f"{type(error).__name__}: {error}")

    async def _converse(self, address: str, content: bytes, handed_over: asyncio.Event) -> Result:
        """Hand one message over; after the server's 250 to DATA it is sent, whatever happens to the connection."""
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            start_tls=server.starttls,
            username=server.user,
            password=server.password,
            timeout=self._timeout_s,
        )
        try:
            await smtp.connect()
            await smtp.mail(parseaddr(server.sender)[1])
            await smtp.rcpt(address)
            handed_over.set()
            reply = await smtp.data(content)
            return Result(Outcome.SENT, reply.code)
        finally:
            smtp.close()

    async def close(self) -> None:
        """Nothing is kept open."""


def _judge_reply(code: int, words: str, *, mendable: bool) -> Result:
    """Return what an SMTP reply means: 5xx is for good, unless our own password is what it refuses."""
    for_good = code >= 500 and not mendable
    return Result(Outcome.FAILED if for_good else Outcome.RETRYING, code, f"{code} {words}"[:MAX_ERROR_BYTES])


class Console:
    """A line on stdout: for trying, and for screens that follow a log."""

    def __init__(self, late_from_s: float = LATE_S) -> None:
        """Keep from which lateness on a page says so, in seconds of the product's clock."""
        self._late_from_s = late_from_s

    def receiver(self, page: Page) -> str:
        return "console"

    async def deliver(self, attempt: Attempt) -> Result:
        mark = " (may be a repeat)" if attempt.repeated else ""
        sys.stdout.write(f"PAGE to {attempt.page.recipient_name}{mark}: {summary(attempt.page, self._late_from_s)}\n")
        sys.stdout.flush()
        return Result(Outcome.SENT)

    async def close(self) -> None:
        """Nothing is kept open."""
