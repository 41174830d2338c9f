"""Money of a period: availability, credits with the claim's deadline, and the cost of downtime beside the fee. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from holdfast.reports.blocks import Block, Callout, Heading, Paragraph, Table, Words
from holdfast.reports.words import CLAIMS, NONE, instant, money, refs, seconds, text
from models.availability import Availability
from models.credits import NOTHING, ClaimState, Credit
from models.credits import money as to_the_cent
from models.dimensions import Lookback

HOUR_S = Decimal(3600)


def money_blocks(look: Lookback, credits_due: Sequence[Credit]) -> Iterator[Block]:
    """Yield availability by service and month, what it cost, and the credits."""
    yield Heading("Availability and money")
    if not look.availabilities:
        yield Paragraph(text("No agreement promises availability for a month that ends in the period."))
        return
    rows = tuple(_row(one, look) for one in look.availabilities)
    columns = ("Month", "Service", "Agreed", "Measured", "Down", "Claimed down", "Seen down", "Cost of downtime")
    yield Table("Availability by the agreement, and downtime on all bases", columns, rows, frozenset(range(2, 8)))
    yield from _credits(credits_due, look)


def _row(one: Availability, look: Lookback) -> tuple[Words, ...]:
    figure = one.agreed
    names = sorted({name for stretch in figure.stretches for name in stretch.incident_ids})
    by_side = {side.value: float(found.downtime_s) for side, found in one.figures.items()}
    cost = cost_of([one], look)
    return (
        text(f"{one.period.month}{'' if one.is_final else ' so far'}"),
        text(one.promise.service),
        text(f"{one.promise.objective} %"),
        Words(NONE if figure.percent is None else f"{figure.percent:f} %", refs("incidents", names)),
        text(seconds(by_side["agreed"])),
        text(seconds(by_side["provider"])),
        text(seconds(by_side["strict"])),
        text(NONE if cost is None else money(cost, one.period.version.currency)),
    )


def cost_of(found: Iterable[Availability], look: Lookback) -> Decimal | None:
    """Return what the agreed downtime of services cost, by the provider's document; None where it names no cost."""
    provider = look.documents.providers.get(look.provider)
    services = {} if provider is None else provider.services
    costs = [
        service.downtime_cost_per_hour * one.agreed.downtime_s / HOUR_S
        for one in found
        if (service := services.get(one.promise.service)) is not None and service.downtime_cost_per_hour is not None
    ]
    return to_the_cent(sum(costs, Decimal(0))) if costs else None


def _credits(found: Sequence[Credit], look: Lookback) -> Iterator[Block]:
    if not found:
        yield Paragraph(text("No agreement pays credits for a month that ends in the period."))
        return
    rows = []
    for one in found:
        names = sorted({name for line in one.lines if line.amount for name in line.incident_ids})
        cost = cost_of([line.found for line in one.lines], look)
        rows.append((
            text(one.period.month),
            text(money(one.fee, one.currency)),
            text(NONE if cost is None else money(cost, one.currency)),
            Words(money(one.amount, one.currency), refs("incidents", names)),
            text(", ".join(one.limits) or NONE),
            text(NONE if one.claim_by is None else f"{instant(one.claim_by)} UTC"),
            text(CLAIMS[one.state]),
        ))  # fmt: skip
    columns = ("Month", "Fee", "Cost of downtime", "Credit", "Limits", "Claim until", "State")
    yield Table("Cost of downtime beside the fee and the credit", columns, tuple(rows), frozenset({1, 2, 3}))
    claimable = [one for one in found if one.state is ClaimState.OPEN and one.amount > NOTHING]
    for one in claimable:
        until = "without a limit" if one.claim_by is None else f"until {instant(one.claim_by)} UTC"
        amount = money(one.amount, one.currency)
        yield Callout("To claim", text(f"{amount} for {one.period.month}, {until}. The yearly cap is not looked at."))
