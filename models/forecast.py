"""Who will be told when, if nothing happens: a ladder played on from an instant (measurement.md §10). Pure.

It is the engine's own ladder that is asked, step by step as its wakes would ask it, so preview and truth can't differ.
Nothing is issued, and what was given is left as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from models.crossing import Lateness
from models.instants import LATEST, format_instant
from models.ladder import Ladder, paged
from models.loops import Loops
from models.paging import Page, Side
from models.plan import Climb, Handled, Told

INSTANT_AFTER = timedelta(microseconds=1)
"""What falls due at an instant shows from the next microsecond on, as in the engine."""
TOLERANCE = timedelta(seconds=60)
LOOKS = 1000
"""Instants looked at for one preview: a bound, never met by a ladder that climbs."""

Ahead = Callable[[datetime], Ladder | None]
"""The ladder as it is at a later instant, if nothing happens."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who will be told, and how."""

    page_id: str
    """Of the page as it will be issued."""
    recipient: str
    """Contact id, or member of a rota: whoever has duty then."""
    name: str
    channel: str
    rota: str | None
    timezone: str | None
    """IANA zone of the contact; None where no document names one."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """One rung, or one repetition of it, as it will be told if nothing happens."""

    at: datetime
    side: Side
    rung: int
    """From 0."""
    loop: int
    """0 is the first page of the rung."""
    condition: str
    why: str
    """Why somebody is told, in words: the condition, or the silence of the rung below."""
    held: str | None
    """What holds it back until then, in words."""
    digest_s: float | None
    """Of low priority: brought with others, at the next whole multiple of so many seconds since 1970."""
    addressees: tuple[Addressee, ...]

    def line(self) -> dict[str, Any]:
        """Return it as JSON shows it: the keys and their order are part of the interface."""
        return {
            "at": format_instant(self.at),
            "side": self.side.value,
            "rung": self.rung,
            "loop": self.loop,
            "condition": self.condition,
            "why": self.why,
            "held": self.held,
            "digest_s": self.digest_s,
            "recipients": [
                {
                    "page_id": one.page_id,
                    "recipient": one.recipient,
                    "name": one.name,
                    "channel": one.channel,
                    "rota": one.rota,
                    "timezone": one.timezone,
                }
                for one in self.addressees
            ],
        }


def forecast(
    ladder: Ladder, handled: Handled, until: datetime, at_most: int = 50, ahead: Ahead | None = None
) -> tuple[Foretold, ...]:
    """Return who will be told when, if nothing happens: nobody speaks, answers or decides.

    Args:
        ladder: as of the instant from which on it is asked.
        handled: by page id, what became of pages before.
        until: exclusive.
        at_most: entries at most, the earliest ones.
        ahead: gives the ladder as of a later instant; None takes the circumstances as they are known now, which is the
            same unless time alone changes them (a burn rate beyond the next hour).

    Returns:
        In order of time. What is due already and was not told yet comes first, at ``ladder.as_of``.
    """
    known: dict[str, Told] = dict(handled)
    found: list[Foretold] = []
    here: Ladder | None = replace(ladder, climbs={})
    for _ in range(LOOKS):
        if here is None or len(found) >= at_most:
            break
        found += _reached(here, known)
        due = _next(here, known, by_clocks=ahead is not None)
        if due is None or due >= min(until, LATEST):
            break
        later = due + INSTANT_AFTER
        here = replace(here, as_of=later, climbs={}) if ahead is None else ahead(later)
    return tuple(found[:at_most])


def _next(ladder: Ladder, known: Handled, *, by_clocks: bool) -> datetime | None:
    """Return the next instant to look at: of the ladder, and of its clocks where these are read anew."""
    wakes = [at for one in ladder.around.readings for at in one.wakes if at >= ladder.as_of] if by_clocks else []
    due = ladder.next_due(known)
    return min([*wakes, *([] if due is None else [due])], default=None)


def _reached(ladder: Ladder, known: dict[str, Told]) -> list[Foretold]:
    """Return what is told now, and count it as told, as the engine does: first what is in time, then what is late."""
    climbed, late = ladder.climbed(known), Lateness(ladder.as_of, TOLERANCE)
    pages = ladder.prompt(known, late)
    known.update(paged(pages, TOLERANCE))
    overdue, suppressed = ladder.caught_up(known, late)
    known.update({**paged(overdue, TOLERANCE), **suppressed})
    return list(_entries(ladder, climbed, [*pages, *overdue], known))


def _entries(
    ladder: Ladder, climbed: Climb, pages: Iterable[Page], known: Mapping[str, Told]
) -> Iterator[Foretold]:  # fmt: skip
    """Yield one entry per rung and repetition that is told at an instant."""

    def key(page: Page) -> tuple[datetime, Side, int, int]:
        return (known[page.page_id].at, page.side, page.rung, page.loop)

    for (at, side, rung, loop), group in groupby(sorted(pages, key=key), key=key):
        together = list(group)
        first = together[0]
        yield Foretold(
            at=at,
            side=side,
            rung=rung,
            loop=loop,
            condition=str(dict(ladder.policy.ladders())[side][rung].when),
            why=first.reason,
            held=_held(climbed, first),
            digest_s=first.digest_s,
            addressees=tuple(_addressee(ladder, page) for page in together),
        )


def _held(climbed: Climb, page: Page) -> str | None:
    """Return what held a page back until it was told, in words."""
    step = next(one for one in climbed.steps if (one.side, one.number) == (page.side, page.rung))
    if page.loop == 0:
        return step.reason if step.is_held else None
    loops = Loops.of(climbed, step)
    return None if loops is None else climbed.gates.pass_at(loops.at(page.loop), page.side, step.rung.hours).held


def _addressee(ladder: Ladder, page: Page) -> Addressee:
    people = ladder.setting.people
    rota = people.rotas.get(page.rota) if page.rota is not None else None
    contact = (rota.members if rota is not None else people.contacts).get(page.recipient)
    zone = contact.timezone if contact is not None else None
    return Addressee(page.page_id, page.recipient, page.recipient_name, page.channel, page.rota, zone)
