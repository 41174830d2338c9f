"""What every channel shares: one attempt, what is known after it, and where secrets of an address come from.

A channel never raises for what a receiver does; it says what is known: delivered, refused for good, worth another try,
or unknown. Unknown is said only where the receiver may have the page.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from consumers.links import Links
from consumers.message import LATE_S, clipped
from models.paging import Outcome, Page

TIMEOUT_S = 10.0
MAX_ERROR_CHARACTERS = 600
MAX_PROOF_CHARACTERS = 200
ENVIRONMENT = "env:"
"""Begins an address that names a variable of the environment in which pages are sent."""
SHORTEST_SECRET = 6
"""Characters: a shorter piece of a URL is no secret, and striking it out would make any text unreadable."""

LookUp = Callable[[str], str | None]
"""Gives the value of an environment variable; None where it is not set."""


@dataclass(frozen=True)
class Result:
    """What is known after one attempt."""

    outcome: Outcome
    """``sent``, ``failed`` (for good), ``retrying`` (the receiver does not have it) or ``unknown``."""
    status_code: int | None = None
    error: str | None = None
    retry_after_s: float | None = None
    """When the receiver asked to be left alone until then; real seconds."""
    proof: str | None = None
    """What the receiver gave for it: the mail server's reply, a request id, a deduplication key."""

    def without(self, secrets: Iterable[str] = ()) -> "Result":
        """Return the same with secrets struck out of what goes on record, in one line each, and of bounded length.

        In this order: half a secret, cut off, would not be found any more.
        """
        known = tuple(secrets)
        error, proof = _one_line(scrub(self.error, known)), _one_line(scrub(self.proof, known))
        return replace(
            self,
            error=None if error is None else clipped(error, MAX_ERROR_CHARACTERS),
            proof=clipped(proof, MAX_PROOF_CHARACTERS) if proof else None,
        )


@dataclass(frozen=True)
class Attempt:
    """One attempt: which, and whether the receiver may have the page already."""

    page: Page
    number: int
    repeated: bool


class Channel(Protocol):
    """A way to a receiver."""

    def receiver(self, page: Page) -> str:
        """Return who would get the page: pages to one receiver share a limit, and none waits for another's."""
        ...

    async def deliver(self, attempt: Attempt) -> Result:
        """Make one attempt; ends within the channel's time limit."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class AddressError(ValueError):
    """A page can't go anywhere by this channel; the message has the next step and no secret. The page fails."""


def _unset(_: str) -> str | None:
    """Return nothing: no environment was handed in."""
    return None


@dataclass(frozen=True)
class Options:
    """What all channels are told alike.

    Attributes:
        timeout_s: real seconds that a receiver has; each channel says of what.
        late_from_s: from this lateness on a page says so, seconds of the product's clock.
        links: where a page is answered.
        look_up: resolves addresses of the form ``env:NAME``.
        ca_file: further certificate authorities for https.
    """

    timeout_s: float = TIMEOUT_S
    late_from_s: float = LATE_S
    links: Links = field(default_factory=Links)
    look_up: LookUp = _unset
    ca_file: str | None = None


@dataclass(frozen=True)
class Address:
    """Where a page goes, and what of it must never be told."""

    value: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def resolve(address: str, look_up: LookUp, *, secret: bool) -> Address:
    """Return an address with its variable filled in.

    Args:
        address: as the contact has it, or ``env:NAME``.
        look_up: gives variables.
        secret: whether an address of this channel is a secret even where it is written out.

    Raises:
        AddressError: if the variable is not set; the message names it.
    """
    if not address.startswith(ENVIRONMENT):
        return Address(address, pieces(address) if secret else ())
    name = address.removeprefix(ENVIRONMENT).strip()
    value = (look_up(name) or "").strip()
    if not value:
        raise AddressError(f"{name} is not set where pages are sent: set it for `holdfast notify` and start that again")
    return Address(value, pieces(value))


def pieces(secret: str) -> tuple[str, ...]:
    """Return what must not be told of a secret: the whole, and of a URL all but its scheme and host, longest first.

    A library's error may quote only the path, or only the password, encoded or not, with line breaks as such or as
    escapes.
    """
    shapes = {shape for one in _parts(secret) for shape in (one, quote(one, safe=""), unquote(one), repr(one)[1:-1])}
    long_enough = [one for one in shapes if len(one) >= SHORTEST_SECRET or one == secret]
    return tuple(sorted(filter(None, long_enough), key=lambda one: (-len(one), one)))


def _parts(secret: str) -> list[str]:
    try:
        parts = urlsplit(secret)
    except ValueError:
        return [secret]
    found = [secret, parts.path, parts.query, parts.fragment, *parts.path.split("/")]
    found += [value for _, value in parse_qsl(parts.query)]
    # apprise keeps tokens in the place of the host; of a web address the host is none
    is_web = parts.scheme in ("http", "https")
    return found + [one for one in re.split("[@:]", parts.netloc) if not is_web or one.lower() != parts.hostname]


def scrub(text: str | None, secrets: Iterable[str]) -> str | None:
    """Return a text with secrets struck out.

    >>> scrub("refused: /services/T0/hunter2", pieces("https://hooks.example/services/T0/hunter2"))
    'refused: ***'
    """
    for secret in secrets if text else ():
        text = text.replace(secret, "***") if text else text
    return text


def _one_line(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())
