"""How long to wait before trying again. Pure."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Backoff:
    """Pauses that double up to a cap, spread so that many waiters do not knock at once.

    Attributes:
        first_s: pause before the second attempt, seconds.
        longest_s: cap, seconds.
        seed: what the spread is taken from: same seed, same pauses.
    """

    first_s: float
    longest_s: float
    seed: str = ""

    def pause_s(self, attempt: int) -> float:
        """Return the seconds to wait after a failed attempt, from 1; between half and the whole of its step."""
        step: float = min(self.longest_s, self.first_s * 2 ** min(attempt - 1, 60))
        digest = sha256(f"{self.seed}|{attempt}".encode()).digest()
        return step * (0.5 + digest[0] / 510)
