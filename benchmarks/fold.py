"""``fold``: what our own code costs per notice, without Kafka: decode, fold, encode, rows of the table. Pure CPU."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.load import MIXES, working_documents
from benchmarks.report import Figure, Report, spread
from models.book import Book, Entry
from models.document import Document
from models.notice import Notice
from models.shelf import rows
from models.telling import Terms
from models.topics import document_headers
from streams.batch import BATCH_SIZE


@dataclass(frozen=True, slots=True)
class Parts:
    """Microseconds per notice of each part, and what a notice gives."""

    decode_us: float
    fold_us: float
    encode_us: float
    rows_us: float
    outputs: float
    """Documents per notice."""
    output_bytes: float
    """Bytes per document."""
    growth: float
    """Fold time of the last quarter of the notices over that of the first."""

    @property
    def total_us(self) -> float:
        """Return all of it."""
        return self.decode_us + self.fold_us + self.encode_us + self.rows_us


def take_apart(notices: Sequence[Notice]) -> Parts:
    """Fold notices as the engine does, batch by batch, and take the CPU time of each part."""
    values = [one.to_wire() for one in notices]
    terms = Terms(working_documents())
    books: dict[str, Book] = {}
    decode = encode = stored = 0.0
    folded: list[float] = []
    outputs = size = 0
    for first in range(0, len(values), BATCH_SIZE):
        began = time.thread_time()
        batch = [Notice.from_wire(value) for value in values[first : first + BATCH_SIZE]]
        decoded = time.thread_time()
        said = [one for offset, notice in enumerate(batch, first) for one in _apply(books, notice, offset, terms)]
        told = time.thread_time()
        wires = [(one.to_wire(), document_headers(one.document_id(), version=one.document_version())) for one in said]
        encoded = time.thread_time()
        for book in books.values():
            rows(book)
        stored += time.thread_time() - encoded
        decode, encode = decode + decoded - began, encode + encoded - told
        folded.append((told - decoded) / len(batch))
        outputs, size = outputs + len(said), size + sum(len(wire) for wire, _ in wires)
    per = 1e6 / len(values)
    quarter = max(1, len(folded) // 4)
    fold_us = 1e6 * sum(folded) / len(folded)
    growth = (sum(folded[-quarter:]) / quarter) / (sum(folded[:quarter]) / quarter)
    return Parts(
        decode * per, fold_us, encode * per, stored * per, outputs / len(values), size / max(1, outputs), growth
    )


def _apply(books: dict[str, Book], notice: Notice, offset: int, terms: Terms) -> list[Document]:
    provider = notice.provider or ""
    book = books.setdefault(provider, Book(provider))
    return book.apply(notice, Entry(offset, notice.received_at), terms)


def measure(count: int, rounds: int) -> Report:
    """Take the fold apart for each mix.

    Args:
        count: notices per round.
        rounds: after a first one that warms up and does not count.
    """
    report = Report("fold", "nothing: one thread, no servers")
    for mix, make in MIXES.items():
        notices = make(count)
        take_apart(notices[:BATCH_SIZE])
        found = [take_apart(notices) for _ in range(rounds)]
        report.figures += list(_figures(mix, found))
        report.ratios.append(
            spread(
                f"{mix}: fold time of the last quarter over the first",
                [one.growth for one in found],
                "",
                note="1 is flat: a book that grows costs no more",
            )
        )
        report.figures.append(Figure(f"{mix}: notices in a round", len(notices), "", rounds))
    return report


def _figures(mix: str, found: Sequence[Parts]) -> Iterator[Figure]:
    total = spread(f"{mix}: all of it", [one.total_us for one in found], "us")
    yield total
    for name in ("decode", "fold", "encode", "rows"):
        one = spread(f"{mix}: {name}", [getattr(parts, f"{name}_us") for parts in found], "us")
        share = one.value / total.value
        yield Figure(one.name, one.value, one.unit, one.n, one.lowest, one.highest, note=f"{share:.0%} of our own code")
    yield Figure(f"{mix}: documents per notice", found[0].outputs, "", len(found))
    yield Figure(f"{mix}: bytes per document", found[0].output_bytes, "B", len(found))
