"""``holdfast incidents``, ``incident`` and ``timeline`` on a real index."""

import orjson
import pytest
from typer.testing import CliRunner, Result

from holdfast.cli import build
from holdfast.settings import Settings
from models.records import IncidentStatus, Verdict
from tests.board.conftest import put
from tests.support import samples

pytestmark = pytest.mark.live


def _run(settings: Settings, *arguments: str) -> Result:
    env = {"HOLDFAST_PREFIX": settings.prefix, "HOLDFAST_ELASTICSEARCH": settings.elasticsearch, "COLUMNS": "200"}
    return CliRunner().invoke(build(), list(arguments), env=env)


@pytest.fixture
def filled(installation: Settings) -> Settings:
    """Return an installation whose index has an open incident of a hostile provider, and an ended one."""
    open_one = samples.incident(0, title="[bold]Mail[/bold] is \x1b[31mdelayed")
    ended = samples.incident(1, provider="polaris", status=IncidentStatus.RESOLVED, resolved_at=samples.later(9))
    said = samples.notice(0, source_incident_id="inc-0", text="[link=x]text[/link]")
    put(installation, [open_one, ended, samples.clock(0), samples.plan(0), samples.page(0), samples.delivery(0), said])
    return installation


def test_incidents_and_their_time_lines_on_the_terminal(filled: Settings) -> None:
    """What a provider wrote is shown as it is: no markup, and no commands to the terminal."""
    listed = _run(filled, "incidents")
    assert listed.exit_code == 0, listed.output
    assert "[bold]Mail[/bold] is  [31mdelayed" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "polaris" not in listed.stdout
    assert "polaris" in _run(filled, "incidents", "--all").stdout
    assert "no open incident" in _run(filled, "incidents", "--provider", "polaris").stdout
    shown = _run(filled, "incident", "inc-0").stdout
    assert "restore" in shown
    assert "Duty manager" in shown
    told = _run(filled, "timeline", samples.incident(0).incident_id[:8]).stdout
    assert "[link=x]text[/link]" in told
    assert "paged" in told


def test_json_for_other_programs(filled: Settings) -> None:
    """One object a line for lists, one object for one incident."""
    lines = _run(filled, "incidents", "--all", "--json").stdout.splitlines()
    assert {orjson.loads(line)["source_incident_id"] for line in lines} == {"inc-0", "inc-1"}
    one = orjson.loads(_run(filled, "incident", "inc-0", "--json").stdout)
    assert one["clocks"][0]["verdict"] == Verdict.RUNNING.value
    assert set(one) == {"incident", "clocks", "plan", "pages", "deliveries"}
    entries = [orjson.loads(line) for line in _run(filled, "timeline", "inc-0", "--json").stdout.splitlines()]
    assert [entry["what"] for entry in entries] == ["notice", "page", "delivery"]


def test_errors_name_the_next_step(filled: Settings) -> None:
    unknown = _run(filled, "incident", "nothing-like-this")
    assert (unknown.exit_code, "holdfast incidents --all" in unknown.stderr) == (1, True)
    ambiguous = _run(filled, "timeline", "inc-")
    assert (ambiguous.exit_code, "fits several incidents" in ambiguous.stderr) == (1, True)
    away = _run(filled.model_copy(update={"elasticsearch": "http://127.0.0.1:9"}), "incidents")
    assert (away.exit_code, "holdfast up" in away.stderr) == (1, True)
