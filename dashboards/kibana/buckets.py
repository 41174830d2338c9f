"""What splits documents into rows, columns and series: time, terms, filters, ranges. Pure."""

from typing import Annotated, Any, Literal

from pydantic import Field

from dashboards.kibana.parts import Kql, Part, compact, dump


class ByTime(Part):
    """Buckets of equal time; Kibana chooses the length unless one is given (``1M`` is a calendar month)."""

    operation: Literal["date_histogram"] = "date_histogram"
    field: str
    suggested_interval: Literal["auto", "1h", "1d", "1w", "1M"] = "auto"
    label: str | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the bucket as the API writes it."""
        return dump(self)


class RankByFigure(Part):
    """Order of terms: by one of the panel's figures."""

    type: Literal["metric"] = "metric"
    metric_index: int = 0
    direction: Literal["asc", "desc"] = "desc"


class RankByName(Part):
    """Order of terms: by name."""

    type: Literal["alphabetical"] = "alphabetical"
    direction: Literal["asc", "desc"] = "asc"


class Missing(Part):
    """A bucket for documents without the field; without it nested rows lose them."""

    include_documents_without_field: Literal[True] = True


class ByTerms(Part):
    """A bucket for each of a field's most frequent, or otherwise first, values."""

    operation: Literal["terms"] = "terms"
    fields: tuple[str, ...] = Field(min_length=1, max_length=1)
    limit: int = 10
    rank_by: RankByFigure | RankByName = RankByFigure()
    other_bucket: Missing | None = None
    label: str | None = None
    colors: tuple[tuple[str, str], ...] = ()
    """(value, colour): of a breakdown and of a table's rows."""

    def to_api(self) -> dict[str, Any]:
        """Return the bucket as the API writes it, without its colours."""
        return dump(self, exclude={"colors"})

    def to_colored_api(self) -> dict[str, Any]:
        """Return the bucket as the API writes it where it may have colours."""
        mapping = [{"values": [value], "color": {"type": "color_code", "value": color}} for value, color in self.colors]
        color = {"mode": "categorical", "palette": "default", "mapping": mapping} if mapping else None
        return compact({**self.to_api(), "color": color})


class Named(Part):
    """A filter and what it is called."""

    label: str
    filter: Kql


class ByFilters(Part):
    """A bucket for each of several filters; a document may be in more than one."""

    operation: Literal["filters"] = "filters"
    filters: tuple[Named, ...] = Field(min_length=1)
    label: str | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the bucket as the API writes it."""
        return dump(self)


class Range(Part):
    """Numbers from ``low``, inclusive, to ``high``, exclusive: so Kibana asks Elasticsearch, whatever its names say."""

    label: str
    low: float | None = None
    high: float | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the range as the API writes it."""
        return compact({"label": self.label, "gt": self.low, "lte": self.high})


class ByRange(Part):
    """A bucket for each of several ranges of a number."""

    operation: Literal["range"] = "range"
    field: str
    ranges: tuple[Range, ...] = Field(min_length=1)
    label: str | None = None

    def to_api(self) -> dict[str, Any]:
        """Return the bucket as the API writes it."""
        return {**dump(self, exclude={"ranges"}), "ranges": [one.to_api() for one in self.ranges]}


Bucket = Annotated[ByTime | ByTerms | ByFilters | ByRange, Field(discriminator="operation")]
Split = Annotated[ByTerms | ByFilters, Field(discriminator="operation")]


def colored(bucket: Bucket) -> dict[str, Any]:
    """Return a bucket as the API writes it in a place where terms may have colours."""
    return bucket.to_colored_api() if isinstance(bucket, ByTerms) else bucket.to_api()
