"""The part of Kibana's dashboards that we use; written for its API (9.4 and later) and as saved objects (8.19). Pure.

These models are our contract: what they do not know can't be written. They follow the published API description,
and a test holds them against it where a copy of it is at hand; no live Kibana has drawn these dashboards here.
Boards import from here: figures are in ``figures``, what splits them in ``buckets``, panels in ``charts``, ``panels``.
"""

from dashboards.kibana.buckets import (
    Bucket,
    ByFilters,
    ByRange,
    ByTerms,
    ByTime,
    Missing,
    Named,
    Range,
    RankByFigure,
    RankByName,
    Split,
)
from dashboards.kibana.charts import (
    Asking,
    Chart,
    Config,
    Gauge,
    Headline,
    Heatmap,
    Layer,
    Metric,
    ReferenceLines,
    Table,
    Threshold,
)
from dashboards.kibana.dashboard import Control, Dashboard, DataView
from dashboards.kibana.drilldowns import ToAddress, ToDashboard, to_incident_page, to_notices
from dashboards.kibana.figures import (
    Amount,
    Count,
    Figure,
    LastValue,
    Percentile,
    PercentileRank,
    Ratio,
    Statistic,
)
from dashboards.kibana.panels import (
    Documents,
    Link,
    Links,
    Map,
    Markdown,
    Panel,
    Request,
    Sort,
    Symbol,
    Vega,
)
from dashboards.kibana.parts import (
    ALL,
    PERCENT,
    WHOLE,
    WIDTH,
    Color,
    Grid,
    Kql,
    Number,
    Part,
    Source,
    Span,
    Step,
    Steps,
    by_value,
)

__all__ = [
    "ALL", "PERCENT", "WHOLE", "WIDTH", "Amount", "Asking", "Bucket", "ByFilters", "ByRange", "ByTerms", "ByTime",
    "Chart", "Color", "Config", "Control", "Count", "Dashboard", "DataView", "Documents", "Figure", "Gauge", "Grid",
    "Headline", "Heatmap", "Kql", "LastValue", "Layer", "Link", "Links", "Map", "Markdown", "Metric", "Missing",
    "Named", "Number", "Panel", "Part", "Percentile", "PercentileRank", "Range", "RankByFigure", "RankByName", "Ratio",
    "ReferenceLines", "Request", "Sort", "Source", "Span", "Split", "Statistic", "Step", "Steps", "Symbol", "Table",
    "Threshold", "ToAddress", "ToDashboard", "Vega", "by_value", "to_incident_page", "to_notices",
]  # fmt: skip
