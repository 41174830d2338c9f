"""Copies of a made-up provider, as the benchmark of years indexes them: whole, and none takes another's place."""

from pathlib import Path

import orjson
import pytest

from benchmarks.years_history import Kept, copy, kept, read
from holdfast.sample import Shape, history
from holdfast.sample.records import Record, records
from models.records import ClockDocument

SHAPE = Shape(providers=1, incidents_per_month=3)


@pytest.fixture(scope="module")
def told() -> list[Record]:
    return list(records(history(SHAPE), "arbor-cloud"))


def test_what_is_kept_is_read_back(told: list[Record], tmp_path: Path) -> None:
    whole = Kept(tmp_path, SHAPE)

    assert whole.make() == 1
    assert whole.make() == 0
    assert list(whole.every(range(1))) == told
    assert [read(kept(one)) for one in told] == told


def test_copies_have_ids_of_their_own_and_still_point_at_each_other(told: list[Record]) -> None:
    several = [copy(one, number, "arbor-cloud") for number in (0, 1, 17, 33) for one in told]

    assert len({(one.stream, one.document_id) for one in several}) == len(several)
    incidents = {one.document_id for one in several if one.stream == "incidents"}
    clocks = [ClockDocument.from_wire(one.value) for one in several if one.stream == "clocks"]
    assert {one.incident_id for one in clocks} <= incidents
    assert {one.provider for one in clocks} == {f"arbor-cloud{mark}" for mark in ("", "-x1", "-x17", "-x33")}


def test_a_copy_differs_from_its_original_in_names_and_ids_only(told: list[Record]) -> None:
    for one in told:
        original, other = orjson.loads(one.value), orjson.loads(copy(one, 5, "arbor-cloud").value)
        assert original.keys() == other.keys()
        for name in ("@timestamp", "objective", "verdict", "elapsed_max_s", "phase"):
            assert original.get(name) == other.get(name)
