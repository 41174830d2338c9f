"""``holdfast acknowledge``, ``mute`` and ``unmute``: what is sent to a real broker, and what is refused before."""

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from holdfast import kafka
from holdfast.cli import build
from holdfast.settings import Settings
from models.decision import Action, Decision
from models.documents import document_key, to_wire
from models.notice import Identity
from models.paging import Side
from models.provider import Provider
from models.raw import RawPayload
from models.topics import Stream
from tests.board.conftest import put
from tests.support import samples

NIMBUS = Provider.model_validate(
    {
        "apiVersion": "holdfast/v1", "kind": "Provider", "id": "nimbus", "name": "Nimbus",
        "services": {"mail": {}}, "contacts": {"duty": {"name": "Duty manager", "side": "customer"}},
    }
)  # fmt: skip


def run(settings: Settings | None, *arguments: str) -> Result:
    env = {} if settings is None else {
        "HOLDFAST_PREFIX": settings.prefix,
        "HOLDFAST_ELASTICSEARCH": settings.elasticsearch,
        "HOLDFAST_KAFKA": settings.kafka,
    }  # fmt: skip
    return CliRunner().invoke(build(), list(arguments), env=env)


def decided(settings: Settings) -> list[Decision]:
    """Return the decisions on the raw topic, in their order."""
    records = kafka.read_all(settings, kafka.names(settings).topic(Stream.RAW))
    payloads = [RawPayload.from_wire(record.value) for record in records]
    assert {(one.feed, one.format) for one in payloads} <= {("answers", "decision")}
    return [Decision.from_wire(one.body) for one in payloads]


@pytest.mark.live
def test_what_our_people_decide_is_on_the_topic_when_the_command_ends(installation: Settings) -> None:
    incident = samples.incident(0)
    put(installation, [incident])
    told = [
        run(installation, "acknowledge", "inc-0", "--by", "duty"),
        run(installation, "mute", incident.incident_id[:8], "--by", "duty", "--for", "2h", "--reason", "known"),
        run(installation, "mute", "--provider", "nimbus", "--by", "duty", "--for", "30m", "--reason", "a test"),
        run(installation, "unmute", "inc-0", "--by", "duty", "--side", "provider", "--json"),
    ]
    assert [one.exit_code for one in told] == [0, 0, 0, 0], [one.output for one in told]
    taken, muted, all_muted, ended = decided(installation)
    assert (taken.action, taken.side, taken.incident_id) == (Action.ACKNOWLEDGE, Side.CUSTOMER, incident.incident_id)
    assert {one.identity for one in (taken, muted, all_muted, ended)} == {Identity.TOKEN}
    assert muted.until is not None
    assert ((muted.until - muted.decided_at).total_seconds(), muted.reason) == (7200, "known")
    assert (all_muted.incident_id, all_muted.side) == (None, None)
    assert told[3].stdout.strip() == ended.to_wire().decode()
    assert "mute of incident" in told[1].stdout


@pytest.mark.live
def test_a_name_that_the_documents_do_not_know_is_refused_with_the_nearest(installation: Settings) -> None:
    put(installation, [samples.incident(0)])
    with kafka.Publisher(installation) as publisher:
        publisher.send(Stream.DOCUMENTS, document_key(NIMBUS), to_wire(NIMBUS))
    refused = run(installation, "acknowledge", "inc-0", "--by", "dutty")
    assert refused.exit_code == 2
    assert "no contact 'dutty'" in refused.stderr
    assert "duty" in refused.stderr
    wrong = run(installation, "mute", "--provider", "nimbos", "--by", "duty", "--for", "1h", "--reason", "x")
    assert (wrong.exit_code, "no provider 'nimbos'" in wrong.stderr) == (2, True)
    assert decided(installation) == []


REFUSED: dict[str, tuple[list[str], str]] = {
    "a mute of nothing": (["mute", "--by", "duty", "--for", "2h", "--reason", "x"], "name one incident"),
    "a mute of both": (
        ["mute", "i", "--provider", "p", "--by", "d", "--for", "2h", "--reason", "x"],
        "name one incident",
    ),
    "a mute without an end": (["mute", "--provider", "p", "--by", "duty", "--reason", "x"], "a mute ends"),
    "a mute with two ends": (
        ["mute", "--provider", "p", "--by", "d", "--reason", "x", "--for", "1h", "--until", "2036-01-01T00:00:00Z"],
        "either at an instant",
    ),
    "a mute for no time": (["mute", "--provider", "p", "--by", "d", "--reason", "x", "--for", "0m"], "no time at all"),
    "a side that is none": (["acknowledge", "inc-0", "--by", "duty", "--side", "theirs"], "side"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_order_that_is_not_whole_ends_as_wrong_usage(name: str, monkeypatch: Any) -> None:
    """Before anything is asked or sent: no server is there."""
    monkeypatch.setenv("COLUMNS", "200")
    arguments, words = REFUSED[name]
    told = run(None, *arguments)
    assert told.exit_code == 2
    assert words in " ".join(told.stderr.split())
