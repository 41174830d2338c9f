"""Links and reply addresses of pages: where somebody without an account answers (measurement.md §10). Pure."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from models.paging import Page, PageKind, Side
from models.tokens import Claims, reply_local_part, seal

SHORTEST_SECRET = 16
"""Bytes: a shorter key can be guessed."""


@dataclass(frozen=True)
class Links:
    """Makes links and reply addresses; the same page has the same ones at every attempt.

    Attributes:
        public_url: where people reach the board; None: no links.
        secret: signs; None: nothing can be answered.
        reply_domain: domain of reply addresses; None: there are none.
    """

    public_url: str | None = None
    secret: bytes | None = field(default=None, repr=False)
    reply_domain: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would go wrong later.

        Raises:
            ValueError: if a setting does not fit; the message names it and the next step. End the start with it.
        """
        if self.secret is not None and len(self.secret) < SHORTEST_SECRET:
            raise ValueError(
                f"HOLDFAST_LINK_SECRET has {len(self.secret)} characters, {SHORTEST_SECRET} are needed: "
                "make one with `openssl rand -hex 32`"
            )
        if self.public_url is not None:
            _check_url(self.public_url)
        if self.reply_domain is not None and not _is_domain(self.reply_domain):
            raise ValueError(
                f"HOLDFAST_REPLY_DOMAIN is no domain: {self.reply_domain!r}; write it such as reply.holdfast.example"
            )

    def token(self, page: Page) -> str | None:
        """Return the page's own token; None if it can't be answered: no secret, no end, or a bundle of several."""
        if self.secret is None or not _is_answerable(page):
            return None
        return seal(Claims.of(page), self.secret)

    def answer_url(self, page: Page) -> str | None:
        """Return where the page is answered: looking acts on nothing, so mail scanners may follow it."""
        token = self.token(page)
        return None if self.public_url is None or token is None else f"{self._base}/a/{token}"

    def incident_url(self, page: Page) -> str | None:
        """Return where our people see the incident; None for the provider's side, whose business the board is not.

        Only a page of a rung is certainly of one incident: other kinds may name a hazard's case, which has no page.
        """
        if self.public_url is None or page.side is Side.PROVIDER or page.kind is not PageKind.RUNG:
            return None
        return f"{self._base}/incidents/{page.incident_id}"

    def reply_address(self, page: Page) -> str | None:
        """Return where a mail that answers the page goes."""
        if self.secret is None or self.reply_domain is None or not _is_answerable(page):
            return None
        return f"{reply_local_part(page.page_id, self.secret)}@{self.reply_domain}"

    @property
    def _base(self) -> str:
        return (self.public_url or "").rstrip("/")


def _is_answerable(page: Page) -> bool:
    return page.expires_at is not None and page.kind is not PageKind.BUNDLE


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"HOLDFAST_PUBLIC_URL is no address of a site: {url!r}; write it as https://holdfast.example")


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    return text.isascii() and all(label and label.replace("-", "").isalnum() for label in labels)
