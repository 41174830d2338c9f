"""Draw the curve of ``benchmarks evaluate --json``: read on stdin, SVG to the path given. Needs ``charts``. IO."""

import re
import sys
from pathlib import Path

import orjson

_STEP = re.compile(r"(.+): one more notice, up to (\d+)")


def spec(report: dict) -> dict:  # type: ignore[type-arg]
    """Return the chart as Vega-Lite."""
    found = ((_STEP.fullmatch(one["name"]), one["value"]) for one in report["figures"])
    rows = [{"mix": step[1], "notices": int(step[2]), "us": value} for step, value in found if step]
    scale = {"type": "log"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 480,
        "height": 240,
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "notices", "type": "quantitative", "scale": scale, "title": "notices in the incident"},
            "y": {"field": "us", "type": "quantitative", "title": "CPU time of one more notice (µs)"},
            "color": {"field": "mix", "type": "nominal", "title": None},
        },
    }


if __name__ == "__main__":
    import vl_convert

    Path(sys.argv[1]).write_text(vl_convert.vegalite_to_svg(spec(orjson.loads(sys.stdin.buffer.read()))) + "\n")
