"""Boards drawn from the index without Kibana, and the pictures that docs/dashboards.md shows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.kibana.boards import BOARDS
from holdfast.cli import build
from holdfast.sample_index import NAMES, TakenError, sample_index
from holdfast.sheets import Sheet, at_instant, fullest_incident
from tests.support.seeded import Seeded

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = DOCS / "images" / "dashboards"
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "pinned"),
    [
        ("now", "2026-05-01T00:00:00Z||"),
        ({"range": {"due_at": {"lt": "now+30m"}}}, {"range": {"due_at": {"lt": "2026-05-01T00:00:00Z||+30m"}}}),
        (["now-1d/d", 3, None], ["2026-05-01T00:00:00Z||-1d/d", 3, None]),
        ("nowhere", "nowhere"),
    ],
    ids=["the present", "in a query", "in a list", "another word"],
)
def test_now_is_an_instant_of_ours(part: Any, pinned: Any) -> None:
    assert at_instant(part, AT) == pinned


def test_every_board_has_a_picture_in_the_docs_and_all_are_small() -> None:
    page = (DOCS / "dashboards.md").read_text(encoding="utf-8")
    sizes = {path.stem: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert set(sizes) == {*BOARDS, "contact-sheet"}
    assert [own for own in sizes if f"](images/dashboards/{own}.png)" not in page] == []
    assert max(sizes.values()) < 250_000
    assert sum(sizes.values()) < 1_500_000


def test_a_board_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    found = CliRunner().invoke(build(), ["dashboards", "sheet", "--out", str(tmp_path), "--board", "weather"])
    assert found.exit_code == 2
    assert "live-operations" in found.output


@pytest.mark.live
def test_a_board_is_drawn_from_the_index_and_the_same_again(seeded: Seeded) -> None:
    pytest.importorskip("vl_convert")
    drawer = Sheet(seeded.client, seeded.names, seeded.now, fullest_incident(seeded.client, seeded.names))
    board = BOARDS["postmortem-timeline"](seeded.names)
    first = drawer.picture(board)
    assert first[1:4] == b"PNG"
    assert drawer.picture(board) == first
    assert Sheet(seeded.client, seeded.names, seeded.now, "no such incident").picture(board) != first


@pytest.mark.live
def test_indices_that_are_there_already_are_not_touched(seeded: Seeded) -> None:
    name = NAMES.index("clocks-000001")
    seeded.client.indices.create(index=name)
    try:
        with pytest.raises(TakenError, match=name), sample_index(seeded.client):
            pass
        assert seeded.client.indices.exists(index=name)
    finally:
        seeded.client.indices.delete(index=name)
