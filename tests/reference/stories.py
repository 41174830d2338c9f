"""Random incidents and agreements in whole minutes, around a change of the clocks; and how the engine is asked."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from models.agreement import Agreement
from models.clocks import measure
from models.fact import fact_of
from models.notice import Flag, Kind, Notice, Phase, Speaker
from tests.reference.disputes import disputed

EXAMPLES = int(os.environ.get("HOLDFAST_EXAMPLES", "12"))
PLACES = {
    "Europe/Berlin": datetime(2026, 3, 27, tzinfo=UTC),
    "America/New_York": datetime(2026, 10, 30, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 3, tzinfo=UTC),
    "UTC": datetime(2026, 5, 4, tzinfo=UTC),
}
"""Zones, each with a Friday before its clocks change."""
LENGTHS = st.sampled_from(["5m", "30m", "1h", "4h", "10h", "1d", "2d"])
BY_DAYS = st.sampled_from(["90m", "9h", "1d", "1bd", "2bd", "1eobd", "2eobd"])
WORDS = ("acknowledged", "engaged", "update", "update", "mitigated", "root_cause", "severity_changed")


@st.composite
def stories(draw, pauses=False, intervals=False, claims=False):
    """Return statements of an incident that makes sense: told, worked on, ended, perhaps back, and ended again."""
    minute, found = draw(st.integers(0, 2000)), []
    begin = draw(st.none() | st.integers(max(0, minute - 300), minute))

    def say(phase, speaker="provider", **more):
        number = len(found)
        text = f"t{draw(st.integers(max(0, number - 1), number))}" if phase == "update" else f"t{number}"
        severity = draw(st.sampled_from([None, "major", "minor", "odd"])) if speaker == "provider" else None
        severity = None if phase == "severity_changed" else severity  # lowering has tables of its own
        found.append(
            {"speaker": speaker, "phase": phase, "at": minute, "text": text, "severity": severity,
             "id": f"n{number:03d}", **more}
        )  # fmt: skip

    say("reported", claimed=begin, robot=draw(st.booleans()))
    for _ in range(draw(st.integers(1, 3))):
        for phase in draw(st.lists(st.sampled_from(WORDS), max_size=3)):
            minute += draw(st.integers(1, 700))
            promised = draw(st.none() | st.integers(minute - 20, minute + 300))
            say(phase, promised=promised)
        minute += draw(st.integers(2, 700))
        if draw(st.booleans()):
            break
        end = draw(st.none() | st.integers(found[-1]["at"] + 1, minute))
        say("restored", claimed=end)
        if draw(st.booleans()):
            minute += draw(st.integers(1, 300))
            say("resolved")
        minute += draw(st.sampled_from([3, 10, 40, 100, 600, 1500]))
        if draw(st.booleans()):
            break
        say("reopened")
    more = _paused(draw, found, intervals) if pauses else []
    return _witnessed(draw, found) + more + (disputed(draw, found) if claims else [])


def _witnessed(draw, found):
    """Add what our probes and people saw, each failure ended or not."""
    more, last = [], max(one["at"] for one in found)
    for number in range(draw(st.integers(0, 2))):
        speaker = draw(st.sampled_from(["monitor", "monitor", "customer"]))
        begin = draw(st.integers(0, last))
        length = st.integers(1, 900)
        end = draw((st.none() | length) if speaker == "monitor" else length)
        end = None if end is None else begin + end
        seen = {"speaker": speaker, "episode": f"e{number}", "claimed": begin, "at": begin + draw(st.integers(0, 9))}
        more.append({**seen, "phase": "reported", "id": f"w{number}0"})
        if end is not None:
            more.append(
                {**seen, "phase": "restored", "id": f"w{number}1", "claimed_end": end, "at": max(end, seen["at"] + 1)}
            )
    return found + more


def _paused(draw, found, intervals):
    """Add pauses, rulings on them and returns to work."""
    told = [one["at"] for one in found if one["speaker"] == "provider"]
    more, first, last = [], min(told), max(told)
    for number in range(draw(st.integers(1, 2))):
        reason, at = (
            draw(st.sampled_from(["awaiting_customer", "access_denied", "lunch"])),
            draw(st.integers(first, last)),
        )
        whole = {"claimed": draw(st.integers(max(0, at - 200), at)), "claimed_end": at + draw(st.integers(1, 400))}
        claim = {
            "speaker": draw(st.sampled_from(["provider", "provider", "customer"])),
            "phase": "paused",
            "reason": reason,
        }
        more.append(
            {
                **claim,
                "at": at,
                "id": f"p{number}",
                "text": f"p{number}",
                **(whole if intervals and draw(st.booleans()) else {}),
            }
        )
        if draw(st.booleans()):
            ruling = {
                "ruling": draw(st.sampled_from(["accepted", "accepted", "rejected", "disputed"])),
                "concerns": f"p{number}",
            }
            more.append(
                {**claim, **ruling, "speaker": "customer", "at": at + draw(st.integers(1, 90)), "id": f"r{number}"}
            )
        if draw(st.booleans()):
            more.append({
                "speaker": "provider", "phase": "resumed", "reason": draw(st.sampled_from([None, reason])),
                "at": at + draw(st.integers(1, 500)), "id": f"s{number}", "text": f"s{number}",
            })  # fmt: skip
    return more


@st.composite
def agreements(draw, zone, calendars=False, pauses=False, root_cause=False, claims=False):
    """Return one version of an agreement, with the keys of the YAML format."""
    objectives = ["notify", "acknowledge", "respond", "update", "workaround", "restore", "resolve"]
    objectives += ["root_cause"] if root_cause else []
    names = st.sampled_from(["always", "office", "nights"] if calendars else ["always"])
    targets = []
    for objective in objectives:
        p1, p2 = draw(names), draw(names)
        lengths = [draw(LENGTHS if not calendars else BY_DAYS), draw(LENGTHS if not calendars else BY_DAYS)]
        targets.append({"objective": objective, "p1": lengths[0], "p2": lengths[1], "calendar": p2, "p1_calendar": p1})
    content = {
        "version": "1", "effective_from": "2020-01-01", "timezone": zone, "services": ["vm"],
        "calendars": {
            "always": {"hours": "24x7"},
            "office": {
                "hours": {"mon-thu": ["08:00-12:30", "13:00-18:00"], "fri": ["08:00-15:00"]},
                "holidays": [
                    {"date": "2026-03-30", "hours": ["09:00-11:00"]}, {"date": "2026-04-06"}, {"date": "2026-11-02"},
                ],
            },
            "nights": {"hours": {"mon-fri": ["22:00-06:00"], "sat": ["06:00-24:00"]}},
        },
        "priorities": {"p1": {"severities": ["major"]}, "p2": {"severities": ["minor"]}},
        "evidence": {
            "start": draw(st.sampled_from(["claimed", "reported", "observed", "published", "earliest"])),
            "acknowledge": draw(st.sampled_from(["claimed", "published", "observed"])),
            "restore": draw(st.sampled_from(["claimed", "published", "observed"])),
            "automatic_replies_count": draw(st.booleans()),
        },
        "priority_change": draw(st.sampled_from(["retroactive", "reset", "strictest"])),
        "stability_window": draw(st.sampled_from(["5m", "30m"])),
        "reopen": {
            "window": draw(st.sampled_from(["1h", "24h"])),
            "rule": draw(st.sampled_from(["continue", "inclusive", "new"])),
        },
        "targets": targets,
    }  # fmt: skip
    if claims:
        content["exclusions"] = ["force_majeure", "customer_fault"]
        targets.append({"objective": "recovery_point", "p1": draw(LENGTHS), "p2": draw(LENGTHS)})
    if pauses:
        content["pauses"] = [
            {
                "reason": "awaiting_customer",
                "objectives": ["restore", "update"],
                "needs_acceptance": True,
                "limit": "2h",
            },
            {"reason": "access_denied", "objectives": ["restore", "resolve"], "needs_acceptance": draw(st.booleans())},
        ]
    return content


def version_of(content):
    """Return the version as the engine reads it out of a document."""
    return Agreement.model_validate({
        "apiVersion": "holdfast/v1", "kind": "Agreement", "id": "a", "provider": "nimbus", "customer": "us",
        "contract": "sla", "versions": [content],
    }).versions[0]  # fmt: skip


def notice_of(one, base):
    """Return a statement as a notice."""

    def instant(key):
        return None if one.get(key) is None else base + timedelta(minutes=one[key])

    ours = one["speaker"] != "provider"
    more = {key: one[key] for key in ("reason", "ruling", "concerns") if one.get(key) is not None}
    first = one.get("edits", one["id"])
    return Notice(
        notice_id=one["id"], source=one["speaker"], source_incident_id=one.get("episode", "i"),
        source_update_id=first, speaker=Speaker(one["speaker"]), kind=Kind.INCIDENT, phase=Phase(one["phase"]),
        provider="nimbus", services=("vm",), severity=one.get("severity"), text=one.get("text"),
        claimed_at=instant("claimed"), claimed_end_at=instant("claimed_end"), promised_at=instant("promised"),
        published_at=None if ours else instant("published" if "published" in one else "at"),
        received_at=instant("at"), received_after=instant("looked"), recovery_point_at=instant("recovery_point"),
        flags=(Flag.AUTOMATIC_REPLY,) if one.get("robot") else (), **more,
    )  # fmt: skip


def engine(statements, content, as_of, base):
    """Return what the engine says, by (objective, basis, ordinal)."""
    facts = [fact_of(notice_of(one, base)) for one in statements]
    readings = measure(facts, version_of(content), base + timedelta(minutes=as_of))
    return {(one.objective.value, one.basis.value, one.ordinal): one for one in readings}


def in_minutes(instant, base):
    """Return an instant as minutes from the base."""
    return None if instant is None else (instant - base) / timedelta(minutes=1)
