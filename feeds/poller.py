"""Poll feeds over HTTP: conditional requests, limits, back-off, true bookkeeping. IO: HTTP, files, threads.

A look that brings nothing new ("not modified", or the same bytes again) publishes nothing but is a look: what appears
next appeared after it. A look is dated by when its request was sent, less the answer's ``Age`` in a cache on the way,
because the provider may have written just after it answered. Bookkeeping is written after the payload is durable: a
crash in between repeats the payload, which is harmless, and never claims a look that was not.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

import httpx

from feeds.errors import PayloadError
from feeds.looks import Looks, Seen
from feeds.pace import retry_after_s, retry_delay_s
from feeds.registry import dialect
from models.documents import Documents
from models.ids import stable_id
from models.ports import Clock
from models.raw import DeadLetter, RawPayload

log = logging.getLogger(__name__)

USER_AGENT = "holdfast/0.1 (+incident tracker; conditional requests)"
MAX_AGE_S = 86_400
INTERVALS_MISSED = 3
"""After so many without a look a feed is overdue."""
SHORTEST_INTERVAL = timedelta(seconds=1)


@dataclass(frozen=True)
class Target:
    """One URL to poll."""

    feed: str
    format: str
    url: str
    every: timedelta


@dataclass(frozen=True)
class Limits:
    """What one request may cost."""

    size: int = 12_000_000
    """Bytes, decompressed; in base64 it still fits a 16 MiB record."""
    connect_s: float = 10.0
    read_s: float = 15.0
    """Silence between two chunks."""
    total_s: float = 60.0
    redirects: int = 3


class Outcome(StrEnum):
    """What became of one poll."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """Not modified, or the same bytes as last time."""
    FAILED = "failed"


@dataclass(frozen=True)
class Polled:
    """One poll's outcome, and when to come again."""

    outcome: Outcome
    delay_s: float
    """Real seconds until the next one."""
    detail: str = ""


class PollError(Exception):
    """A poll that brought nothing: refused, unreachable, too slow, too large.

    Attributes:
        reason: ``too_large``, or another short word.
        retry_after_s: what the server asked for, in real seconds.
    """

    def __init__(self, reason: str, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class _Answer:
    body: bytes | None
    """None for "not modified"."""
    headers: httpx.Headers


def targets_of(documents: Documents) -> tuple[Target, ...]:
    """Return the feeds that have a URL. An interval in business days, which has no length here, counts as a minute."""
    found = []
    for provider in documents.providers.values():
        for feed in provider.feeds:
            if feed.url is not None:
                every = timedelta(minutes=1) if feed.every.fixed is None else feed.every.fixed
                found.append(Target(feed.id, feed.format, feed.url, max(every, SHORTEST_INTERVAL)))
    return tuple(found)


class Poller:
    """Polls targets. ``poll_once`` is one look; ``run`` keeps looking, a thread per feed."""

    def __init__(
        self,
        publish: Callable[[RawPayload], None],
        refuse: Callable[[DeadLetter], None],
        looks: Looks,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        """Open the HTTP client.

        Args:
            publish: returns when the payload is durable, raises when it may not be; called from several threads.
            refuse: the same, for what is not taken as a payload.
            looks: bookkeeping.
            clock: dates looks.
            limits: what one request may cost.
        """
        self._publish = publish
        self._refuse = refuse
        self._looks = looks
        self._clock = clock
        self._limits = limits or Limits()
        timeout = httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s)
        self._client = httpx.Client(timeout=timeout, headers={"user-agent": USER_AGENT}, follow_redirects=False)

    def close(self) -> None:
        """Close the HTTP client."""
        self._client.close()

    def run(self, targets: Sequence[Target], stop: threading.Event) -> None:
        """Poll each target at its interval until ``stop`` is set; returns when all threads have ended."""
        threads = [
            threading.Thread(target=self._keep_polling, args=(target, stop), name=f"poll-{target.feed}")
            for target in targets
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _keep_polling(self, target: Target, stop: threading.Event) -> None:
        delay_s = 0.0
        while not stop.wait(delay_s):
            delay_s = self.poll_once(target).delay_s

    def overdue(self, targets: Sequence[Target], since: datetime) -> int:
        """Return how many feeds were not seen for three of their intervals, be it by their fault or ours.

        Args:
            targets: that are polled.
            since: when polling began, on the product's clock: nobody is late before three intervals are over.
        """
        now = self._clock.now()
        looks = ((target, self._looks.load(target.feed, target.url).last_look) for target in targets)
        return sum(now - max(since, look or since) > INTERVALS_MISSED * target.every for target, look in looks)

    def poll_once(self, target: Target) -> Polled:
        """Look once. Raises nothing: what fails is logged, counted and backed off from."""
        seen = self._looks.load(target.feed, target.url)
        try:
            outcome = self._look(target, seen)
        except Exception as error:  # noqa: BLE001 - one feed's trouble must not end the others; it is told and retried
            return self._failed(target, seen, error)
        until = self._clock.now() + target.every
        return Polled(outcome, max(0.0, self._clock.real_seconds_until(until)))

    def _look(self, target: Target, seen: Seen) -> Outcome:
        sent_at = self._clock.now()
        answer = self._fetch(target, seen)
        looked_at = sent_at - timedelta(seconds=_age_s(answer.headers))
        if seen.last_look is not None:
            looked_at = max(looked_at, seen.last_look)
        now_seen = replace(seen, last_look=looked_at, failures=0, trouble=None)
        if answer.body is None:
            self._looks.save(target.feed, now_seen)
            return Outcome.UNCHANGED
        digest = stable_id(answer.body.hex())
        outcome = Outcome.UNCHANGED if digest == seen.digest else Outcome.PUBLISHED
        if outcome is Outcome.PUBLISHED:
            self._publish(self._payload(target, seen, answer))
        etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        self._looks.save(target.feed, replace(now_seen, etag=etag, last_modified=modified, digest=digest))
        return outcome

    def _payload(self, target: Target, seen: Seen, answer: _Answer) -> RawPayload:
        received_at = self._clock.now()
        after = seen.last_look
        return RawPayload(
            feed=target.feed,
            format=target.format,
            body=answer.body or b"",
            received_at=received_at,
            received_after=after if after is not None and after < received_at else None,
            content_type=answer.headers.get("content-type", "application/octet-stream"),
            name=target.url,
        )

    def _fetch(self, target: Target, seen: Seen) -> _Answer:
        """Get the content, following a few redirects that stay on http and https and do not leave https."""
        deadline = time.monotonic() + self._limits.total_s
        headers = _headers(target, seen)
        url = httpx.URL(target.url)
        for _ in range(self._limits.redirects + 1):
            check_url(url, httpx.URL(target.url))
            with self._client.stream("GET", url, headers=headers) as response:
                if response.next_request is None:
                    return self._read(response, headers, deadline)
                url = response.next_request.url
        raise PollError("redirects", f"more than {self._limits.redirects} redirects")

    def _read(self, response: httpx.Response, sent: dict[str, str], deadline: float) -> _Answer:
        if response.status_code == 304 and ("if-none-match" in sent or "if-modified-since" in sent):
            return _Answer(None, response.headers)
        if response.status_code != 200:
            wait_s = retry_after_s(response.headers, self._clock.now())
            raise PollError("status", f"HTTP status {response.status_code}", wait_s)
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._limits.size:
                raise PollError("too_large", f"more than {self._limits.size} bytes")
            if time.monotonic() > deadline:
                raise PollError("too_slow", f"not complete after {self._limits.total_s} s")
            chunks.append(chunk)
        return _Answer(b"".join(chunks), response.headers)

    def _failed(self, target: Target, seen: Seen, error: Exception) -> Polled:
        """Count a failure, keep what is known, and back off."""
        reason = error.reason if isinstance(error, PollError) else type(error).__name__
        failures = seen.failures + 1
        delay_s = retry_delay_s(target.feed, failures, target.every.total_seconds())
        if isinstance(error, PollError) and error.retry_after_s is not None:
            delay_s = max(delay_s, error.retry_after_s)
        log.warning("poll failed feed=%s url=%s reason=%s detail=%s", target.feed, target.url, reason, error)
        try:
            if reason == "too_large" and seen.trouble != reason:
                self._refuse(self._letter(target, seen, error))
            self._looks.save(target.feed, replace(seen, failures=failures, trouble=reason))
        except Exception as further:  # noqa: BLE001 - the failure itself is already told; the next poll tries again
            log.warning("bookkeeping failed feed=%s detail=%s", target.feed, further)
        return Polled(Outcome.FAILED, delay_s, str(error))

    def _letter(self, target: Target, seen: Seen, error: Exception) -> DeadLetter:
        received_at = self._clock.now()
        return DeadLetter(
            letter_id=stable_id(target.feed, target.url, "too_large", received_at.isoformat()),
            stage="ingest",
            feed=target.feed,
            format=target.format,
            reason="too_large",
            detail=f"{error}; nothing of it was kept",
            topic=None,
            partition=None,
            offset=None,
            content_type=None,
            name=target.url,
            raw="",
            received_at=received_at,
            received_after=seen.last_look,
        )


def _headers(target: Target, seen: Seen) -> dict[str, str]:
    try:
        accept = ", ".join((*dialect(target.format).content_types, "*/*;q=0.1"))
    except PayloadError:
        accept = "*/*"
    headers = {"accept": accept}
    if seen.etag:
        headers["if-none-match"] = seen.etag
    if seen.last_modified:
        headers["if-modified-since"] = seen.last_modified
    return headers


def check_url(url: httpx.URL, origin: httpx.URL) -> None:
    """Let a poll go to a URL, or refuse it.

    Args:
        url: where to go now.
        origin: what is configured. A page may not lead its poller from the outside into our own network.

    Raises:
        PollError: ``bad_url``.
    """
    if url.scheme not in ("http", "https") or not url.host:
        raise PollError("bad_url", f"only http and https are polled, not {url.scheme!r}")
    if origin.scheme == "https" and url.scheme != "https":
        raise PollError("bad_url", "redirected from https to http")
    if _is_inside(url.host) and not _is_inside(origin.host):
        raise PollError("bad_url", f"redirected into the local network ({url.host})")


def _is_inside(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _age_s(headers: httpx.Headers) -> int:
    """Return how old the answer was when a cache on the way gave it, in seconds."""
    age: Any = headers.get("age", "")
    return min(int(age), MAX_AGE_S) if age.isascii() and age.isdigit() and len(age) < 10 else 0
