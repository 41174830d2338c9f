"""What was said between two looks: the second model tries both, and where they differ nobody can tell."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.reference import model
from tests.reference.stories import EXAMPLES, PLACES, agreements, engine

BASE = PLACES["UTC"]
OBJECTIVES = ("notify", "acknowledge", "respond")


@st.composite
def polled(draw):
    """Return what a provider said of an incident from minute 0, each word in hand at the look after it."""
    found, looked = [], draw(st.integers(1, 60))
    for number, phase in enumerate(["reported", *draw(st.permutations(["acknowledged", "engaged"]))]):
        received = looked + draw(st.sampled_from([1, 5, 60, 240]))
        stamp = draw(st.integers(looked + 1, received))
        found.append(
            {"speaker": "provider", "phase": phase, "at": received, "looked": looked, "published": stamp,
             "claimed": 0 if phase == "reported" else None, "text": f"t{number}", "id": f"n{number}",
             "severity": "major", "robot": number == 0}
        )  # fmt: skip
        looked = received + draw(st.integers(0, 100))
    return found


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(polled(), agreements("UTC"))
def test_a_verdict_stands_only_where_both_ends_of_the_interval_agree(statements, content):
    """Judged by the look before and by the look after; as observed is where our looks are all that we have."""
    content["evidence"] |= {"start": "claimed", "acknowledge": "observed"}
    as_of = max(one["at"] for one in statements) + 5000
    ends = [[{**one, "at": one[name]} for one in statements] for name in ("looked", "at")]
    early, late = (model.measure(told, content, as_of, BASE) for told in ends)
    fast = engine(statements, content, as_of, BASE)
    for objective in OBJECTIVES:
        key = (objective, "agreed", 0)
        one, two = early[key], late[key]
        if one["elapsed"] == one["target"]:
            continue  # met at the look before, passed any time after it
        expected = one["verdict"] if one["verdict"] == two["verdict"] else "indeterminate"
        assert fast[key].verdict.value == expected, key
        assert fast[key].elapsed.least.total_seconds() / 60 == one["elapsed"], key
        assert fast[key].elapsed.most.total_seconds() / 60 == two["elapsed"], key
