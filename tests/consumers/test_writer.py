"""The bulk writer against a real Elasticsearch, where a request as a whole goes wrong."""

import pytest

from consumers.backoff import Backoff
from consumers.bulk import Operation
from consumers.writer import BulkWriter
from dashboards.install import install_templates
from holdfast import kafka, search
from holdfast.settings import Settings
from tests.support import samples, topics
from tests.support.fault_proxy import FaultProxy

pytestmark = pytest.mark.live


class EnoughError(Exception):
    """Ends a wait, as a stop does."""


def operation(settings: Settings, number: int) -> Operation:
    notice = samples.notice(number)
    index = f"{kafka.names(settings).index('notices')}-2026-05"
    line = b'{"create":{"_index":"%b","_id":"%b"}}\n%b\n' % (
        index.encode(),
        notice.notice_id.encode(),
        notice.to_wire(),
    )
    return Operation(line, ("t", 0, number))


def test_one_operation_that_spoils_a_request_is_found_and_the_others_are_stored(installation: Settings) -> None:
    """Elasticsearch refuses a whole request for one malformed action line."""
    client, names = search.client(installation), kafka.names(installation)
    writer = BulkWriter(client, lambda: install_templates(client, names), lambda _: None)
    operations = [operation(installation, number) for number in range(20)]
    operations.insert(13, Operation(b'{"bogus":{}}\n{}\n', ("t", 0, 99)))
    (refusal,) = writer.write(operations)
    assert refusal.place == ("t", 0, 99)
    assert "bogus" in refusal.detail
    assert len(topics.sources(installation, "notices")) == 20
    assert writer.indexed_count == 20


def test_templates_are_put_again_after_trouble(installation: Settings) -> None:
    """A cluster that comes back empty must not guess mappings."""
    prepared = []
    with FaultProxy(installation.elasticsearch, ["503"]) as proxy:
        client = search.client(installation.model_copy(update={"elasticsearch": proxy.url}))
        names = kafka.names(installation)

        def prepare() -> None:
            prepared.append(True)
            install_templates(client, names)

        writer = BulkWriter(client, prepare, lambda _: None, Backoff(0.01, 0.01))
        writer.write([operation(installation, 1)])
        writer.write([operation(installation, 2)])
    assert len(prepared) == 2
    assert writer.retry_count == 1


def test_a_stop_ends_the_waiting(installation: Settings) -> None:
    """Whatever the wait raises comes through, and nothing is reported as done."""

    def stop(_: float) -> None:
        raise EnoughError

    away = search.client(installation.model_copy(update={"elasticsearch": "http://127.0.0.1:1"}))
    writer = BulkWriter(away, lambda: None, stop)
    with pytest.raises(EnoughError):
        writer.write([operation(installation, 1)])
    assert writer.indexed_count == 0
