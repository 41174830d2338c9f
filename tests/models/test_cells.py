"""Cells of an answer's table, as people read them."""

import pytest

from models.cells import CELL_LENGTH, cell_text, column_title, held_columns, plain_text
from models.questions import Answer, Column


@pytest.mark.parametrize(
    ("cell", "unit", "words"),
    [
        (None, "s", "-"),
        (5400, "s", "1h30m"),
        (-90.0, "s", "-1m30s"),
        (0, "s", "0s"),
        (0.125, "share", "12.5%"),
        ("2026-05-01T12:00:00.250Z", "instant", "2026-05-01 12:00:00"),
        ("2026-05-01T12:00:00Z", "instant", "2026-05-01 12:00:00"),
        ("unknown", "s", "unknown"),
        (True, None, "yes"),
        (False, None, "no"),
        (0.1 + 0.2, None, "0.3"),
        (["web", "mail"], None, "web, mail"),
        ({"a": 1}, None, '{"a":1}'),
    ],
)
def test_a_cell_is_told_by_its_unit(cell: object, unit: str | None, words: str) -> None:
    assert cell_text(cell, Column("any", "Anything.", unit)) == words


def test_a_long_text_is_cut_and_says_so() -> None:
    assert plain_text("x" * CELL_LENGTH) == "x" * CELL_LENGTH
    assert plain_text("x" * (CELL_LENGTH + 1)) == "x" * CELL_LENGTH + "..."


@pytest.mark.parametrize(
    ("name", "unit", "title"),
    [
        ("lasted_s", "s", "lasted_s"),
        ("met", "share", "met (share)"),
        ("at", "instant", "at"),
        ("who", None, "who"),
    ],
)
def test_a_column_names_its_unit_once(name: str, unit: str | None, title: str) -> None:
    assert column_title(Column(name, "Anything.", unit)) == title


def test_a_column_that_is_empty_in_every_row_is_not_held() -> None:
    columns = tuple(Column(name, "Anything.") for name in ("always", "once", "never"))
    answer = Answer("any", {}, columns, ((1, None, None), (2, 0, None)), (), 2)
    assert held_columns(answer) == [0, 1]
