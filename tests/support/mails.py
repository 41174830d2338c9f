"""Mails as people, their programs and machines write them, and the envelope that our mailbox puts on top."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from models.mail import AnsweredPage, MailEnvelope, MailSignature, stamp
from models.paging import Page, Side
from models.tokens import Claims, reply_local_part
from tests.support import samples

SECRET = b"sixteen characters, at least"
DOMAIN = "reply.us.example"
RECEIVED = datetime(2026, 5, 4, 13, 0, tzinfo=UTC)
CONTACT = "maya@nimbus.example"


def page(ordinal: int = 0, **fields: Any) -> Page:
    """Return a page to the provider's duty desk, by mail, that can be answered."""
    values: dict[str, Any] = {
        "side": Side.PROVIDER,
        "recipient": "duty",
        "recipient_name": "Duty desk",
        "channel": "email",
        "address": CONTACT,
        "source": "nimbus-status",
        "expires_at": datetime(2026, 5, 11, 13, 0, tzinfo=UTC),
    }
    return samples.page(ordinal, **{**values, **fields})


def address(page_id: str, domain: str = DOMAIN, secret: bytes = SECRET) -> str:
    """Return a page's reply address."""
    return f"{reply_local_part(page_id, secret)}@{domain}"


def reply(text: str, *pages: Page, **headers: str) -> EmailMessage:
    """Return a person's reply to pages; keywords are further headers, ``_`` for ``-``, None leaves one out."""
    message = EmailMessage()
    fields: dict[str, str | None] = {
        "From": f"Maya <{CONTACT}>",
        "To": ", ".join(address(one.page_id) for one in pages) or "somebody@us.example",
        "Subject": "Re: Mail is delayed",
        "Date": "Mon, 04 May 2026 12:59:30 +0000",
        "Message-ID": "<1@nimbus.example>",
        "In-Reply-To": f"<{pages[0].page_id}@us.example>" if pages else None,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in fields.items():
        if value is not None:
            message[name] = value
    message.set_content(text)
    return message


def envelope(*pages: Page, **fields: Any) -> MailEnvelope:
    """Return what our mailbox knows of a mail that answers pages."""
    values: dict[str, Any] = {
        "received_at": RECEIVED,
        "way": "smtp",
        "sender": CONTACT,
        "pages": tuple(
            AnsweredPage(page_id=one.page_id, by="address", claims=Claims.of(one), contact=CONTACT) for one in pages
        ),
    }
    return MailEnvelope(**{**values, **fields})


def signature(**fields: Any) -> MailSignature:
    """Return a signature of the contact's own domain that passed."""
    values: dict[str, Any] = {
        "result": "pass",
        "domain": "nimbus.example",
        "selector": "s1",
        "signed": ("from", "to", "subject", "message-id"),
    }
    return MailSignature(**{**values, **fields})


def stamped(message: EmailMessage | bytes, *pages: Page, **fields: Any) -> bytes:
    """Return a mail as it stands on the raw topic."""
    return stamp(envelope(*pages, **fields), message if isinstance(message, bytes) else bytes(message))
