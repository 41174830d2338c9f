"""Pages to Microsoft Teams by a workflow ("when a Teams webhook request is received"), as an Adaptive Card. IO: HTTP.

What people wrote stands in runs of a RichTextBlock, where Teams reads no Markdown: a title can't become a link. A
message may have 28 KB; past it, text is cut until it fits.
"""

from typing import Any

import httpx
import orjson

from consumers.channels.base import Attempt, Options
from consumers.channels.posting import HttpChannel, Post, check_https
from consumers.links import Links
from consumers.message import LATE_S, REPEATED_WORDS, clipped, facts, invitation, late_words
from models.paging import Page

LIMIT = 28 * 1024
"""Bytes of a whole message, as Teams counts them."""
TITLE, VALUE = 500, 1000
RUNS = ("x-ms-workflow-run-id", "x-ms-request-id")
VERSION = "1.4"
"""Of the card: the latest that Teams draws on telephones as on desktops."""


class Teams(HttpChannel):
    """A card with facts and link buttons; it can't be answered by a button of its own, as it comes from no bot."""

    name = "teams"

    def __init__(self, options: Options | None = None) -> None:
        """Keep the options; connects on delivery."""
        super().__init__(options or Options())

    def receiver(self, page: Page) -> str:
        return page.address or self.name

    def post(self, attempt: Attempt) -> Post:
        address = self._address(attempt.page, hint="name the URL of its workflow, or env:NAME, as teams")
        check_https(address.value, f"the teams address of contact {attempt.page.recipient}")
        body = message(attempt, self._options.links, self._options.late_from_s)
        return Post(address.value, body, secrets=address.secrets)

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        """Return the run of the workflow: 202 says that it was started, and there its owner sees what came of it."""
        return next((answer.headers[name] for name in RUNS if answer.headers.get(name)), None)


def message(attempt: Attempt, links: Links, late_from_s: float = LATE_S) -> bytes:
    """Return the body of one request, within the limit."""
    length = LIMIT
    while True:
        card = _card(attempt, links, late_from_s, clipped(attempt.page.text, length))
        attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        body = orjson.dumps({"type": "message", "attachments": [attached]})
        if len(body) <= LIMIT or length <= 1:
            return body
        length //= 2


def _card(attempt: Attempt, links: Links, late_from_s: float, text: str) -> dict[str, Any]:
    page = attempt.page
    warnings = [late_words(page, late_from_s), REPEATED_WORDS if attempt.repeated else None]
    body = [_block([_run(page.title, TITLE, weight="Bolder", size="Large")])]
    body += [_block([_run(words, VALUE, weight="Bolder", color="Warning")]) for words in warnings if words]
    body += [_block([_run(line, LIMIT)]) for line in text.splitlines() if line]
    body += [_block([_run(f"{label}: ", VALUE, weight="Bolder"), _run(value, VALUE)]) for label, value in facts(page)]
    asked = invitation(page, links)
    if asked is not None:
        body.append(_block([_run(asked, VALUE, size="Small")]))
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": clipped(page.title, TITLE),
        "body": body,
        "actions": _actions(page, links),
        "msteams": {"width": "Full"},
    }


def _actions(page: Page, links: Links) -> list[dict[str, str]]:
    known = (("Answer this page", links.answer_url(page)), ("The incident", links.incident_url(page)))
    return [{"type": "Action.OpenUrl", "title": words, "url": url} for words, url in known if url is not None]


def _block(runs: list[dict[str, str]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": runs}


def _run(text: str, length: int, **style: str) -> dict[str, str]:
    return {"type": "TextRun", "text": clipped(text, length) or "-", **style}
