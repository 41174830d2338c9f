"""Channels over HTTP: one POST an attempt, and what its answer means. IO: HTTP."""

import asyncio
import ipaddress
import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urlsplit

import httpx
import orjson

from consumers.channels.base import Address, AddressError, Attempt, Options, Result, resolve
from models.paging import Outcome, Page

LONGEST_RETRY_AFTER_S = 300.0
MAX_ANSWER_BYTES = 2000
PATIENCE_S = 2.0
"""Real seconds that the text of an answer has to arrive once its status is known; the status is what counts."""
RETRY_STATUS = frozenset({408, 425, 429})
"""And every 5xx. Any other answer that is not 2xx is a refusal, a redirect too."""


@dataclass(frozen=True)
class Post:
    """One request."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Struck out of whatever goes on record."""


class HttpChannel(ABC):
    """POST of JSON; redirects are refused, and nothing of an address's secrets is told."""

    name: str
    """As pages call the channel."""
    reads_answer = True
    """Whether the text of a 2xx answer proves anything."""

    def __init__(self, options: Options) -> None:
        """Keep the options; connects on delivery. ``options.timeout_s`` is of one attempt until its status is there."""
        self._options = options
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            timeout=options.timeout_s,
            verify=_trust(options.ca_file),
            # A kept connection that the receiver has just closed would look like an unknown outcome.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @abstractmethod
    def receiver(self, page: Page) -> str:
        """Return who would get the page."""

    @abstractmethod
    def post(self, attempt: Attempt) -> Post:
        """Return the request of one attempt.

        Raises:
            AddressError: if there is nowhere to send it; the page fails.
        """

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        """Return what a 2xx answer proves; None if it says nothing but its status."""
        return None

    async def deliver(self, attempt: Attempt) -> Result:
        try:
            post = self.post(attempt)
        except AddressError as error:
            return Result(Outcome.FAILED, error=str(error))
        return (await self._send(post)).without(post.secrets)

    async def _send(self, post: Post) -> Result:
        """Make one request; every error is said in words, and those are not clean of secrets yet."""
        timeout_s = self._options.timeout_s
        try:
            headers = {"Content-Type": "application/json", "User-Agent": "holdfast", **post.headers}
            request = self._client.build_request("POST", post.url, content=post.body, headers=headers)
            async with asyncio.timeout(timeout_s):
                answer = await self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Result(Outcome.RETRYING, error=f"not connected: {error}")
        except (httpx.TransportError, TimeoutError) as error:
            if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                return Result(Outcome.FAILED, error=f"bad address: {error}")
            words = str(error) or f"no answer within {timeout_s:g} s"
            return Result(Outcome.UNKNOWN, error=f"{type(error).__name__}: {words}")
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            return Result(Outcome.FAILED, error=f"bad address or header: {error}; correct the contact or the variable")
        try:
            return await self._judge(answer)
        finally:
            await answer.aclose()

    async def _judge(self, answer: httpx.Response) -> Result:
        """Return what an answer means; its status line is enough for success."""
        status = answer.status_code
        if 200 <= status < 300:
            text = await _beginning(answer) if self.reads_answer else ""
            return Result(Outcome.SENT, status, proof=self.proof(answer, text))
        words = f"{status} {answer.reason_phrase}: {await _beginning(answer)}".rstrip(": ")
        if status in RETRY_STATUS or status >= 500:
            return Result(Outcome.RETRYING, status, words, _retry_after(answer.headers))
        if answer.is_redirect:
            words = f"{status} redirect refused: {answer.headers.get('location', '')[:200]}"
        return Result(Outcome.FAILED, status, words)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _address(self, page: Page, *, default: str | None = None, hint: str, secret: bool = True) -> Address:
        """Return the page's own address, or the default, with its variable filled in.

        Raises:
            AddressError: if there is none; ``hint`` says where to name one.
        """
        named = page.address or default
        if named is None:
            raise AddressError(f"contact {page.recipient} has no address for {self.name}: {hint}")
        return resolve(named, self._options.look_up, secret=secret)


class VendorChannel(HttpChannel):
    """A vendor's API at one address for all pages; a page's own address is a key there."""

    setting: str
    """That says where the API is."""

    def __init__(self, options: Options, url: str) -> None:
        """Keep the options; connects on delivery. ``url`` is where pages go.

        Raises:
            AddressError: if it is no https address.
        """
        check_https(url, self.setting)
        super().__init__(options)
        self._url = url


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Return whom to believe; read once for all channels, which takes a tenth of a second."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context()


def check_https(url: str, named: str) -> None:
    """Refuse an address that would send a secret in the clear; loopback is fine.

    Raises:
        AddressError: if it is no https address; ``named`` is what the message calls it, never the address itself.
    """
    try:
        parts = urlsplit(url)
        host, scheme = parts.hostname or "", parts.scheme
    except ValueError:
        host, scheme = "", ""
    if not host or scheme not in ("http", "https"):
        raise AddressError(f"{named} is no web address: write it as https://...")
    if scheme == "http" and not _is_loopback(host):
        raise AddressError(f"{named} would send a secret in the clear: write it as https://...")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def field_of(text: str, key: str) -> str | None:
    """Return a text field of an answer in JSON; None if the answer is anything else."""
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else None


async def _beginning(answer: httpx.Response) -> str:
    """Return the beginning of an answer's text; an error while reading it, or a delay, does not matter."""
    read = b""
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) >= MAX_ANSWER_BYTES:
                    break
    except (httpx.HTTPError, TimeoutError):
        pass
    return " ".join(read[:MAX_ANSWER_BYTES].decode(errors="replace").split())


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
