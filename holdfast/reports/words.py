"""How reports write instants, lengths, shares and money, and name what shows them. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from holdfast.reports.blocks import Words
from models.credits import ClaimState
from models.lengths import length
from models.questions import Reference
from models.records import ClockDocument
from models.summing_up import counted

__all__ = [
    "CLAIMS", "NONE", "clocks", "counted", "instant", "money", "percent", "plain", "refs", "seconds", "span", "text",
]  # fmt: skip

CLAIMS = {
    ClaimState.NOT_YET: "the month still runs",
    ClaimState.OPEN: "can be claimed",
    ClaimState.EXPIRED: "the time to claim is over",
    ClaimState.NOTHING_TO_CLAIM: "nothing to claim",
}
NONE = "-"
"""In place of what is not known, or does not apply."""


def instant(at: datetime | None) -> str:
    """Return an instant to the second, UTC."""
    return NONE if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def span(lasted: timedelta | None) -> str:
    """Return a length in words; one below zero with its sign."""
    if lasted is None:
        return NONE
    return f"-{length(-lasted)}" if lasted < timedelta() else length(lasted)


def seconds(lasted_s: float | None) -> str:
    """Return a length given in seconds, in words."""
    return NONE if lasted_s is None else span(timedelta(seconds=lasted_s))


def percent(share: float | None) -> str:
    """Return a share of 1 as a percentage to a tenth."""
    return NONE if share is None else f"{100 * share:.1f} %"


def money(amount: Decimal, currency: str | None) -> str:
    """Return an amount with its currency."""
    return f"{amount} {currency or ''}".rstrip()


def plain(word: str) -> str:
    """Return a word of a closed list as people write it."""
    return word.replace("_", " ")


def text(value: object) -> Words:
    """Return a value as text that rests on nothing."""
    return Words(str(value))


def refs(index: str, ids: Iterable[str]) -> tuple[Reference, ...]:
    """Return references to documents of an index, each once, in the order given."""
    return tuple(Reference(index, one) for one in dict.fromkeys(ids))


def clocks(found: Iterable[ClockDocument]) -> tuple[Reference, ...]:
    """Return references to clocks."""
    return refs("clocks", (one.clock_id for one in found))
