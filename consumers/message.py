"""What a page says, whatever brings it: one line, facts, what can be answered, and a webhook's body. Pure."""

import orjson

from consumers.links import Links
from models.instants import format_instant
from models.paging import Page, PageKind, Side

LATE_S = 60.0
"""From this lateness on a page says so, unless it is configured otherwise; below it is the pipeline's own pace."""
REPEATED_WORDS = "This may be a repeat: we do not know whether an earlier attempt reached you."
NOT_FOR_RECEIVERS = ("fallbacks",)
"""Fields of a page that its receiver does not get: other people's addresses."""
PROVIDER_MAY = (
    "acknowledge it, name the time at which you expect service to be restored, ask for the clock to be paused (with "
    "the reason), say that service is restored, or give the root cause. Each answer goes on record with its time."
)
OURS_MAY = (
    "acknowledge it, or accept, reject or dispute what the provider claims. Acknowledging quiets our own ladder; it "
    "does not stop the provider's clock."
)


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


def clipped(text: str, length: int) -> str:
    """Return a text of so many characters at most; what was cut off shows as an ellipsis.

    >>> clipped("restored", 5)
    'rest…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def facts(page: Page) -> tuple[tuple[str, str], ...]:
    """Return what a page is about as labels and values, in order; the provider's side sees nothing of our ladder.

    A bundle tells its members in its text, so it has few facts of its own.
    """
    to = ("To", _recipient(page))
    if page.kind is PageKind.BUNDLE:
        return (to,)
    about = [("Provider", page.provider), ("Services", ", ".join(page.services) or "-")]
    if page.kind is PageKind.RUNG:
        about += [("Incident", _incident(page)), ("Priority", page.priority or "-"), ("Why", page.reason)]
    elif page.hazard:
        about.append(("Hazard", page.hazard))
    about.append(("Due" if page.kind is PageKind.RUNG else "As of", format_instant(page.due_at)))
    if page.answer_by is not None:
        about.append(("Answer by", format_instant(page.answer_by.replace(microsecond=0))))
    return (*about, to)


def invitation(page: Page, links: Links) -> str | None:
    """Return what the person can answer, by side; None if the page can't be answered."""
    if page.expires_at is None or (links.answer_url(page) is None and links.reply_address(page) is None):
        return None
    until = f"You can answer this without an account until {page.expires_at:%Y-%m-%d %H:%M} UTC"
    if page.kind is not PageKind.RUNG:
        return f"{until}: acknowledge that you have read it."
    return f"{until}: {PROVIDER_MAY if page.side is Side.PROVIDER else OURS_MAY}"


def webhook_body(page: Page, late_from_s: float = LATE_S, links: Links | None = None) -> bytes:
    """Return the JSON body of a webhook request: the page's own fields, ``type``, ``summary``, ``late``, and its links.

    The same for every attempt, so that a receiver may compare bodies under one idempotency key; what differs between
    attempts (``Holdfast-Attempt``, ``Holdfast-Repeated``) is in headers.
    """
    document = {key: value for key, value in orjson.loads(page.to_wire()).items() if key not in NOT_FOR_RECEIVERS}
    late, known = late_words(page, late_from_s), links or Links()
    told = {"answer_url": known.answer_url(page), "incident_url": known.incident_url(page)}
    further = {"summary": summary(page, late_from_s), "late": late is not None, "late_text": late}
    there = {key: value for key, value in told.items() if value is not None}
    return orjson.dumps({"type": "org.holdfast.page", **document, **further, **there})


def _incident(page: Page) -> str:
    ours = page.side is Side.CUSTOMER
    return f"{page.source_incident_id} ({page.incident_id})" if ours else page.source_incident_id


def _recipient(page: Page) -> str:
    if page.side is Side.PROVIDER:
        return f"{page.recipient_name}, {page.provider}"
    rung = f", rung {page.rung + 1} of policy {page.policy}" if page.kind is PageKind.RUNG else ""
    return f"{page.recipient_name}, on our side{rung}"
