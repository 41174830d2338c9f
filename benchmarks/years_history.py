"""A made-up history of years as records: folded once and kept, then told again under other names. IO: files.

Folding costs what the engine costs, so a part of the history is folded, provider by provider and on all cores, and
kept in a directory; what is there already is not made again. The rest are copies: other providers, other ids, the same
course of events.
"""

import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.sample import Shape, history
from holdfast.sample.records import Record, records
from models.ids import stable_id
from models.topics import Stream

_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_HEX = b"0123456789abcdef"


def kept(one: Record) -> bytes:
    """Return the line of a file that ``read`` reads."""
    version = "-" if one.version is None else str(one.version)
    head = " ".join((one.stream.value, one.key, one.document_id, version, one.month))
    return head.encode() + b" " + one.value + b"\n"


def read(line: bytes) -> Record:
    """Read ``kept`` back."""
    stream, key, document_id, version, month, value = line.rstrip(b"\n").split(b" ", 5)
    number = None if version == b"-" else int(version)
    return Record(Stream(stream.decode()), key.decode(), document_id.decode(), number, month.decode(), value)


def copy(one: Record, number: int, provider: str) -> Record:
    """Return the same of another provider: its name and every id are others, times and texts are the same."""
    if number == 0:
        return one
    turned = bytes.maketrans(_HEX, _HEX[number % 16 :] + _HEX[: number % 16])
    mark = b"%04x" % number

    def other(found: re.Match[bytes]) -> bytes:
        return mark + found[0].translate(turned)[len(mark) :]

    name = f"{provider}-x{number}"
    return replace(
        one,
        key=one.key.replace(provider, name),
        document_id=_ID.sub(other, one.document_id.encode()).decode(),
        value=_ID.sub(other, one.value).replace(provider.encode(), name.encode()),
    )


@dataclass(frozen=True)
class Kept:
    """A folded history in files, one for each provider."""

    directory: Path
    shape: Shape

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers that are folded."""
        return tuple(history(self.shape).traits)

    def path(self, provider: str) -> Path:
        """Return the file of a provider."""
        return self.directory / f"{stable_id(repr(self.shape))[:12]}-{provider}.records"

    def make(self) -> int:
        """Fold what is not there yet, on all cores; return how many providers that were."""
        missing = [one for one in self.providers if not self.path(one).exists()]
        self.directory.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for done in as_completed([pool.submit(_fold, self, one) for one in missing]):
                done.result()
        return len(missing)

    def every(self, copies: Iterable[int]) -> Iterator[Record]:
        """Yield the records of all providers and their copies."""
        for provider in self.providers:
            yield from self.of(provider, copies)

    def of(self, provider: str, copies: Iterable[int]) -> Iterator[Record]:
        """Yield the records of one provider and its copies."""
        with self.path(provider).open("rb") as file:
            known = list(map(read, file))
        for number in copies:
            yield from (copy(one, number, provider) for one in known)


def _fold(one: Kept, provider: str) -> None:
    """Fold one provider and keep it; half a file is never taken for a whole one."""
    unfinished = one.path(provider).with_suffix(".part")
    with unfinished.open("wb") as file:
        file.writelines(map(kept, records(history(one.shape), provider)))
    unfinished.rename(one.path(provider))
