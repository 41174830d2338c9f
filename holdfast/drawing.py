"""Charts as Vega-Lite, drawn to SVG. Pure; needs the extra ``charts``.

Colours are Okabe and Ito's, which people with any kind of colour blindness can tell apart.
"""

import re
from typing import Any

Spec = dict[str, Any]

BLUE, ORANGE, GREEN, VERMILION, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#999999"
LOOK: Spec = {
    "background": "white",
    "padding": 12,
    "font": "sans-serif",
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "#e6e6e6"},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "bottom", "labelLimit": 400, "columns": 2},
    "title": {"fontSize": 15, "anchor": "start", "subtitleFontSize": 12, "subtitleColor": "#444444", "offset": 12},
    "view": {"stroke": None},
}
_COUNTED = re.compile(r"\b(clip|gradient_)\d+\b")


def frame(width: int, height: int) -> Spec:
    """Return what every chart has in common; sizes in pixels, of the plot alone."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "config": LOOK,
    }


def svg(spec: Spec) -> str:
    """Draw a chart. Same chart, same bytes, with the same version of the renderer.

    The renderer counts clip paths and gradients over all charts of a process; here each chart's begin at nought.
    """
    import vl_convert

    drawn = str(vl_convert.vegalite_to_svg(spec)).rstrip("\n") + "\n"
    found = {match[0]: match[1] for match in _COUNTED.finditer(drawn)}
    numbers = {name: f"{kind}{position}" for position, (name, kind) in enumerate(found.items())}
    return _COUNTED.sub(lambda match: numbers[match[0]], drawn)
