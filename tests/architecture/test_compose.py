"""What docker-compose.yml and the Dockerfile promise: pinned, healthy, no secrets, on loopback, commands that exist."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from holdfast.cli import build
from holdfast.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("holdfast:"))
ONCE = sorted(name for name, service in SERVICES.items() if service.get("restart") == "no")
LASTING = sorted(set(SERVICES) - set(ONCE))

SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "deploy", "environment", "healthcheck", "hostname", "image",
    "logging", "network_mode", "networks", "ports", "profiles", "read_only", "restart", "security_opt",
    "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
"""Keys of the compose specification that we use; a mistyped one would be ignored or refused far from here."""
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|ENCRYPTION_?KEY|API_KEY")
OPTIONAL = {"HOLDFAST_SMTP_PASSWORD", "HOLDFAST_LINK_SECRET"}
"""Secrets that a relay on the same network, or an installation whose pages are not answered, does without."""


def commands() -> set[str]:
    """Names of all commands of this build."""
    return {command.name for command in build().registered_commands if command.name}


def variables() -> set[str]:
    """Names of all environment variables that a setting reads."""
    return {f"HOLDFAST_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_uses_keys_that_compose_knows(name: str) -> None:
    assert set(SERVICES[name]) <= SERVICE_KEYS
    assert set(SERVICES[name].get("healthcheck", {})) <= HEALTH_KEYS
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) <= {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_says_whether_it_is_well_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["restart"] == "unless-stopped"
    assert service["depends_on"] if name != "kafka" else True


@pytest.mark.parametrize("name", ONCE)
def test_somebody_waits_for_each_step_that_runs_once(name: str) -> None:
    waiting = [one["depends_on"][name] for one in SERVICES.values() if name in one.get("depends_on", {})]
    assert waiting
    assert all(one == {"condition": "service_completed_successfully"} for one in waiting)


@pytest.mark.parametrize("name", SERVICES)
def test_waiting_is_for_health_or_an_end_never_for_a_mere_start(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how["condition"] == wanted, other


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_whole_version(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_resources_are_limited(name: str) -> None:
    assert {"cpus", "memory"} <= set(SERVICES[name]["deploy"]["resources"]["limits"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_comes_from_outside_and_has_no_default(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if not SECRET.search(key):
            continue
        form = r"\$\{[A-Z_]+:-\}" if key in OPTIONAL else r"\$\{[A-Z_]+:\?[^}]+\}"
        assert re.fullmatch(form, value), f"{key} is written down, or has a default"


def test_the_example_of_the_environment_names_every_secret_and_gives_none() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert asked == set(example)
    assert all(not value for key, value in example.items() if SECRET.search(key))


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_that_exists(name: str) -> None:
    assert SERVICES[name]["command"][0] in commands()


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_sets_only_what_the_settings_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= variables()


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["user"].split(":")[0] not in ("0", "root")
    assert "no-new-privileges:true" in service["security_opt"]


def test_the_whole_way_of_a_payload_is_there() -> None:
    run = {SERVICES[name]["command"][0] for name in OURS}
    assert {"worker", "index", "notify", "mailbox", "poll", "serve", "apply", "analyse"} <= run


def test_volumes_and_networks_are_declared() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if re.match(r"[a-z]", volume)
    }
    assert named == set(COMPOSE["volumes"])
    used = {network for service in SERVICES.values() for network in service.get("networks", [])}
    assert used == set(COMPOSE["networks"])


def test_elasticsearch_is_closed_to_strangers() -> None:
    environment = SERVICES["elasticsearch"]["environment"]
    assert environment["xpack.security.enabled"] == "true"
    assert environment["xpack.security.http.ssl.enabled"] == "true"
    assert SERVICES["worker"]["environment"]["HOLDFAST_ELASTICSEARCH"].startswith("https://")


def test_the_image_is_pinned_runs_as_nobody_special_and_installs_by_hash() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.1[123]\.\d+-slim-[a-z]+", base) for base in bases)
    assert any("--require-hashes" in line for line in lines)
    last_user = [line.split()[1] for line in lines if line.startswith("USER ")][-1]
    assert last_user.split(":")[0] not in ("0", "root")


def test_the_image_holds_every_package_and_copies_nothing_that_is_ignored() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = {
        source.rstrip("/")
        for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    allowed = {
        line[1:].rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert packages <= copied
    assert copied == allowed


def image_extras() -> list[str]:
    """Return the extras that the Dockerfile installs unless told otherwise."""
    found = re.search(r'^ARG EXTRAS="([a-z ]*)"$', (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1].split()


@pytest.fixture(scope="module")
def base_lock() -> ModuleType:
    """Return the script that the image is built with."""
    spec = importlib.util.spec_from_file_location("base_lock", ROOT / "docker" / "base_lock.py")
    assert spec is not None
    assert spec.loader is not None
    base_lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(base_lock)
    return base_lock


def test_the_image_has_what_analyses_need_and_nothing_that_tests(base_lock: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    kept = base_lock.base(
        (ROOT / "requirements.lock").read_text(encoding="utf-8"), base_lock.requirements(project, image_extras())
    )
    names = {re.match(r"[A-Za-z0-9._-]+", block)[0] for block in kept}  # type: ignore[index]  # every block has one
    assert {
        "faust-streaming",
        "kafka-python",
        "crc32c",
        "elasticsearch",
        "numpy",
        "uvicorn",
        "polars",
        "scipy",
        "ruptures",
    } <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "jgo", "jpype1", "psutil", "hypothesis"}
    assert all("--hash=sha256:" in block for block in kept)


def test_an_extra_that_is_none_ends_the_build(base_lock: ModuleType) -> None:
    with pytest.raises(SystemExit, match="no extra charming; there are analytics, charts"):
        base_lock.requirements(
            {"dependencies": [], "optional-dependencies": {"charts": [], "analytics": []}}, ["charming"]
        )
