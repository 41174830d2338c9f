"""Loading into Kibana, over the real protocol, against a server that is as strict as Kibana about its requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboards.kibana.boards import dashboards
from dashboards.kibana.build import objects
from dashboards.kibana.data_views import data_views
from dashboards.kibana.ndjson import only_saved
from holdfast.cli import build as build_cli
from models.topics import Names
from tests.support.kibana import REFUSAL, Kibana, make_certificates, serving

NAMES = Names("lab")
MISSING = {
    "id": "lab-disaster-map-hazards", "type": "map",
    "error": {"type": "missing_references", "references": [{"type": "index-pattern", "id": "lab-hazards"}]},
}  # fmt: skip


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    with serving() as seen:
        yield seen


def _load(*arguments: str, **env: str):
    return CliRunner().invoke(build_cli(), ["dashboards", "load", *arguments], env={"HOLDFAST_PREFIX": "lab", **env})


def test_data_views_come_before_the_boards_that_read_them_and_saved_objects_last(kibana: Kibana) -> None:
    """Bodies are those that ``build`` writes; loading twice sends the same to the same places."""
    result = _load("--kibana", kibana.address)
    assert result.exit_code == 0, result.output
    views = [("POST", "/api/data_views/data_view", view.to_api()) for view in data_views(NAMES)]
    boards = [("PUT", f"/api/dashboards/{one.id}", one.to_api()) for one in dashboards(NAMES) if not only_saved(one)]
    rest = [one for one in dashboards(NAMES) if only_saved(one)]
    sent = list(kibana.requests)
    assert sent[: len(views) + len(boards)] == [*views, *boards]
    if rest:
        saved = [one for one in objects(NAMES, None, rest) if one["type"] != "index-pattern"]
        assert sent[len(views) + len(boards) :] == [("POST", "/api/saved_objects/_import?overwrite=true", saved)]
    for one in dashboards(NAMES):
        assert f"{kibana.address}/app/dashboards#/view/{one.id}" in result.output
    _load("--kibana", kibana.address + "/")
    assert kibana.requests[len(sent) :] == sent


@pytest.mark.parametrize("version", ["8.19.7", "9.0.0", "9.3.11"])
def test_a_kibana_without_the_api_gets_everything_as_saved_objects(kibana: Kibana, version: str) -> None:
    kibana.version = version
    result = _load("--kibana", kibana.address)
    assert result.exit_code == 0, result.output
    assert [path for _, path, _ in kibana.requests] == ["/api/saved_objects/_import?overwrite=true"]
    assert kibana.imported == objects(NAMES, None)


def test_saved_objects_can_be_asked_for_and_then_the_version_is_not(kibana: Kibana) -> None:
    kibana.version = None
    refused = _load("--kibana", kibana.address)
    assert (refused.exit_code, "does not say its version" in refused.stderr) == (1, True)
    assert _load("--kibana", kibana.address, "--ndjson").exit_code == 0
    assert kibana.imported == objects(NAMES, None)


def test_a_kibana_that_is_too_old_is_told_so_and_gets_nothing(kibana: Kibana) -> None:
    kibana.version = "8.18.9"
    result = _load("--kibana", kibana.address)
    assert (result.exit_code, "8.18.9 is too old" in result.stderr) == (1, True)
    assert kibana.requests == []


def test_an_import_that_took_only_some_is_an_error_though_kibana_answers_200(kibana: Kibana) -> None:
    kibana.failing = [MISSING]
    result = _load("--kibana", kibana.address, "--ndjson")
    assert result.exit_code == 1
    assert "map lab-disaster-map-hazards: missing_references (index-pattern lab-hazards)" in result.stderr


def test_a_space_and_the_credentials_are_used(kibana: Kibana) -> None:
    result = _load("--kibana", kibana.address, "--space", "noc", HOLDFAST_ELASTICSEARCH_API_KEY="a2V5")
    assert result.exit_code == 0, result.output
    assert {path.split("/api/")[0] for _, path, _ in kibana.requests} == {"/s/noc"}
    assert kibana.authorization == {"ApiKey a2V5"}
    assert "a2V5" not in result.output


def test_rows_of_incidents_lead_to_the_board_that_people_reach(kibana: Kibana) -> None:
    _load("--kibana", kibana.address, HOLDFAST_PUBLIC_URL="https://holdfast.example/")
    (live,) = [body for _, path, body in kibana.requests if path == "/api/dashboards/lab-live-operations"]
    (table,) = [panel for panel in live["panels"] if panel["id"] == "open-table"]
    addresses = [way["url"] for way in table["config"]["drilldowns"] if way["type"] == "url_drilldown"]
    assert addresses[0] == "https://holdfast.example/incidents/{{event.value}}"


def test_kibanas_own_words_are_passed_on(kibana: Kibana) -> None:
    kibana.refuse = ("/api/dashboards/", 400)
    result = _load("--kibana", kibana.address)
    assert result.exit_code == 1
    assert REFUSAL in result.stderr
    assert "dashboard lab-live-operations (400)" in result.stderr


@pytest.mark.parametrize(("status", "advice"), [(403, "write access"), (404, "is there such a space?")])
def test_a_refusal_names_the_next_step(kibana: Kibana, status: int, advice: str) -> None:
    kibana.refuse = ("/api/dashboards/", status)
    assert advice in _load("--kibana", kibana.address).stderr


def test_a_kibana_that_is_not_there_is_told(kibana: Kibana) -> None:
    result = _load("--kibana", "http://127.0.0.1:9")
    assert (result.exit_code, "no Kibana at http://127.0.0.1:9" in result.stderr) == (1, True)
    assert _load("--kibana", "localhost:5601").exit_code == 2


def test_tls_is_trusted_by_the_authority_that_is_named_and_by_no_other(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    if made is None:
        pytest.skip("no openssl")
    authority, certificate = made
    with serving(certificate) as kibana:
        stranger = _load("--kibana", kibana.address)
        assert (stranger.exit_code, "certificate" in stranger.stderr.lower()) == (1, True)
        assert kibana.requests == []
        result = _load("--kibana", kibana.address, "--ca", str(authority))
        assert result.exit_code == 0, result.output
        sent = len(kibana.requests)
        assert _load("--kibana", kibana.address, HOLDFAST_ELASTICSEARCH_CA=str(authority)).exit_code == 0
        assert len(kibana.requests) == 2 * sent


def test_build_writes_and_checks_files(tmp_path: Path) -> None:
    def build(*arguments: str):
        return CliRunner().invoke(build_cli(), ["dashboards", "build", str(tmp_path), *arguments])

    assert build("--check").exit_code == 1
    assert build().exit_code == 0
    assert build("--check").exit_code == 0
    (tmp_path / "data-views.json").write_text("[]")
    stale = build("--check")
    assert (stale.exit_code, "data-views.json is not what the code builds" in stale.stderr) == (1, True)


def test_check_says_how_many_boards_there_are_and_refuses_another_description(tmp_path: Path) -> None:
    def check(*arguments: str):
        return CliRunner().invoke(build_cli(), ["dashboards", "check", *arguments])

    assert f"{len(dashboards(NAMES))} dashboards, " in check().stdout
    other = tmp_path / "other.json"
    other.write_text('{"components": {"schemas": {}}}')
    refused = check("--openapi", str(other))
    assert (refused.exit_code, "no description of Kibana's dashboards API" in refused.stderr) == (2, True)
