"""A mail that came as an answer, with what our mailbox knows of it: one trusted line on top of the bytes. Pure.

The mailbox writes ``Holdfast-Envelope: {...}`` before the first byte of the mail and leaves the mail itself as it came
(evidence, and signatures can be checked again). Only a first line is read as an envelope, and whoever puts a mail on
the raw topic writes one, so that nothing that stands in a mail is ever taken for it (ADR 0017).
"""

from email.message import Message
from email.utils import getaddresses
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from models.instants import Instant
from models.tokens import Claims, TokenError, page_of_local_part

MAIL_FORMAT = "answer-mail"
"""Format of a mail with our envelope on the raw topic."""
ENVELOPE = b"Holdfast-Envelope: "
PAGES_LIMIT = 50
"""Pages that one mail can answer; further addresses are left out."""
ADDRESSES_LIMIT = 200
"""Addresses read of one header."""
HEADER_LIMIT = 20_000
"""Characters read of all headers of one name."""


class MailSignature(BaseModel):
    """What came of checking one DKIM signature (RFC 6376)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result: Literal["pass", "fail", "temperror", "permerror"]
    """Words of RFC 8601; ``temperror``: its key could not be looked up."""
    domain: str
    selector: str
    signed: tuple[str, ...] = ()
    """Header names that it covers, lower case."""
    is_partial: bool = False
    """It covers only the beginning of the text (``l=``): what follows may be anybody's."""


class AnsweredPage(BaseModel):
    """One page that a mail answers, and what is known of whom it was sent to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_id: str
    by: Literal["address", "reference"]
    """Named by a reply address of ours, or only by the page's Message-ID, which anybody may know."""
    claims: Claims | None = None
    """None where the page is not known any more."""
    contact: str | None = None
    """E-mail address of the person paged."""
    zone: str | None = None
    """IANA zone of that person."""


class MailEnvelope(BaseModel):
    """What our mailbox knows of a mail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    received_at: Instant
    """By our own mailbox (features.md, rule 7)."""
    way: Literal["smtp", "file"]
    """``file``: a mail that somebody saved; who sent it can't be told."""
    sender: str | None = None
    """Of MAIL FROM; the empty string is a machine's (RFC 3834, RFC 5321 4.5.5); None where there was none to see."""
    pages: tuple[AnsweredPage, ...] = ()
    signatures: tuple[MailSignature, ...] = ()


def stamp(envelope: MailEnvelope, mail: bytes) -> bytes:
    """Return a mail with its envelope on top; the mail's own bytes stay as they are."""
    return ENVELOPE + orjson.dumps(envelope.model_dump(mode="json", exclude_none=True)) + b"\r\n" + mail


def unstamp(body: bytes) -> tuple[MailEnvelope, bytes]:
    """Return the envelope and the mail as it came.

    Raises:
        ValueError: if the first line is no envelope; such bytes did not come through our mailbox.
    """
    head, _, mail = body.partition(b"\r\n")
    if not head.startswith(ENVELOPE):
        raise ValueError("no envelope of our mailbox on top")
    try:
        return MailEnvelope.model_validate(orjson.loads(head.removeprefix(ENVELOPE))), mail
    except (ValidationError, orjson.JSONDecodeError) as error:
        raise ValueError(f"the envelope can't be read: {error}") from error


def header_of(message: Message, name: str) -> str | None:
    """Return a header's first value on one line, undecoded; None where there is none."""
    value = message.get(name)
    return None if value is None else " ".join(str(value)[:HEADER_LIMIT].split())


def addresses_of(message: Message, name: str) -> tuple[str, ...]:
    """Return the addresses that headers of one name hold, in order, without the names of people."""
    try:
        values = [str(value)[:HEADER_LIMIT] for value in message.get_all(name, ())[:ADDRESSES_LIMIT]]
        found = [address for _, address in getaddresses(values)]
    except (ValueError, IndexError, AttributeError, TypeError):
        return ()  # no rule says what such a header means
    return tuple(address for address in found[:ADDRESSES_LIMIT] if _is_whole(address))


def _is_whole(address: str) -> bool:
    """Return whether an address has one local part and one domain: ``a@b@c`` is read as ``@c`` by some Pythons."""
    return address.count("@") == 1 and not address.startswith("@") and not address.endswith("@")


def is_ours(address: str, domain: str, secret: bytes) -> bool:
    """Return whether a reply address is one of ours: of our domain, and signed by us."""
    return page_of_address(address, domain, secret) is not None


def page_of_address(address: str, domain: str, secret: bytes) -> str | None:
    """Return the page that a reply address of ours names; None for any other address."""
    local_part, _, host = address.strip().rpartition("@")
    if host.lower() != domain.lower():
        return None
    try:
        return page_of_local_part(local_part, secret)
    except TokenError:
        return None
