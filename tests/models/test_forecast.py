"""Who will be told when, if nothing happens: held against what is told when nothing happens."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.agreement import Agreement
from models.book import Entry
from models.decision import Action, Decision
from models.documents import Documents
from models.forecast import Foretold, forecast
from models.ids import stable_id
from models.incident import Subject
from models.notice import Identity, Kind, Notice, Phase
from models.paging import PageKind, PlanDocument, RungState, Side
from models.policy import EscalationPolicy
from models.preview import OnRecord, PreviewError, foretell, foretell_recorded, ladder_at, plan
from models.provider import Provider
from models.records import IncidentDocument
from models.rota import Rota
from models.telling import Terms
from tests.models.test_book import at, said
from tests.support.ledger import AGREEMENT, HOUR, POLICY, PROVIDER, Play

VERSION: Any = AGREEMENT["versions"][0]
DAY = timedelta(days=1)
OFFICE = {"hours": {"mon-fri": ["09:00-17:00"]}, "timezone": "Europe/Berlin"}
NOC = {"when": {"objective": "acknowledge", "share": 0.5}, "notify": ["noc"], "via": ["webhook", "email"]}
BOSS = {"when": {"silence": True}, "notify": ["boss"], "via": ["email"]}
WATCH = {
    "apiVersion": "holdfast/v1",
    "kind": "Rota",
    "id": "watch",
    "members": {
        "ada": {"name": "Ada", "side": "customer", "email": "ada@us.example", "timezone": "Europe/Paris"},
        "bo": {"name": "Bo", "side": "customer", "email": "bo@us.example", "timezone": "Asia/Tokyo"},
    },
    "layers": [
        {"members": ["ada", "bo"], "timezone": "UTC", "since": "2026-01-01", "handover": "daily 14:00"},
    ],
}


def with_policy(**changes: Any) -> Documents:
    """Return the documents with another policy, and a rota."""
    version: dict[str, Any] = {**VERSION, "maintenance": {"notice": "0h"}}
    return Documents.of(
        [
            Agreement.model_validate({**AGREEMENT, "versions": [version]}),
            Provider.model_validate(PROVIDER),
            EscalationPolicy.model_validate({**POLICY, **changes}),
            Rota.model_validate(WATCH),
        ]
    )


def playing(**changes: Any) -> Play:
    """Return a play under such a policy, with an incident reported at noon."""
    return Play(Terms(with_policy(**changes))).tell(said(0, Phase.REPORTED))


def incident_of(play: Play) -> str:
    """Return the id of its first incident."""
    return next(iter(play.book.members))


def foretold(play: Play, as_of: datetime, lasting: timedelta = DAY) -> tuple[Foretold, ...]:
    """Return the preview of the only incident."""
    return foretell(play.book, incident_of(play), as_of, lasting, play.terms.documents)


def told(entries: tuple[Foretold, ...]) -> list[tuple[datetime, str, int]]:
    """Return when each page goes out, by id."""
    return sorted((one.at, who.page_id, one.loop) for one in entries for who in one.addressees)


def decided(play: Play, minutes: float, action: Action, **fields: Any) -> Decision:
    """Return what somebody of ours decides at a minute after noon."""
    return Decision(
        decision_id=stable_id("decided", str(minutes), action.value),
        provider="nimbus",
        incident_id=incident_of(play),
        action=action,
        person="noc",
        identity=Identity.TOKEN,
        decided_at=at(minutes),
        **{"side": Side.CUSTOMER, **fields},
    )


def decide(play: Play, decision: Decision) -> Play:
    """Apply a decision as the next ledger record."""
    play.offset += 1
    play.said += play.book.decide(decision, Entry(play.offset, decision.decided_at), play.terms)
    return play


def test_the_ladder_is_foretold_rung_by_rung_and_then_at_the_floor_rate() -> None:
    play = playing().run_to(at(30))
    entries = foretold(play, at(30), timedelta(hours=8, minutes=31))
    assert [(one.at, one.side, one.condition, one.loop) for one in entries] == [
        (at(120), Side.CUSTOMER, "2 missed updates in a row", 0),
        (at(180), Side.PROVIDER, "75% of restore target", 0),
        (at(270), Side.CUSTOMER, "30m after 100% of restore target", 0),
        (at(420), Side.PROVIDER, "75% of restore target", 1),
        (at(510), Side.CUSTOMER, "30m after 100% of restore target", 1),
    ]
    assert [(who.name, who.channel) for who in entries[1].addressees] == [("Duty desk", "email")]


def test_an_entry_is_told_as_json_with_everybody_who_will_be_told() -> None:
    play = playing().run_to(at(30))
    line = foretold(play, at(30), HOUR * 3)[1].line()
    (who,) = line.pop("recipients")
    assert line == {
        "at": "2026-05-04T15:00:00Z",
        "side": "provider",
        "rung": 0,
        "loop": 0,
        "condition": "75% of restore target",
        "why": "75% of restore target",
        "held": None,
        "digest_s": None,
    }
    assert who.pop("page_id") == foretold(play, at(30))[1].addressees[0].page_id
    assert who == {"recipient": "duty", "name": "Duty desk", "channel": "email", "rota": None, "timezone": None}


def test_silence_is_climbed_over_as_nobody_answers() -> None:
    ladder = [{**NOC, "acknowledge_within": "10m"}, BOSS]
    entries = foretold(playing(customer_ladder=ladder).run_to(at(1)), at(1), HOUR)
    assert [(one.at, one.condition) for one in entries] == []
    ladder = [{**NOC, "when": {"objective": "update", "share": 0.5}, "acknowledge_within": "10m"}, BOSS]
    entries = foretold(playing(customer_ladder=ladder).run_to(at(1)), at(1), HOUR)
    assert [(one.at, one.why) for one in entries] == [
        (at(30), "50% of update target"),
        (at(40), "no answer from the rung below"),
    ]


def test_a_mute_is_named_and_its_end_is_when_somebody_is_told() -> None:
    play = playing().run_to(at(60))
    decide(play, decided(play, 60, Action.MUTE, until=at(200), reason="drill"))
    first = foretold(play, at(60))[1]
    assert (first.at, first.condition) == (at(200), "2 missed updates in a row")
    assert first.held == "muted by noc until 2026-05-04 15:20 UTC: drill"


def test_a_repetition_that_a_mute_holds_back_is_named_too() -> None:
    play = playing(repeat={"every": "30m"}).run_to(at(121))
    decide(play, decided(play, 125, Action.MUTE, until=at(190)))
    first = foretold(play, at(125))[1]
    assert (first.at, first.loop, first.held) == (at(190), 2, "muted by noc until 2026-05-04 15:10 UTC")


def test_the_rota_names_whoever_has_duty_at_that_instant() -> None:
    rung = {"when": {"objective": "update", "missed": 1}, "notify": ["watch"], "via": ["email"]}
    play = playing(customer_ladder=[rung], provider_ladder=[], repeat={"every": "2h"}).run_to(at(1))
    found = [(one.at, who.name, who.rota, who.timezone) for one in foretold(play, at(1)) for who in one.addressees][:2]
    assert {name for _, name, _, _ in found} == {"Ada", "Bo"}
    assert {(rota, zone) for _, _, rota, zone in found} == {("watch", "Europe/Paris"), ("watch", "Asia/Tokyo")}


def test_what_is_due_and_not_told_yet_comes_first_and_is_counted_from_now() -> None:
    """The world stood still while the tracker was down: only the highest rung is told."""
    play = playing()
    ladder = ladder_at(play.book, incident_of(play), at(300), play.terms.documents)
    assert ladder is not None
    entries = forecast(ladder, {}, at(301))
    assert [(one.at, one.condition) for one in entries] == [
        (at(300), "30m after 100% of restore target"),
        (at(300), "75% of restore target"),
    ]


@pytest.mark.parametrize(("most", "found"), [(0, 0), (1, 1), (3, 3), (50, 50)])
def test_a_forecast_is_bounded(most: int, found: int) -> None:
    play = playing(repeat={"every": "1m", "loops": 1000})
    ladder = ladder_at(play.book, incident_of(play), at(1), play.terms.documents)
    assert ladder is not None
    assert len(forecast(ladder, {}, at(100_000), most)) == found


def test_nothing_is_foretold_of_what_is_over_or_has_no_policy() -> None:
    play = playing().tell(said(30, Phase.RESOLVED))
    assert foretold(play, at(31)) == ()
    quiet = Play(Terms(with_policy())).tell(said(0, Phase.REPORTED, severity="minor"))
    assert foretold(quiet, at(1)) == ()
    assert foretell(quiet.book, "nobody-has-this-id", at(1), DAY, quiet.terms.documents) == ()


def test_a_plan_is_one_function_of_facts_documents_and_an_instant() -> None:
    play = playing().run_to(at(30))
    ladder = ladder_at(play.book, incident_of(play), at(30), play.terms.documents)
    facts = [fact for facts in play.book.facts.values() for fact in facts.values()]
    subject = Subject.of(incident_of(play), "nimbus", facts, at(30))
    assert subject is not None
    assert ladder is not None
    found = plan(subject, play.terms.documents, at(30))
    assert found is not None
    assert found == play.plan().model_copy(update={"revision": 0, "caused_by": None})
    assert {one.state for one in found.rungs} == {RungState.WAITING, RungState.WITHDRAWN}
    assert plan(subject, Documents(), at(30)) is None


RUNGS = st.fixed_dictionaries(
    {
        "when": st.sampled_from(
            [
                {"objective": "restore", "share": 0.25},
                {"objective": "update", "missed": 1},
                {"objective": "update", "missed": 3},
                {"objective": "restore", "breached": True},
                {"objective": "restore", "share": 0.5, "after": "20m"},
                {"silence": True},
                {"silence": True, "after": "15m"},
                {"priority": "p1"},
                {"promise": "broken"},
                {"exposure": True},
            ]
        ),
        "notify": st.sampled_from([["noc"], ["boss", "noc"], ["watch"]]),
        "via": st.sampled_from([["webhook"], ["email", "webhook"]]),
    },
    optional={
        "acknowledge_within": st.sampled_from(["10m", "45m"]),
        "hours": st.sampled_from([OFFICE, {**OFFICE, "outside": "skip"}]),
    },
)
REPEATS = st.none() | st.fixed_dictionaries(
    {"every": st.sampled_from(["20m", "90m"]), "loops": st.integers(0, 4), "floor": st.sampled_from(["3h", "4h"])},
    optional={"acknowledgement_holds": st.sampled_from(["1h", "5h"]), "until": st.just("resolved")},
)
POLICIES = st.fixed_dictionaries(
    {
        "customer_ladder": st.lists(RUNGS, max_size=4),
        "provider_ladder": st.lists(RUNGS, max_size=2),
        "repeat": REPEATS,
        "provider_repeat": REPEATS,
    }
)
DEEDS = st.lists(
    st.tuples(
        st.integers(1, 400),
        st.sampled_from(
            ["update", "promise", "acknowledge", "mute", "unmute", "restored", "hazard", "maintenance", "pause"]
        ),
    ),
    max_size=5,
)


def deed(play: Play, minutes: int, what: str) -> None:
    """Let one thing happen."""
    if what == "acknowledge":
        decide(play, decided(play, minutes, Action.ACKNOWLEDGE))
    elif what == "mute":
        decide(play, decided(play, minutes, Action.MUTE, until=at(minutes + 90), side=None))
    elif what == "unmute":
        decide(play, decided(play, minutes, Action.UNMUTE, side=None))
    else:
        play.tell(word(minutes, what))


def word(minutes: int, what: str) -> Notice:
    """Return what the provider, or a weather service, says."""
    own = {"source": "other", "source_incident_id": f"{what}-1", "services": ("mail",)}
    lasts = {"claimed_at": at(minutes + 60), "claimed_end_at": at(minutes + 180)}
    if what == "hazard":
        return said(minutes, Phase.REPORTED, kind=Kind.EXPOSURE, **own, claimed_at=at(0), claimed_end_at=at(600))
    if what == "maintenance":
        return said(minutes, Phase.REPORTED, kind=Kind.MAINTENANCE, **own, **lasts)
    if what == "promise":
        return said(minutes, Phase.UPDATE, promised_at=at(minutes + 50), promises="update")
    if what == "pause":
        return said(minutes, Phase.PAUSED, reason="access")
    return said(minutes, Phase.RESTORED if what == "restored" else Phase.UPDATE)


def happened(policy: dict[str, Any], deeds: list[tuple[int, str]]) -> tuple[Play, datetime]:
    """Return a play in which this happened, run to a moment after it."""
    play, last = playing(**policy), 1
    for minutes, what in sorted(deeds):
        play.run_to(at(minutes))
        deed(play, minutes, what)
        last = minutes
    return play.run_to(at(last + 0.5)), at(last + 0.5)


def memory(play: Play) -> list[tuple[Any, ...]]:
    """Return what a book remembers of its incidents."""
    return [
        (dict(case.pages), dict(case.decisions), case.pin, case.as_of, case.wake_at, dict(case.revisions), case.ladder)
        for case in play.book.cases.values()
    ]


@settings(max_examples=25, deadline=None)
@given(POLICIES, DEEDS)
def test_what_is_foretold_is_what_is_told_when_nothing_happens(policy: dict[str, Any], deeds: Any) -> None:
    play, now = happened(policy, deeds)
    before = memory(play)
    entries = foretold(play, now, timedelta(hours=20))
    assert memory(play) == before, "a preview changes nothing"
    assert entries == foretold(play, now, timedelta(hours=20))
    known, until = len(play.pages()), now + timedelta(hours=20)
    play.run_to(until)
    mine = [one for one in play.pages()[known:] if one.incident_id == incident_of(play) and one.kind is PageKind.RUNG]
    truth = sorted((one.due_at, one.page_id, one.loop) for one in mine if one.due_at < until)
    assert told(entries)[: len(truth)] == truth[: len(told(entries))]
    assert len(entries) == 50 or len(told(entries)) == len(truth)


@settings(max_examples=15, deadline=None)
@given(POLICIES, DEEDS)
def test_what_is_on_record_foretells_the_same_as_the_engines_own_memory(policy: dict[str, Any], deeds: Any) -> None:
    """Notices, plan and pages from the index give the preview that the book gives."""
    play, now = happened(policy, deeds)
    if ladder_at(play.book, incident_of(play), now, play.terms.documents) is None:
        return
    assert foretell_recorded(record_of(play), now, DAY, play.terms.documents) == foretold(play, now)


def test_of_an_incident_that_nothing_was_said_of_by_then_nothing_is_foretold() -> None:
    play = playing()
    assert ladder_at(play.book, incident_of(play), at(-1), play.terms.documents) is None
    assert foretold(play, at(-1)) == ()


def record_of(play: Play) -> OnRecord:
    """Return what the index would hold."""
    mine = [one for one in play.said if getattr(one, "incident_id", None) == incident_of(play)]
    return OnRecord(
        [one for one in mine if isinstance(one, IncidentDocument)][-1],
        [one for one in mine if isinstance(one, PlanDocument)][-1],
        tuple(one for one in play.pages() if one.incident_id == incident_of(play)),
        tuple(play.heard),
    )


def test_a_rung_that_was_passed_over_is_not_foretold_again() -> None:
    """The world stood still while the tracker was down: of several rungs that were due only the highest was told."""
    play = playing().tell(said(300, Phase.UPDATE))
    record = record_of(play)
    passed = [one for one in record.plan.rungs if one.state is RungState.SUPPRESSED and one.told_at is None]
    assert [one.due_at for one in passed if one.due_at is not None and one.due_at < at(301)] != []
    assert foretell_recorded(record, at(301), DAY, play.terms.documents) == foretold(play, at(301))


def test_a_policy_version_that_is_gone_gives_no_preview() -> None:
    play = playing().run_to(at(30))
    edited = with_policy(provider_ladder=[])
    with pytest.raises(PreviewError, match="not published any more"):
        foretell_recorded(record_of(play), at(30), DAY, edited)


def test_an_index_that_is_behind_gives_no_preview_but_says_so() -> None:
    play = playing().run_to(at(50)).tell(said(50, Phase.UPDATE))
    record = record_of(play)
    with pytest.raises(PreviewError, match="has 1 of 2 notices"):
        foretell_recorded(replace(record, notices=record.notices[:1]), at(51), DAY, play.terms.documents)
    with pytest.raises(PreviewError, match="do not give this incident"):
        foretell_recorded(replace(record, notices=()), at(51), DAY, play.terms.documents)


def test_of_an_incident_that_is_told_under_another_one_nothing_is_foretold() -> None:
    """Its notices alone would give a ladder; the engine climbs that of the other incident."""
    play = playing().run_to(at(30))
    record = record_of(play)
    merged = record.incident.model_copy(update={"merged_into": "the-other"})
    with pytest.raises(PreviewError, match="told under incident the-other"):
        foretell_recorded(replace(record, incident=merged), at(30), DAY, play.terms.documents)
