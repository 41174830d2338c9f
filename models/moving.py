"""What a fold needs besides the records, and how far the world has run. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.documents import Documents


@dataclass(frozen=True)
class Terms:
    """What a fold needs besides the records."""

    documents: Documents
    late_after: timedelta = timedelta(seconds=60)
    """A page issued this much after its rung's instant is late."""


@dataclass(frozen=True, slots=True)
class Moving:
    """How far the world has run, and what moved it."""

    as_of: datetime
    now: datetime
    """The ledger's own stamp on the record; later than ``as_of`` after an outage of the tracker."""
    cause: str
    """Id of the notice or wake."""
