"""Batches of ledger records: bad ones are set aside with a reason, the others go on, and nothing is half applied."""

import asyncio
import base64
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from holdfast.clock import Clock
from models.book import Book
from models.documents import Documents
from models.notice import Notice
from models.raw import DeadLetter, RawPayload
from models.topics import HEADER_TYPE, Names
from streams.batch import Put, Sentinel
from streams.config import StreamConfig
from streams.ending import EXIT_GAP
from streams.fold import Folder, wake_value
from streams.normalise import Normalised, Normaliser
from tests.support import samples
from tests.support.ledger import documents

NAMES = Names("t")


@dataclass
class Message:
    """A record as Faust hands it out."""

    value: bytes
    offset: int = 0
    partition: int = 0
    topic: str = "t.ledger"
    timestamp: float = samples.later(3).timestamp()
    headers: list[tuple[str, bytes]] = field(default_factory=lambda: [(HEADER_TYPE, b"notice")])
    key: bytes = b"nimbus"

    @property
    def tp(self) -> tuple[str, int]:
        return (self.topic, self.partition)


@pytest.fixture
def config(tmp_path: Path) -> StreamConfig:
    return StreamConfig("127.0.0.1:1", NAMES, Clock.from_text(None), tmp_path)


def fold(folder: Folder, *messages: Message, stored: dict[bytes, bytes] | None = None) -> Any:
    rows = stored or {}
    return folder.fold(messages, documents(), rows, dict.fromkeys(rows, 0))


def letters(folded: Any) -> list[DeadLetter]:
    return [DeadLetter.from_wire(out.value) for out in folded.outs if out.topic == "t.dead-letters"]


def test_bytes_that_are_no_notice_go_to_the_dead_letters_and_the_next_record_is_folded(config: StreamConfig) -> None:
    folded = fold(Folder(config), Message(b"\xff\x00 no json"), Message(samples.notice().to_wire(), 1))
    (letter,) = letters(folded)
    assert (letter.reason, letter.stage, letter.offset) == ("not_a_ledger_record", "track", 0)
    assert base64.b64decode(letter.raw) == b"\xff\x00 no json"
    assert {out.topic for out in folded.outs} >= {"t.incidents", "t.clocks", "t.dead-letters"}


@pytest.mark.parametrize(
    "value",
    [b"", b"[]", b"1", b"null", b'"x"', orjson.dumps({"schema_version": 99}), orjson.dumps({"schema_version": 1})],
)
def test_any_json_that_is_no_notice_is_set_aside(config: StreamConfig, value: bytes) -> None:
    (letter,) = letters(fold(Folder(config), Message(value)))
    assert letter.reason == "not_a_ledger_record"


def test_a_wake_that_is_none_is_set_aside(config: StreamConfig) -> None:
    headers = [(HEADER_TYPE, b"wake")]
    folded = fold(Folder(config), Message(b"{}", headers=headers), Message(b"\x00", 1, headers=headers))
    assert [letter.reason for letter in letters(folded)] == ["not_a_ledger_record"] * 2


def test_a_record_that_breaks_the_fold_leaves_no_trace_of_itself(
    config: StreamConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fold has no known way to break; so one is made, after the facts were already changed."""
    broken = samples.notice(1, text="poison")
    honest = Book.apply

    def apply(self: Book, notice: Notice, *rest: Any) -> Any:
        effects = honest(self, notice, *rest)
        if notice.text == "poison":
            raise ZeroDivisionError("a fault of ours")
        return effects

    monkeypatch.setattr(Book, "apply", apply)
    words = [samples.notice(0), broken, samples.notice(2)]
    mixed = fold(Folder(config), *(Message(word.to_wire(), offset) for offset, word in enumerate(words)))
    clean = fold(Folder(config), Message(words[0].to_wire(), 0), Message(words[2].to_wire(), 2))
    (letter,) = letters(mixed)
    assert letter.reason == "fold_failed"
    assert "a fault of ours" in letter.detail
    assert mixed.puts == clean.puts
    assert [out.value for out in mixed.outs if out.topic != "t.dead-letters"] == [out.value for out in clean.outs]


def test_a_folder_goes_on_from_its_rows_as_if_it_had_never_stopped(config: StreamConfig) -> None:
    steady, before = Folder(config), Folder(config)
    first, second = Message(samples.notice(0).to_wire(), 0), Message(samples.notice(3).to_wire(), 1)
    fold(steady, first)
    stored = {put.key: put.value for put in fold(before, first).puts}
    after = Folder(config)
    armed = after.rebuild(stored, dict.fromkeys(stored, 0))
    assert [case[0] for case, _ in armed] == ["nimbus"]
    assert [out.value for out in fold(after, second).outs] == [out.value for out in fold(steady, second).outs]


def test_a_wake_moves_the_incident_that_it_names(config: StreamConfig) -> None:
    folder = Folder(config)
    ((case, due),) = fold(folder, Message(samples.notice().to_wire())).armed
    assert due is not None
    stamp = (due + timedelta(milliseconds=5)).timestamp()
    folded = fold(folder, Message(wake_value(case, due), 1, timestamp=stamp, headers=[(HEADER_TYPE, b"wake")]))
    ((_, again),) = folded.armed
    assert again is None or again > due


class Died(BaseException):
    """Stands in for the end of the process."""


class Group:
    """A consumer that has, or has not, committed an offset; the topic begins at 5."""

    def __init__(self, committed: int | None) -> None:
        self.consumer = self
        self._committed_offset = {("t.ledger", 0): committed}

    async def earliest_offsets(self, *partitions: Any) -> dict[Any, int]:
        return dict.fromkeys(partitions, 5)


@pytest.mark.parametrize(
    ("committed", "offsets", "ends"),
    [
        (7, [7, 8, 9], False),
        (7, [7, 8, 10], True),
        (7, [8], True),
        (7, [3, 4], False),
        (None, [5, 6], False),
        (None, [6], True),
    ],
    ids=["in order", "a gap", "the first one lost", "replayed", "from the beginning", "lost before the first commit"],
)
def test_a_forward_jump_of_offsets_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, committed: int | None, offsets: list[int], ends: bool
) -> None:
    def die(code: int, _message: str) -> None:
        raise Died(code)

    monkeypatch.setattr("streams.batch.die", die)
    messages = [Message(b"", offset) for offset in offsets]
    with pytest.raises(Died) if ends else nullcontext() as ended:
        asyncio.run(Sentinel(Group(committed)).check(messages))
    assert ended is None or ended.value.args == (EXIT_GAP,)


def test_the_sentinel_starts_anew_when_partitions_are_handed_out() -> None:
    moved = Sentinel(Group(3))
    asyncio.run(moved.check([Message(b"", 3)]))
    moved.forget()
    asyncio.run(moved.check([Message(b"", 2)]))


def test_a_raw_record_that_is_no_envelope_is_kept_and_the_feed_goes_on(config: StreamConfig) -> None:
    raw = RawPayload(feed="f", format="statuspage", body=b"{}", received_at=datetime(2026, 5, 4, tzinfo=UTC))
    looks: list[bytes | None] = []

    def normalise(memory: bytes | None, payload: RawPayload, _documents: Documents) -> Normalised:
        looks.append(memory)
        return Normalised((samples.notice(),), (), b"after " + payload.body)

    messages = [Message(b"not an envelope", topic="t.raw"), Message(raw.to_wire(), 1), Message(raw.to_wire(), 2)]
    handled = Normaliser(config, normalise).handle(messages, {b"f": b"before"}, Documents())
    assert looks == [b"before", b"after {}"], "within a batch, each payload follows the one before"
    assert handled.puts == [Put(0, b"f", b"after {}")]
    assert [out.topic for out in handled.outs] == ["t.ledger", "t.ledger", "t.dead-letters"]
    assert handled.reasons == [DeadLetter.from_wire(handled.outs[2].value).reason] == ["not_an_envelope"]
    assert handled.outs[0].key == b"nimbus"
