"""What an analysis rests on, and the part of it that is one provider's. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from holdfast.analysis.rates import Rates
from models.communication import Communication
from models.documents import Documents
from models.matter import Matter, unique
from models.notice import Notice
from models.records import IncidentStatus


@dataclass(frozen=True)
class Evidence:
    """What is on record of one provider, or of several. Order and copies do not matter."""

    documents: Documents
    matters: tuple[Matter, ...] = ()
    notices: tuple[Notice, ...] = ()
    """Of these incidents, and of hazards."""
    communications: tuple[Communication, ...] = ()
    begin: datetime | None = None
    """Clocks, days and promises from then on; None: from the first."""
    end: datetime | None = None
    """Up to then; None: up to as-of."""
    rates: Rates | None = None
    """Of all providers, where these matters are not all; None: computed from them."""

    @cached_property
    def standing(self) -> tuple[Matter, ...]:
        """Its matters as a set, the earliest first, without those that are told under another incident."""
        return tuple(one for one in unique(self.matters) if one.incident.status is not IncidentStatus.MERGED)

    def by_provider(self) -> Iterator[tuple[str, "Evidence"]]:
        """Yield each provider's part, by id; what is on record of hazards goes to every one."""
        for provider in sorted({one.incident.provider for one in self.standing}):
            matters = tuple(one for one in self.standing if one.incident.provider == provider)
            notices = tuple(one for one in self.notices if one.provider in (provider, None))
            told = tuple(one for one in self.communications if one.provider == provider)
            yield provider, replace(self, matters=matters, notices=notices, communications=told)
