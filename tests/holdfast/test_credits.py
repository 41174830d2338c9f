"""``holdfast credits``: what a month of payloads pays back, without servers."""

import pytest

from tests.holdfast.test_availability import folder, incident, lines, run  # noqa: F401

AN_HOUR = [incident("a", "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z")]


def credits_of(folder, *options, **changes):  # noqa: F811
    return run(folder, AN_HOUR, *options, command="credits", **changes)


def test_a_credit_with_what_to_attach_and_until_when(folder):  # noqa: F811
    (one,) = lines(credits_of(folder, "--json"))
    assert {key: one[key] for key in ("agreement", "month", "currency", "fee", "sum", "credit", "limits")} == {
        "agreement": "hosting",
        "month": "2026-05",
        "currency": "EUR",
        "fee": "12000.00",
        "sum": "1200.00",
        "credit": "1200.00",
        "limits": [],
    }
    assert (one["claim"], one["claim_by"]) == ("open", "2026-07-01T00:00:00Z")
    (service,) = one["services"]
    assert (service["percent"], service["tier_below"], service["tier_credit"]) == ("99.87", "99.9", "10")
    (attached,) = service["attach"]
    assert (attached["begin"], attached["end"]) == ("2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z")
    assert len(attached["incident_ids"]) == 1


@pytest.mark.parametrize(
    ("as_of", "claim"),
    [("2026-05-20T00:00:00Z", "not_yet"), ("2026-07-01T00:00:00Z", "open"), ("2026-07-01T00:00:01Z", "expired")],
    ids=["the month still runs", "at the last instant", "a second later"],
)
def test_the_claim_window(folder, as_of, claim):  # noqa: F811
    (one,) = lines(credits_of(folder, "--json", as_of=as_of))
    assert (one["claim"], one["claim_by"]) == (claim, "2026-07-01T00:00:00Z")


def test_people_get_a_table(folder):  # noqa: F811
    result = credits_of(folder, "--what-if", "hosting/1")
    assert result.exit_code == 0
    assert "a supposition, not a verdict" in result.stdout
    assert "1200.00 EUR" in result.stdout
    assert "open until 2026-07-01 00:00 UTC" in result.stdout


@pytest.mark.parametrize("amount", ["much", "-1", "NaN"])
def test_what_was_paid_before_is_an_amount(folder, amount):  # noqa: F811
    result = credits_of(folder, "--paid-before", amount)
    assert result.exit_code == 2
    assert "no amount of money" in result.stderr
