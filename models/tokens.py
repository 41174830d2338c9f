"""Tokens of pages: who may answer what, until when, once (measurement.md §10). Pure; signing is ``itsdangerous``.

A link's token carries all that an answer needs, so that nothing has to be looked up at three in the morning. Single use
is a property of the answer: its id is made of the token's, and of two answers with one id the first counts. A reply
address has room for 64 characters only, so it carries the page's id and a short signature; who reads the mail knows the
page from its topic.
"""

import hmac
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from models.ids import stable_id
from models.instants import Instant
from models.paging import Page, PageKind, Side

SALT = "holdfast.answer.v1"
REPLY_PREFIX = "reply"
MAC_LENGTH = 20
"""Base32 characters of a reply address's signature: 100 bits."""


class TokenError(ValueError):
    """The token is not ours, was changed, or is out of date; the message says which. Refuse, and say so."""


class Claims(BaseModel):
    """What a token says: bound to one person, one incident, one rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_id: str
    incident_id: str
    source: str | None
    source_incident_id: str
    provider: str
    services: tuple[str, ...]
    side: Side
    rung: int
    loop: int
    recipient: str
    recipient_name: str
    expires_at: Instant
    kind: PageKind = PageKind.RUNG
    """What the page is about: of a hazard there is less to answer."""
    use: int = 0
    """0 is the page's own link; each answer gives the next one, so that one conversation can go on."""

    @property
    def token_id(self) -> str:
        """Return the id that every answer by this token shares: only the first counts."""
        return stable_id("token", self.page_id, self.recipient, str(self.use))

    @classmethod
    def of(cls, page: Page) -> "Claims":
        """Return the claims of a page's own link.

        Raises:
            ValueError: if the page can't be answered (it names no end).
        """
        if page.expires_at is None:
            raise ValueError(f"page {page.page_id} can't be answered")
        return cls(
            page_id=page.page_id,
            incident_id=page.incident_id,
            source=page.source,
            source_incident_id=page.source_incident_id,
            provider=page.provider,
            services=page.services,
            side=page.side,
            rung=page.rung,
            loop=page.loop,
            recipient=page.recipient,
            recipient_name=page.recipient_name,
            expires_at=page.expires_at,
            kind=page.kind,
        )

    def following(self) -> "Claims":
        """Return the claims of the token that goes on after this one was used."""
        return self.model_copy(update={"use": self.use + 1})


def seal(claims: Claims, secret: bytes) -> str:
    """Return the token of some claims: URL-safe, the same for the same claims."""
    return str(URLSafeSerializer(secret, salt=SALT).dumps(claims.model_dump(mode="json")))


def unseal(token: str, secret: bytes, now: datetime) -> Claims:
    """Read a token back.

    Raises:
        TokenError: if it was not made with this secret, was changed, or has expired by ``now``.
    """
    try:
        claims = Claims.model_validate(URLSafeSerializer(secret, salt=SALT).loads(token))
    except (BadSignature, ValidationError) as error:
        raise TokenError("this link is not one of ours, or was changed on its way") from error
    if now > claims.expires_at:
        raise TokenError(f"this link was good until {claims.expires_at:%Y-%m-%d %H:%M} UTC")
    return claims


def reply_local_part(page_id: str, secret: bytes) -> str:
    """Return the local part of a page's reply address: ``reply+<page id>-<signature>``, at most 64 characters."""
    return f"{REPLY_PREFIX}+{page_id}-{_mac(page_id, secret)}"


def page_of_local_part(local_part: str, secret: bytes) -> str:
    """Return the page id that a reply address names; letter case does not matter.

    Raises:
        TokenError: if it is not one of ours.
    """
    page_id, _, mac = local_part.lower().removeprefix(f"{REPLY_PREFIX}+").partition("-")
    if not local_part.lower().startswith(f"{REPLY_PREFIX}+") or not hmac.compare_digest(
        _mac(page_id, secret).encode(), mac.encode()
    ):
        raise TokenError("this reply address is not one of ours")
    return page_id


def _mac(page_id: str, secret: bytes) -> str:
    digest = hmac.new(secret, b"holdfast.reply.v1:" + page_id.encode(), sha256).digest()
    return b32encode(digest).decode().lower()[:MAC_LENGTH]
