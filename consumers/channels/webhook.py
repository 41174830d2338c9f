"""Pages by webhook: the whole page as JSON, signed. IO: HTTP."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from consumers.channels.base import AddressError, Attempt, Options
from consumers.channels.posting import HttpChannel, Post
from consumers.message import webhook_body
from consumers.signature import HEADER, sign
from models.paging import Page

HINT = "name one in its contact or in HOLDFAST_WEBHOOK_URL"
RECEIPTS = ("holdfast-receipt", "x-request-id")
"""Headers of an answer that name what the receiver made of the page."""


class Webhook(HttpChannel):
    """HTTP POST of JSON, signed, with an idempotency key."""

    name = "webhook"
    reads_answer = False

    def __init__(
        self,
        now: Callable[[], datetime],
        url: str | None = None,
        secret: bytes | None = None,
        options: Options | None = None,
    ) -> None:
        """Keep the options; connects on delivery.

        Args:
            now: the product's clock, for the signature.
            url: of pages that name no address.
            secret: signs the body; None sends unsigned.
            options: what all channels are told alike.
        """
        super().__init__(options or Options())
        self._now = now
        self._url = url
        self._secret = secret

    def receiver(self, page: Page) -> str:
        return page.address or self._url or "webhook"

    def post(self, attempt: Attempt) -> Post:
        page = attempt.page
        address = self._address(page, default=self._url, hint=HINT, secret=False)
        if not _is_web(address.value):
            raise AddressError(f"no http(s) address for webhook pages to {page.recipient}: {page.address!r}; {HINT}")
        body = webhook_body(page, self._options.late_from_s, self._options.links)
        return Post(address.value, body, self._headers(attempt, body), address.secrets)

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        return next((answer.headers[name] for name in RECEIPTS if answer.headers.get(name)), None)

    def _headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        headers = {"Idempotency-Key": attempt.page.page_id, "Holdfast-Attempt": str(attempt.number)}
        if attempt.repeated:
            headers["Holdfast-Repeated"] = "true"
        if self._secret is not None:
            headers[HEADER] = sign(self._secret, body, int(self._now().timestamp()))
        return headers


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
