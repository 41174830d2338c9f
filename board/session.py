"""Sessions of our own people on the board: who, until when; and the proof that a form is of one (ADR 0023). Pure.

A session is a signed cookie and nothing is stored. Its key is derived from the installation's token, so that changing
the token ends every session. Signing is ``itsdangerous``.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, Signer, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from models.instants import Instant
from models.provider import Contact

LASTS = timedelta(hours=12)
"""By the board's clock: a shift, and its handover."""
COOKIE_LENGTH = 4_000
_SESSION, _FORM = "holdfast.session.v1", "holdfast.form.v1"
_SIGNED_BY: dict[str, Any] = {"key_derivation": "hmac", "digest_method": sha256}


class Session(BaseModel):
    """Who writes, as they said when they gave the token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    """Contact id."""
    name: str
    zone: str
    """In which they read times."""
    began_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, person: str, contact: Contact, now: datetime) -> "Session":
        """Return the session of a contact that begins now."""
        zone = contact.timezone or "UTC"
        return cls(person=person, name=contact.name, zone=zone, began_at=now, expires_at=now + LASTS)


def seal_session(session: Session, token: str) -> str:
    """Return the cookie of a session: URL-safe, the same for the same session."""
    return str(_serializer(token).dumps(session.model_dump(mode="json")))


def unseal_session(cookie: str, token: str, now: datetime) -> Session | None:
    """Return a cookie's session; None if it is not of this token, was changed, or is over by ``now``."""
    try:
        session = Session.model_validate(_serializer(token).loads(cookie[:COOKIE_LENGTH]))
    except (BadSignature, ValidationError):
        return None
    return session if session.began_at <= now < session.expires_at else None


def form_token(session: Session, token: str) -> str:
    """Return what a form of this session carries: no other page can know it."""
    return _signer(token).get_signature(seal_session(session, token)).decode()


def is_form_token(given: str, session: Session, token: str) -> bool:
    """Return whether a form is of this session, comparing in constant time."""
    return _signer(token).verify_signature(seal_session(session, token), given.encode("utf-8", "replace"))


def _serializer(token: str) -> URLSafeSerializer:
    return URLSafeSerializer(token, salt=_SESSION, signer_kwargs=_SIGNED_BY)


def _signer(token: str) -> Signer:
    return Signer(token, salt=_FORM, **_SIGNED_BY)
