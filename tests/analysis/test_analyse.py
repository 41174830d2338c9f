"""What is written to a real index is what the pure computation says, however often, and nothing besides."""

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest
from elasticsearch import Elasticsearch
from typer.testing import CliRunner

from board.store_history import HistoryStore
from holdfast import kafka, search
from holdfast.analysing import Target, Wanted, analyse, rates_in
from holdfast.analysis import Evidence, derive
from holdfast.analysis.deriving import cases_of
from holdfast.analysis.rates import rates_of, tried_by
from holdfast.cli import build
from holdfast.sample import Shape, history
from holdfast.settings import Settings
from models.derived import DERIVED, Scorecard
from models.document import Document
from models.topics import Names
from tests.support.evidence import evidence_of
from tests.support.seeded import write

pytestmark = pytest.mark.live
SHAPE = Shape(seed=3, providers=2, begin=datetime(2026, 3, 1, tzinfo=UTC), months=2, incidents_per_month=5)
END = SHAPE.end
MIDDLE = datetime(2026, 4, 2, 9, tzinfo=UTC)
Sources = dict[tuple[str, str], bytes]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of(history(SHAPE))


@pytest.fixture
def client(installation: Settings) -> Iterator[Elasticsearch]:
    with search.client(installation) as client:
        yield client


def put(client: Elasticsearch, names: Names, evidence: Evidence) -> None:
    """Write all that evidence consists of to the index."""
    for_incidents = [
        document
        for one in evidence.matters
        for document in (one.incident, *one.clocks, *([one.plan] if one.plan else []), *one.pages, *one.deliveries)
    ]
    write(client, names, [*for_incidents, *evidence.notices, *evidence.communications])


def sources(client: Elasticsearch, names: Names) -> Sources:
    """Return everything derived that the index holds, by kind and id."""
    found: Sources = {}
    for kind in DERIVED:
        client.indices.refresh(index=names.index(kind))
        hits = client.search(index=names.index(kind), size=10_000)["hits"]["hits"]
        assert len(hits) < 10_000
        found |= {(kind, hit["_id"]): orjson.dumps(hit["_source"], option=orjson.OPT_SORT_KEYS) for hit in hits}
    return found


def expected(documents: Iterator[Document]) -> Sources:
    kinds = {model: kind for kind, model in DERIVED.items()}
    return {
        (kinds[type(one)], one.document_id()): orjson.dumps(orjson.loads(one.to_wire()), option=orjson.OPT_SORT_KEYS)
        for one in documents
    }


def run(client: Elasticsearch, names: Names, evidence: Evidence, wanted: Wanted, *, dry_run: bool = False) -> int:
    """Analyse; return how many documents were removed."""
    target = Target(client, names, dry_run=dry_run)
    return analyse(HistoryStore(client, names), evidence.documents, target, wanted).removed.total()


def test_the_index_holds_what_is_computed_and_again_the_same(
    installation: Settings, client: Elasticsearch, evidence: Evidence
) -> None:
    names = kafka.names(installation)
    put(client, names, evidence)
    assert run(client, names, evidence, Wanted(END), dry_run=True) == 0
    assert sources(client, names) == {}, "a dry run writes nothing"
    run(client, names, evidence, Wanted(END))
    first = sources(client, names)
    assert first == expected(derive(evidence, END))
    assert {kind for kind, _ in first} == set(DERIVED)
    assert run(client, names, evidence, Wanted(END)) == 0
    assert sources(client, names) == first


@pytest.mark.parametrize("as_of", [END, MIDDLE], ids=["at the end", "in the middle"])
def test_the_index_counts_what_all_came_to_as_the_cases_do(
    installation: Settings, client: Elasticsearch, evidence: Evidence, as_of: datetime
) -> None:
    names = kafka.names(installation)
    put(client, names, evidence)
    counted = rates_of(tried_by(cases_of(evidence, as_of)))
    assert counted.strata
    assert rates_in(HistoryStore(client, names), Wanted(as_of)) == counted


def test_what_is_no_longer_derived_is_taken_out(
    installation: Settings, client: Elasticsearch, evidence: Evidence
) -> None:
    names = kafka.names(installation)
    put(client, names, evidence)
    run(client, names, evidence, Wanted(END))
    gone = evidence.standing[0].incident.provider
    for kind in ("incidents", "clocks"):
        query = {"term": {"provider": gone}}
        for hit in client.search(index=names.index(kind), query=query, size=10_000)["hits"]["hits"]:
            client.delete(index=hit["_index"], id=hit["_id"])
        client.indices.refresh(index=names.index(kind))
    assert run(client, names, evidence, Wanted(END)) > 0
    left = Evidence(
        evidence.documents,
        tuple(one for one in evidence.matters if one.incident.provider != gone),
        evidence.notices,
        evidence.communications,
    )
    assert sources(client, names) == expected(derive(left, END))


def test_a_part_of_the_time_replaces_that_part_only(
    installation: Settings, client: Elasticsearch, evidence: Evidence
) -> None:
    names = kafka.names(installation)
    put(client, names, evidence)
    run(client, names, evidence, Wanted(END))
    before = sources(client, names)
    provider = evidence.standing[0].incident.provider
    run(client, names, evidence, Wanted(END, provider, begin=datetime(2026, 4, 1, tzinfo=UTC)))
    after = sources(client, names)
    others = {key: source for key, source in before.items() if provider.encode() not in source}
    assert others.items() <= after.items()
    march = {key: source for key, source in before.items() if b'"tally":"month"' in source and b"2026-03-01" in source}
    assert march
    assert march.items() <= after.items()
    periods = [Scorecard.from_wire(source) for (kind, _), source in after.items() if kind == "scorecards"]
    assert {one.begins_at.month for one in periods if one.tally == "period" and one.provider == provider} == {4}


def test_the_commands_write_and_show_it(
    installation: Settings, client: Elasticsearch, evidence: Evidence, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    names = kafka.names(installation)
    put(client, names, evidence)
    monkeypatch.setenv("HOLDFAST_PREFIX", names.prefix)
    monkeypatch.setenv("HOLDFAST_ELASTICSEARCH", installation.elasticsearch)
    monkeypatch.setenv("HOLDFAST_KAFKA", installation.kafka)
    provider = evidence.standing[0].incident.provider
    runner = CliRunner()
    missing = runner.invoke(build(), ["trends", "--provider", provider])
    assert (missing.exit_code, "holdfast analyse" in missing.output) == (1, True)
    written = runner.invoke(build(), ["analyse", "--as-of", "2026-05-01T00:00:00Z", "--json"])
    assert written.exit_code == 0, written.output
    assert orjson.loads(written.stdout)["written"]["scorecards"] > 100
    shown = runner.invoke(build(), ["trends", "--provider", provider, "--objective", "restore"])
    assert shown.exit_code == 0, shown.output
    assert "Over all: n=" in shown.output
    lines = runner.invoke(build(), ["trends", "--provider", provider, "--json"]).stdout.splitlines()
    assert {Scorecard.from_wire(line.encode()).provider for line in lines} == {provider}
