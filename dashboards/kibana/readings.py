"""What a panel asks of the index, whatever it looks like: one reading for each layer or table. Pure.

Checks, searches and drawings go over readings, so that none of them has to know every kind of panel.
"""

from dataclasses import dataclass

from dashboards.kibana.models import (
    Asking,
    Bucket,
    Chart,
    Documents,
    Figure,
    Gauge,
    Heatmap,
    Kql,
    Layer,
    Map,
    Metric,
    Panel,
    Sort,
    Source,
    Symbol,
    Table,
)


@dataclass(frozen=True)
class Reading:
    """One search of a panel."""

    source: Source
    query: Kql
    buckets: tuple[Bucket, ...] = ()
    """From the outside in."""
    figures: tuple[Figure, ...] = ()
    columns: tuple[str, ...] = ()
    """Fields to show of each document; then there are neither buckets nor figures."""
    sort: tuple[Sort, ...] = ()
    size: int = 0
    """Documents at most."""
    free: bool = False
    """The dashboard's controls do not narrow it."""


def readings_of(panel: Panel) -> tuple[Reading, ...]:
    """Return a panel's readings; none for words and links, and for Vega, whose requests hold their own search."""
    config = panel.config
    if isinstance(config, Asking):
        return tuple(_asked(config))
    if isinstance(config, Documents):
        return (
            Reading(config.data_source, config.query, (), (), config.columns, config.sort, config.rows_per_page),
        )  # fmt: skip
    if isinstance(config, Map):
        return tuple(map(_symbols, config.layers))
    return ()


def _asked(config: Asking) -> list[Reading]:
    free = config.ignore_global_filters is True
    if isinstance(config, Chart):
        layers = [one for one in config.layers if isinstance(one, Layer)]
        return [Reading(one.data_source, config.query, _split(one), one.y, free=free) for one in layers]
    assert isinstance(config, Metric | Table | Heatmap | Gauge)
    return [Reading(config.data_source, config.query, *_cells(config), free=free)]


def _split(layer: Layer) -> tuple[Bucket, ...]:
    return (layer.x,) if layer.breakdown_by is None else (layer.x, layer.breakdown_by)


def _cells(config: Metric | Table | Heatmap | Gauge) -> tuple[tuple[Bucket, ...], tuple[Figure, ...]]:
    if isinstance(config, Metric):
        tiles = () if config.breakdown_by is None else (config.breakdown_by,)
        return tiles, tuple(headline.figure for headline in config.headlines)
    if isinstance(config, Table):
        return (*config.rows, *config.split_metrics_by), config.metrics
    return (config.x, config.y) if isinstance(config, Heatmap) else (), (config.metric,)


def _symbols(layer: Symbol) -> Reading:
    shown = (layer.geo_field, *(one for one in (layer.color_field, layer.size_field) if one))
    return Reading(layer.data_source, layer.query, columns=tuple(dict.fromkeys((*shown, *layer.tooltips))), size=10_000)
