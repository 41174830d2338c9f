"""The product's clock: real time, or real time run faster from a chosen origin (the demo). Owns the wall clock.

Everything else takes instants as arguments. IO: reads the system clock.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.instants import format_instant, parse_instant


@dataclass(frozen=True)
class Clock:
    """Maps real time to product time: ``origin + (real - anchor) * speed``.

    Attributes:
        anchor_s: real epoch seconds at which product time is ``origin``.
        origin: product instant at the anchor.
        speed: product seconds per real second, above 0; 1.0 in production.
    """

    anchor_s: float
    origin: datetime
    speed: float = 1.0

    def now(self) -> datetime:
        """Return the product's current instant, UTC."""
        return self.origin + timedelta(seconds=(time.time() - self.anchor_s) * self.speed)

    def real_seconds_until(self, instant: datetime) -> float:
        """Return real seconds from now until a product instant; negative when it is past."""
        return (instant - self.now()).total_seconds() / self.speed

    def to_text(self) -> str:
        """Return the form that ``from_text`` reads, for a child process's environment."""
        return f"{self.anchor_s!r}|{format_instant(self.origin)}|{self.speed!r}"

    @classmethod
    def from_text(cls, text: str | None) -> "Clock":
        """Read ``to_text``; None or an empty text is the real clock.

        Raises:
            ValueError: if the text is not of that form.
        """
        if not text:
            return cls(0.0, datetime.fromtimestamp(0, UTC))
        anchor, origin, speed = text.split("|")
        return cls(float(anchor), parse_instant(origin), float(speed))
