"""Figures that panels show: counts, statistics, percentiles, the last value, ratios. Pure."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dashboards.kibana.parts import LENGTH, PERCENT, Color, Kql, Number, Part, Span, Steps, compact, dump


class Measured(Part):
    """What every figure may have."""

    label: str | None = None
    filter: Kql | None = None
    """Of this figure alone, beside the panel's."""
    format: Number | Span | None = None
    time_shift: str | None = Field(default=None, pattern=LENGTH)
    """Over the chosen time, moved back by this."""
    reduced_time_range: str | None = Field(default=None, pattern=LENGTH)
    """Over this last part of the chosen time."""
    color: Color | Steps | None = None
    """``Steps`` for metrics, gauges, heatmaps and cells of tables; one colour for metrics and series."""

    def to_api(self) -> dict[str, Any]:
        """Return the figure as the API writes it."""
        return dump(self)


class Count(Measured):
    """How many documents."""

    operation: Literal["count"] = "count"


class Statistic(Measured):
    """One figure over a field's values."""

    operation: Literal["min", "max", "average", "median", "sum", "unique_count"]
    field: str


class Percentile(Measured):
    """A percentile of a field's values, as Elasticsearch estimates it (t-digest, interpolated)."""

    operation: Literal["percentile"] = "percentile"
    field: str
    percentile: float = Field(gt=0, lt=100)


class PercentileRank(Measured):
    """Which share of a field's values is at most ``rank``: a share of 1, which Kibana shows as per cent."""

    operation: Literal["percentile_rank"] = "percentile_rank"
    field: str
    rank: float


class LastValue(Measured):
    """A field's value in the latest document that has one."""

    operation: Literal["last_value"] = "last_value"
    field: str
    time_field: str
    multi_value: Literal[True] = True
    """Kibana then asks by ``top_hits``, which every Elasticsearch has."""


class Amount(Part):
    """One side of a ratio: how many documents, values, or the sum of a field, of those that a filter passes."""

    of: Literal["count", "sum", "unique_count"] = "count"
    field: str | None = None
    filter: Kql | None = None

    @model_validator(mode="after")
    def _field_where_needed(self) -> Self:
        if (self.of == "count") != (self.field is None):
            raise ValueError(f"{self.of} is {'of documents' if self.field else 'of a field'}")
        return self

    def formula(self, shift: str | None) -> str:
        """Return the side in Kibana's formula language."""
        named = [self.field] if self.field else []
        if self.filter is not None:
            named.append(f"kql='{self.filter.expression}'")
        if shift is not None:
            named.append(f"shift='{shift}'")
        return f"{self.of}({', '.join(named)})"


class Ratio(Measured):
    """One amount over another; None where the other is 0."""

    operation: Literal["ratio"] = "ratio"
    numerator: Amount
    denominator: Amount = Amount()
    complement: bool = False
    """1 less the ratio."""
    scale: float = 1.0
    """Times this, such as 1 / (1 - target) for the rate at which an error budget burns."""
    format: Number | Span | None = PERCENT

    @property
    def formula(self) -> str:
        """The figure in Kibana's formula language."""
        text = f"{self.numerator.formula(self.time_shift)} / {self.denominator.formula(self.time_shift)}"
        text = f"1 - {text}" if self.complement else text
        return text if self.scale == 1 else f"({text}) * {self.scale:.12g}"

    def to_api(self) -> dict[str, Any]:
        """Return the figure as a formula, which has its time shift inside."""
        own = dump(self, include={"label", "filter", "format", "reduced_time_range", "color"})
        return compact({"operation": "formula", "formula": self.formula, **own})


Figure = Annotated[
    Count | Statistic | Percentile | PercentileRank | LastValue | Ratio, Field(discriminator="operation")
]
