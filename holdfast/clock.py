"""The product's clock: real time, or for the demo real time run faster from a chosen origin. Owns the wall clock.

Everything else takes instants as arguments. IO: reads the system clock.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.instants import format_instant, parse_instant


@dataclass(frozen=True)
class Clock:
    """Maps real time to product time: ``origin + (real - anchor) * speed``, and one to one after ``until``.

    Attributes:
        anchor_s: real epoch seconds at which product time is ``origin``.
        origin: product instant at the anchor.
        speed: product seconds per real second, above 0; 1.0 in production.
        until: product instant from which on the clock runs at speed 1; None for never.
    """

    anchor_s: float
    origin: datetime
    speed: float = 1.0
    until: datetime | None = None

    def now(self) -> datetime:
        """Return the product's current instant, UTC."""
        real = time.time()
        fast = self.origin + timedelta(seconds=(real - self.anchor_s) * self.speed)
        if self.until is None or fast <= self.until:
            return fast
        return self.until + timedelta(seconds=real - self._real_at(self.until))

    def real_seconds_until(self, instant: datetime) -> float:
        """Return real seconds from now until a product instant; negative when it is past."""
        return self._real_at(instant) - time.time()

    def _real_at(self, instant: datetime) -> float:
        """Return the real epoch seconds of a product instant."""
        fast = instant if self.until is None else min(instant, self.until)
        return self.anchor_s + (fast - self.origin).total_seconds() / self.speed + (instant - fast).total_seconds()

    def to_text(self) -> str:
        """Return the form that ``from_text`` reads, for a child process's environment."""
        text = f"{self.anchor_s!r}|{format_instant(self.origin)}|{self.speed!r}"
        return text if self.until is None else f"{text}|{format_instant(self.until)}"

    @classmethod
    def from_text(cls, text: str | None) -> "Clock":
        """Read ``to_text``; None or an empty text is the real clock.

        Raises:
            ValueError: if the text is not of that form.
        """
        if not text:
            return cls(0.0, datetime.fromtimestamp(0, UTC))
        anchor, origin, speed, *until = text.split("|")
        return cls(float(anchor), parse_instant(origin), float(speed), parse_instant(*until) if until else None)
