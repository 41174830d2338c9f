"""The charts of docs/findings.md as Vega-Lite, drawn to SVG. Pure; needs the extra ``charts``.

Colours are Okabe and Ito's, which people with any kind of colour blindness can tell apart; lines differ by their dashes
too. Every chart names its n.
"""

from collections.abc import Callable, Iterator

from holdfast.drawing import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, Spec, frame
from holdfast.histories.blocks import DESKS, Report
from holdfast.histories.causes import ALL
from holdfast.histories.statistics import ENOUGH, Figures

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
WIDTH, HEIGHT = 560, 280
MINUTE_S, HOUR_S = 60, 3600


def charts(report: Report) -> dict[str, Spec]:
    """Return every chart by the name of its file, without the ending; the report holds all histories."""
    return {name: {**frame(WIDTH, HEIGHT), **draw(report)} for name, draw in CHARTS.items()}


def _scale(names: list[str], colours: list[str]) -> Spec:
    return {"domain": names, "range": colours[: len(names)]}


def _imported(report: Report) -> Spec:
    """How much of GitHub's history was entered afterwards."""
    row = report["github"]
    names = ["entered afterwards: proves nothing of speed", "told while it lasted"]
    values = [
        {"year": str(year["year"]), "kind": kind, "incidents": number}
        for year in row["by_year"]
        for kind, number in zip(names, (year["imported"], year["incidents"] - year["imported"]), strict=True)
        if number
    ]
    held = row["overview"]
    return {
        "title": {
            "text": "The older half of this GitHub history was written afterwards",
            "subtitle": f"Incidents by year of begin (the collection has no other years), n = {held['incidents']}, "
            f"{held['imported']} imported",
        },
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": "year", "axis": {"labelAngle": 0}},
            "y": {"field": "incidents", "type": "quantitative", "title": "incidents", "stack": True},
            "color": {"field": "kind", "scale": _scale(names, [GREY, BLUE]), "title": None},
            "order": {"field": "kind"},
        },
    }


def _curves(found: list[tuple[str, Figures, str]], unit_s: int, title: Spec, axis: str, ticks: list[float]) -> Spec:
    """Return cumulative curves over a logarithmic axis; what lies below its first tick is drawn there."""
    names = [f"{name} (n = {row['n']})" for name, row, _ in found]
    values = [
        {"page": name, "length": max(length / unit_s, ticks[0]), "share": step}
        for name, (_, row, _) in zip(names, found, strict=True)
        for step, length in enumerate(row["curve_s"], 1)
    ]
    colours = [colour for _, _, colour in found]
    return {
        "title": title,
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5, "clip": True},
        "encoding": {
            "x": {
                "field": "length", "type": "quantitative", "title": axis,
                "scale": {"type": "log", "domain": [ticks[0], ticks[-1]]}, "axis": {"values": ticks, "format": "~g"},
            },
            "y": {"field": "share", "type": "quantitative", "title": "share, %", "scale": {"domain": [0, 100]}},
            "color": {"field": "page", "scale": _scale(names, colours), "title": None, "sort": names},
            "strokeDash": {"field": "page", "scale": {"domain": names, "range": DASHES[: len(names)]}, "title": None},
        },
    }  # fmt: skip


def _first_words(report: Report) -> Spec:
    pages = (("google-2020", "Google Cloud 2019-20", BLUE), ("google-2022", "Google Cloud 2021-22", VERMILION))
    title: Spec = {
        "text": "How long after its own claimed begin Google Cloud's page first spoke",
        "subtitle": "Share of incidents that the page had told of, by minutes since the begin that it claims",
    }
    found = [(name, report[one]["first_words"], colour) for one, name, colour in pages]
    return _curves(
        found, MINUTE_S, title, "minutes since the claimed begin, logarithmic", [1, 10, 30, 60, 240, 1440, 10080]
    )


def _silences(report: Report) -> Spec:
    pages = (
        ("github", "GitHub", GREEN), ("google-2020", "Google Cloud 2019-20", BLUE),
        ("google-2022", "Google Cloud 2021-22", VERMILION), ("oracle-cloud", "Oracle Cloud", PURPLE),
    )  # fmt: skip
    title: Spec = {
        "text": "Silence while it lasts: gaps between words that say something new",
        "subtitle": "Share of ended gaps no longer than so many minutes; a stop that polls can't see is left out",
    }
    found = [(name, report[one]["silences"], colour) for one, name, colour in pages]
    return _curves(found, MINUTE_S, title, "minutes of silence, logarithmic", [1, 5, 15, 30, 60, 120, 480, 1440, 10080])


def _promises(report: Report) -> Spec:
    """How far from the time promised the next word came."""
    pages = (("google-2020", "2019-20"), ("google-2022", "2021-22"))
    names = ["in time", "late"]
    values = [
        {
            "period": f"{name}: {row['kept']} of {row['promises']} kept",
            "margin": min(max(margin / MINUTE_S, -60), 60),
            "kept": names[margin > 0],
        }
        for history, name in pages
        for row in (report[history]["words_promised"],)
        for margin in row["margins_s"]
    ]
    return {
        "title": {
            "text": "Google Cloud promises its next update, and mostly keeps it with minutes to spare",
            "subtitle": "Minutes between the time promised and the next word; an hour or more is drawn at the edge",
        },
        "data": {"values": values},
        "mark": {"type": "bar", "binSpacing": 1},
        "height": 130,
        "encoding": {
            "x": {
                "field": "margin", "bin": {"step": 5, "extent": [-60, 65]}, "type": "quantitative",
                "title": "minutes after the promised time (negative: before)",
            },
            "y": {"aggregate": "count", "type": "quantitative", "title": "promises"},
            "color": {"field": "kept", "scale": _scale(names, [BLUE, VERMILION]), "title": None},
            "row": {"field": "period", "title": None, "header": {"labelAngle": 0, "labelOrient": "top",
                    "labelAnchor": "start", "labelFontSize": 12}},
        },
    }  # fmt: skip


def _desks(report: Report) -> Spec:
    """What pauses and calendars do to the same clocks."""
    values = [one for desk in DESKS for one in _variants(report[desk])]
    kinds = ["in time", "late"]
    variants = ["as agreed", "without pauses", "around the clock"]
    return {
        "title": {
            "text": "The same tickets, three contracts: what pauses and hours decide",
            "subtitle": "Share of resolve clocks in time and late, by the agreement and by two drafts of it",
        },
        "data": {"values": values},
        "height": 110,
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "variant", "sort": variants, "title": None, "axis": {"labelLimit": 200}},
            "x": {"field": "share", "type": "quantitative", "title": "% of clocks", "scale": {"domain": [0, 100]}},
            "color": {"field": "kind", "scale": _scale(kinds, [BLUE, ORANGE]), "title": None},
            "order": {"field": "rank"},
            "row": {"field": "desk", "title": None, "header": {"labelAngle": 0, "labelOrient": "top",
                    "labelAnchor": "start", "labelFontSize": 12}},
        },
    }  # fmt: skip


def _variants(row: Figures) -> Iterator[Spec]:
    drafts = row["drafts"]
    plain, always = drafts["no-pauses"]["resolve"], drafts["around-the-clock"]["resolve"]
    clocks = plain["judged_by_both"]
    desk = f"{row['title']}, n = {clocks}"
    failed = (
        ("as agreed", plain["failed_here"]),
        ("without pauses", plain["failed_there"]),
        ("around the clock", always["failed_there"]),
    )
    for variant, late in failed:
        share = round(100 * late / clocks, 2)
        yield {"desk": desk, "variant": variant, "kind": "in time", "rank": 0, "share": round(100 - share, 2)}
        yield {"desk": desk, "variant": variant, "kind": "late", "rank": 1, "share": share}


def _causes(report: Report) -> Spec:
    """Median and p90 of major outages by cause."""
    rows = [row for row in report["us-grid"]["causes"] if row["cause"] != ALL and row["n"] >= ENOUGH]
    rows.sort(key=lambda row: -row["median_s"])
    names = [f"{row['cause']} (n = {row['n']})" for row in rows]
    values = [
        {"cause": name, "median": row["median_s"] / HOUR_S, "p90": row["p90_s"] / HOUR_S}
        for name, row in zip(names, rows, strict=True)
    ]
    y = {"field": "cause", "sort": names, "title": None, "axis": {"labelLimit": 300}}
    x: Spec = {"type": "quantitative", "scale": {"type": "log", "domain": [0.5, 500]},
               "axis": {"values": [0.5, 1, 4, 24, 72, 240], "format": "~g"}}  # fmt: skip
    marks = ((("median"), BLUE, "circle"), (("p90"), VERMILION, "diamond"))
    return {
        "title": {
            "text": "Faults are mended in hours, what storms did in days",
            "subtitle": "Hours to restoration, United States 2000 to 2016: circle median, diamond p90, dashed a day",
        },
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "rule", "color": GREY, "strokeWidth": 3},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "median", "title": "hours, logarithmic"},
                    "x2": {"field": "p90"},
                },
            },
            *(
                {
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 110,
                        "color": colour,
                        "shape": shape,
                        "opacity": 1,
                    },
                    "encoding": {"y": y, "x": {**x, "field": field, "title": "hours, logarithmic"}},
                }
                for field, colour, shape in marks
            ),
            {
                "data": {"values": [{"day": 24}]},
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": "#000000"},
                "encoding": {"x": {**x, "field": "day"}},
            },
        ],
    }


def _estimates(report: Report) -> Spec:
    """Estimated against seen, outage by outage, in hours since the claimed begin."""
    found = report["bc-hydro"]["restorations_promised"]
    words = {
        "late": "still out after the estimate", "gone_before": "gone from the map before it",
        "between_looks": "gone, but not known on which side of it",
    }  # fmt: skip
    values = [
        {**row, "kind": words[row["outcome"]], "name": f"{number}"}
        for number, row in enumerate(found["rows"], 1)
        if row["outcome"] in words
    ]
    kinds = list(words.values())
    y: Spec = {"field": "name", "sort": None, "title": "outage", "axis": {"labels": False, "ticks": False}}
    time: Spec = {
        "type": "temporal",
        "title": "time, UTC",
        "scale": {"type": "utc"},
        "axis": {"format": "%d %H:%M", "tickCount": 8},
    }
    parsed = {"begin": "date", "last_seen_out": "date", "not_listed": "date", "first": "date"}
    for value in values:
        value["first"] = value["estimates"][0]
    return {
        "title": {
            "text": "What a day of polls can say of a utility's estimates",
            "subtitle": [
                f"BC Hydro, 18 April 2025, first estimates of n = {len(values)} outages: the bar is known to be out,",
                "the thin line is between two looks, the diamond is when power was to be back",
            ],
        },
        "data": {"values": values, "format": {"parse": parsed}},
        "layer": [
            {
                "mark": {"type": "bar", "height": 8},
                "encoding": {
                    "y": y,
                    "x": {**time, "field": "begin"},
                    "x2": {"field": "last_seen_out"},
                    "color": {"field": "kind", "scale": _scale(kinds, [VERMILION, GREEN, BLUE]), "title": None},
                },
            },
            {
                "mark": {"type": "rule", "color": "#444444"},
                "encoding": {"y": y, "x": {**time, "field": "last_seen_out"}, "x2": {"field": "not_listed"}},
            },
            {
                "mark": {
                    "type": "point",
                    "shape": "diamond",
                    "filled": True,
                    "size": 80,
                    "color": "black",
                    "opacity": 1,
                },
                "encoding": {"y": y, "x": {**time, "field": "first"}},
            },
        ],
    }


CHARTS: dict[str, Callable[[Report], Spec]] = {
    "imported": _imported,
    "first-words": _first_words,
    "silences": _silences,
    "promises": _promises,
    "desks": _desks,
    "causes": _causes,
    "estimates": _estimates,
}
