"""The proof of a rebuild looks at however many indices there are."""

from pathlib import Path

import pytest

from holdfast import search
from holdfast.proving import EVIDENCE, Prover
from holdfast.settings import Settings
from models.topics import Names
from tests.support.stack import Stack, forget_indices

pytestmark = pytest.mark.live
MONTHS = 30
LINE = 4096
"""Bytes of a request line that Elasticsearch reads at most."""


def test_more_months_than_a_request_line_has_room_for(stack: Stack, tmp_path: Path) -> None:
    names = Names("years-" + "x" * 150)
    with search.client(Settings(_env_file=None, elasticsearch=stack.elasticsearch)) as client:
        indices = [names.index(f"pages-{2020 + number // 12}-{number % 12 + 1:02}") for number in range(MONTHS)]
        assert len(",".join(indices)) > LINE
        try:
            for index in indices:
                client.indices.create(index=index)
            client.index(index=indices[0], id="1", document={"page_id": "1"})
            assert Prover(client, names, tmp_path).count(EVIDENCE) == 1
        finally:
            forget_indices(client, names.prefix)
