"""What the shell hands to the arms: the clock. Protocols only, no I/O."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The product's time, real or (in the demo) run faster; ``holdfast.clock.Clock`` is the one implementation."""

    def now(self) -> datetime:
        """Return the product's current instant, UTC."""
        ...

    def real_seconds_until(self, instant: datetime) -> float:
        """Return real seconds from now until a product instant; negative when it is past."""
        ...
