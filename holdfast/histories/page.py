"""Keeps docs/findings.md true: fills its tables and every marked figure from the figures of today. Pure.

Two kinds of marks, both invisible on the web: ``<!-- table: NAME -->`` ... ``<!-- end -->`` holds a table of
``holdfast.histories.blocks``; ``<!--=PATH FORM-->text<!---->`` holds one figure, named by its place in the JSON of
``holdfast findings --json`` (``github/overview/imported``; of a list, the row with ``key=value,key=value``).
"""

import re
from collections.abc import Callable
from typing import Any

from holdfast.histories.blocks import BLOCKS, Report
from holdfast.histories.words import count, hours, percent, span

_TABLE = re.compile(r"(<!-- table: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FIGURE = re.compile(r"(<!--=([^<>]+) (\w+)-->).*?(<!---->)", re.DOTALL)
_FORMS: dict[str, Callable[[Any], str]] = {
    "count": count,
    "percent": percent,
    "span": span,
    "hours": hours,
    "text": str,
    "rows": lambda found: count(len(found)),
}


class PageError(ValueError):
    """A mark names what the figures do not hold; the message says which."""


def refresh(text: str, report: Report) -> str:
    """Return the page with every table and figure as the report has them. Same input, same output.

    Raises:
        PageError: if a mark names a table, a figure or a form that there is not.
    """
    text = _TABLE.sub(lambda match: f"{match[1]}{_block(match[2], report)}\n{match[3]}", text)
    return _FIGURE.sub(lambda match: f"{match[1]}{_figure(match[2], match[3], report)}{match[4]}", text)


def _block(name: str, report: Report) -> str:
    if name not in BLOCKS:
        raise PageError(f"no table {name!r}; there are {', '.join(BLOCKS)}")
    return BLOCKS[name](report)


def _figure(path: str, form: str, report: Report) -> str:
    if form not in _FORMS:
        raise PageError(f"{path}: no form {form!r}; there are {', '.join(_FORMS)}")
    found: Any = report
    for step in path.split("/"):
        found = _step(found, step, path)
    return str(_FORMS[form](found))


def _step(found: Any, step: str, path: str) -> Any:
    if isinstance(found, list):
        asked = dict(part.partition("=")[::2] for part in step.split(","))
        rows = [row for row in found if all(str(row.get(key)) == value for key, value in asked.items())]
        if len(rows) != 1:
            raise PageError(f"{path}: {len(rows)} rows are {step!r}")
        return rows[0]
    if not isinstance(found, dict) or step not in found:
        raise PageError(f"{path}: no {step!r}")
    return found[step]
