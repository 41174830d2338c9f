"""Pages to Slack by an app's incoming webhook, as Block Kit. IO: HTTP.

Limits are those of Slack's reference: header 150 characters, text of a section 3000, a field 2000, ten fields, value of
a button 2000, its address 3000. What people wrote goes in as plain text or escaped: a title can't mention a channel.
"""

from typing import Any

import httpx
import orjson

from consumers.channels.base import Attempt, Options
from consumers.channels.posting import HttpChannel, Post, check_https
from consumers.links import Links
from consumers.message import LATE_S, REPEATED_WORDS, clipped, facts, invitation, late_words, summary
from models.paging import Page

ACKNOWLEDGE = "holdfast_acknowledge"
"""``action_id`` of the button; whoever receives its press finds the page's token in ``value``."""
OPEN = "holdfast_open"
"""``action_id`` of link buttons: Slack reports their presses too, and nothing follows from them."""
HEADER, TEXT, FIELD, FIELDS, VALUE, URL, FALLBACK = 150, 3000, 2000, 10, 2000, 3000, 3000


class Slack(HttpChannel):
    """A message with facts and buttons."""

    name = "slack"

    def __init__(self, options: Options | None = None, *, can_press: bool = True) -> None:
        """Keep the options; connects on delivery.

        Args:
            options: what all channels are told alike.
            can_press: whether button presses come back to us; if not, there is no button that does nothing.
        """
        super().__init__(options or Options())
        self._can_press = can_press

    def receiver(self, page: Page) -> str:
        return page.address or self.name

    def post(self, attempt: Attempt) -> Post:
        address = self._address(attempt.page, hint="name its app's incoming webhook, or env:NAME, as slack")
        check_https(address.value, f"the slack address of contact {attempt.page.recipient}")
        links, late_from_s = self._options.links, self._options.late_from_s
        body = message(attempt, links, late_from_s, can_press=self._can_press)
        return Post(address.value, orjson.dumps(body), secrets=address.secrets)

    def proof(self, answer: httpx.Response, text: str) -> str | None:
        return f"{text} {answer.headers.get('x-slack-req-id', '')}".strip() or None


def message(attempt: Attempt, links: Links, late_from_s: float = LATE_S, *, can_press: bool = True) -> dict[str, Any]:
    """Return the body of one request: blocks, and the line that notifications show."""
    page = attempt.page
    warnings = [late_words(page, late_from_s), REPEATED_WORDS if attempt.repeated else None]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(page.title, HEADER)}]
    blocks += [{"type": "section", "text": _plain(words, TEXT)} for words in (*warnings, page.text) if words]
    blocks.append({"type": "section", "fields": [_fact(label, value) for label, value in facts(page)[:FIELDS]]})
    buttons = _buttons(page, links, can_press=can_press)
    if buttons:
        blocks.append({"type": "actions", "block_id": page.page_id, "elements": buttons})
    asked = invitation(page, links)
    if asked is not None:
        blocks.append({"type": "context", "elements": [_plain(asked, FIELD)]})
    return {"text": clipped(_escaped(summary(page, late_from_s)), FALLBACK), "blocks": blocks}


def _buttons(page: Page, links: Links, *, can_press: bool) -> list[dict[str, Any]]:
    token, answer_url, incident_url = links.token(page), links.answer_url(page), links.incident_url(page)
    buttons: list[dict[str, Any]] = []
    if can_press and token is not None and len(token) <= VALUE:
        press = {"type": "button", "action_id": ACKNOWLEDGE, "value": token, "style": "primary"}
        buttons.append({**press, "text": _plain("Acknowledge", HEADER)})
    for number, (words, url) in enumerate((("Answer this page", answer_url), ("The incident", incident_url))):
        if url is not None and len(url) <= URL:
            link = {"type": "button", "action_id": f"{OPEN}_{number}", "url": url}
            buttons.append({**link, "text": _plain(words, HEADER)})
    return buttons


def _plain(text: str, length: int) -> dict[str, Any]:
    """Return a text object in which nothing is markup; Slack refuses empty ones."""
    return {"type": "plain_text", "text": clipped(text, length) or "-", "emoji": False}


def _fact(label: str, value: str) -> dict[str, Any]:
    text = clipped(f"*{label}*\n{_escaped(value)}", FIELD)
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
