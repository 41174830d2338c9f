"""``holdfast index | notify | rebuild | dead-letters`` as a person or a script calls them."""

import subprocess
import sys
import urllib.request
from collections import Counter

import orjson
import pytest

from holdfast import kafka, search
from holdfast.settings import Settings
from holdfast.stack.ports import pick_free
from holdfast.stack.supervise import environment
from models.raw import RawPayload
from models.topics import Stream
from tests.support import samples, topics
from tests.support.processes import Service
from tests.support.receivers import WebhookReceiver

pytestmark = pytest.mark.live


def holdfast(settings: Settings, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "holdfast", *arguments]
    return subprocess.run(command, env={**environment(settings), **env}, capture_output=True, timeout=300, check=False)


def stdout_of(done: subprocess.CompletedProcess[bytes], code: int = 0) -> str:
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def test_rebuild_makes_the_same_indices_again(installation: Settings) -> None:
    """Document for document: Elasticsearch is a view of the topics."""
    topics.publish(installation, [*samples.one_of_each(), *(samples.notice(number) for number in range(1, 300))])
    topics.publish_raw(installation, Stream.PAGES, b"junk", [])
    stdout_of(holdfast(installation, "index", "--once"))
    kinds = ("notices", "incidents", "clocks", "plans", "pages", "deliveries", "dead-letters")
    before = {kind: topics.sources(installation, kind) for kind in kinds}
    refused = holdfast(installation, "rebuild", HOLDFAST_PREFIX=installation.prefix)
    assert refused.returncode == 1, "without an answer nothing is deleted"
    assert topics.sources(installation, "notices") == before["notices"]
    done = holdfast(installation, "rebuild", "--yes", "--json")
    proof = orjson.loads(stdout_of(done))["proof"]
    assert b"records indexed" in done.stderr
    assert (proof["faults"], {one["equal"] for one in proof["indices"]}) == (0, {True})
    assert sum(one["before"]["documents"] for one in proof["indices"]) == 307
    assert {kind: topics.sources(installation, kind) for kind in kinds} == before
    assert len(before["notices"]) == 300


def test_rebuild_names_what_had_not_been_what_the_topics_give(installation: Settings) -> None:
    """A verdict that was changed by hand, a notice that was deleted and one that was put there; then all is well."""
    topics.publish(installation, [samples.clock(), samples.incident(), *(samples.notice(one) for one in range(3))])
    stdout_of(holdfast(installation, "index", "--once"))
    names = kafka.names(installation)
    notices, clock = f"{names.index('notices')}-2026-05", samples.clock()
    with search.client(installation) as client:
        content = {**orjson.loads(clock.to_wire()), "verdict": "met"}
        client.index(
            index=f"{names.index('clocks')}-000001", id=clock.clock_id, document=content, version=1,
            version_type="external_gte",
        )  # fmt: skip
        client.delete(index=notices, id=samples.notice(1).notice_id)
        client.index(index=notices, id="forged", document=orjson.loads(samples.notice(9).to_wire()), refresh=True)
    topics.publish(installation, [samples.incident(revision=2)])  # not indexed yet: newer, and no fault
    told = stdout_of(holdfast(installation, "rebuild", "--yes"), code=1)
    assert f"{names.index('clocks')}-000001: 1 changed: {clock.clock_id}" in told
    assert f"{notices}: 1 lost: forged" in told
    assert f"{notices}: 1 added: {samples.notice(1).notice_id}" in told
    assert "1 records were not indexed before, or came meanwhile" in told
    assert f"{names.index('incidents')}-000001: " not in told
    assert topics.sources(installation, "clocks")[clock.clock_id][0]["verdict"] == "running"
    again = orjson.loads(stdout_of(holdfast(installation, "rebuild", "--yes", "--json")))
    assert (again["proof"]["faults"], again["proof"]["came"]) == (0, 0)


def test_rebuild_computes_again_what_had_been_computed(installation: Settings) -> None:
    """As of the same instant, of the same documents: the same bytes."""
    topics.publish(installation, [samples.notice(), samples.incident(), *(samples.clock(one) for one in range(6))])
    stdout_of(holdfast(installation, "index", "--once"))
    stdout_of(holdfast(installation, "analyse", "--as-of", "2026-06-01T00:00:00Z"))
    before = topics.sources(installation, "scorecards")
    assert before
    proof = orjson.loads(stdout_of(holdfast(installation, "rebuild", "--yes", "--json")))["proof"]
    computed = [one for one in proof["indices"] if one["is_computed"]]
    assert len(computed) == 5
    assert all(one["equal"] for one in proof["indices"])
    assert topics.sources(installation, "scorecards") == before


def test_retention_shows_deletes_and_says_what_it_can_not_read(installation: Settings) -> None:
    """A dry run deletes nothing; a bare server has no lifecycle management, and the command says so."""
    topics.publish(installation, [samples.notice(), samples.incident()])
    stdout_of(holdfast(installation, "index", "--once"))
    wrong = holdfast(installation, "retention", "--keep", "notes=1m")
    assert (wrong.returncode, b"'notes=1m'" in wrong.stderr) == (2, True)
    shown = stdout_of(holdfast(installation, "retention", "--keep", "notices=1m", "--dry-run"))
    assert f"{kafka.names(installation).index('notices')}-2026-05" in shown
    assert len(topics.sources(installation, "notices")) == 1
    told = orjson.loads(stdout_of(holdfast(installation, "retention", "--keep", "notices=1m", "--yes", "--json")))
    assert told["gone"] == {"indices": 1, "documents": 1, "kept": 0}
    assert (len(topics.sources(installation, "notices")), len(topics.sources(installation, "incidents"))) == (0, 1)
    assert stdout_of(holdfast(installation, "retention")) == "nothing is older than what is kept\n"
    unmanaged = holdfast(installation, "retention", "--ilm")
    assert (unmanaged.returncode, b"no index lifecycle management" in unmanaged.stderr) == (1, True)


def test_rebuild_waits_for_no_running_indexer(installation: Settings) -> None:
    """Two at once would fight over the offsets; the message says what to stop, and nothing is deleted."""
    topics.publish(installation, [samples.incident()])
    with Service("index", installation) as indexer:
        indexer.wait_ready("holdfast.index ready")
        topics.wait_until(lambda: len(topics.sources(installation, "incidents")) == 1)
        done = holdfast(installation, "rebuild", "--yes")
        assert done.returncode == 1
        assert b"holdfast index" in done.stderr
    assert len(topics.sources(installation, "incidents")) == 1


def test_dead_letters_are_listed_shown_and_published_again(installation: Settings) -> None:
    """What a person needs to mend a feed: which, why, the bytes; then another try with the true times."""
    letters = [
        samples.dead_letter(1),
        samples.dead_letter(2, feed="other", reason="naive_time"),
        samples.dead_letter(3, feed=None, format=None),
    ]
    topics.publish(installation, [*letters, *letters])
    listed = [
        orjson.loads(line)
        for line in stdout_of(holdfast(installation, "dead-letters", "list", "--json")).split("\n")
        if line
    ]
    assert [one["letter_id"] for one in listed] == [one.letter_id for one in letters]
    assert "raw" not in listed[0]
    assert listed[0]["raw_bytes"] == len(letters[0].raw_bytes())
    chosen = stdout_of(holdfast(installation, "dead-letters", "list", "--feed", "other"))
    assert letters[1].letter_id in chosen
    assert letters[0].letter_id not in chosen
    shown = holdfast(installation, "dead-letters", "show", letters[0].letter_id[:12], "--raw")
    assert shown.stdout == letters[0].raw_bytes()
    assert holdfast(installation, "dead-letters", "show", "zzz").returncode == 1
    assert holdfast(installation, "dead-letters", "replay").returncode == 2
    stdout_of(holdfast(installation, "dead-letters", "replay", letters[0].letter_id))
    partly = holdfast(installation, "dead-letters", "replay", "--all")
    assert partly.returncode == 1
    assert b"2 dead letters published again" in partly.stdout
    assert letters[2].letter_id.encode() in partly.stderr
    payloads = [RawPayload.from_wire(value) for value in topics.values(installation, Stream.RAW)]
    assert Counter(payload.feed for payload in payloads) == Counter({"nimbus-status": 2, "other": 1})
    for payload in payloads:
        assert payload.body == letters[0].raw_bytes()
        assert (payload.received_at, payload.received_after) == (letters[0].received_at, letters[0].received_after)


def test_a_refused_document_is_published_again_as_it_was(installation: Settings) -> None:
    """Same topic, key, bytes and headers: the indexer gives it the same id and version."""
    headers = [("id", b"x"), ("version", b"1")]
    topics.publish_raw(installation, Stream.INCIDENTS, b'{"surprise":1}', headers)
    stdout_of(holdfast(installation, "index", "--once"))
    stdout_of(holdfast(installation, "dead-letters", "replay", "--reason", "strict_dynamic_mapping_exception"))
    records = list(kafka.read_all(installation, kafka.names(installation).topic(Stream.INCIDENTS)))
    assert [(one.key, one.value, list(one.headers)) for one in records] == [
        (samples.PROVIDER.encode(), b'{"surprise":1}', headers)
    ] * 2


def test_notify_once_delivers_and_ends(installation: Settings) -> None:
    """For scripts: exit 0 when every page has an outcome."""
    with WebhookReceiver() as receiver:
        topics.publish(installation, [samples.page(number) for number in range(3)])
        done = holdfast(installation, "notify", "--once", HOLDFAST_WEBHOOK_URL=receiver.url)
        assert done.returncode == 0, done.stderr.decode()
        assert len(receiver.requests) == 3
    assert b"unsigned" in done.stderr


def test_metrics_are_served_on_loopback(installation: Settings) -> None:
    """What an operator watches: documents, retries, dead letters, lag."""
    (port,) = pick_free(1)
    topics.publish(installation, samples.one_of_each())
    with Service("index", installation, env={"HOLDFAST_METRICS_PORT": str(port)}) as indexer:
        indexer.wait_ready("holdfast.index ready")
        topics.wait_until(lambda: len(topics.sources(installation, "dead-letters")) == 1)

        def figures() -> dict[str, float]:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
                lines = answer.read().decode().splitlines()
            pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            return {name: float(value) for name, value in pairs}

        topics.wait_until(lambda: figures()["holdfast_index_documents_total"] == 7)
        assert figures()["holdfast_index_retries_total"] == 0
        topics.wait_until(lambda: {value for name, value in figures().items() if "_index_lag" in name} == {0.0})


def test_without_a_broker_the_message_says_what_to_do(installation: Settings) -> None:
    """Not a traceback."""
    (port,) = pick_free(1)
    done = holdfast(installation.model_copy(update={"kafka": f"127.0.0.1:{port}"}), "index", "--once")
    assert done.returncode == 1
    assert b"holdfast up" in done.stderr
    assert b"Traceback" not in done.stderr
