"""What may stand on the time line of a scenario: who does what, and what is expected. Closed to unknown keys."""

import re
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from models.durations import Duration
from models.notice import Flag, Phase, Ruling
from models.paging import Channel, RungState, Side

TIME = r"\d{2,3}:[0-5]\d(?::[0-5]\d)?"


def clock(text: object) -> object:
    """Read ``02:30`` or ``02:30:15`` as the time since the scenario begins."""
    if not isinstance(text, str):
        return text
    if re.fullmatch(TIME, text) is None:
        raise ValueError(f"{text!r} is no time of a scenario: write 02:30 or 02:30:15")
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


At = Annotated[timedelta, BeforeValidator(clock)]
"""Since the scenario begins."""


class Line(BaseModel):
    """One entry of the time line: closed to keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    leads: ClassVar[tuple[str, ...]] = ()
    """The keys of which one stands first in a mapping that is this entry."""


class Word(Line):
    """Somebody speaks: the provider, a monitor of ours (``down``, ``up``), or our own people."""

    leads = ("provider", "monitor", "customer")
    provider: Phase | None = None
    monitor: Literal["down", "up"] | None = None
    customer: Phase | None = None
    incident: str = "one"
    severity: str | None = None
    services: tuple[str, ...] = ("mail",)
    said: At | None = None
    """Published then, and had by us now; None: both now."""
    began: At | None = None
    ended: At | None = None
    promised: At | None = None
    promises: Literal["update", "restore"] | None = None
    reason: str | None = None
    ruling: Ruling | None = None
    flags: tuple[Flag, ...] = ()


class Works(Line):
    """Planned maintenance is announced, or called off."""

    leads = ("maintenance",)
    maintenance: str
    begin: At | None = Field(default=None, alias="from")
    until: At | None = None
    services: tuple[str, ...] = ("mail",)
    said: At | None = None
    cancelled: bool = False


class Hazard(Line):
    """A hazard lies over sites of the provider, or no longer does."""

    leads = ("hazard",)
    hazard: str
    begin: At | None = Field(default=None, alias="from")
    until: At | None = None
    services: tuple[str, ...] = ("mail",)
    withdrawn: bool = False


class Deed(Line):
    """A person acknowledges, mutes or unmutes."""

    leads = ("acknowledge", "mute", "unmute")
    acknowledge: str | None = None
    mute: str | None = None
    unmute: str | None = None
    """Each the person who does it."""
    side: Side | None = None
    """None: both; an acknowledgement names one."""
    incident: str | None = None
    """None: the first that the scenario tells of; ``all``: every one of the provider (mutes only)."""
    until: At | None = None
    because: str | None = None


class Edit(Line):
    """A document is edited: laid over what it says; a list takes the place of a list."""

    leads = ("edit policy", "edit provider", "edit rotas")
    policy: dict[str, Any] | None = Field(default=None, alias="edit policy")
    provider: dict[str, Any] | None = Field(default=None, alias="edit provider")
    rotas: dict[str, Any] | None = Field(default=None, alias="edit rotas")


class Tracker(Line):
    """The tracker goes down or comes back; what is said meanwhile waits and is stamped late."""

    leads = ("tracker",)
    tracker: Literal["down", "up", "restarts"]


class Paged(Line):
    """A message is expected; every message has to be."""

    leads = ("page", "heads-up", "all clear")
    page: str | None = None
    heads_up: str | None = Field(default=None, alias="heads-up")
    all_clear: str | None = Field(default=None, alias="all clear")
    """Each the recipient."""
    by: Channel
    of: str | None = None
    """The incident; of a heads-up the hazard."""
    rung: int | None = None
    loop: int | None = None
    late: bool = False
    """Told now, long after it was due."""
    due: At | None = None
    """Of a late one."""
    times: int = Field(default=1, ge=1)
    """Within ``between``."""
    every: Duration | None = None
    """Within ``between``: one at its begin, and then so often until its end."""
    because: str | None = None
    """Words of its reason."""
    says: str | None = None
    """Words of its text."""
    answer_by: At | None = Field(default=None, alias="answer by")
    hazard: str | None = None
    cadence: Duration | None = None
    digest: Duration | None = None
    critical: bool | None = None
    through: str | None = None
    """The rota."""
    address: str | None = None
    fallbacks: tuple[str, ...] | None = None
    """Each ``who by channel``, in order."""

    @property
    def who(self) -> str:
        """The recipient."""
        return self.page or self.heads_up or self.all_clear or ""


class Planned(Line):
    """What the plan says of a rung by now."""

    leads = ("plan",)
    plan: str
    """The recipient."""
    by: Channel | None = None
    incident: str | None = None
    """None: the one told last; likewise of a clock."""
    rung: int = 0
    state: RungState
    due: At | None = None
    again: At | None = None
    """When it is told again, if nothing happens."""
    because: str | None = None
    acknowledged: str | None = None


class Judged(Line):
    """What a clock of the agreed basis says by now."""

    leads = ("clock",)
    clock: str
    verdict: str
    incident: str | None = None


class Woken(Line):
    """So many wakes are on the ledger by now: the engine does not look where nothing can have changed."""

    leads = ("wakes",)
    wakes: int


class Nothing(Line):
    """Nobody is told anything within ``between``."""

    leads = ("nothing",)
    nothing: bool = True


KINDS: tuple[type[Line], ...] = (Word, Works, Hazard, Deed, Edit, Tracker, Paged, Planned, Judged, Woken, Nothing)
Acting = Word | Works | Hazard | Deed | Edit | Tracker
"""What moves the world; the others are expected of it."""
