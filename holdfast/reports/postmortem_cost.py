"""What an incident cost, and how it compares with the provider's own past. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from holdfast.reports.blocks import Block, Callout, Heading, Paragraph, Table, Words
from holdfast.reports.record import Record
from holdfast.reports.words import CLAIMS, NONE, clocks, money, percent, plain, refs, seconds, text
from models.credits import Credit
from models.figures import ENOUGH, percentile
from models.instants import format_instant
from models.outage import Outage
from models.records import Basis, ClockDocument, Objective, Verdict

MINUTE = timedelta(minutes=1)
HOUR_S = Decimal(3600)


def cost_blocks(record: Record) -> Iterator[Block]:
    """Yield minutes of downtime by basis, their cost where services have one, and the credits of their months."""
    yield Heading("What it cost")
    per_hour = _per_hour(record)
    rows = []
    for basis in Basis:
        found = record.outages(basis)
        if found:
            lasted = sum((_lasted(one, record.as_of) for one in found), timedelta())
            named = refs("incidents", [record.incident.incident_id])
            cost = NONE if per_hour is None else str(_cost(lasted, per_hour))
            rows.append((text(basis.value), Words(f"{lasted / MINUTE:.1f}", named), text(cost)))
    if rows:
        note = "not known" if per_hour is None else f"{per_hour} an hour"
        columns = ("Basis", "Minutes down", f"Cost ({note})")
        yield Table("Downtime", columns, tuple(rows), frozenset({1, 2}))
    yield from _credits(record)


def _per_hour(record: Record) -> Decimal | None:
    """Return what an hour without the services costs, by the provider's document; None where it says nothing."""
    if record.provider is None:
        return None
    services = record.provider.services
    named = record.incident.services or tuple(services)
    costs = [services[name].downtime_cost_per_hour for name in named if name in services]
    known = [one for one in costs if one is not None]
    return sum(known, Decimal(0)) if known else None


def _lasted(one: Outage, as_of: datetime) -> timedelta:
    end = as_of if one.end is None else one.end.latest or one.end.earliest
    return max(timedelta(), end - one.begin.earliest)


def _cost(lasted: timedelta, per_hour: Decimal) -> Decimal:
    exact = per_hour * Decimal(lasted // timedelta(seconds=1)) / HOUR_S
    return exact.quantize(Decimal("0.01"))


def _credits(record: Record) -> Iterator[Block]:
    if not record.credits:
        yield Paragraph(text("No credit rests on it: its downtime counts in no month whose agreement pays credits."))
        return
    rows = tuple(_credit(one, record) for one in record.credits)
    columns = ("Month", "Services", "Fee", "Credit of the month", "Claim until", "State")
    yield Table("Credits of the months in which its downtime counts", columns, rows, frozenset({2, 3}))
    yield Callout(
        "Candidate", text("The credit is that of the whole month, with all incidents; the yearly cap is not looked at.")
    )


def _credit(one: Credit, record: Record) -> tuple[Words, ...]:
    mine = [line for line in one.lines if record.incident.incident_id in line.incident_ids]
    services = ", ".join(
        f"{line.found.promise.service} {NONE if (p := line.found.figures[line.side].percent) is None else f'{p:f} %'}"
        for line in mine
    )
    incidents = sorted({name for line in mine for name in line.incident_ids})
    return (
        text(one.period.month),
        Words(services, refs("incidents", incidents)),
        text(money(one.fee, one.currency)),
        text(money(one.amount, one.currency)),
        text(NONE if one.claim_by is None else format_instant(one.claim_by)),
        text(CLAIMS[one.state]),
    )


def past_blocks(record: Record) -> Iterator[Block]:
    """Yield how each objective compares with the provider's earlier incidents at the same priority."""
    yield Heading("Beside the provider's own past")
    mine = [one for one in record.matter.agreed if _is_comparable(one)]
    rows = [row for one in mine for row in [_beside(one, record.past)]]
    if not rows:
        yield Paragraph(text("No clock of it has stopped that could be compared."))
        return
    columns = ("Objective", "This time", "n before", "Median before", "p90 before", "Met before", "Longer than")
    yield Table("Earlier incidents at the same priority, agreed basis", columns, tuple(rows), frozenset(range(1, 7)))


def _is_comparable(one: ClockDocument) -> bool:
    is_single = one.objective is not Objective.UPDATE and one.ordinal == 0
    return is_single and one.verdict in (Verdict.MET, Verdict.BREACHED) and one.elapsed_max_s is not None


def _beside(mine: ClockDocument, past: Sequence[ClockDocument]) -> tuple[Words, ...]:
    """Compare one clock with earlier ones; below five there are no figures (measurement.md §11)."""
    before = [one for one in past if one.objective is mine.objective and one.priority == mine.priority]
    lengths = [one.elapsed_max_s for one in before if one.elapsed_max_s is not None]
    shorter = sum(1 for one in lengths if one < (mine.elapsed_max_s or 0))
    enough = len(lengths) >= ENOUGH
    met = sum(1 for one in before if one.verdict is Verdict.MET)
    why_not = "not enough data"
    return (
        text(plain(mine.objective.value)),
        Words(seconds(mine.elapsed_max_s), clocks([mine])),
        Words(str(len(lengths)), clocks(before)),
        text(seconds(percentile(lengths, 0.5)) if enough else why_not),
        text(seconds(percentile(lengths, 0.9)) if enough else why_not),
        text(percent(met / len(before)) if enough else why_not),
        text(percent(shorter / len(lengths)) + " of them" if enough else why_not),
    )
