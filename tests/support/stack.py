"""Real servers for tests: one Kafka broker and one Elasticsearch node for a whole session.

Fixtures (registered for all tests by ``tests/conftest.py``):

- ``stack``: the servers. Reuses those that ``HOLDFAST_TEST_KAFKA`` and ``HOLDFAST_TEST_ELASTICSEARCH`` name, else
  starts its own on free ports in a temporary directory; jars come from ``HOLDFAST_JARS_DIR`` or the user's data
  directory.
- ``installation``: ``Settings`` with a prefix of its own on those servers, its topics created; topics and indices are
  deleted after the test.
- ``own_stack``: servers of the test's own, for tests that break them; slow to start (seconds), so use it sparingly.

Mark tests that use them ``@pytest.mark.live``. Under pytest-xdist each worker has servers of its own;
``tests/conftest.py`` says which tests go together (``--dist loadgroup``).
"""

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient

from holdfast import kafka as composition
from holdfast.settings import Settings
from holdfast.stack import artifacts, local
from holdfast.stack.local import LocalStack
from holdfast.stack.ports import pick_free

COUNTER = itertools.count()


@dataclass(frozen=True)
class Stack:
    """Where the session's servers are."""

    kafka: str
    elasticsearch: str


def stack_settings(directory: Path) -> Settings:
    """Return settings of a throw-away stack on free ports with its data under ``directory``."""
    kafka, controller, http, transport, board = pick_free(5)
    return Settings(
        _env_file=None,
        kafka=f"127.0.0.1:{kafka}",
        kafka_controller_port=controller,
        elasticsearch=f"http://127.0.0.1:{http}",
        elasticsearch_transport_port=transport,
        board_port=board,
        data_dir=directory,
        jars_dir=artifacts.jars_dir(Settings(_env_file=None)),
        jvm_options="-XX:TieredStopAtLevel=1",  # up in half the time; slower in the long run, which these do not see
    )


@pytest.fixture(scope="session", autouse=True)
def patient_start() -> Iterator[None]:
    """Let servers start more slowly than a user would wait for them: a busy machine is no fault of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "READY_TIMEOUT_S", 600.0)
        yield


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield the session's servers."""
    kafka, elasticsearch = os.environ.get("HOLDFAST_TEST_KAFKA"), os.environ.get("HOLDFAST_TEST_ELASTICSEARCH")
    if kafka and elasticsearch:
        yield Stack(kafka, elasticsearch)
        return
    settings = stack_settings(tmp_path_factory.mktemp("stack")).model_copy(update={"jvm_options": ""})
    with LocalStack(settings):
        yield Stack(settings.kafka, settings.elasticsearch)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[LocalStack]:
    """Yield running servers that the test may stop, kill and start again."""
    with LocalStack(stack_settings(tmp_path / "own-stack")) as servers:
        yield servers


@pytest.fixture
def installation(stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of an empty installation of the test's own."""
    slug = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:40].strip("-")
    settings = Settings(
        _env_file=None,
        kafka=stack.kafka,
        elasticsearch=stack.elasticsearch,
        prefix=f"t{os.getpid()}-{next(COUNTER)}-{slug}",
        data_dir=tmp_path / "data",
        board_port=pick_free(1)[0],
    )
    composition.ensure_topics(settings)
    yield settings
    forget(settings)


def forget(settings: Settings) -> None:
    """Delete an installation's topics, indices and templates."""
    admin = KafkaAdminClient(**composition.options(settings))
    try:
        mine = [name for name in admin.list_topics() if name.startswith((f"{settings.prefix}.", f"{settings.prefix}-"))]
        if mine:
            admin.delete_topics(mine)
    finally:
        admin.close()
    with Elasticsearch(settings.elasticsearch, request_timeout=120) as client:
        forget_indices(client, settings.prefix)


def forget_indices(client: Elasticsearch, prefix: str) -> None:
    """Delete an installation's indices and templates."""
    for index in client.indices.get(index=f"{prefix}-*", allow_no_indices=True):
        client.indices.delete(index=index)  # one by one: a request line has an end, and months are many
    templates = client.indices.get_index_template()["index_templates"]
    for name in (template["name"] for template in templates if template["name"].startswith(prefix)):
        client.indices.delete_index_template(name=name)
    components = client.cluster.get_component_template()["component_templates"]
    for name in (one["name"] for one in components if one["name"].startswith(f"{prefix}-")):
        client.cluster.delete_component_template(name=name)
