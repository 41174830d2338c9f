"""Pages to Opsgenie by its Alert API. IO: HTTP.

The alias is the page's id, for the reasons of ``consumers.channels.pagerduty``: an open one with the same alias is
counted up there and rings nobody.
"""

from typing import Any

import httpx
import orjson

from consumers.channels.base import Attempt
from consumers.channels.pagerduty import details
from consumers.channels.posting import Post, VendorChannel, field_of
from consumers.links import Links
from consumers.message import LATE_S, clipped, facts, invitation, late_words
from models.paging import Page

MESSAGE, DESCRIPTION, ENTITY, SOURCE, TAG, TAGS, DETAILS = 130, 15_000, 512, 100, 50, 20, 8000
"""Characters, but for the number of tags, as the API allows."""
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


class Opsgenie(VendorChannel):
    """An event of an API integration; its request id is what to ask Opsgenie by."""

    name = "opsgenie"
    setting = "HOLDFAST_OPSGENIE_URL"

    def receiver(self, page: Page) -> str:
        return f"opsgenie:{page.address}"

    def post(self, attempt: Attempt) -> Post:
        key = self._address(attempt.page, hint="name its integration's API key, or env:NAME, as opsgenie")
        body = event(attempt, self._options.links, self._options.late_from_s)
        return Post(self._url, orjson.dumps(body), {"Authorization": f"GenieKey {key.value}"}, key.secrets)

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        return field_of(text, "requestId")


def priority(page: Page) -> str:
    """Return Opsgenie's word for a page's priority: its own default where we have none, the lowest past ``P5``."""
    if page.priority is None:
        return "P3"
    known = page.priority.upper()
    return known if known in PRIORITIES else PRIORITIES[-1]


def event(attempt: Attempt, links: Links, late_from_s: float = LATE_S) -> dict[str, Any]:
    """Return the body of one request."""
    page = attempt.page
    return {
        "message": clipped(page.title, MESSAGE) or "-",
        "alias": page.page_id,
        "description": _description(page, links, late_from_s),
        "entity": clipped(page.provider, ENTITY),
        "source": "Holdfast",
        "priority": priority(page),
        "tags": [clipped(service, TAG) for service in page.services[:TAGS]],
        "details": _details(page, links, late_from_s),
    }


def _description(page: Page, links: Links, late_from_s: float) -> str:
    """Return the long text: the link before anything long, so that cutting does not lose it."""
    url, incident = links.answer_url(page), links.incident_url(page)
    lines = [
        late_words(page, late_from_s),
        url and f"Answer this page: {url}",
        incident and f"The incident: {incident}",
    ]
    lines += [invitation(page, links), page.text, *(f"{label}: {value}" for label, value in facts(page))]
    return clipped("\n".join(line for line in lines if line), DESCRIPTION)


def _details(page: Page, links: Links, late_from_s: float) -> dict[str, str]:
    """Return labelled values within the API's total; the description has the rest."""
    left, kept = DETAILS, {}
    for key, value in details(page, links, late_from_s).items():
        if key != "text" and (left := left - len(key) - len(value)) >= 0:
            kept[key] = value
    return kept
