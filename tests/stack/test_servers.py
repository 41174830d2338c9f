"""The local servers do what the product asks of them."""

from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from holdfast import kafka
from holdfast.settings import Settings
from holdfast.stack import broker, elasticsearch_node
from models.topics import TOPICS, Names, Stream

pytestmark = pytest.mark.live


def test_records_go_through_the_broker_with_key_headers_and_bytes(installation: Settings) -> None:
    with kafka.Publisher(installation) as publisher:
        publisher.send(Stream.RAW, "status", b"\x00 bytes", [("id", b"1")])
    (record,) = kafka.read_all(installation, Names(installation.prefix).topic(Stream.RAW))
    assert (record.key, record.value, record.headers) == (b"status", b"\x00 bytes", [("id", b"1")])


def test_a_record_of_a_whole_history_fits(installation: Settings) -> None:
    large = b"x" * (kafka.MAX_RECORD_BYTES - 1024)
    with kafka.Publisher(installation) as publisher:
        publisher.send(Stream.RAW, "status", large)
    (record,) = kafka.read_all(installation, Names(installation.prefix).topic(Stream.RAW))
    assert record.value == large


def test_an_installation_starts_with_its_topics_and_none_of_another(installation: Settings) -> None:
    assert kafka.ensure_topics(installation) == []
    assert kafka.ensure_topics(installation.model_copy(update={"prefix": f"{installation.prefix}-x"})) == [
        Names(f"{installation.prefix}-x").topic(topic.stream) for topic in TOPICS
    ]


def test_an_old_version_of_a_document_never_wins(installation: Settings) -> None:
    index = f"{installation.prefix}-incidents"
    with Elasticsearch(installation.elasticsearch, request_timeout=120) as client:
        for version in (2, 1, 2):
            client.options(ignore_status=409).index(
                index=index, id="1", document={"revision": version}, version=version, version_type="external"
            )
        assert client.get(index=index, id="1")["_source"] == {"revision": 2}


def test_the_servers_listen_on_loopback_only() -> None:
    home, data = Path("home"), Path("data")
    node = elasticsearch_node.node_settings(home, data, "127.0.0.1", 1, 2)
    assert (node["http.host"], node["transport.host"]) == ("127.0.0.1", "127.0.0.1")
    listeners = [line for line in broker.properties(data, "127.0.0.1", 1, 2).splitlines() if "listeners=" in line]
    assert listeners == [
        "listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2",
        "advertised.listeners=PLAINTEXT://127.0.0.1:1",
    ]
