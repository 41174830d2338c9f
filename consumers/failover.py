"""The page that goes out in place of one that could not be brought. Pure."""

from datetime import datetime

from models.ids import stable_id
from models.paging import Page, PageKind

ANSWER = "Answer: "
"""How a line of a bundle begins that has a member's own link: it is bound to one person."""


def stand_in(page: Page, now: datetime) -> Page:
    """Return the page to the first fallback: same words, the others still behind it.

    Args:
        page: has a fallback.
        now: the product's instant.
    """
    first, *rest = page.fallbacks
    text = page.text
    if page.kind is PageKind.BUNDLE and first.recipient != page.recipient:
        text = "\n".join(line for line in text.split("\n") if not line.startswith(ANSWER))
    return page.model_copy(
        update={
            "page_id": stable_id("failover", page.page_id),
            "recipient": first.recipient,
            "recipient_name": first.recipient_name,
            "channel": first.channel,
            "address": first.address,
            "fallbacks": tuple(rest),
            "stands_in_for": page.page_id,
            "rota": None,
            "text": text,
            "issued_at": now,
            "late_s": max(0.0, (now - page.due_at).total_seconds()),
        }
    )
