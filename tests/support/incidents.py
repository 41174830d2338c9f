"""Hypothesis strategies: incidents as feeds may tell them, tidy or not."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from models.agreement import AgreementVersion
from models.fact import Fact
from models.notice import Flag, Kind, Phase, Speaker
from tests.support.timeline import agreement

BEGIN = datetime(2026, 5, 4, tzinfo=UTC)
LAST_MINUTE = 4 * 1440
MINUTES = st.integers(0, 300) | st.integers(0, LAST_MINUTE)
DURATIONS = st.sampled_from(["90s", "5m", "30m", "1h", "3h", "1d"])
FLAGS = st.sampled_from([(), (), (), (Flag.BACKFILLED,), (Flag.AUTOMATIC_REPLY,), (Flag.VANISHED,), (Flag.TEST,)])


def minute(count: int) -> datetime:
    """Return the instant so many minutes after the beginning of the generated time."""
    return BEGIN + timedelta(minutes=count)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Return any statement by anybody: stamps and claims early, late, absent or absurd."""
    speaker = draw(st.sampled_from([Speaker.PROVIDER] * 4 + [Speaker.MONITOR, Speaker.CUSTOMER, Speaker.AUTHORITY]))
    received = draw(MINUTES)
    number = draw(st.integers(0, 9))
    phases = [Phase.REPORTED, Phase.RESTORED] if speaker is Speaker.MONITOR else list(Phase)
    times = {
        name: draw(st.none() | MINUTES) for name in ("published_at", "claimed_at", "claimed_end_at", "promised_at")
    }
    looked = draw(st.none() | st.integers(1, 120))
    fields = {name: None if count is None else minute(count) for name, count in times.items()}
    return Fact(
        notice_id=f"n{draw(st.integers(0, 10**6))}",
        source=draw(st.sampled_from(["status", "mail"])) if speaker is Speaker.PROVIDER else speaker.value,
        source_incident_id=f"i{number % 2}",
        update_id=draw(st.none() | st.just(f"u{number}")),
        speaker=speaker,
        kind=draw(st.sampled_from([Kind.INCIDENT] * 9 + [Kind.MAINTENANCE])),
        phase=draw(st.sampled_from(phases)),
        received_at=minute(received),
        received_after=None if looked is None else minute(received - looked),
        severity=draw(st.sampled_from([None, "major", "minor"])),
        text_digest=draw(st.sampled_from([None, "a", "b", "c"])),
        flags=draw(FLAGS),
        **fields,
    )


@st.composite
def agreements(draw: st.DrawFn) -> AgreementVersion:
    """Return an agreement with every measured objective at two priorities."""
    objectives = ("notify", "acknowledge", "respond", "update", "workaround", "restore", "resolve")
    return agreement(
        targets=[
            {"objective": name, "p1": draw(DURATIONS), "p2": draw(DURATIONS), "warn_at": [0.5, 0.9]}
            for name in objectives
        ],
        evidence={
            "start": draw(st.sampled_from(["claimed", "reported", "observed", "published", "earliest"])),
            "acknowledge": draw(st.sampled_from(["claimed", "published", "observed"])),
            "restore": draw(st.sampled_from(["claimed", "published", "observed"])),
        },
        priority_change=draw(st.sampled_from(["retroactive", "reset", "strictest"])),
        stability_window=draw(st.none() | st.sampled_from(["5m", "30m"])),
        reopen={
            "window": draw(st.sampled_from(["1h", "24h"])),
            "rule": draw(st.sampled_from(["continue", "inclusive", "new"])),
        },
    )


INCIDENTS = st.lists(facts(), min_size=1, max_size=9)
