"""The language itself: what can't be read names its file and line, and what does not come true fails."""

from pathlib import Path

import pytest

from tests.scenarios.language import ScenarioError, read
from tests.scenarios.stage import Stage

HEAD = """promise: A breach pages our side when the target passes.
policy:
  customer_ladder: [{when: {objective: acknowledge, breached: true}, notify: [noc], via: [webhook]}]
at 00:00: {monitor: down}
"""

UNREADABLE = {
    "an unknown key": ("att 00:15: nothing", "s.yaml:5: unknown key 'att 00:15'"),
    "no time": ("at noon: restart", "unknown key 'at noon'"),
    "a time that goes back": ("at 02:00: restart\nat 01:00: restart", "s.yaml:6: 'at 01:00' is not in order of time"),
    "a window that ends before it begins": ("between 02:00 and 01:00: nothing", "is not in order of time"),
    "words of no meaning": ("at 00:15: tell noc by webhook", "s.yaml:5: 'tell noc by webhook' says nothing"),
    "an unknown key of a page": ("at 00:15: {page: noc, by: webhook, why: x}", "s.yaml:5: why: Extra inputs"),
    "an unknown channel": ("at 00:15: page noc by pigeon", "s.yaml:5: by: Input should be 'webhook'"),
    "an entry of no kind": ("at 00:15: {by: webhook}", "s.yaml:5: an entry begins with one of provider, monitor"),
    "a number for an entry": ("at 00:15: 7", "s.yaml:5: 7 is no entry of a time line"),
    "an entry in a list": ("at 00:15:\n  - page noc by webhook\n  - {page: noc}", "s.yaml:7: by: Field required"),
    "a deed in a window": ("between 01:00 and 02:00: restart", "between two times only pages and nothing"),
    "nothing at an instant": ("at 01:00: nothing", "nothing needs between"),
    "a count at an instant": ("at 01:00: {page: noc, by: webhook, times: 2}", "times and every need between"),
    "a mute without end": ("at 01:00: {mute: boss}", "a mute has an end"),
    "a time that is none": ("at 01:00: {mute: boss, until: soon}", "s.yaml:5: until: 'soon' is no time of a scenario"),
    "a key twice": ("at 00:15: restart\nat 00:15: restart", "s.yaml:6: found duplicate key"),
    "no expectation": ("at 00:15: restart", "s.yaml:1: nothing is expected"),
}


def _written(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_names_its_place(name: str, tmp_path: Path) -> None:
    text, told = UNREADABLE[name]
    with pytest.raises(ScenarioError) as error:
        read(_written(tmp_path, HEAD + text))
    assert told in str(error.value)
    assert str(error.value).startswith("s.yaml:")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a list", "a scenario is a mapping"),
        ("promise: short", "s.yaml:1: promise: String should have at least 20 characters"),
        ("policy: {}\npromise: A promise of a kind that is long enough.\nrotas: 7", "s.yaml:3: rotas"),
        ("at 00:00: {provider: reported}", "s.yaml:1: promise: Field required"),
        ("promise: A promise that is long enough.\nbegins: 2026-05-04T00:00:00\nat 00:00: restart", "needs an offset"),
    ],
)
def test_a_head_that_cannot_be_read_names_its_place(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        read(_written(tmp_path, text))
    assert told in str(error.value)


UNKEPT = {
    "a page that nobody expects": ("between 00:20 and 00:30: nothing", "nobody expected at 00:15 page noc by webhook"),
    "a page that does not come": ("at 00:15: page boss by email", "no such page; there are at 00:15 page noc"),
    "a page in a quiet window": ("between 00:00 and 01:00: nothing", "s.yaml:5: not nothing, but at 00:15 page noc"),
    "another reason": ("at 00:15: {page: noc, by: webhook, because: silence}", "because 'silence' is not in"),
    "another time of answer": ("at 00:15: {page: noc, by: webhook, answer by: 00:20}", "answer by is None, not 2026"),
    "a page in time that should be late": ("at 00:15: page noc by webhook, late", "late is False, not True"),
    "a plan that says otherwise": ("at 00:10: {plan: noc, state: sent}", "the plan says {'state': <RungState.WAITING"),
    "a reason that the plan does not give": ("at 00:10: {plan: noc, state: waiting, because: me}", "'because': 'me'"),
    "a plan without the rung": ("at 00:10: {plan: boss, state: sent}", "the plan has no rung 0 for boss"),
    "a clock that says otherwise": ("at 00:10: {clock: acknowledge, verdict: met}", "acknowledge is running"),
    "a clock that is not there": ("at 00:10: {clock: workaround, verdict: met}", "workaround is not there"),
    "another count of wakes": ("at 00:10: {wakes: 9}", "wakes by now, not 9"),
    "a repetition that does not come": (
        "between 00:15 and 00:45: {page: noc, by: webhook, every: 15m}", "s.yaml:5: no such page; there are none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKEPT)
def test_what_does_not_come_true_fails_at_its_line(name: str, tmp_path: Path) -> None:
    text, told = UNKEPT[name]
    faults = Stage(read(_written(tmp_path, HEAD + text))).play().faults
    assert any(told in fault for fault in faults), faults


def test_the_same_scenario_told_rightly_has_no_faults(tmp_path: Path) -> None:
    told = "at 00:15: page noc by webhook\nbetween 00:16 and 00:30: nothing\nat 00:30: restart"
    assert Stage(read(_written(tmp_path, HEAD + told))).play().faults == []
