"""Proof of a rebuild: the digest of every index before and after, and what differs. IO: Elasticsearch, files.

What was on the topics and not yet in the index before, or came while the index was made again, is added or newer
afterwards without any fault. What was lost, or has another content at the same version, is one: the index had not been
what the topics give.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from dashboards.digest import Difference, Digest, Ledger, difference, shares
from dashboards.install import kind_of, own_indices
from dashboards.templates import CURRENT, DERIVED, MONTHLY
from models.instants import parse_instant
from models.topics import Names

EVIDENCE = (*CURRENT, *MONTHLY)
"""Kinds that are made from the topics."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """One index before and after."""

    index: str
    before: Digest | None
    """None where there was no such index."""
    after: Digest | None
    difference: Difference | None
    """None where both are equal, or there is nothing to compare."""
    is_computed: bool = False
    """True where it is computed from the others: of a part of them, maybe, or earlier. Its differences are no fault."""

    @property
    def is_equal(self) -> bool:
        """True where nothing differs."""
        return self.before == self.after

    def is_fault(self, came: int) -> bool:
        """Return whether the difference is more than what came meanwhile.

        Args:
            came: records that were not indexed before, or came while the index was made again.
        """
        if self.difference is None or self.is_computed:
            return False
        counts = self.difference.counts
        return bool(counts["lost"] or counts["changed"] or (not came and (counts["added"] or counts["newer"])))


@dataclass(frozen=True, slots=True)
class Proof:
    """All indices before and after."""

    compared: tuple[Compared, ...]
    came: int
    """Records that were not indexed before, or came while the indices were made again."""

    @property
    def faults(self) -> tuple[Compared, ...]:
        """Return the indices that were not what the topics give."""
        return tuple(one for one in self.compared if one.is_fault(self.came))

    def as_document(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "came": self.came,
            "faults": len(self.faults),
            "indices": [
                {**asdict(one), "equal": one.is_equal, "fault": one.is_fault(self.came)} for one in self.compared
            ],
        }


class Prover:
    """Takes the digests of an installation's indices, and compares them."""

    def __init__(self, client: Elasticsearch, names: Names, folder: Path) -> None:
        """Work on an installation.

        Args:
            client: its errors come through.
            names: of the installation.
            folder: for the fingerprints of all documents, about 80 bytes each.
        """
        self._client = client
        self._names = names
        self._ledger = Ledger(folder)
        self._before: dict[str, Digest] = {}

    def count(self, kinds: Iterable[str]) -> int:
        """Return how many documents the indices of some kinds hold."""
        return sum(int(self._client.count(index=index)["count"]) for index in self._indices(kinds))

    def computed_as_of(self) -> datetime | None:
        """Return as of when scorecards were computed last; None where there are none."""
        indices = self._indices(("scorecards",))
        if not indices:
            return None
        found = self._client.search(index=indices[0], size=0, aggs={"as_of": {"max": {"field": "as_of"}}})
        text = found["aggregations"]["as_of"].get("value_as_string")
        return None if text is None else parse_instant(text)

    def look(self, kinds: Iterable[str], on_progress: Progress) -> None:
        """Take down the present state of the indices of some kinds."""
        for index in self._indices(kinds):
            self._before[index] = self._ledger.keep(index, self._shares(index), on_progress)

    def compare(self, kinds: Iterable[str], came: int, on_progress: Progress) -> Proof:
        """Compare the present state of the indices of some kinds with the one that was taken down.

        Args:
            kinds: that were looked at.
            came: records that were not indexed before, or came meanwhile.
            on_progress: called with the number of documents read.
        """
        wanted = tuple(kinds)
        after = self._indices(wanted)
        known = {index for index in self._before if kind_of(self._names, index) in wanted}
        return Proof(tuple(self._compare(index, after, on_progress) for index in sorted({*after, *known})), came)

    def _compare(self, index: str, present: list[str], on_progress: Progress) -> Compared:
        before, computed = self._before.get(index), kind_of(self._names, index) in DERIVED
        if index not in present:
            lost = difference(self._ledger.shares(index), ())
            return Compared(index, before, None, lost if any(lost.counts.values()) else None, computed)
        again = Ledger(self._ledger.beside("after"))
        after = again.keep(index, self._shares(index), on_progress)
        if before in (None, after):
            return Compared(index, before, after, None, computed)
        found = difference(self._ledger.shares(index), again.shares(index).values())
        return Compared(index, before, after, found, computed)

    def _shares(self, index: str) -> Any:
        return shares(self._client, index, versioned=kind_of(self._names, index) not in DERIVED)

    def _indices(self, kinds: Iterable[str]) -> list[str]:
        wanted = tuple(kinds)
        found = [one for one in own_indices(self._client, self._names) if kind_of(self._names, one) in wanted]
        if found:  # by patterns: the names of years of months are too long for a request line
            patterns = ",".join(self._names.index(f"{kind}-*") for kind in wanted)
            self._client.indices.refresh(index=patterns, ignore_unavailable=True)
        return found
