"""Pauses and exclusions that somebody asked for: whether each counted on a clock, and why, in words."""

from datetime import timedelta

import pytest

from models.episode import Case
from models.notice import Phase, Ruling
from models.stated import stated
from tests.support.timeline import Timeline, agreement, at

HOUR = timedelta(hours=1)
FREE = {"reason": "access_denied", "objectives": ["restore"]}
ASKED = {"reason": "awaiting_customer", "objectives": ["restore"], "needs_acceptance": True}
LIMITED = {"reason": "access_denied", "objectives": ["restore"], "limit": "30m"}


def why(line, basis="agreed", as_of="18:00", objective="restore"):
    """Return (reason, counts, why) of all that was asked for."""
    reading = line.read(as_of, objective, basis)
    return [(one.reason, one.counts, one.why) for one in stated(Case.of(line.facts), line.version, reading, at(as_of))]


def paused(*pauses, reason="access_denied", begin="11:00", end="13:00", **changes):
    """An incident from 10:00 to 15:00, paused in between."""
    line = Timeline(agreement(**{"restore": "4h", "pauses": list(pauses), **changes}))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider(begin, Phase.PAUSED, reason=reason, update_id="pause")
    if end is not None:
        line.provider(end, Phase.RESUMED, reason=reason)
    line.provider("15:00", Phase.RESTORED, end="15:00")
    return line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (paused(FREE), (True, "the agreement lists it and asks for no acceptance")),
        (paused(), (False, "the agreement lists no pause 'access_denied' for restore")),
        (paused(ASKED, reason="awaiting_customer"), (False, "it needs our acceptance, and nobody accepted it")),
        (
            paused(FREE, begin="16:00", end="17:00"),
            (False, "it lies outside the time of this clock, or past the limit"),
        ),
        (
            paused(LIMITED),
            (
                True,
                "the agreement lists it and asks for no acceptance; only up to the limit of 30m, after that the clock"
                " ran on",
            ),
        ),
    ],
    ids=["listed", "not listed", "not accepted", "after the stop", "longer than its limit"],
)
def test_a_pause_says_why_it_counted_or_did_not(line, expected):
    ((_, *told),) = why(line)
    assert tuple(told) == expected


def test_a_pause_that_still_lasts_may_use_up_its_limit():
    line = paused({**LIMITED, "limit": "1h"}, end=None)
    line.facts.pop()
    ((_, counts, told),) = why(line, as_of="14:00")
    assert counts
    assert "limit of 1h" in told


def test_on_the_claimed_basis_every_listed_pause_counts():
    assert why(paused(ASKED, reason="awaiting_customer"), "claimed") == [
        ("awaiting_customer", True, "on the claimed basis what the provider claims counts")
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ruling": Ruling.ACCEPTED, "claimed_at": "11:00"}, (True, "accepted by us")),
        ({"ruling": Ruling.ACCEPTED}, (True, "accepted by us, from 2026-05-04 12:00")),
        ({"ruling": Ruling.REJECTED}, (False, "rejected by us")),
        ({"ruling": Ruling.DISPUTED}, (False, "disputed by us")),
    ],
    ids=["from its beginning", "from the acceptance", "rejected", "disputed"],
)
def test_our_ruling_decides_where_acceptance_is_needed(fields, expected):
    line = paused(ASKED, reason="awaiting_customer")
    line.customer("12:00", Phase.PAUSED, concerns="pause", **fields)
    ((_, *told),) = why(line)
    assert tuple(told) == expected


def claiming(clause="force_majeure", **fields):
    """An incident from 10:00 to 15:00, for which an exclusion is claimed."""
    line = Timeline(agreement(restore="4h", exclusions=["force_majeure"]))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    line.provider("11:00", Phase.EXCLUDED, reason=clause, update_id="claim", **fields)
    line.provider("15:00", Phase.RESTORED, end="15:00")
    return line


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("claimed", (True, "on the claimed basis what the provider claims counts")),
        ("observed", (False, "on the observed basis no exclusion counts")),
        ("agreed", (False, "proposed: only what we accepted counts on agreed")),
    ],
)
def test_an_exclusion_counts_by_the_basis(basis, expected):
    ((_, *told),) = why(claiming(), basis)
    assert tuple(told) == expected


@pytest.mark.parametrize(("ruling", "counts"), [(Ruling.ACCEPTED, True), (Ruling.REJECTED, False)])
def test_our_ruling_decides_on_an_exclusion(ruling, counts):
    line = claiming()
    line.customer("12:00", Phase.EXCLUDED, concerns="claim", ruling=ruling)
    assert why(line) == [("force_majeure", counts, f"{ruling.value} by us")]


def test_a_clause_that_the_agreement_does_not_have_excuses_nothing_anywhere():
    assert why(claiming("alien_invasion"), "claimed") == [
        ("alien_invasion", False, "the agreement has no exclusion 'alien_invasion'")
    ]
    assert why(claiming("alien_invasion"), as_of="10:30") == [], "not said yet"


def test_how_much_it_covers_is_told_counted_or_not_and_what_waits_for_us():
    line = paused(ASKED, reason="awaiting_customer")
    (one,) = stated(Case.of(line.facts), line.version, line.read("18:00", "restore"), at("18:00"))
    assert (one.would_deduct, one.awaits_us) == (2 * HOUR, True)
    (one,) = stated(Case.of(claiming().facts), claiming().version, claiming().read("18:00", "restore"), at("18:00"))
    assert (one.would_deduct, one.awaits_us) == (5 * HOUR, True)
    line = paused(FREE)
    (one,) = stated(Case.of(line.facts), line.version, line.read("18:00", "restore"), at("18:00"))
    assert not one.awaits_us


def test_where_nobody_asked_for_anything_there_is_nothing():
    line = Timeline(agreement(restore="4h"))
    line.provider("10:00", Phase.REPORTED, begin="10:00")
    assert why(line, as_of="11:00") == []
