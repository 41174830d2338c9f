"""Digests of indices: what changes them, what does not, and how a difference is named."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.digest import NAMED, Ledger, Share, difference, digest, share

SOURCE = {"a": 1, "b": {"c": [1.5, None, "é"], "d": True}}
CONTENTS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.tuples(st.integers(1, 3), st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=3)),
    max_size=8,
)


def shares_of(contents: dict[str, tuple[int, dict[str, int]]]) -> dict[str, Share]:
    return {name: share(name, version, source) for name, (version, source) in contents.items()}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (share("x", 1, {"b": {"d": True, "c": [1.5, None, "é"]}, "a": 1}), True),
        (share("y", 1, SOURCE), False),
        (share("x", 2, SOURCE), False),
        (share("x", 1, {**SOURCE, "a": 2}), False),
        (share("x", 1, {**SOURCE, "z": None}), False),
        (share("x", 1, {**SOURCE, "b": {"c": [None, 1.5, "é"], "d": True}}), False),
    ],
    ids=["keys in another order", "id", "version", "a value", "a null more", "a list in another order"],
)
def test_a_share_is_of_id_version_and_content_whatever_the_order_of_its_keys(other: Share, is_same: bool) -> None:
    assert (share("x", 1, SOURCE).digest == other.digest) is is_same


@given(CONTENTS, st.integers(0, 2**32))
def test_the_order_of_documents_does_not_count_and_every_one_does(
    contents: dict[str, tuple[int, dict[str, int]]], seed: int
) -> None:
    every = list(shares_of(contents).values())
    shuffled = Random(seed).sample(every, len(every))
    assert digest(shuffled) == digest(every)
    for left_out in range(len(every)):
        assert digest(every[:left_out] + every[left_out + 1 :]) != digest(every)


@given(CONTENTS, CONTENTS)
def test_a_difference_is_empty_only_between_equal_states_and_tells_where_each_document_went(
    one: dict[str, tuple[int, dict[str, int]]], other: dict[str, tuple[int, dict[str, int]]]
) -> None:
    found = difference(shares_of(one), shares_of(other).values())
    assert (sum(found.counts.values()) == 0) is (one == other)
    assert set(found.lost) == set(one) - set(other)
    assert set(found.added) == set(other) - set(one)
    for name in set(one) & set(other):
        is_newer = other[name][0] > one[name][0]
        assert (name in found.newer) is is_newer
        assert (name in found.changed) is (not is_newer and one[name] != other[name])


def test_of_many_the_first_few_are_named_and_all_are_counted() -> None:
    before = {f"{number:03}": Share(f"{number:03}", 1, number) for number in range(NAMED + 5)}
    found = difference(before, ())
    assert found.lost == tuple(f"{number:03}" for number in range(NAMED))
    assert found.counts["lost"] == NAMED + 5


def test_shares_come_back_from_the_file_as_they_were_kept(tmp_path: Path) -> None:
    every = [share(str(number), number, SOURCE) for number in range(20)]
    read: list[int] = []
    ledger = Ledger(tmp_path)
    assert ledger.keep("clocks", every, read.append) == digest(every)
    assert list(ledger.shares("clocks").values()) == every
    assert len(read) == 20
    assert ledger.shares("never kept") == {}
