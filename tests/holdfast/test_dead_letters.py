"""``holdfast dead-letters``: looking is only looking."""

import pytest
from kafka.admin import KafkaAdminClient
from typer.testing import CliRunner

from holdfast import kafka
from holdfast.cli import build
from holdfast.settings import Settings


@pytest.fixture
def unused(installation: Settings) -> Settings:
    """Return an installation on the same servers whose prefix nobody has used yet."""
    return installation.model_copy(update={"prefix": f"{installation.prefix}-unused"})


@pytest.mark.live
@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["list"], 0, "0 dead letters"),
        (["list", "--json"], 0, ""),
        (["show", "abc"], 1, "no dead letter has an id that begins with 'abc'"),
        (["replay", "--all"], 0, "0 dead letters published again"),
    ],
    ids=["list", "list as JSON", "show", "replay of nothing"],
)
def test_a_look_at_the_dead_letters_creates_no_topics(
    unused: Settings, arguments: list[str], exit_code: int, said: str
) -> None:
    """A mistyped prefix must leave no trace on a cluster that is shared."""
    env = {"HOLDFAST_KAFKA": unused.kafka, "HOLDFAST_PREFIX": unused.prefix}
    result = CliRunner().invoke(build(), ["dead-letters", *arguments], env=env)
    assert (result.exit_code, said in result.output) == (exit_code, True), result.output
    admin = KafkaAdminClient(**kafka.options(unused))
    try:
        assert [name for name in admin.list_topics() if name.startswith(unused.prefix)] == []
    finally:
        admin.close()
