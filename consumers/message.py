"""What a page says: the body of a webhook request and the text of an e-mail. Pure."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import orjson

from models.instants import format_instant
from models.paging import Page, Side

LATE_S = 60.0
"""From this lateness on a page says so, unless it is configured otherwise; below it is the pipeline's own pace."""
REPEATED_WORDS = "This may be a repeat: we do not know whether an earlier attempt reached you."


def late_words(page: Page, late_from_s: float = LATE_S) -> str | None:
    """Return in words that a page comes late; None if it is in time."""
    if page.late_s < late_from_s:
        return None
    minutes = round(page.late_s / 60)
    return f"Late by {minutes} min: this was due at {format_instant(page.due_at)}."


def summary(page: Page, late_from_s: float = LATE_S) -> str:
    """Return the page in one line, for a chat message or a display."""
    words = [page.title, page.reason, late_words(page, late_from_s)]
    return " | ".join(word for word in words if word)


def webhook_body(page: Page, late_from_s: float = LATE_S) -> bytes:
    """Return the JSON body of a webhook request: the page's own fields and ``type``, ``summary``, ``late``.

    The same for every attempt, so that a receiver may compare bodies under one idempotency key; what differs between
    attempts (``Holdfast-Attempt``, ``Holdfast-Repeated``) is in headers.
    """
    document = orjson.loads(page.to_wire())
    late = late_words(page, late_from_s)
    further = {"summary": summary(page, late_from_s), "late": late is not None, "late_text": late}
    return orjson.dumps({"type": "org.holdfast.page", **document, **further})


def email(
    page: Page, sender: str, recipient: str, *, repeated: bool, now: datetime, late_from_s: float = LATE_S
) -> EmailMessage:
    """Return the e-mail of a page: plain text, marked as automatic (RFC 3834), one Message-ID for all attempts.

    Raises:
        ValueError: if an address has a line break or is none; the page fails.
    """
    late = late_words(page, late_from_s)
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = _one_line(f"{'[late] ' if late else ''}{page.title}")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{page.page_id}@{sender.rpartition('@')[2].strip('> ') or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Holdfast-Page"] = page.page_id
    if repeated:
        message["Holdfast-Repeated"] = "true"
    message.set_content(_text(page, late, repeated=repeated))
    return message


def _text(page: Page, late: str | None, *, repeated: bool) -> str:
    side = "the provider's side" if page.side is Side.PROVIDER else "our side"
    lines = [
        late,
        REPEATED_WORDS if repeated else None,
        page.text,
        "",
        f"Provider:  {page.provider}",
        f"Services:  {', '.join(page.services) or '-'}",
        f"Incident:  {page.source_incident_id} ({page.incident_id})",
        f"Priority:  {page.priority or '-'}",
        f"Why:       {page.reason}",
        f"Due:       {format_instant(page.due_at)}",
        f"To:        {page.recipient_name}, on {side}, rung {page.rung + 1} of policy {page.policy}",
        f"Page:      {page.page_id}",
    ]
    return "\n".join(line for line in lines if line is not None) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
