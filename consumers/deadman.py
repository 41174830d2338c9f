"""The dead-man call: says "all is well" to somebody else, who raises the alarm when it stays away. IO: HTTP.

An alarm that the tracker had to raise about itself would need the very machine that has failed. So the other side
expects a call (healthchecks.io, an Alertmanager receiver of another cluster, a cron job), and silence is the alarm.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import orjson

from consumers.signature import HEADER, sign
from models.instants import format_instant

log = logging.getLogger("holdfast.watch")

EVERY_S = 60.0
"""Real seconds between two calls."""
AGAIN_S = 10.0
"""After a call that failed: sooner, or one lost packet would be an alarm."""
TIMEOUT_S = 10.0
"""Of one call as a whole, real seconds."""


class DeadMan:
    """Calls one URL, at most once a minute."""

    def __init__(
        self,
        url: str,
        now: Callable[[], datetime],
        secret: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        every_s: float = EVERY_S,
    ) -> None:
        """Keep the options; connects for each call.

        Args:
            url: http or https; never logged, for it is often the secret itself.
            now: the product's clock, for the message and its signature.
            secret: signs the body as that of a webhook page; None sends unsigned.
            timeout_s: of one call as a whole, real seconds.
            every_s: real seconds between two calls; after one that failed ``AGAIN_S``, if that is less.

        Raises:
            ValueError: if the URL is none; the message says so without repeating it.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("HOLDFAST_DEADMAN_URL is no http(s) address")
        self._url = url
        self._now = now
        self._secret = secret
        self._timeout_s = timeout_s
        self._every_s = every_s
        self._due = 0.0

    def call(self, services: Sequence[str]) -> bool | None:
        """Say that all is well, unless that was said just now.

        Args:
            services: those that were heard.

        Returns:
            True if it was taken (a 2xx answer), False if not, None if no call was due.
        """
        if time.monotonic() < self._due:
            return None
        taken = asyncio.run(self._post(services))
        self._due = time.monotonic() + (self._every_s if taken else min(AGAIN_S, self._every_s))
        return taken

    async def _post(self, services: Sequence[str]) -> bool:
        now = self._now()
        body = orjson.dumps({"status": "well", "at": format_instant(now), "services": list(services)})
        headers = {"Content-Type": "application/json"}
        if self._secret is not None:
            headers[HEADER] = sign(self._secret, body, int(now.timestamp()))
        host = urlsplit(self._url).hostname
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                httpx.AsyncClient(timeout=self._timeout_s) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                if answer.is_success:
                    return True
                log.warning("the dead-man call to %s was answered with %d", host, answer.status_code)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            log.warning("the dead-man call to %s failed: %s", host, type(error).__name__)
        return False
