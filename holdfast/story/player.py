"""Plays the story on the product's clock: each payload at its instant, with a line for whoever watches. IO: Kafka."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from holdfast import story
from holdfast.clock import Clock
from holdfast.kafka import Publisher
from models.raw import RawPayload
from models.topics import Stream

SLICE_S = 0.25
"""Longest sleep at once, so that Ctrl-C is noticed soon."""

Narrate = Callable[[datetime, str], None]


def play(publisher: Publisher, clock: Clock, narrate: Narrate) -> int:
    """Play the story to its end.

    A payload is never sent before its own ``received_at``, and carries that instant however late we are: the story's
    times are true, only the waiting between them is shortened.

    Args:
        publisher: takes the payloads, on the raw topic.
        clock: the product's clock, running from the story's origin.
        narrate: is told what happens, at its instant.

    Returns:
        How many payloads were sent.
    """
    sent = 0
    for instant, what in _timeline():
        _wait(clock, instant)
        if isinstance(what, RawPayload):
            publisher.send(Stream.RAW, what.feed, what.to_wire())
            publisher.flush()
            sent += 1
        else:
            narrate(instant, what)
    _wait(clock, story.ORIGIN + story.LENGTH)
    return sent


def _timeline() -> Iterator[tuple[datetime, RawPayload | str]]:
    """Yield payloads and narration together, ascending; of one instant, the narration first."""
    told: list[tuple[datetime, int, RawPayload | str]] = [(at, 0, text) for at, text in story.narration()]
    told += [(payload.received_at, 1, payload) for payload in story.payloads()]
    for instant, _, what in sorted(told, key=lambda entry: entry[:2]):
        yield instant, what


def _wait(clock: Clock, instant: datetime) -> None:
    """Sleep until a product instant."""
    while (left := clock.real_seconds_until(instant)) > 0:
        time.sleep(min(left, SLICE_S))
