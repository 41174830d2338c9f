"""Answers to pages: who may say what, what follows from it, and that one token gives one answer."""

import base64
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import decision
from models.answers import HAZARD_KINDS, Answer, AnswerAction, AnswerError, reason_word, rights
from models.communication import CommunicationKind
from models.effects import effects
from models.fact import collect, fact_of
from models.notice import Flag, Identity, Phase, Ruling, Speaker
from models.paging import PageKind, Side
from models.tokens import Claims, TokenError, seal, unseal
from tests.support import samples
from tests.support.answers import SECRET, answer, claims

A, P, C = AnswerAction, Side.PROVIDER, Side.CUSTOMER

FOLLOWS: dict[tuple[Side, AnswerAction], tuple[Phase | None, Ruling | None, bool] | None] = {
    # (side, answer): phase of the notice, its ruling, whether the ladder is acknowledged; None: no right
    (P, A.ACKNOWLEDGE): (Phase.ACKNOWLEDGED, None, True),
    (P, A.ETA): (Phase.PROMISED, None, True),
    (P, A.PAUSE_REQUEST): (Phase.PAUSED, None, True),
    (P, A.RESTORED): (Phase.RESTORED, None, True),
    (P, A.ROOT_CAUSE): (Phase.ROOT_CAUSE, None, True),
    (P, A.ACCEPT): None,
    (P, A.REJECT): None,
    (P, A.DISPUTE): None,
    (P, A.NOTE): (Phase.UPDATE, None, True),
    (P, A.RECEIPT): (None, None, False),
    (C, A.ACKNOWLEDGE): (None, None, True),
    (C, A.ETA): None,
    (C, A.PAUSE_REQUEST): None,
    (C, A.RESTORED): None,
    (C, A.ROOT_CAUSE): None,
    (C, A.ACCEPT): (Phase.PAUSED, Ruling.ACCEPTED, False),
    (C, A.REJECT): (Phase.PAUSED, Ruling.REJECTED, False),
    (C, A.DISPUTE): (Phase.EXCLUDED, Ruling.DISPUTED, False),
    (C, A.NOTE): (None, None, False),
    (C, A.RECEIPT): (None, None, False),
}


def test_the_table_of_rights_has_a_row_for_every_answer_of_either_side() -> None:
    assert FOLLOWS.keys() == {(side, action) for side in Side for action in AnswerAction}


@pytest.mark.parametrize(("side", "action"), FOLLOWS, ids=lambda one: one.value)
def test_each_side_may_say_its_own_and_no_more(side: Side, action: AnswerAction) -> None:
    expected = FOLLOWS[side, action]
    assert (action in rights(claims(side))) is (expected is not None)
    if expected is None:
        with pytest.raises(AnswerError, match="can't answer a page with"):
            effects(answer(action, side))
        return
    found = effects(answer(action, side))
    notice = found.notice
    said = (None, None) if notice is None else (notice.phase, notice.ruling)
    assert (*said, found.decision is not None) == expected
    assert found.communication.kind is (CommunicationKind.RECEIPT if action is A.RECEIPT else CommunicationKind.REPLY)
    assert found.communication.direction == ("from_provider" if side is P else "internal")


@pytest.mark.parametrize("kind", HAZARD_KINDS, ids=str)
@pytest.mark.parametrize("action", AnswerAction, ids=str)
def test_a_page_about_a_hazard_can_be_acknowledged_and_noted_and_opens_no_incident(
    kind: PageKind, action: AnswerAction
) -> None:
    """Nothing has failed: a notice would make an incident of the storm."""
    given_ = answer(action, claims=claims(kind=kind))
    if action not in (A.ACKNOWLEDGE, A.NOTE, A.RECEIPT):
        with pytest.raises(AnswerError, match="a page about a hazard"):
            effects(given_)
        return
    assert effects(given_).notice is None


@pytest.mark.parametrize("action", [one for one in AnswerAction if FOLLOWS[P, one]], ids=str)
def test_what_a_person_of_the_provider_says_is_said_of_the_incident_that_the_page_is_about(
    action: AnswerAction,
) -> None:
    notice = effects(answer(action)).notice
    if notice is None:
        assert action is A.RECEIPT
        return
    assert (notice.source, notice.source_incident_id, notice.provider, notice.services) == (
        "nimbus-status", "inc-0", "nimbus", ("mail",),
    )  # fmt: skip
    assert (notice.speaker, notice.person, notice.identity) == (
        Speaker.PROVIDER, "nimbus-noc", Identity.VERIFIED_LINK,
    )  # fmt: skip
    assert notice.received_at == notice.published_at == samples.later(10)
    assert notice.source_update_id == f"answer:{answer(action).answer_id}"


def test_an_expected_time_is_a_promise_of_restoration_unless_it_is_of_an_update() -> None:
    restore = effects(answer(A.ETA)).notice
    update = effects(answer(A.ETA, promises="update", phrase="back by noon")).notice
    assert restore is not None
    assert update is not None
    assert (restore.promised_at, restore.promises) == (samples.later(240), "restore")
    assert (update.promises, update.phrase) == ("update", "back by noon")
    assert effects(answer(A.ETA)).communication.promised_at == samples.later(240)


def test_only_the_times_of_pauses_restorations_and_rulings_are_claims() -> None:
    """A time on an acknowledgement would be read as the incident's own."""
    times = {"claimed_at": samples.later(5), "claimed_end_at": samples.later(8)}
    claiming = {
        action
        for side in Side
        for action in rights(claims(side))
        if (notice := effects(answer(action, side, **times)).notice) is not None and notice.claimed_at
    }
    assert claiming == {A.PAUSE_REQUEST, A.RESTORED, A.ACCEPT, A.REJECT, A.DISPUTE}


def test_a_restoration_in_the_future_is_kept_and_flagged() -> None:
    notice = effects(answer(A.RESTORED, claimed_at=samples.later(60))).notice
    assert notice is not None
    assert notice.flags == (Flag.CLAIM_IN_FUTURE,)


def test_a_ruling_names_its_claim_or_else_every_one_of_its_kind_and_reason() -> None:
    named, every = effects(answer(A.ACCEPT, C)).notice, effects(answer(A.DISPUTE, C)).notice
    assert named is not None
    assert every is not None
    assert (named.speaker, named.concerns, named.reason) == (Speaker.CUSTOMER, "update-3", "awaiting_customer")
    assert (every.phase, every.concerns, every.reason) == (Phase.EXCLUDED, None, "force_majeure")


LACKING: dict[str, tuple[AnswerAction, Side, dict[str, Any], str]] = {
    "an expected time without a time": (A.ETA, P, {"promised_at": None}, "the time that is expected"),
    "a pause without a reason": (A.PAUSE_REQUEST, P, {"reason": None}, "a reason"),
    "a report that says nothing": (A.ROOT_CAUSE, P, {"text": None}, "a text, a link or a document"),
    "an empty note": (A.NOTE, C, {"text": ""}, "a text"),
    "a ruling on nothing": (A.ACCEPT, C, {"claim": None}, "the claim that it rules on"),
    "a ruling on every severity": (
        A.ACCEPT, C, {"claim": Phase.SEVERITY_CHANGED, "concerns": None}, "the claim that it rules on",
    ),
    "a pause that ends before it begins": (
        A.PAUSE_REQUEST, P, {"claimed_at": samples.later(5), "claimed_end_at": samples.later(5)}, "not later",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LACKING)
def test_what_says_too_little_is_refused_in_words(name: str) -> None:
    action, side, fields, words = LACKING[name]
    with pytest.raises(AnswerError, match=words):
        effects(answer(action, side, **fields))


def test_a_page_without_a_feed_is_answered_for_the_ladder_only() -> None:
    """Its incident can't be named: a notice would begin another one."""
    found = effects(answer(claims=claims(source=None)))
    assert found.notice is None
    assert found.decision is not None


def test_an_answer_counts_when_we_had_it_and_their_stamp_is_kept() -> None:
    told = effects(answer(their_stamp=samples.later(7), channel="email"))
    assert told.notice is not None
    assert told.notice.published_at == samples.later(10)
    log = told.communication
    assert (log.happened_at, log.clock, log.recorded_at) == (samples.later(7), "theirs", samples.later(10))


@pytest.mark.parametrize("stamp", [samples.later(11), samples.STARTED.replace(year=1971)], ids=["ahead", "ages ago"])
def test_a_stamp_that_can_not_be_is_not_gone_by(stamp: Any) -> None:
    log = effects(answer(their_stamp=stamp)).communication
    assert (log.happened_at, log.clock) == (samples.later(10), "ours")


def test_an_attachment_is_what_its_digest_says() -> None:
    content = b"%PDF-1.7 the cause was a fan"
    kept = {"attachment": base64.b64encode(content).decode(), "attachment_digest": sha256(content).hexdigest()}
    notice = effects(answer(A.ROOT_CAUSE, text=None, attachment_name="cause.pdf", **kept)).notice
    assert notice is not None
    assert notice.attachment_digest == sha256(content).hexdigest()
    with pytest.raises(ValidationError, match="not what its digest says"):
        answer(A.ROOT_CAUSE, **{**kept, "attachment_digest": "0" * 64})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Awaiting customer", "awaiting_customer"),
        ("  force majeure (§7) ", "force_majeure_7"),
        ("awaiting_customer", "awaiting_customer"),
        ("x" * 200, "x" * 80),
        ("…", None),
    ],
)
def test_a_reason_is_written_as_agreements_write_it(text: str, word: str | None) -> None:
    assert reason_word(text) == word


ANSWERS = st.builds(
    lambda action, minutes, text: answer(action, said_at=samples.later(minutes), text=text or "so"),
    st.sampled_from(rights(claims(P))),
    st.integers(0, 500),
    st.text(max_size=20),
)


@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_however_often_a_token_is_used_the_earliest_answer_counts_in_any_order(answers: list[Answer]) -> None:
    found = [effects(one) for one in answers]
    notices = [one.notice for one in found if one.notice is not None]
    decisions = [one.decision for one in found if one.decision is not None]
    assert len({one.communication.communication_id for one in found}) == 1
    for order in (1, -1):
        facts = collect(fact_of(one) for one in notices[::order])
        assert (
            {one.received_at for one in facts.values()} == {min(one.received_at for one in notices)} if notices else 1
        )
        counted = decision.collect(decisions[::order])
        assert [one.decided_at for one in counted] == sorted(one.decided_at for one in decisions)[:1]


@given(ANSWERS)
def test_an_answer_is_read_back_as_it_was_written(one: Answer) -> None:
    assert Answer.from_wire(one.to_wire()) == one
    assert effects(Answer.from_wire(one.to_wire())) == effects(one)


CLAIMS = st.builds(
    lambda side, use, text, source: claims(side, use=use, recipient_name=text, source=source),
    st.sampled_from(Side),
    st.integers(0, 50),
    st.text(max_size=40),
    st.none() | st.text(max_size=20),
)


@given(CLAIMS)
def test_a_token_says_what_was_sealed_until_it_expires(held: Claims) -> None:
    token = seal(held, SECRET.encode())
    assert unseal(token, SECRET.encode(), held.expires_at) == held
    with pytest.raises(TokenError, match="was good until"):
        unseal(token, SECRET.encode(), held.expires_at + timedelta(microseconds=1))
    with pytest.raises(TokenError, match="not one of ours"):
        unseal(token, b"another secret", held.expires_at)
    assert held.following().token_id != held.token_id


ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


@given(CLAIMS, st.data())
def test_any_change_to_a_token_is_refused(held: Claims, data: st.DataObject) -> None:
    """Letters replaced, lost or put in; the last letter of a signature has two bits that say nothing."""
    token = seal(held, SECRET.encode())
    place = data.draw(st.integers(0, len(token) - 2))
    letters = data.draw(st.text(ALPHABET, max_size=2))
    changed = token[:place] + letters + token[place + data.draw(st.integers(0, 2)) :]
    if changed == token:
        return
    with pytest.raises(TokenError):
        unseal(changed, SECRET.encode(), held.expires_at)
