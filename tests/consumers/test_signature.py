"""Signatures: what the notifier signs, a receiver can check, and nothing else passes."""

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.signature import MAX_AGE_S, SignatureError, sign, verify

SECRET, BODY, NOW = b"a shared secret of some length", b'{"page_id":"1"}', 1_777_888_200


def test_the_form_is_as_documented() -> None:
    """Receivers in other languages build it from this line."""
    wanted = hmac.new(SECRET, f"{NOW}.".encode() + BODY, sha256).hexdigest()
    assert sign(SECRET, BODY, NOW) == f"t={NOW},v1={wanted}"


@given(st.binary(min_size=1), st.binary(), st.integers(0, 2**40), st.integers(-MAX_AGE_S, MAX_AGE_S))
def test_what_is_signed_is_genuine_for_a_while(secret: bytes, body: bytes, at: int, age: int) -> None:
    """Any body, any secret, within the allowed age."""
    verify(sign(secret, body, at), secret, body, at + age)


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_another_body_or_secret_is_not(body: bytes, other: bytes) -> None:
    """One changed byte is enough."""
    if other != body:
        with pytest.raises(SignatureError):
            verify(sign(SECRET, body, NOW), SECRET, other, NOW)
    if other != SECRET:
        with pytest.raises(SignatureError):
            verify(sign(other, body, NOW), SECRET, body, NOW)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "v1=00",
        f"t={NOW}",
        "t=x,v1=00",
        f"t={NOW},t={NOW},v1=00",
        "t=-5,v1=00",
        f"t={'9' * 40},v1=00",
        "t=²,v1=00",
    ],
)
def test_a_header_of_another_form_is_refused(header: str | None) -> None:
    """Whatever comes in from the network ends in the one error."""
    with pytest.raises(SignatureError):
        verify(header, SECRET, BODY, NOW)


@given(st.text())
def test_no_header_raises_anything_else(header: str) -> None:
    """A receiver answers 401, never 500."""
    with pytest.raises(SignatureError):
        verify(header, SECRET, BODY, NOW)


def test_an_old_request_sent_again_is_refused() -> None:
    """The time is signed: a recorded request is worth nothing later."""
    with pytest.raises(SignatureError, match="away from now"):
        verify(sign(SECRET, BODY, NOW), SECRET, BODY, NOW + MAX_AGE_S + 1)


def test_a_secret_can_be_changed_without_a_gap() -> None:
    """Two digests may stand in the header; one has to fit."""
    old = sign(b"the secret before", BODY, NOW).split("v1=")[1]
    verify(f"{sign(SECRET, BODY, NOW)},v1={old}", b"the secret before", BODY, NOW)
