"""Turns the script into what our pollers and our webhook receive, look by look. Pure.

A poller looks at a page at fixed intervals and hands on what it read when it changed, and now and then when it did
not. ``received_after`` is always the look before, so it is true that a change appeared between the two.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.story.alertmanager import Failing
from holdfast.story.cap import WeatherWarning, message
from holdfast.story.script import LENGTH, ORIGIN, at
from models.raw import RawPayload

FIRST_LOOK = timedelta(minutes=5)
"""Pollers look for the first time this long after the story begins."""
QUIET = timedelta(hours=12)
"""At the latest after so long an unchanged page is handed on again."""


@dataclass(frozen=True)
class Poller:
    """How one feed is looked at."""

    feed: str
    format: str
    every: timedelta
    offset: timedelta
    """Of its looks within the hour: pollers do not look in step."""
    url: str

    def looks(self) -> Iterator[datetime]:
        """Yield every instant at which it looks, first to last."""
        instant = ORIGIN + FIRST_LOOK + self.offset
        while instant < ORIGIN + LENGTH:
            yield instant
            instant += self.every

    def payloads(self, changes: Iterable[datetime], read: Callable[[datetime], bytes]) -> Iterator[RawPayload]:
        """Yield what it hands on: the first look, each look that finds a change, the look before it, quiet ones.

        Args:
            changes: instants at which the page changes, any order.
            read: returns the page's bytes at an instant.
        """
        looks = list(self.looks())
        changed = sorted(changes)
        for position, look in enumerate(looks):
            before = looks[position - 1] if position else None
            after = looks[position + 1] if position + 1 < len(looks) else look
            wanted = before is None or any(before < change <= after for change in changed)
            if wanted or (look - looks[0]) % QUIET < self.every:
                yield self._payload(read(look), look, before)

    def _payload(self, body: bytes, look: datetime, before: datetime | None) -> RawPayload:
        return RawPayload(
            feed=self.feed,
            format=self.format,
            body=body,
            received_at=look,
            received_after=before,
            content_type="application/json",
            name=self.url,
        )


def pushed(feed: str, probes: Iterable[Failing]) -> Iterator[RawPayload]:
    """Yield the webhook calls of our probes: pushed, so there is no look before."""
    for failing in probes:
        for instant, body in failing.calls():
            yield RawPayload(
                feed=feed, format="alertmanager", body=body, received_at=instant, content_type="application/json"
            )


def warned(feed: str, warnings: Iterable[WeatherWarning], every: timedelta) -> Iterator[RawPayload]:
    """Yield each CAP message at the first look after it was sent."""
    for warning in warnings:
        sent = at(warning.sent)
        look = sent + every - (sent - ORIGIN) % every
        yield RawPayload(
            feed=feed,
            format="cap",
            body=message(warning),
            received_at=look,
            received_after=look - every,
            content_type="application/cap+xml",
            name=f"https://warnings.weather.example/{warning.identifier}.cap",
        )
