"""``holdfast rota``: who has duty when, from a directory of documents."""

import json

import pytest
from typer.testing import CliRunner

from holdfast.cli import build
from tests.documents.test_people import ROTA

DAYTIME = ROTA.replace("id: shift", "id: day").replace(
    "2026-01-05}", '2026-01-05, hours: {hours: {mon-fri: ["09:00-17:00"]}}}'
)
FOUND = ["--from", "2026-03-27T00:00:00Z", "--for", "7d"]


def run(folder, *arguments, rotas=(ROTA,), code=0):
    (folder / "rotas.yaml").write_text("---\n".join(rotas))
    done = CliRunner().invoke(build(), ["rota", *arguments, "--documents", str(folder)], env={"COLUMNS": "140"})
    assert done.exit_code == code, done.output
    return done.stdout if code < 2 else done.output


def test_turns_are_shown_in_the_rotas_zone_and_in_utc(tmp_path):
    shown = run(tmp_path, *FOUND)
    row = next(line for line in shown.splitlines() if "Ana" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "shift", "Ana (ana)", "Mon 2026-03-30 09:00", "Fri 2026-04-03 02:00", "Europe/Berlin", "Mon 2026-03-30 07:00",
        "Fri 2026-04-03 00:00",
    ]  # fmt: skip


def test_turns_for_other_programs_are_exact_and_without_a_hole(tmp_path):
    lines = [json.loads(line) for line in run(tmp_path, *FOUND, "--json").splitlines()]
    assert [(one["from"], one["until"], one["member"], one["is_gap"]) for one in lines] == [
        ("2026-03-27T00:00:00Z", "2026-03-30T07:00:00Z", "ben", False),
        ("2026-03-30T07:00:00Z", "2026-04-03T00:00:00Z", "ana", False),
    ]


def test_a_gap_is_marked_and_ends_in_exit_code_1(tmp_path):
    shown = run(tmp_path, "day", *FOUND, rotas=(ROTA, DAYTIME), code=1)
    assert "NOBODY" in shown
    assert "shift" not in shown
    lines = run(tmp_path, "day", "shift", *FOUND, "--json", rotas=(ROTA, DAYTIME), code=1).splitlines()
    assert [one["rota"] for one in map(json.loads, lines)][-1] == "shift"


@pytest.mark.parametrize(
    ("moment", "member", "code"),
    [("2026-03-27T12:00:00Z", "ben", 0), ("2026-03-27T20:00:00Z", None, 1)],
    ids=["by day", "at night"],
)
def test_now_tells_only_who_has_duty(tmp_path, moment, member, code):
    (line,) = run(tmp_path, "now", "--from", moment, "--json", rotas=(DAYTIME,), code=code).splitlines()
    assert json.loads(line) == {
        "rota": "day", "from": moment, "until": None, "member": member, "name": member and "Ben", "is_gap": not member,
    }  # fmt: skip
    assert ("NOBODY" in run(tmp_path, "now", "--from", moment, rotas=(DAYTIME,), code=code)) is (member is None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nigth"], "no rota nigth; there are shift"),
        (["--for", "2 weeks"], "is no duration"),
        (["--for", "3bd"], "is no length of time here"),
        (["--for", "0d"], "is no length of time here"),
        (["--from", "2026-05-04"], "time without zone"),
    ],
    ids=["an unknown rota", "no duration", "business days", "no time", "no zone"],
)
def test_what_can_not_be_shown_is_a_usage_error(tmp_path, arguments, words):
    assert words in " ".join(run(tmp_path, *arguments, code=2).replace("│", " ").split())


def test_documents_without_a_rota_are_told_with_the_next_step(tmp_path):
    from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER

    told = run(tmp_path, rotas=(AGREEMENT, PROVIDER, POLICY), code=2)
    assert "docs/how-to/write-a-rota.md" in told
