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
    "claims": {"claims": True},
    "claims and pauses in service hours": {"claims": True, "pauses": True, "calendars": True, "root_cause": True},
}
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 20, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


NOT_JUDGED = ("cancelled", "excluded")


def differences(statements, content, as_of, base):
    """Return every way in which the two disagree, in words."""
    statements = [one for one in statements if one["at"] <= as_of]
    said = {one["phase"] for one in statements}
    if content["priority_change"] == "reset" and said & {"paused", "excluded"}:
        content = {**content, "priority_change": "retroactive"}  # open: whether what is taken out moves a rise's breach
    if len(model.episodes(statements, content)) > 1 and said & {"cancelled", "excluded"}:
        return []  # open: whether these reach from one incident to its return outside the window
    if len(model.episodes(statements, content)) > 1 or "excluded" in said:  # open: whether a return inherits the point
        targets = [one for one in content["targets"] if one["objective"] != "recovery_point"]
        content = {**content, "targets": targets}
    slow, fast = model.measure(statements, content, as_of, base), engine(statements, content, as_of, base)
    excused = any(one["phase"] == "excluded" for one in statements)
    found = [f"{key}: only the reference" for key in slow.keys() - fast.keys()]
    found += [
        f"{key}: only the engine: {fast[key].verdict.value}, {fast[key].reason}" for key in fast.keys() - slow.keys()
    ]
    for key in sorted(slow.keys() & fast.keys()):
        if not slow[key].get("unsettled"):
            found += [f"{key}: {text}" for text in compare(slow[key], fast[key], base, excused)]
    return found


def compare(slow, fast, base, excused):
    """Return the fields in which two clocks differ."""
    verdict = fast.verdict.value
    if slow["verdict"] == "not_applicable":
        return [] if verdict == "not_applicable" else [f"verdict: reference not_applicable, engine {verdict}"]
    if slow["verdict"] == "excluded" and fast.started_at == fast.stopped_at and verdict == "met":
        return []  # open: a clock that stopped where it began, at an instant that is excused
    if slow["verdict"] in NOT_JUDGED or "begin" not in slow:
        lost = None if fast.elapsed is None else fast.elapsed.least.total_seconds() / 60
        pairs = {"verdict": (slow["verdict"], verdict), "elapsed": (slow.get("elapsed", lost), lost)}
        return [f"{name}: reference {one}, engine {two}" for name, (one, two) in pairs.items() if one != two]
    pairs = {"verdict": (slow["verdict"], verdict), "begin": (slow["begin"], in_minutes(fast.started_at, base))}
    if slow["verdict"] == verdict:
        pairs["stop"] = (slow["stop"], in_minutes(fast.stopped_at, base))
        if slow["stop"] is None or not excused:  # what is excused after a stop moves only what was due
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
        statements = data.draw(
            stories(switches.get("pauses", False), intervals=True, claims=switches.get("claims", False))
        )
        content = data.draw(agreements(zone, **switches))
        last = max(one["at"] for one in statements)
        as_of = data.draw(st.integers(0, last + 100) | st.just(last + 3000))
        found = differences(statements, content, as_of, PLACES[zone])
        assert not found, f"as of {as_of}: {found}"

    check()
