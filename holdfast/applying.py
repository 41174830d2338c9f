"""What applying documents would change, and doing it. Comparing is pure; reading and publishing are IO: Kafka.

A version in force is what verdicts were given by. Changing it changes them, so that must be asked for by name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from models.agreement import Agreement, AgreementVersion
from models.documents import AnyDocument, document_key, from_wire, is_version_key, to_wire, version_key
from models.policy import EscalationPolicy
from models.topics import Stream

if TYPE_CHECKING:
    from holdfast.kafka import Publisher
    from holdfast.settings import Settings

OF_THE_WHOLE = ("provider", "customer")
"""Keys of an agreement that decide which incidents it governs, and for whom, in all its versions."""


class Change(StrEnum):
    """What becomes of one document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"


@dataclass(frozen=True)
class Difference:
    """One document, published or to be published."""

    key: str
    change: Change
    notes: tuple[str, ...] = ()
    amendments: tuple[str, ...] = ()
    """Those of the notes that change what verdicts were given by."""


def compare(
    published: Mapping[str, AnyDocument | None], wanted: Iterable[AnyDocument], now: datetime
) -> tuple[Difference, ...]:
    """Return the difference of every document, by kind and id.

    Args:
        published: by key; None for one that can't be read any more.
        wanted: the documents of the directory.
        now: splits versions into those that have been in force and those to come.
    """
    mine = {document_key(one): one for one in wanted}
    found = [_difference(key, one, published, now) for key, one in mine.items()]
    found += [Difference(key, Change.GONE) for key in published if key not in mine]
    return tuple(sorted(found, key=lambda one: one.key))


def _difference(
    key: str, wanted: AnyDocument, published: Mapping[str, AnyDocument | None], now: datetime
) -> Difference:
    if key not in published:
        names = _names(wanted.versions) if isinstance(wanted, Agreement) else ()
        return Difference(key, Change.NEW, names)
    before = published[key]
    if before is None:
        return Difference(key, Change.CHANGED, ("what is published can't be read by this release",))
    if to_wire(before) == to_wire(wanted):
        return Difference(key, Change.UNCHANGED)
    if not isinstance(before, Agreement) or not isinstance(wanted, Agreement):
        return Difference(key, Change.CHANGED)
    told = tuple(_changes(before, wanted, now))
    return Difference(
        key, Change.CHANGED, tuple(note for note, _ in told), tuple(note for note, is_past in told if is_past)
    )


def _names(versions: Iterable[AgreementVersion]) -> tuple[str, ...]:
    return tuple(f"version {one.version!r} from {one.effective_from}" for one in versions)


def _changes(before: Agreement, wanted: Agreement, now: datetime) -> Iterator[tuple[str, bool]]:
    """Yield what changes, and whether it changes what verdicts were given by."""
    begun = any(version.begins_at() <= now for version in before.versions)
    for name in OF_THE_WHOLE:
        old, new = getattr(before, name), getattr(wanted, name)
        if old != new:
            yield f"{name} {old!r} becomes {new!r}", begun
    old_versions = {version.version: version for version in before.versions}
    for version in wanted.versions:
        known = old_versions.pop(version.version, None)
        if known is None:
            is_past = version.begins_at() <= now
            yield f"version {version.version!r} from {version.effective_from} added" + _since(version, now), is_past
        elif known != version:
            is_past = known.begins_at() <= now or version.begins_at() <= now
            yield _edit(known, version, now), is_past and not _ends_later(known, version, now)
    for version in old_versions.values():
        yield f"version {version.version!r} removed" + _since(version, now), version.begins_at() <= now


def _since(version: AgreementVersion, now: datetime) -> str:
    return f", in force since {version.effective_from}" if version.begins_at() <= now else ""


def _edit(known: AgreementVersion, version: AgreementVersion, now: datetime) -> str:
    fields = type(version).model_fields
    names = [name for name in fields if getattr(known, name) != getattr(version, name)]
    return f"version {version.version!r} changed ({', '.join(names)}){_since(known, now)}"


def _ends_later(known: AgreementVersion, version: AgreementVersion, now: datetime) -> bool:
    """Return whether all that changes is an end that was and stays to come: no verdict was given by it."""
    ends = [one.ends_at() for one in (known, version)]
    same = known == version.model_copy(update={"effective_to": known.effective_to})
    return same and all(end is None or end > now for end in ends)


def published(settings: "Settings") -> dict[str, AnyDocument | None]:
    """Return the documents on the topic by key, the newest of each; None for one that can't be read.

    Raises:
        KafkaError: if the broker stops answering.
    """
    from holdfast import kafka

    found: dict[str, AnyDocument | None] = {}
    for record in kafka.read_all(settings, kafka.names(settings).topic(Stream.DOCUMENTS)):
        key = (record.key or b"").decode(errors="replace")
        if is_version_key(key):
            continue  # kept for the incidents that pin it; in force is what has the plain key
        if record.value is None:
            found.pop(key, None)
            continue
        try:
            found[key] = from_wire(record.value)
        except (ValueError, TypeError, AttributeError):
            found[key] = None
    return found


def kept(settings: "Settings") -> set[str]:
    """Return the keys of the versions of policies that the topic keeps.

    Raises:
        KafkaError: if the broker stops answering.
    """
    from holdfast import kafka

    records = kafka.read_all(settings, kafka.names(settings).topic(Stream.DOCUMENTS))
    keys = ((record.key or b"").decode(errors="replace") for record in records)
    return {key for key in keys if is_version_key(key)}


def publish(
    publisher: "Publisher",
    wanted: Iterable[AnyDocument],
    differences: Iterable[Difference],
    *,
    prune: bool,
    before: Iterable[AnyDocument | None] = (),
    kept: Iterable[str] = (),
) -> None:
    """Send what is new or changed, and with ``prune`` a tombstone for each document that is gone.

    Each version of a policy goes out under a key of its own too, before it comes into force, and stays for good; so
    does the one that was in force ``before``, which an earlier release may have published without. Those ``kept``
    already, by key, are not sent again.

    Raises:
        KafkaError: if a record is not acknowledged; applying again is safe.
    """
    mine = {document_key(one): one for one in wanted}
    policies = (one for one in (*before, *mine.values()) if isinstance(one, EscalationPolicy))
    versions = {version_key(one): one for one in policies}
    for key in sorted(versions.keys() - set(kept)):
        publisher.send(Stream.DOCUMENTS, key, to_wire(versions[key]))
    for one in differences:
        if one.change in (Change.NEW, Change.CHANGED):
            publisher.send(Stream.DOCUMENTS, one.key, to_wire(mine[one.key]))
        elif one.change is Change.GONE and prune:
            publisher.send(Stream.DOCUMENTS, one.key, None)
    publisher.flush()
