"""Panels drawn without Kibana: every kind, every board, and the page that they are put on."""

import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.kibana import picture
from dashboards.kibana.boards import BOARDS
from dashboards.kibana.colors import BREACHED, MET
from dashboards.kibana.drawing import Answers, draw
from dashboards.kibana.drawing_charts import Window
from dashboards.kibana.drawing_tables import Size
from dashboards.kibana.drawing_values import shown, told
from dashboards.kibana.models import (
    ALL,
    PERCENT,
    Amount,
    ByTerms,
    ByTime,
    Chart,
    Color,
    Count,
    Documents,
    Figure,
    Gauge,
    Grid,
    Headline,
    Heatmap,
    Layer,
    Map,
    Markdown,
    Metric,
    Number,
    Panel,
    Percentile,
    Ratio,
    ReferenceLines,
    Sort,
    Source,
    Span,
    Statistic,
    Symbol,
    Table,
    Threshold,
    Vega,
    by_value,
)
from dashboards.kibana.readings import readings_of
from models.topics import Names
from tests.support.drawings import DAYS, marks, not_numbers, rows

NAMES = Names("t")
MAY = Window(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 31, tzinfo=UTC), timedelta(days=1))
ROOM = Size(500, 220)
HERE = Source(ref_id="t-clocks")
GRID = Grid(x=0, y=0, w=24, h=10)
WORDS = {"title": "Clocks, now", "description": "All."}
COUNT = Count(label="Clocks", format=Number())
LENGTH = Percentile(field="elapsed_min_s", percentile=50, label="Median", format=Span())
TERMS = ByTerms(fields=("provider",), label="Provider")


def _drawn(config: Any, *found: Any) -> dict[str, Any]:
    spec = draw(Panel(id="one", grid=GRID, config=config), Answers(rows=found), ROOM, MAY)
    return {**spec, "width": ROOM.width, "height": ROOM.height}


def _texts(config: Any, *found: Any) -> list[str]:
    return [str(one["text"]) for one in marks(_drawn(config, *found)) if one["marktype"] == "text"]


@pytest.mark.parametrize("own", BOARDS)
def test_every_panel_of_every_board_is_drawn_without_nan_or_warning(
    own: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for panel in BOARDS[own](NAMES).panels:
        if isinstance(panel.config, Vega):
            continue  # test_vega
        size = picture.room_of(panel.config.title, panel.grid)
        spec = draw(panel, Answers(rows=tuple(rows(one) for one in readings_of(panel))), size, MAY)
        found = marks({**spec, "width": size.width, "height": size.height})
        assert found, panel.id
        assert not_numbers(found) == [], panel.id
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("own", BOARDS)
def test_every_panel_of_every_board_is_drawn_where_nothing_was_found(own: str) -> None:
    for panel in BOARDS[own](NAMES).panels:
        if not isinstance(panel.config, Vega):
            size = picture.room_of(panel.config.title, panel.grid)
            empty = Answers(rows=tuple([] for _ in readings_of(panel)))
            found = marks({**draw(panel, empty, size, MAY), "width": size.width, "height": size.height})
            assert not_numbers(found) == [], panel.id


@pytest.mark.parametrize(
    ("value", "figure", "words"),
    [
        (None, COUNT, "-"),
        (1204, COUNT, "1,204"),
        (9000.0, LENGTH, "2h30m"),
        (0.931, Ratio(numerator=Amount(), format=PERCENT), "93.1%"),
        (12.5, Statistic(operation="max", field="radius_km", format=Number(decimals=1, suffix=" km")), "12.5 km"),
        ("2026-05-03T10:00:30.000Z", Statistic(operation="min", field="due_at"), "2026-05-03 10:00"),
    ],
    ids=["none", "a count", "a length", "a share", "a unit", "an instant"],
)
def test_a_figure_is_read_as(value: Any, figure: Figure, words: str) -> None:
    assert shown(value, figure) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a", "b"], "a, b"),
        ("", "-"),
        (None, "-"),
        (3, "3"),
        (0.5, "0.5"),
        ("no-time-T", "no-time-T"),
        (f"clocks/{'0a' * 16}", "clocks/0a0a0a0a…"),
    ],
)
def test_a_value_of_a_document_is_read_as(value: Any, words: str) -> None:
    assert told(value) == words


def test_a_tile_shows_its_figure_its_name_and_its_n() -> None:
    headlines = (Headline(figure=Ratio(label="Kept", numerator=Amount())), Headline(figure=COUNT, primary=False))
    config = Metric(**WORDS, data_source=HERE, headlines=headlines)
    assert _texts(config, [((), (0.5, 40))]) == ["50.0%", "Kept", "Clocks: 40"]


def test_a_tile_has_the_colour_of_its_value() -> None:
    counted = COUNT.model_copy(update={"color": by_value(MET, (1, BREACHED))})
    config = Metric(**WORDS, data_source=HERE, headlines=(Headline(figure=counted),))
    colors = [
        next(one["fill"] for one in marks(_drawn(config, [((), (value,))])) if one["marktype"] == "rect")
        for value in (0, 1)
    ]
    assert colors == [MET, BREACHED]


def test_a_table_counts_the_lines_that_have_no_room() -> None:
    config = Table(**WORDS, data_source=HERE, rows=(TERMS,), metrics=(COUNT,))
    found = [((f"provider {number}",), (number,)) for number in range(100)]
    shown_lines = [text for text in _texts(config, found) if text.startswith("provider")]
    assert f"and {100 - len(shown_lines)} more" in _texts(config, found)


def test_a_split_table_has_a_column_for_each_value_and_gaps_where_there_is_none() -> None:
    config = Table(**WORDS, data_source=HERE, rows=(TERMS,), metrics=(COUNT,), split_metrics_by=(TERMS,))
    found = [(("nimbus", "met"), (3,)), (("nimbus", "late"), (1,)), (("polaris", "late"), (7,))]
    texts = _texts(config, found)
    assert {"met, Clocks", "late, Clocks"} <= set(texts)
    assert sorted(text for text in texts if text.isdigit()) == ["1", "3", "7"]


def test_documents_are_lines_and_an_empty_table_says_so() -> None:
    config = Documents(**WORDS, data_source=HERE, columns=("who", "title.keyword"), sort=(Sort(name="who"),))
    assert sorted(_texts(config, [((), ("ana", ("a", "b")))])) == ["a, b", "ana", "title", "who"]
    assert "nothing" in _texts(config, [])


def test_where_room_is_short_names_are_cut_and_instants_are_whole() -> None:
    columns = ("said_at", "late_s", "met_share", *(f"field{number}" for number in range(7)))
    config = Documents(**WORDS, data_source=HERE, columns=columns, sort=(Sort(name="said_at"),))
    found = _texts(config, [((), ("2026-05-01T09:05:00Z", 5400, 0.25, *(["a name that is long"] * 7)))])
    assert {"2026-05-01 09:05", "1h30m", "25.0%"} <= set(found)
    assert "a name that is long" not in found


def test_an_axis_that_fits_begins_where_its_lines_do_and_not_at_zero() -> None:
    day = ByTime(field="@timestamp", label="Day")
    lines = Layer(type="line", data_source=HERE, x=day, y=(Statistic(operation="max", field="share", label="Met"),))
    bars = Layer(type="bar", data_source=HERE, x=day, y=(Count(label="n"),), axis="y2")
    chart = Chart(**WORDS, layers=(bars, lines), fits=True)
    spec = _drawn(chart, [((DAYS[0],), (7,))], [((DAYS[0],), (0.99,))])
    right, left = (side["layer"][0]["encoding"]["y"] for side in spec["layer"])
    assert (left["scale"], "scale" in right) == ({"zero": False}, False)


def test_a_line_of_lengths_is_counted_in_hours_and_its_limit_too() -> None:
    limit = Threshold(value=7200, label="target", color=Color(color=BREACHED))
    config = Chart(
        **WORDS,
        layers=(
            Layer(type="line", data_source=HERE, x=ByTime(field="@timestamp"), y=(LENGTH,)),
            ReferenceLines(data_source=HERE, thresholds=(limit,)),
        ),
    )
    spec = _drawn(config, [((day,), (3600.0 * number,)) for number, day in enumerate(DAYS[:6], 1)])
    assert [one["value"] for one in spec["layer"][0]["data"]["values"]] == [1, 2, 3, 4, 5, 6]
    assert spec["layer"][1]["encoding"]["y"]["datum"] == 2
    assert [one["text"] for one in marks(spec) if one["marktype"] == "text"] == ["target"]


def test_a_breakdown_has_the_colours_that_it_names() -> None:
    split = ByTerms(fields=("verdict",), colors=(("met", MET), ("breached", BREACHED)))
    config = Chart(
        **WORDS,
        layers=(Layer(type="bar_horizontal_stacked", data_source=HERE, x=TERMS, y=(COUNT,), breakdown_by=split),),
    )
    found = marks(_drawn(config, [(("nimbus", "breached"), (2,)), (("nimbus", "met"), (5,))]))
    assert {one["fill"] for one in found} == {MET, BREACHED}
    assert sum(one["width"] for one in found) == pytest.approx(7 * found[0]["width"] / 2, rel=0.3)


def test_a_heatmap_has_a_cell_for_each_pair_and_a_gauge_its_goal() -> None:
    heat = Heatmap(**WORDS, data_source=HERE, x=TERMS, y=TERMS, metric=COUNT)
    cells = marks(_drawn(heat, [((x, y), (3,)) for x in "abc" for y in "de"]))
    assert len(cells) == 6
    gauge = Gauge(**WORDS, data_source=HERE, metric=Ratio(label="Kept", numerator=Amount()), high=1, goal=0.9)
    assert _texts(gauge, [((), (0.5,))]) == ["50.0%", "Kept. goal 90.0%"]


def test_words_lose_their_marks_and_are_broken_to_fit() -> None:
    config = Markdown(**WORDS, content="**Actions** are in [the report](#/x): `holdfast postmortem ID`. " * 3)
    texts = _texts(config)
    assert len(texts) > 1
    assert texts[0].startswith("Actions are in the report: holdfast postmortem ID.")


def test_a_map_without_its_ground_shows_points_where_there_are_any() -> None:
    layer = Symbol(label="x", data_source=HERE, query=ALL, geo_field="location", tooltips=("title",), color=MET)
    places = [{"coordinates": [8.7, 50.1], "type": "Point"}, {"lat": 1.0, "lon": 2.0}, None]
    found = marks(_drawn(Map(**WORDS, layers=(layer,)), [((), (place, "Storm")) for place in places]))
    assert [one["marktype"] for one in found] == ["symbol", "symbol", "text"]


def _board() -> str:
    config = Chart(**WORDS, layers=(Layer(type="bar", data_source=HERE, x=ByTime(field="@timestamp"), y=(COUNT,)),))
    spec = _drawn(config, [((day,), (3,)) for day in DAYS])
    clipped = {**spec, "layer": [{**spec["layer"][0], "mark": {"type": "line", "clip": True}}]}
    return picture.board(
        "A <board>", "May & June", [picture.Drawn(f"Panel {x}", Grid(x=x, y=0, w=24, h=8), clipped) for x in (0, 24)]
    )


def test_two_panels_share_no_clip_path_and_titles_are_escaped() -> None:
    drawn = _board()
    names = re.findall(r'id="([^"]+)"', drawn)
    assert len(names) == len(set(names)) >= 2
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(names)
    assert "A &lt;board&gt;" in drawn


def test_the_same_board_has_the_same_bytes() -> None:
    assert picture.png(_board()) == picture.png(_board())


def test_a_picture_is_packed_without_a_pixel_changed() -> None:
    vl_convert = pytest.importorskip("vl_convert")
    drawn = _board()
    loose = bytes(vl_convert.svg_to_png(drawn))
    packed = picture.png(drawn)
    assert len(packed) < len(loose) / 2
    assert _opaque(_pixels(packed), 3, packed) == _opaque(_pixels(loose), 4, loose)
    assert bytes(vl_convert.svg_to_png(picture.sheet("All", [("one", packed)], 1, 300)))[:8] == packed[:8]


def _pixels(content: bytes) -> bytes:
    """Return the pixels of a PNG, each chunk's checksum checked."""
    at, found = 8, b""
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(content[at + 8 + length : at + 12 + length])
        found += body if kind == b"IDAT" else b""
        at += length + 12
    return zlib.decompress(found)


def _opaque(pixels: bytes, each: int, content: bytes) -> list[bytes]:
    """Return the rows of red, green and blue, by PNG's filters 0 (plain) and 1 (differences to the left)."""
    line = 1 + each * int.from_bytes(content[16:20])
    found = []
    for start in range(0, len(pixels), line):
        row, was = pixels[start + 1 : start + line], [0] * each
        plain = bytearray()
        for at in range(0, len(row), each):
            was = [(was[n] * pixels[start] + row[at + n]) & 255 for n in range(each)]
            assert each == 3 or was[3] == 255, "opaque"
            plain += bytes(was[:3])
        found.append(bytes(plain))
    return found


def test_a_long_title_has_two_lines_and_takes_their_room_from_the_drawing() -> None:
    narrow = Grid(x=0, y=0, w=8, h=5)
    assert picture.room_of("Short, now", narrow).height - picture.room_of("A long title, " * 4, narrow).height == 13
