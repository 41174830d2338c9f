"""Rows of metric panels, which boards begin with. Pure."""

from collections.abc import Sequence

from dashboards.kibana.common import source
from dashboards.kibana.models import WIDTH, Figure, Grid, Headline, Kql, Metric, Panel
from models.topics import Names

HIGH = 5
"""Rows of the grid."""


def tile(
    names: Names, view: str, title: str, query: Kql, *figures: Figure, description: str = "", free: bool = False
) -> Metric:
    """Return a metric panel.

    Args:
        names: of the installation.
        view: own name of the data view.
        title: says the window.
        query: of the documents; it is the description too, unless that is given.
        figures: the large one, and one beside it.
        description: in words.
        free: its index has not the fields of the board's controls.
    """
    headlines = tuple(Headline(figure=figure, primary=number == 0) for number, figure in enumerate(figures))
    return Metric(
        title=title,
        description=description or query.expression or "All documents.",
        data_source=source(names, view),
        query=query,
        headlines=headlines,
        ignore_global_filters=True if free else None,
    )


def row_of(tiles: Sequence[tuple[str, Metric]], y: int) -> tuple[Panel, ...]:
    """Return panels of equal width, side by side from row ``y`` on: (id, tile)."""
    width = WIDTH // len(tiles)
    return tuple(
        Panel(id=name, grid=Grid(x=number * width, y=y, w=width, h=HIGH), config=config)
        for number, (name, config) in enumerate(tiles)
    )
