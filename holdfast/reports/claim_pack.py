"""The claim of credits: what is due for which month, with the outages that show it, as CSV and JSON. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

import orjson

from holdfast.availing import Credited
from models.agreement import Agreement
from models.credits import Credit, Line
from models.instants import format_instant

COLUMNS = (
    "agreement", "agreement_version", "month", "service", "availability_percent", "agreed_percent", "tier_below",
    "tier_credit_percent", "line_credit", "month_credit", "currency", "claim_by", "state", "down_from", "down_until",
    "weight", "incident_ids",
)  # fmt: skip
"""One line an outage of a service that a credit is due for; without any, one of the service."""


def claim_json(agreement: Agreement, found: Iterable[Credit], as_of: datetime) -> bytes:
    """Return the credits as JSON lines, as ``holdfast credits --json`` has them."""
    return b"".join(orjson.dumps(Credited(agreement, one, as_of).line()) + b"\n" for one in found)


def claim_csv(claims: Iterable[tuple[Agreement, Credit]]) -> str:
    """Return the credits with their outages as CSV with a header; instants RFC 3339 in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for agreement, one in claims:
        for line in one.lines:
            writer.writerows(_rows(agreement, one, line))
    return out.getvalue()


def _rows(agreement: Agreement, one: Credit, line: Line) -> Iterator[list[str]]:
    figure = line.found.figures[line.side]
    head = [
        agreement.id,
        one.period.version.version,
        str(one.period.month),
        line.found.promise.service,
        "" if figure.percent is None else f"{figure.percent:f}",
        str(line.found.promise.objective),
        "" if line.tier is None else str(line.tier.below),
        "" if line.tier is None else str(line.tier.credit),
        str(line.amount),
        str(one.amount),
        one.currency or "",
        "" if one.claim_by is None else format_instant(one.claim_by),
        one.state.value,
    ]
    if not figure.stretches:
        yield [*head, "", "", "", ""]
    for stretch in figure.stretches:
        down = [format_instant(stretch.begin), format_instant(stretch.end), str(stretch.weight)]
        yield [*head, *down, " ".join(stretch.incident_ids)]
