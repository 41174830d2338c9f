"""What the catalogue is made of: fields and kinds of documents, as frozen values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any


class FieldType(StrEnum):
    """What a field holds, and what Elasticsearch can do with it."""

    KEYWORD = "keyword"
    """A word: found, sorted and counted as a whole."""
    TEXT = "text"
    """Prose: found by its words; counted as a whole by its ``.keyword``."""
    DATE = "date"
    DAY = "day"
    """A date without a time."""
    DOUBLE = "double"
    INTEGER = "integer"
    LONG = "long"
    BOOLEAN = "boolean"
    BINARY = "binary"
    """Bytes in base64: stored, not searched."""
    GEO_POINT = "geo_point"
    OBJECT = "object"
    """Fields of its own; of many, each field is searched by itself."""
    NESTED = "nested"
    """Fields of its own; of many, each one is searched as a whole, too."""
    STORED = "stored"
    """An object of any shape: stored, not searched."""


class Unit(StrEnum):
    """What a number or a time counts."""

    NONE = "none"
    INSTANT = "UTC"
    DAY = "day"
    SECONDS = "s"
    MILLISECONDS = "ms"
    SHARE = "0 to 1"
    PERCENT = "%"
    COUNT = "count"
    RATIO = "ratio"
    PER_HOUR = "1/h"
    PER_MONTH = "1/month"
    KILOMETRES = "km"
    DEGREES = "° WGS 84"


Words = type[StrEnum] | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a document."""

    name: str
    type: FieldType
    unit: Unit = Unit.NONE
    meaning: str
    """In one or two sentences, at most 300 characters: Kibana shows no more."""
    example: Any = None
    """A value as it stands in JSON; of one with fields of its own theirs are taken."""
    ecs: str | None = None
    """Its name in the Elastic Common Schema, under which it is found as well."""
    words: Words = ()
    """The closed list that its value is of; empty: any."""
    many: bool = False
    """True for a list, which may be empty."""
    nullable: bool = False
    absent: bool = False
    """True where documents of earlier releases may lack it."""
    fields: tuple["Field", ...] = ()
    """Its own fields, of ``object`` and ``nested``."""
    shape: Mapping[str, Any] | None = None
    """JSON schema of one value, of ``stored``."""

    @property
    def closed_list(self) -> tuple[str, ...]:
        """Return the words that it may hold; none where any will do."""
        return tuple(str(word) for word in self.words)

    @property
    def sample(self) -> Any:
        """Return the example as it stands in a document."""
        if not self.fields:
            return self.example
        one = {field.name: field.sample for field in self.fields}
        return [one] if self.many else one


class Writes(StrEnum):
    """How documents of a kind get into the index."""

    CURRENT = "current"
    """They change: one index, and the highest revision wins."""
    MONTHLY = "monthly"
    """They never change: created once, in an index for each month of their own time."""
    DERIVED = "derived"
    """They are computed from the others and are on no topic: one index, written over by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document, and the index that it stands in."""

    name: str
    """Of the index, without the prefix."""
    meaning: str
    writes: Writes
    identity: tuple[str, ...]
    """What ``_id`` is: one field, or the fields that it is a hash of."""
    dated_by: tuple[str, ...]
    """What ``@timestamp`` is: the first of these that is not null."""
    keep_months: int | None
    """For how long ``holdfast retention`` keeps it unless told otherwise; None: with the incident, or for good."""
    fields: tuple[Field, ...]


keyword = partial(Field, type=FieldType.KEYWORD)
text = partial(Field, type=FieldType.TEXT)
instant = partial(Field, type=FieldType.DATE, unit=Unit.INSTANT)
day = partial(Field, type=FieldType.DAY, unit=Unit.DAY)
seconds = partial(Field, type=FieldType.DOUBLE, unit=Unit.SECONDS)
share = partial(Field, type=FieldType.DOUBLE, unit=Unit.SHARE)
ratio = partial(Field, type=FieldType.DOUBLE, unit=Unit.RATIO)
count = partial(Field, type=FieldType.INTEGER, unit=Unit.COUNT)
number = partial(Field, type=FieldType.INTEGER)
yes_or_no = partial(Field, type=FieldType.BOOLEAN)
