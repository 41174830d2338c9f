"""The indexer against real servers: what is on the topics is in the index, once, whatever breaks."""

import logging
from collections import Counter
from functools import partial

import orjson
import pytest

from consumers.backoff import Backoff
from consumers.indexer import GROUP, Connections, Indexer
from dashboards.install import install_templates
from holdfast import groups, kafka, search
from holdfast.settings import Settings
from models.notice import Notice
from models.raw import DeadLetter
from models.topics import Stream
from tests.support import samples, topics
from tests.support.fault_proxy import FAULTS, FaultProxy

pytestmark = pytest.mark.live


def connections(settings: Settings, url: str | None = None) -> Connections:
    there = settings if url is None else settings.model_copy(update={"elasticsearch": url})
    client, names = search.client(there), kafka.names(settings)
    return Connections(kafka.options(settings), names, client, partial(install_templates, client, names))


def index_once(settings: Settings, url: str | None = None) -> None:
    Indexer(connections(settings, url), pauses=Backoff(0.05, 0.2)).run(once=True)


def start_over(settings: Settings) -> None:
    groups.forget_group(settings, kafka.names(settings).group(GROUP))


def letters(settings: Settings) -> list[DeadLetter]:
    return [DeadLetter.from_wire(value) for value in topics.values(settings, Stream.DEAD_LETTERS)]


KINDS = ("notices", "incidents", "clocks", "plans", "pages", "deliveries", "dead-letters")


def test_every_kind_of_document_ends_in_its_index_byte_for_byte(installation: Settings) -> None:
    """The bytes on the topic are the document."""
    documents = samples.one_of_each()
    topics.publish(installation, documents)
    index_once(installation)
    for kind, document in zip(KINDS, documents, strict=True):
        stored = topics.sources(installation, kind)
        assert [source for (source,) in stored.values()] == [orjson.loads(document.to_wire())], kind


def test_duplicates_and_replays_change_nothing(installation: Settings) -> None:
    """The same record again, or the whole topic again, is the same document."""
    documents = samples.one_of_each()
    topics.publish(installation, [*documents, *documents])
    index_once(installation)
    start_over(installation)
    index_once(installation)
    for kind in KINDS:
        assert topics.counts(installation, kind) == Counter({1: 1}), kind


def test_an_older_revision_never_wins(installation: Settings) -> None:
    """Whatever the order on the topic, the highest revision stays."""
    topics.publish(installation, [samples.incident(revision=revision) for revision in (1, 3, 2)])
    index_once(installation)
    topics.publish(installation, [samples.incident(revision=2)])
    index_once(installation)
    ((stored,),) = topics.sources(installation, "incidents").values()
    assert stored["revision"] == 3


def test_what_cant_be_indexed_becomes_a_dead_letter_and_the_stream_goes_on(installation: Settings) -> None:
    """Poison of every sort between good documents: each has a letter with its bytes, and letters are indexed too."""
    good = [samples.incident(number) for number in range(5)]
    poison = {
        b"not json": "not_a_document",
        b'{"surprise":1}': "strict_dynamic_mapping_exception",
        b'{"revision":"many"}': "document_parsing_exception",
        b'{"a":}': "document_parsing_exception",
        b'{"title":"\xff\xfe"}': "document_parsing_exception",
    }
    topics.publish(installation, good[:2])
    for number, value in enumerate(poison):
        headers = [("id", b"poison-%d" % number), ("version", b"1")]
        topics.publish_raw(installation, Stream.INCIDENTS, value, headers)
    topics.publish_raw(installation, Stream.INCIDENTS, b"{}", [])
    topics.publish(installation, good[2:])
    index_once(installation)
    assert set(topics.sources(installation, "incidents")) == {one.incident_id for one in good}
    told = {letter.raw_bytes(): letter.reason for letter in letters(installation)}
    assert told == {**poison, b"{}": "bad_header"}
    assert {letter.stage for letter in letters(installation)} == {"index"}
    assert topics.counts(installation, "dead-letters") == Counter({1: len(told)})


def test_one_poison_record_has_one_letter_on_every_replay(installation: Settings) -> None:
    """A letter's id and time come from its record, so indexing it again finds the same document."""
    topics.publish_raw(installation, Stream.PAGES, b"junk", [("id", b"x"), ("month", b"2026-05")])
    index_once(installation)
    start_over(installation)
    index_once(installation)
    assert len(letters(installation)) == 2
    assert topics.counts(installation, "dead-letters") == Counter({1: 1})


def test_a_dead_letter_that_cant_be_indexed_does_not_go_round(
    installation: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays on its topic and in the log."""
    headers = [("id", b"x"), ("month", b"2026-05")]
    topics.publish_raw(installation, Stream.DEAD_LETTERS, b'{"surprise":1}', headers)
    with caplog.at_level(logging.WARNING, "holdfast.index"):
        index_once(installation)
    assert len(topics.values(installation, Stream.DEAD_LETTERS)) == 1
    assert "strict_dynamic_mapping_exception" in caplog.text


def test_a_document_larger_than_a_bulk_request_goes_alone(installation: Settings) -> None:
    """A provider's essay is indexed like any other text."""
    essay = samples.notice(1, text="word " * 2_000_000)
    topics.publish(installation, [samples.notice(0), essay, samples.notice(2)])
    index_once(installation)
    assert len(topics.sources(installation, "notices")) == 3


def test_wakes_and_decisions_are_not_indexed(installation: Settings) -> None:
    """Only notices leave the ledger for the index."""
    topics.publish_raw(installation, Stream.LEDGER, b'{"wake":1}', [("type", b"wake")])
    topics.publish(installation, [samples.notice()])
    index_once(installation)
    assert len(topics.sources(installation, "notices")) == 1
    assert letters(installation) == []


def test_a_cluster_in_trouble_ends_exactly_equal(installation: Settings) -> None:
    """429, 503, refused halves, dropped connections, lost answers, a gateway's pages: nothing lost, nothing doubled."""
    notices: list[Notice] = [samples.notice(number) for number in range(500)]
    incidents = [samples.incident(number % 50, revision=1 + number // 50) for number in range(500)]
    topics.publish(installation, [*notices, *incidents])
    with FaultProxy(installation.elasticsearch, [*FAULTS, *reversed(FAULTS)]) as proxy:
        index_once(installation, proxy.url)
        assert proxy.plan == []
    stored = topics.sources(installation, "notices")
    assert {key: stored_once for key, (stored_once,) in stored.items()} == {
        one.notice_id: orjson.loads(one.to_wire()) for one in notices
    }
    revisions = {key: one["revision"] for key, (one,) in topics.sources(installation, "incidents").items()}
    assert revisions == {samples.incident(number).incident_id: 10 for number in range(50)}
    assert letters(installation) == []
