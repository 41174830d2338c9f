"""Pages to PagerDuty by its Events API v2. IO: HTTP.

The deduplication key is the page's id, not the incident's. An event with the key of an open PagerDuty incident rings
nobody, and the next rung has to ring; while the same page again, after an unknown outcome, must not ring twice. And the
key comes back as ``incident_key`` when somebody acknowledges in PagerDuty, which so names the page that was answered.
"""

from typing import Any

import httpx
import orjson

from consumers.channels.base import Attempt
from consumers.channels.posting import Post, VendorChannel, field_of
from consumers.links import Links
from consumers.message import LATE_S, clipped, facts, invitation, late_words, summary
from models.instants import format_instant
from models.paging import Page, PageKind

SUMMARY = 1024
"""Characters, as the API allows."""
TEXT = 20_000
"""Characters of the page's text; the API takes 512 KB in all."""
SEVERITIES = {"p1": "critical", "p2": "error", "p3": "warning"}
"""By priority; any other is ``info``, and none at all is ``error``, which rings."""


class PagerDuty(VendorChannel):
    """An event that triggers; a 202 names the key under which it is known there."""

    name = "pagerduty"
    setting = "HOLDFAST_PAGERDUTY_URL"

    def receiver(self, page: Page) -> str:
        return f"pagerduty:{page.address}"

    def post(self, attempt: Attempt) -> Post:
        key = self._address(attempt.page, hint="name its integration's routing key, or env:NAME, as pagerduty")
        body = event(attempt, key.value, self._options.links, self._options.late_from_s)
        return Post(self._url, orjson.dumps(body), secrets=key.secrets)

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        return field_of(text, "dedup_key")


def severity(page: Page) -> str:
    """Return PagerDuty's word for a page's priority."""
    if page.priority is None:
        return "error"
    return SEVERITIES.get(page.priority.lower(), "info")


def event(attempt: Attempt, routing_key: str, links: Links, late_from_s: float = LATE_S) -> dict[str, Any]:
    """Return the body of one request."""
    page = attempt.page
    known = (("Answer this page", links.answer_url(page)), ("The incident", links.incident_url(page)))
    payload = {
        "summary": clipped(summary(page, late_from_s), SUMMARY),
        "source": page.provider,
        "severity": severity(page),
        "timestamp": format_instant(page.due_at),
        "component": ", ".join(page.services) or None,
        "group": page.provider,
        "class": page.objective.value if page.objective else page.kind.value,
        "custom_details": details(page, links, late_from_s),
    }
    return {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": page.page_id,
        "client": "Holdfast",
        "payload": {key: value for key, value in payload.items() if value is not None},
        "links": [{"href": url, "text": words} for words, url in known if url is not None],
    }


def details(page: Page, links: Links, late_from_s: float = LATE_S) -> dict[str, str]:
    """Return what is told beside the summary, by label; the same at every attempt."""
    told = {label.lower().replace(" ", "_"): value for label, value in facts(page)}
    further = {
        "text": clipped(page.text, TEXT),
        "late": late_words(page, late_from_s),
        "answer": invitation(page, links),
        "page": page.page_id,
        "incident_id": page.incident_id if page.kind is PageKind.RUNG else None,
    }
    return {**told, **{key: value for key, value in further.items() if value}}
