"""One made-up incident: what really happened, and what the provider and our probes said of it. Pure.

Lengths are lognormal around a share of the target of the first version, times the provider's slowness at the time.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log
from random import Random
from typing import Any

from holdfast.sample.cast import COMPONENTS, SERVICES, SEVERITIES
from holdfast.sample.shape import PRIORITIES, Traits, slowness
from holdfast.sample.truth import IncidentTruth, PromiseTruth
from models.ids import stable_id
from models.notice import Flag, Notice, Phase, Speaker

MINUTE = timedelta(minutes=1)
LOOK = timedelta(minutes=5)
"""How often a status page is looked at."""
FIRST_WORD = {"p1": (15, 0.70), "p2": (30, 0.55), "p3": (240, 0.40), "p4": (480, 0.30)}
"""By priority: the target in minutes, and the median's share of it: the tighter, the more often missed."""
TAKEN_UP = {"p1": (30, 0.60), "p2": (60, 0.50), "p3": (480, 0.35), "p4": (1440, 0.25)}
RESTORED = {"p1": (240, 0.50), "p2": (480, 0.45), "p3": (2880, 0.20), "p4": (7200, 0.10)}
SPREAD = {"first": 0.7, "taken": 0.6, "restored": 0.8}
"""Standard deviation of the logarithm."""
CAUSES = (
    "failed deployment",
    "expired certificate",
    "disk failure",
    "congestion",
    "configuration error",
    "memory leak",
)
CAUSE_WEIGHTS = (6, 1, 2, 3, 4, 1)
STORM = "power failure in the storm"
KEPT_SHARE = 0.8
"""Of the promises."""


@dataclass(frozen=True)
class Circumstance:
    """What is set before an incident begins."""

    traits: Traits
    number: str
    """Tells it from the provider's others."""
    began_at: datetime
    updates: float
    """How many updates it has on average."""
    hazard: str | None = None
    services: tuple[str, ...] = ()
    """Of a hazard: which can be hit; empty: any."""


@dataclass
class Voice:
    """One source that speaks of one incident."""

    source: str
    incident_id: str
    speaker: Speaker
    common: dict[str, Any]
    look: timedelta = LOOK
    said: list[Notice] = field(default_factory=list)

    def say(self, phase: Phase, at: datetime, text: str | None, **more: Any) -> Notice:
        """Say something at an instant; we have it at the next look."""
        number = f"{self.incident_id}-{len(self.said) + 1}"
        received = self.received(at)
        notice = Notice(
            notice_id=stable_id("sample", self.source, number),
            source=self.source,
            source_incident_id=self.incident_id,
            source_update_id=number,
            speaker=self.speaker,
            phase=phase,
            text=text,
            published_at=at,
            received_at=received,
            received_after=received - self.look if self.look else None,
            **{**self.common, **more},
        )
        self.said.append(notice)
        return notice

    def received(self, at: datetime) -> datetime:
        """Return when we had what was published at an instant."""
        if not self.look:
            return at + timedelta(seconds=5)
        return at + self.look - timedelta(seconds=int(at.timestamp()) % int(self.look.total_seconds()))

    def edit(self, before: Notice, at: datetime, **changes: Any) -> None:
        """Change a statement afterwards, without saying so but in the feed."""
        received = self.received(at)
        about = {"notice_id": stable_id(before.notice_id, "edit"), "received_at": received}
        looked = {"received_after": received - self.look, "flags": (Flag.EDITED,)}
        self.said.append(before.model_copy(update={**about, **looked, **changes}))


@dataclass(frozen=True)
class Course:
    """When what happened. Instants UTC."""

    began: datetime
    first: datetime
    taken_up: datetime
    restored: datetime
    resolved: datetime


@dataclass(frozen=True)
class Scene:
    """One incident: the truth, and every notice of it."""

    truth: IncidentTruth
    notices: tuple[Notice, ...]


def play(about: Circumstance, chance: Random) -> Scene:
    """Return an incident, from what is set and chance."""
    one = about.traits
    priority = chance.choices(PRIORITIES, weights=one.mix)[0]
    service = chance.choice(about.services or SERVICES[one.kind])
    component = chance.choices(COMPONENTS[service], weights=(3, 1))[0]
    cause = STORM if about.hazard else chance.choices(CAUSES, weights=CAUSE_WEIGHTS)[0]
    course = _course(about, priority, chance)
    truth = IncidentTruth(
        provider=one.provider,
        source=f"{one.provider}-status",
        source_incident_id=f"inc-{about.number}",
        services=(service,),
        component=component,
        cause=cause,
        priority=priority,
        began_at=course.began,
        first_word_at=course.first,
        engaged_at=course.taken_up,
        restored_at=course.restored,
        resolved_at=course.resolved,
        hazard=about.hazard,
    )
    return _told(truth, course, about, chance)


def _course(about: Circumstance, priority: str, chance: Random) -> Course:
    factor, began = slowness(about.traits, about.began_at), about.began_at

    def after(table: dict[str, tuple[int, float]], spread: str) -> timedelta:
        target, share = table[priority]
        return timedelta(seconds=round(60 * factor * target * chance.lognormvariate(log(share), SPREAD[spread])))

    first = began + max(MINUTE, after(FIRST_WORD, "first"))
    taken_up = first + max(MINUTE, after(TAKEN_UP, "taken") - (first - began))
    restored = max(began + after(RESTORED, "restored"), taken_up + 5 * MINUTE)
    resolved = restored + timedelta(minutes=chance.randint(20, 12 * 60))
    return Course(began, first, taken_up, restored, resolved)


def _told(truth: IncidentTruth, course: Course, about: Circumstance, chance: Random) -> Scene:
    """Return what was said of it: by our probes, and by the provider unless it never admits it."""
    is_probed = about.traits.probed and chance.random() < 0.75
    seen = _probe(truth, about.number, chance) if is_probed else []
    if is_probed and chance.random() < 0.03:
        silent = replace(
            truth, source=seen[0].source, source_incident_id=seen[0].source_incident_id, first_word_at=None,
            engaged_at=None, resolved_at=None, is_probed=True,
        )  # fmt: skip
        return Scene(silent, tuple(seen))
    voice = Voice(truth.source, truth.source_incident_id, Speaker.PROVIDER, _common(truth))
    truth = replace(truth, is_probed=is_probed)
    opening = _opening(voice, truth, course, chance)
    if chance.random() < 0.02:
        voice.say(Phase.CANCELLED, course.restored, "False alarm: all systems worked throughout.")
        truth = replace(truth, is_false_alarm=True, resolved_at=None)
        return Scene(truth, tuple([*voice.said, *seen]))
    promises = _updates(voice, opening, course, about, chance)
    truth = replace(_ending(voice, truth, course, chance), promises=promises)
    return Scene(_aftermath(voice, truth, opening[0], chance), tuple([*voice.said, *seen]))


def _common(truth: IncidentTruth) -> dict[str, Any]:
    return {
        "provider": truth.provider,
        "services": truth.services,
        "components": (truth.component,),
        "severity": SEVERITIES[truth.priority][0],
        "title": f"{truth.component}: {'outage' if truth.priority == 'p1' else 'errors'}",
    }


def _probe(truth: IncidentTruth, number: str, chance: Random) -> list[Notice]:
    """Return what our probes saw: within minutes, and sometimes failing again in between."""
    source = f"{truth.provider}-probes"
    common = {"provider": truth.provider, "services": truth.services, "title": f"Probe of {truth.services[0]}"}
    voice = Voice(source, f"probe-{number}", Speaker.MONITOR, common, timedelta())
    seen = truth.began_at + timedelta(seconds=chance.randint(20, 240))
    over = max(truth.restored_at + timedelta(seconds=chance.randint(-60, 240)), seen + MINUTE)
    voice.say(Phase.REPORTED, seen, "The probe fails.", claimed_at=seen, severity="critical")
    if chance.random() < 0.08 and over - seen > 30 * MINUTE:
        pause = seen + (over - seen) / 2
        voice.say(Phase.RESTORED, pause, "The probe succeeds.", claimed_at=pause)
        voice.say(Phase.REOPENED, pause + 2 * MINUTE, "The probe fails again.", claimed_at=pause + 2 * MINUTE)
    voice.say(Phase.RESTORED, over, "The probe succeeds.", claimed_at=over)
    return voice.said


def _opening(voice: Voice, truth: IncidentTruth, course: Course, chance: Random) -> list[Notice]:
    """Say the first words; the begin that the provider claims is often later than the true one."""
    lag = timedelta(minutes=chance.choice((0, 0, 0, 5, 15)))
    claimed = min(truth.began_at + lag, course.first)
    what = f"We are looking into errors of {truth.component.lower()}."
    said = [voice.say(Phase.REPORTED, course.first, what, claimed_at=claimed)]
    if chance.random() < 0.5:
        at = course.first + (course.taken_up - course.first) / 2
        said.append(voice.say(Phase.ACKNOWLEDGED, at, "Your report is received and registered."))
    said.append(voice.say(Phase.ENGAGED, course.taken_up, f"Engineers are working on {truth.component.lower()}."))
    return said


def _updates(
    voice: Voice, opening: list[Notice], course: Course, about: Circumstance, chance: Random
) -> tuple[PromiseTruth, ...]:
    """Say something now and then until it works, each time perhaps with a promise of the next word."""
    span = course.restored - course.taken_up
    count = min(round(chance.gammavariate(2.0, about.updates / 2)), span // (10 * MINUTE))
    step = span / (count + 1)
    times = [course.taken_up + step * (place + chance.uniform(0.7, 1.0)) for place in range(count)]
    told = [at.replace(microsecond=0) for at in times]
    promises = []
    for place, at in enumerate(told):
        following = told[place + 1] if place + 1 < count else course.restored + 2 * MINUTE
        promise = _promise(at, following, chance) if chance.random() < 0.6 else None
        text = f"Step {place + 1} of the repair is done, {chance.randint(5, 90)} % of requests succeed."
        phase = Phase.MITIGATED if place == count - 1 and chance.random() < 0.5 else Phase.UPDATE
        if promise is None:
            voice.say(phase, at, text)
            continue
        phrase = f"Next update by {promise.promised_at:%H:%M} UTC"
        about_next = {"promised_at": promise.promised_at, "promises": "update", "phrase": phrase}
        voice.say(phase, at, f"{text} {phrase}.", **about_next)
        promises.append(promise)
    return tuple(promises)


def _promise(at: datetime, following: datetime, chance: Random) -> PromiseTruth | None:
    """Return a promise of the next word, on a whole minute; None where there is no time for one."""
    is_kept = chance.random() < KEPT_SHARE
    share = chance.uniform(1.05, 1.6) if is_kept else chance.uniform(0.3, 0.8)
    promised = (at + (following - at) * share).replace(second=0, microsecond=0)
    if not at < promised < at + timedelta(hours=11):
        return None
    return PromiseTruth(at, promised, following <= promised)


def _ending(voice: Voice, truth: IncidentTruth, course: Course, chance: Random) -> IncidentTruth:
    """Say that it is over; once in a while it is not, and comes back."""
    if chance.random() < 0.04:
        pause = course.taken_up + (course.restored - course.taken_up) / 2
        pause = pause.replace(microsecond=0)
        voice.say(Phase.PAUSED, pause, "We wait for your approval.", reason="awaiting_customer", claimed_at=pause)
        on = pause + (course.restored - pause) / 2
        on = on.replace(microsecond=0)
        voice.say(Phase.RESUMED, on, "Thank you, we go on.", reason="awaiting_customer", claimed_at=on)
    optimism = timedelta(minutes=chance.choice((0, 0, 0, 0, 10, 30)))
    claimed = max(course.restored - optimism, course.taken_up)
    voice.say(Phase.RESTORED, course.restored + 2 * MINUTE, "The service works again.", claimed_at=claimed)
    resolved = course.resolved
    if chance.random() < 0.04:
        back = course.restored + timedelta(minutes=chance.randint(40, 360))
        again = back + timedelta(minutes=chance.randint(20, 120))
        voice.say(Phase.REOPENED, back, "The errors are back.", claimed_at=back)
        voice.say(Phase.RESTORED, again, "The service works again.", claimed_at=again)
        resolved = max(resolved, again + 30 * MINUTE)
        truth = replace(truth, is_reopened=True, restored_at=again)
    voice.say(Phase.RESOLVED, resolved, "The incident is resolved.", claimed_at=resolved)
    return replace(truth, resolved_at=resolved)


def _aftermath(voice: Voice, truth: IncidentTruth, first: Notice, chance: Random) -> IncidentTruth:
    """Say what comes after the end: the report on the cause, and a begin that is moved later in silence."""
    over = truth.resolved_at or truth.restored_at
    if truth.priority in ("p1", "p2") and chance.random() < 0.85:
        report = over + timedelta(hours=round(chance.lognormvariate(log(72), 0.7)))
        text = f"Root cause: {truth.cause} of {truth.component.lower()}."
        voice.say(Phase.ROOT_CAUSE, report, text, attachment_digest=stable_id(text) * 2)
    if chance.random() < 0.06:
        later = min((first.claimed_at or first.order_at) + timedelta(minutes=chance.randint(20, 60)), first.order_at)
        voice.edit(first, over + timedelta(days=chance.randint(1, 3)), claimed_at=later)
        truth = replace(truth, is_rewritten=True)
    return truth
