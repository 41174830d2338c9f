"""Tokens and reply addresses: what is sealed comes back whole, and nothing else is taken for ours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from models.ids import stable_id
from models.paging import Page, Side
from models.tokens import SALT, Claims, TokenError, page_of_local_part, reply_local_part, seal, unseal

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECRET, OTHER = b"a secret of the tests", b"another one"
PAGE = Page(
    page_id=stable_id("page"), incident_id="i", source="nimbus-status", source_incident_id="inc-1", provider="nimbus",
    services=("vm", "mail"), policy="major", policy_version="1", side=Side.PROVIDER, rung=1, loop=2, recipient="duty",
    recipient_name="Duty desk", channel="email", address="duty@nimbus.example", priority="p1", objective=None,
    reason="no answer", title="t", text="x", due_at=NOW, issued_at=NOW, late_s=0.0, expires_at=NOW + timedelta(days=7),
)  # fmt: skip
CLAIMS = Claims.of(PAGE)


def test_a_page_gives_all_that_an_answer_needs() -> None:
    shared = set(Claims.model_fields) - {"use"}
    assert {name: getattr(CLAIMS, name) for name in shared} == {name: getattr(PAGE, name) for name in shared}
    assert CLAIMS.use == 0


def test_a_page_that_names_no_end_can_not_be_answered() -> None:
    with pytest.raises(ValueError, match=f"page {PAGE.page_id} can't be answered"):
        Claims.of(PAGE.model_copy(update={"expires_at": None}))


def test_what_is_sealed_comes_back_and_equal_claims_have_equal_tokens() -> None:
    assert unseal(seal(CLAIMS, SECRET), SECRET, NOW) == CLAIMS
    assert seal(CLAIMS, SECRET) == seal(Claims.of(PAGE), SECRET)


def test_each_use_has_an_id_of_its_own_and_each_person_too() -> None:
    other = CLAIMS.model_copy(update={"recipient": "boss"})
    ids = {CLAIMS.token_id, CLAIMS.following().token_id, CLAIMS.following().following().token_id, other.token_id}
    assert len(ids) == 4
    assert CLAIMS.following().model_copy(update={"use": 0}) == CLAIMS


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=-1)])
def test_a_token_is_good_until_its_end_and_in_it(late: timedelta) -> None:
    assert unseal(seal(CLAIMS, SECRET), SECRET, CLAIMS.expires_at + late) == CLAIMS


def test_a_token_past_its_end_says_until_when_it_was_good() -> None:
    with pytest.raises(TokenError, match="this link was good until 2026-05-11 12:00 UTC"):
        unseal(seal(CLAIMS, SECRET), SECRET, CLAIMS.expires_at + timedelta(microseconds=1))


def test_a_token_of_another_secret_is_refused() -> None:
    with pytest.raises(TokenError, match="not one of ours"):
        unseal(seal(CLAIMS, OTHER), SECRET, NOW)


def test_a_sealed_thing_of_another_form_is_refused() -> None:
    with pytest.raises(TokenError, match="not one of ours"):
        unseal(str(URLSafeSerializer(SECRET, salt=SALT).dumps({"page_id": "x"})), SECRET, NOW)


@given(st.integers(0, 10_000), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_token_with_one_character_changed_is_refused(position: int, letter: str) -> None:
    token = seal(CLAIMS, SECRET)
    position %= len(token) - 1  # the last character of the signature has bits that count for nothing
    changed = token[:position] + letter + token[position + 1 :]
    if changed != token:
        with pytest.raises(TokenError):
            unseal(changed, SECRET, NOW)


@given(st.text(max_size=200))
def test_text_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        unseal(text, SECRET, NOW)


def test_a_reply_address_fits_into_a_local_part_and_letter_case_does_not_matter() -> None:
    part = reply_local_part(PAGE.page_id, SECRET)
    assert len(part) <= 64
    assert page_of_local_part(part, SECRET) == PAGE.page_id
    assert page_of_local_part(part.upper(), SECRET) == PAGE.page_id


@pytest.mark.parametrize(
    "part",
    [
        reply_local_part(PAGE.page_id, OTHER),
        reply_local_part(PAGE.page_id, SECRET).removeprefix("reply+"),
        reply_local_part(PAGE.page_id, SECRET)[:-1],
        reply_local_part(PAGE.page_id, SECRET).replace("reply", "bounce"),
        reply_local_part(PAGE.page_id, SECRET) + "ä",
        f"reply+{PAGE.page_id}",
        "reply+",
        "",
        "postmaster",
    ],
    ids=[
        "another secret",
        "no prefix",
        "cut",
        "another prefix",
        "more",
        "no signature",
        "prefix only",
        "none",
        "other",
    ],
)
def test_an_address_that_is_not_ours_is_refused(part: str) -> None:
    with pytest.raises(TokenError, match="this reply address is not one of ours"):
        page_of_local_part(part, SECRET)


@given(st.text(max_size=100))
def test_local_parts_of_strangers_are_refused(part: str) -> None:
    with pytest.raises(TokenError):
        page_of_local_part(part, SECRET)
