"""What our mailbox writes on top of a mail: which pages it answers, and whom those went to. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from consumers.pages_known import KnownPage
from models.documents import Documents
from models.mail import PAGES_LIMIT, AnsweredPage, addresses_of, page_of_address
from models.provider import Contact

HEAD_LIMIT = 256 * 1024
"""Bytes of a mail in which its headers are looked for."""
_THREAD = re.compile(r"<([0-9a-f]{32})@[^<>@\s]{1,253}>")

Find = Callable[[str], KnownPage | None]
ContactOf = Callable[[KnownPage], Contact | None]


@dataclass(frozen=True)
class ReplyAddresses:
    """How reply addresses of this installation look."""

    domain: str
    secret: bytes

    def page_of(self, address: str) -> str | None:
        """Return the page that an address names; None if it is not one of ours."""
        return page_of_address(address, self.domain, self.secret)


def headers_of(mail: bytes) -> Message:
    """Return the headers of a mail, and no more of it."""
    return BytesHeaderParser(policy=compat32).parsebytes(mail[:HEAD_LIMIT])


def answered(
    mail: bytes, recipients: Iterable[str], ours: ReplyAddresses, find: Find, contact_of: ContactOf
) -> tuple[AnsweredPage, ...]:
    """Return the pages that a mail answers: by reply addresses, else by the Message-IDs that it refers to.

    Args:
        mail: the bytes as they came.
        recipients: whom it was sent to, by the envelope.
        ours: what makes an address one of ours.
        find: looks for a page; may raise, and then so does this.
        contact_of: looks for the person that a page went to.
    """
    headers = headers_of(mail)
    written = (one for name in ("To", "Cc", "Delivered-To", "X-Original-To") for one in addresses_of(headers, name))
    by_address = dict.fromkeys(page for one in (*recipients, *written) if (page := ours.page_of(one)) is not None)
    by_reference = () if by_address else dict.fromkeys(_referred(headers))
    named = [*((page, "address") for page in by_address), *((page, "reference") for page in by_reference)]
    return tuple(_answered(page, by, find, contact_of) for page, by in named[:PAGES_LIMIT])


def _answered(page_id: str, by: str, find: Find, contact_of: ContactOf) -> AnsweredPage:
    known = find(page_id)
    contact = None if known is None else contact_of(known)
    return AnsweredPage(
        page_id=page_id,
        by=by,
        claims=None if known is None else known.claims,
        contact=(None if known is None else known.email) or (contact.email if contact else None),
        zone=contact.timezone if contact else None,
    )


def _referred(headers: Message) -> list[str]:
    """Return the pages in whose thread a mail stands, the one that it answers first."""
    words = " ".join(str(headers.get(name, "")) for name in ("In-Reply-To", "References"))
    return _THREAD.findall(words[: 64 * PAGES_LIMIT])[:PAGES_LIMIT]


def contact_of(page: KnownPage, documents: Documents) -> Contact | None:
    """Return the person that a page went to, by the documents in force; None where they don't name that person."""
    rota = documents.rotas.get(page.rota) if page.rota is not None else None
    if rota is not None and page.claims.recipient in rota.members:
        return rota.members[page.claims.recipient]
    provider = documents.providers.get(page.claims.provider)
    return None if provider is None else provider.contacts.get(page.claims.recipient)
