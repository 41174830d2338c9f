"""Templates on a real Elasticsearch."""

import orjson
import pytest
from elasticsearch import BadRequestError, Elasticsearch

from dashboards.install import MappingChangedError, delete_indices, install_templates, own_indices
from dashboards.templates import CURRENT, DERIVED, first_index
from holdfast import kafka, search
from holdfast.settings import Settings
from models.notice import Notice
from models.topics import Names, Stream
from tests.support import samples

pytestmark = pytest.mark.live


@pytest.fixture
def client(installation: Settings) -> Elasticsearch:
    return search.client(installation)


def names_of(installation: Settings) -> Names:
    return kafka.names(installation)


def store(client: Elasticsearch, names: Names) -> None:
    """Store one document of every kind by itself."""
    kinds = {Stream.LEDGER: "notices"}
    for document in samples.one_of_each():
        stream, _, value, _ = samples.record(document)
        kind = kinds.get(stream, stream.value)
        client.index(index=f"{names.index(kind)}-2026-05", document=orjson.loads(value), refresh=True)


def test_every_kind_of_document_is_taken_and_found_by_its_ecs_name(
    installation: Settings, client: Elasticsearch
) -> None:
    """ECS names are aliases over our own keys: they find, sort and aggregate."""
    names = names_of(installation)
    install_templates(client, names)
    store(client, names)
    found = client.search(
        index=[names.index(kind) for kind in ("notices", "incidents", "clocks", "plans", "pages", "deliveries")],
        query={"term": {"organization.id": samples.PROVIDER}},
        aggs={"by": {"terms": {"field": "organization.id"}}},
    )
    assert found["hits"]["total"]["value"] == 6
    assert found["aggregations"]["by"]["buckets"] == [{"key": samples.PROVIDER, "doc_count": 6}]
    spoken = client.search(index=names.index("notices"), query={"match": {"message": "looking"}})
    assert spoken["hits"]["total"]["value"] == 1


def test_rungs_are_searched_one_by_one(installation: Settings, client: Elasticsearch) -> None:
    """A plan with a waiting rung 0 and a suppressed rung 1 has no suppressed rung 0."""
    names = names_of(installation)
    install_templates(client, names)
    store(client, names)

    def count(rung: int) -> int:
        both = [{"term": {"rungs.rung": rung}}, {"term": {"rungs.state": "suppressed"}}]
        found = client.search(
            index=names.index("plans"), query={"nested": {"path": "rungs", "query": {"bool": {"filter": both}}}}
        )
        total: int = found["hits"]["total"]["value"]
        return total

    assert (count(0), count(1)) == (0, 1)


def test_an_unknown_field_is_refused(installation: Settings, client: Elasticsearch) -> None:
    """Nothing gets in that could not be found again."""
    names = names_of(installation)
    install_templates(client, names)
    with pytest.raises(BadRequestError, match="strict_dynamic_mapping"):
        client.index(index=f"{names.index('pages')}-2026-05", document={"surprise": 1})


def test_an_area_of_any_shape_is_stored(installation: Settings, client: Elasticsearch) -> None:
    """A hazard's area is kept as it is told: degenerate rings must not cost the notice."""
    names = names_of(installation)
    install_templates(client, names)
    area = {"description": "coast", "polygons": (((1.0, 2.0), (1.0, 2.0)),), "circles": ((54.0, 10.0, 25.0),)}
    document: Notice = samples.notice(kind="hazard", area=area)
    told = orjson.loads(document.to_wire())
    stored = client.index(index=f"{names.index('notices')}-2026-05", document=told)
    assert client.get(index=stored["_index"], id=stored["_id"])["_source"] == told


def test_installing_again_changes_nothing_and_adds_new_fields(installation: Settings, client: Elasticsearch) -> None:
    """Start-up installs every time; an index made by an older version gets the fields that it lacks."""
    names = names_of(installation)
    client.indices.create(
        index=f"{names.index('pages')}-2026-05", mappings={"properties": {"page_id": {"type": "keyword"}}}
    )
    install_templates(client, names)
    install_templates(client, names)
    fields = client.indices.get_mapping(index=f"{names.index('pages')}-2026-05").body
    assert "late_s" in fields[f"{names.index('pages')}-2026-05"]["mappings"]["properties"]


def test_a_field_that_changed_its_type_says_what_to_do(installation: Settings, client: Elasticsearch) -> None:
    """The way out of an impossible mapping is a rebuild."""
    names = names_of(installation)
    client.indices.create(
        index=f"{names.index('pages')}-2026-05", mappings={"properties": {"late_s": {"type": "keyword"}}}
    )
    with pytest.raises(MappingChangedError, match="holdfast rebuild"):
        install_templates(client, names)


def test_deleting_leaves_other_installations_and_foreign_indices_alone(
    installation: Settings, client: Elasticsearch
) -> None:
    """Only indices with exactly our names are ours."""
    names = names_of(installation)
    install_templates(client, names)
    foreign = [f"{installation.prefix}-notes", f"{installation.prefix}-other-clocks-000001"]
    for index in foreign:
        client.indices.create(index=index)
    assert delete_indices(client, names) == [first_index(names, kind) for kind in sorted((*CURRENT, *DERIVED))]
    assert own_indices(client, names) == []
    assert all(client.indices.exists(index=index) for index in foreign)
