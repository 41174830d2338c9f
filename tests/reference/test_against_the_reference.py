"""The engine and the slow model, which share no code, say the same of every random incident."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.reference import model
from tests.reference.stories import EXAMPLES, PLACES, agreements, engine, in_minutes, stories

FEATURES = {
    "around the clock": {},
    "service hours": {"calendars": True, "root_cause": True},
    "pauses": {"pauses": True},
    "pauses in service hours": {"pauses": True, "calendars": True},
}
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 20, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def differences(statements, content, as_of, base):
    """Return every way in which the two disagree, in words."""
    statements = [one for one in statements if one["at"] <= as_of]
    slow, fast = model.measure(statements, content, as_of, base), engine(statements, content, as_of, base)
    found = [f"{key}: only the reference" for key in slow.keys() - fast.keys()]
    found += [
        f"{key}: only the engine: {fast[key].verdict.value}, {fast[key].reason}" for key in fast.keys() - slow.keys()
    ]
    for key in sorted(slow.keys() & fast.keys()):
        if not slow[key].get("unsettled"):
            found += [f"{key}: {text}" for text in compare(slow[key], fast[key], base)]
    return found


def compare(slow, fast, base):
    """Return the fields in which two clocks differ."""
    verdict = fast.verdict.value
    if slow["verdict"] == "not_applicable":
        return [] if verdict == "not_applicable" else [f"verdict: reference not_applicable, engine {verdict}"]
    pairs = {"verdict": (slow["verdict"], verdict), "begin": (slow["begin"], in_minutes(fast.started_at, base))}
    if slow["verdict"] == verdict:
        pairs["stop"] = (slow["stop"], in_minutes(fast.stopped_at, base))
        pairs["due"] = (slow["due"], in_minutes(fast.due_at, base))
        pairs["breached"] = (slow["breached"], in_minutes(fast.breached_at, base))
        if slow["stop"] is not None:
            pairs["elapsed"] = (slow["elapsed"], fast.elapsed.least.total_seconds() / 60)
        if hasattr(fast, "paused") and slow["stop"] is not None:
            pairs["paused"] = (slow["paused"], fast.paused.total_seconds() / 60)
    return [f"{name}: reference {one}, engine {two}" for name, (one, two) in pairs.items() if one != two]


@pytest.mark.parametrize("feature", FEATURES)
def test_engine_and_reference_agree(feature):
    """Every clock of a random incident has the same start, due, stop, elapsed, verdict and breach."""
    switches = FEATURES[feature]

    @SETTINGS
    @given(st.data())
    def check(data):
        zone = data.draw(st.sampled_from(sorted(PLACES)))
        statements = data.draw(stories(pauses=switches.get("pauses", False), intervals=True))
        content = data.draw(agreements(zone, **switches))
        last = max(one["at"] for one in statements)
        as_of = data.draw(st.integers(0, last + 100) | st.just(last + 3000))
        found = differences(statements, content, as_of, PLACES[zone])
        assert not found, f"as of {as_of}: {found}"

    check()
