"""Who may write, and which Host names are answered to."""

import pytest
from pydantic import SecretStr

from board.security import allowed_hosts, may_write

TOKEN = SecretStr("s3cret-token")


@pytest.mark.parametrize(
    ("authorization", "token", "allowed"),
    [
        ("Bearer s3cret-token", TOKEN, True),
        ("bearer s3cret-token", TOKEN, True),
        ("Bearer s3cret-toke", TOKEN, False),
        ("Bearer s3cret-token2", TOKEN, False),
        ("Basic s3cret-token", TOKEN, False),
        ("s3cret-token", TOKEN, False),
        ("Bearer ", TOKEN, False),
        ("Bearer é", TOKEN, False),
        (None, TOKEN, False),
        ("Bearer ", SecretStr(""), False),
        ("Bearer None", None, False),
    ],
)
def test_only_the_bearer_of_the_token_may_write(authorization, token, allowed) -> None:
    """Without a token configured nobody may."""
    assert may_write(authorization, token) is allowed


@pytest.mark.parametrize(
    ("bound_to", "further", "answers", "refuses"),
    [
        ("127.0.0.1", (), "localhost", "evil.example"),
        ("10.0.0.7", (), "10.0.0.7", "10.0.0.8"),
        ("0.0.0.0", ("noc.example",), "noc.example", "0.0.0.0"),
    ],
)
def test_only_own_names_are_answered_to(bound_to, further, answers, refuses) -> None:
    hosts = allowed_hosts(bound_to, further)
    assert answers in hosts
    assert refuses not in hosts
