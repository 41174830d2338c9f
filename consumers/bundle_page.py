"""The page that tells several: its words are those of its members. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime

from consumers.bundling import Message, Reason
from consumers.failover import ANSWER
from consumers.told import Subject
from models.ids import stable_id
from models.instants import format_instant
from models.paging import Page, PageKind

MOST_CHARACTERS = 60_000
"""Of the text as a whole: what does not fit is named by its title alone."""
WHY = {
    Reason.DIGEST: "low priority, told together",
    Reason.HAZARD: "one hazard, told together",
    Reason.ALL_CLEAR: "all clear",
    Reason.QUOTA: "more than the quota of an hour, told together",
}
LinkTo = Callable[[Page], str | None]
"""Where a page can be answered by the person it is for; None where it can't be."""


def bundle_page(message: Message, now: datetime, links: LinkTo | None = None) -> Page:
    """Return the page that tells all pages of a message.

    It is the first member's in everything that a page has once: incident, rung, fallbacks. Each member is answered by
    its own link, so the bundle has none.

    Args:
        message: whose pages are all to one person on one channel.
        now: the product's instant.
        links: gives each member's own link.
    """
    pages = [one.page for one in message.waiting]
    first, hazards = pages[0], {page.hazard for page in pages}
    reason = WHY[message.reason or Reason.QUOTA]
    return first.model_copy(
        update={
            "page_id": stable_id("bundle", first.postbox, first.channel, first.page_id),
            "kind": PageKind.BUNDLE,
            "members": tuple(page.page_id for page in pages),
            "services": tuple(dict.fromkeys(service for page in pages for service in page.services)),
            "priority": min((page.priority for page in pages if page.priority), key=str.lower, default=None),
            "objective": None,
            "reason": reason,
            "title": _title(message, pages),
            "text": _text(pages, message.unclear, links),
            "due_at": message.due_at,
            "issued_at": now,
            "late_s": max(0.0, (now - message.due_at).total_seconds()),
            "answer_by": None,
            "expires_at": None,
            "critical": any(page.critical for page in pages),
            "hazard": hazards.pop() if len(hazards) == 1 else None,
            "cadence_s": None,
            "digest_s": None,
            "quota_per_h": None,
            "stands_in_for": None,
        }
    )


def _title(message: Message, pages: Sequence[Page]) -> str:
    """Return one line: how many, of whom, why together."""
    names = list(dict.fromkeys(page.provider for page in pages))
    providers = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    hazards = {page.hazard for page in pages}
    of = f" in {hazards.pop()}" if len(hazards) == 1 and message.reason in (Reason.HAZARD, Reason.ALL_CLEAR) else ""
    if message.reason is Reason.ALL_CLEAR:
        return f"All clear{of}: {providers}" + (f" ({len(message.unclear)} not yet)" if message.unclear else "")
    words = {Reason.DIGEST: "in this digest", Reason.QUOTA: "past the quota of an hour"}
    return f"{len(pages)} pages {words.get(message.reason or Reason.HAZARD, 'told together')}{of}: {providers}"


def _text(pages: Sequence[Page], unclear: Sequence[Subject], links: LinkTo | None) -> str:
    """Return the members' own words, each under its title, and whose all-clear is missing."""
    lines = [f"{number}. {page.title}" for number, page in enumerate(pages, 1)]
    if unclear:
        lines += ["", "Not clear yet:", *(f"- {provider}, incident {incident}" for provider, incident in unclear)]
    room = MOST_CHARACTERS - sum(map(len, lines))
    for number, page in enumerate(pages, 1):
        link = links(page) if links is not None else None
        part = ["", f"{number}. {page.title}", f"{page.reason}, due {format_instant(page.due_at)}", page.text]
        part += [f"{ANSWER}{link}"] if link else []
        room -= sum(map(len, part))
        if room >= 0:
            lines += part
        elif link:
            lines += ["", f"{number}. {page.title}", f"{ANSWER}{link}"]
    return "\n".join(lines)
