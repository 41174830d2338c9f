"""Digests of indices: is what is there now, document for document, what was there before? IO: Elasticsearch, files.

A digest is a sum over all documents of an index, so their order does not count; each one's share is a hash of its id,
its version and its source with sorted keys. The shares are kept in a file, so that a difference can be named.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from dashboards.scanning import scan

NAMED = 10
"""Ids that a difference names."""
_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)


@dataclass(frozen=True, slots=True)
class Share:
    """What one document adds to the digest of its index."""

    document_id: str
    version: int
    digest: int


@dataclass(frozen=True, slots=True)
class Digest:
    """An index as a whole."""

    documents: int
    value: str
    """Hexadecimal; equal for the same documents in any order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How an index differs from what it was, by ids; at most ``NAMED`` of each are kept, the counts are whole."""

    lost: tuple[str, ...]
    changed: tuple[str, ...]
    """The same version, or an older one, with another content."""
    added: tuple[str, ...]
    newer: tuple[str, ...]
    counts: Mapping[str, int]


def shares(client: Elasticsearch, index: str, *, versioned: bool) -> Iterator[Share]:
    """Yield the share of every document of an index, in no order.

    Args:
        client: its errors come through.
        index: one concrete index, refreshed.
        versioned: False where the version only counts how often a document was written over.
    """
    for hit in scan(client, index):
        yield share(hit["_id"], hit["_version"] if versioned else 0, hit["_source"])


def share(document_id: str, version: int, source: Any) -> Share:
    """Return a document's share; the order of its keys does not count."""
    content = orjson.dumps(source, option=orjson.OPT_SORT_KEYS)
    named = orjson.dumps([document_id, version])
    digest = sha256(b"%d:%b%b" % (len(named), named, content)).digest()[:_BYTES]
    return Share(document_id, version, int.from_bytes(digest))


def digest(every: Iterable[Share]) -> Digest:
    """Return the digest of an index."""
    documents = total = 0
    for one in every:
        documents += 1
        total = (total + one.digest) % _MODULUS
    return Digest(documents, total.to_bytes(_BYTES).hex())


def difference(before: Mapping[str, Share], after: Iterable[Share]) -> Difference:
    """Return what differs between two states of an index."""
    left = dict(before)
    found: dict[str, list[str]] = {"lost": [], "changed": [], "added": [], "newer": []}
    for one in after:
        old = left.pop(one.document_id, None)
        if old is None:
            found["added"].append(one.document_id)
        elif old.digest != one.digest:
            found["newer" if one.version > old.version else "changed"].append(one.document_id)
    found["lost"] = list(left)
    named = {key: tuple(sorted(ids)[:NAMED]) for key, ids in found.items()}
    return Difference(**named, counts={key: len(ids) for key, ids in found.items()})


class Ledger:
    """The shares of one state of several indices, a file each."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder of the caller's, who deletes it."""
        self._folder = folder

    def keep(self, index: str, every: Iterable[Share], on_progress: Callable[[int], None]) -> Digest:
        """Write down an index's shares; return its digest."""
        with (self._folder / index).open("wb") as file:

            def written() -> Iterator[Share]:
                for one in every:
                    file.write(orjson.dumps([one.document_id, one.version, f"{one.digest:x}"]) + b"\n")
                    on_progress(1)
                    yield one

            return digest(written())

    def beside(self, name: str) -> Path:
        """Return a folder within this one's, for another state."""
        (self._folder / name).mkdir(exist_ok=True)
        return self._folder / name

    def shares(self, index: str) -> dict[str, Share]:
        """Read an index's shares back, by document id; none of one that was not kept."""
        path = self._folder / index
        if not path.exists():
            return {}
        with path.open("rb") as file:
            lines = (orjson.loads(line) for line in file)
            return {name: Share(name, version, int(value, 16)) for name, version, value in lines}
