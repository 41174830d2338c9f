"""Every promise of the ladders, each a short file: played as told, and with everything that must not matter."""

from pathlib import Path

import pytest

from tests.scenarios.language import Scenario, read
from tests.scenarios.stage import Disturbance, Stage

FILES = sorted(Path(__file__).parent.glob("*/*.yaml"))
SCENARIOS = [read(path) for path in FILES]


def _promise(scenario: Scenario) -> str:
    return scenario.header.promise.rstrip(".")


def test_each_promise_is_made_once() -> None:
    promises = [_promise(one) for one in SCENARIOS]
    assert len(promises) >= 30
    assert len(set(promises)) == len(promises)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=_promise)
def test_promise(scenario: Scenario) -> None:
    stage = Stage(scenario).play()
    assert not stage.faults, "\n".join([str(scenario.path), *stage.faults])
    ids = [page.page_id for page in stage.pages()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=_promise)
@pytest.mark.parametrize(
    "disturbance", [Disturbance(restarts=True), Disturbance(copies=True), Disturbance(restarts=True, copies=True)],
    ids=["a restart after every record", "every record twice", "both"],
)  # fmt: skip
def test_it_is_kept_all_the_same_with(scenario: Scenario, disturbance: Disturbance) -> None:
    calm, shaken = Stage(scenario).play(), Stage(scenario, disturbance).play()
    assert [(one.page_id, one.due_at) for one in shaken.pages()] == [(one.page_id, one.due_at) for one in calm.pages()]
    assert not shaken.faults
