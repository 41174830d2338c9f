"""``holdfast measure``: payload files to clocks, one a line, without servers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from holdfast.cli import build
from holdfast.commands.measure import _promises
from holdfast.documents import load_documents
from holdfast.measuring import Gathered, Question, promises
from models.book import Book, Entry
from models.correlation import incident_id
from models.notice import Notice, Phase, Speaker
from models.telling import Terms
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER
from tests.support.corpus import corpus_dir

KEYS = [
    "incident_id", "source_incident_id", "provider", "services", "objective", "basis", "priority", "agreement",
    "agreement_version", "started_at", "due_at", "stopped_at", "elapsed_min_s", "elapsed_max_s", "target_s",
    "paused_s", "verdict", "breached_at", "revision",
]  # fmt: skip
STRICT = AGREEMENT[AGREEMENT.index("  - version") :].replace('"1"', '"2"').replace("2026-01-01", "2027-01-01")
STRICT = STRICT.replace("p1: 4h", "p1: 30m")


def update(name: str, status: str, at: str) -> dict[str, Any]:
    stamps = dict.fromkeys(("created_at", "display_at", "updated_at"), f"2026-05-04T{at}Z")
    return {"id": name, "status": status, "body": f"{status} at {at}", **stamps}


def page(*updates: dict[str, Any], **fields: Any) -> bytes:
    incident = {
        "id": "inc-1",
        "name": "VMs are down",
        "impact": "major",
        "status": updates[-1]["status"],
        "created_at": updates[0]["created_at"],
        "started_at": updates[0]["created_at"],
        "incident_updates": list(updates),
        **fields,
    }
    return orjson.dumps({"page": {"id": "p", "time_zone": "Etc/UTC"}, "incidents": [incident]})


REPORTED, WORKING = update("u1", "investigating", "10:00:00"), update("u2", "identified", "10:20:00")
RESTORED, RESOLVED = update("u3", "monitoring", "11:00:00"), update("u4", "resolved", "12:00:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents in ``documents``, one payload in ``incidents.json``."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "all.yaml").write_text("---\n".join((AGREEMENT + STRICT, PROVIDER, POLICY)))
    body = page(REPORTED, WORKING, RESTORED, RESOLVED, resolved_at="2026-05-04T12:00:00Z")
    (tmp_path / "2026-05-04T130000Z_incidents.json").write_bytes(body)
    return tmp_path


def measure(folder: Path, *options: str, paths: tuple[str, ...] = ("2026-05-04T130000Z_incidents.json",)) -> Result:
    files = [str(folder / path) for path in paths]
    fixed = ["--documents", str(folder / "documents"), "--provider", "nimbus", "--format", "statuspage"]
    return CliRunner().invoke(build(), ["measure", *fixed, *options, *files])


def lines(result: Result) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def test_one_clock_a_line_with_the_agreed_keys_in_order(folder):
    result = measure(folder, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = lines(result)
    assert [list(one) for one in found] == [KEYS] * 3
    assert [(one["objective"], one["basis"]) for one in found] == [
        ("restore", "claimed"), ("restore", "observed"), ("restore", "agreed"),
    ]  # fmt: skip
    assert found[2] == {
        "incident_id": incident_id("nimbus", ("nimbus-status", "inc-1")),
        "source_incident_id": "inc-1",
        "provider": "nimbus",
        "services": ["vm"],
        "objective": "restore",
        "basis": "agreed",
        "priority": "p1",
        "agreement": "hosting",
        "agreement_version": "1",
        "started_at": "2026-05-04T10:00:00Z",
        "due_at": "2026-05-04T14:00:00Z",
        "stopped_at": "2026-05-04T11:00:00Z",
        "elapsed_min_s": 3600.0,
        "elapsed_max_s": 3600.0,
        "target_s": 14400.0,
        "paused_s": 0.0,
        "verdict": "met",
        "breached_at": None,
        "revision": found[2]["revision"],
    }


@pytest.mark.parametrize(
    ("as_of", "verdict", "elapsed"),
    [
        ("2026-05-04T10:30:00Z", "running", 1800.0),
        ("2026-05-04T13:05:00+02:00", "running", 3600.0),
        ("2026-05-04T11:15:00Z", "met", 3600.0),
    ],
    ids=["before it was restored", "inside the stability window", "after it"],
)
def test_as_of_lets_the_world_run_only_so_far(folder, as_of, verdict, elapsed):
    agreed = lines(measure(folder, "--json", "--as-of", as_of))[2]
    assert (agreed["verdict"], agreed["elapsed_min_s"]) == (verdict, elapsed)


def test_before_it_began_there_is_nothing(folder):
    assert lines(measure(folder, "--json", "--as-of", "2026-05-04T09:00:00Z")) == []


def test_known_at_leaves_out_what_was_received_later(folder):
    (folder / "2026-05-04T103000Z_incidents.json").write_bytes(page(REPORTED, WORKING))
    paths = ("2026-05-04T103000Z_incidents.json", "2026-05-04T130000Z_incidents.json")
    late = lines(measure(folder, "--json", "--as-of", "2026-05-04T20:00:00Z", paths=paths))
    early = lines(
        measure(folder, "--json", "--as-of", "2026-05-04T20:00:00Z", "--known-at", "2026-05-04T12:00:00Z", paths=paths)
    )
    assert [one["verdict"] for one in late] == ["met", "met", "met"]
    assert [(one["verdict"], one["breached_at"]) for one in early] == [("overdue", "2026-05-04T14:00:00Z")] * 3
    observed = late[1]
    assert (observed["elapsed_min_s"], observed["elapsed_max_s"]) == (1800.0, 10800.0), "between the two looks"


def test_a_what_if_is_computed_and_labelled_and_has_no_revision(folder):
    found = lines(measure(folder, "--json", "--what-if", "2"))
    assert [(one["agreement_version"], one["verdict"], one["revision"]) for one in found] == [
        ("2", "breached", None)
    ] * 3
    table = measure(folder, "--what-if", "hosting/2")
    assert "a supposition, not a verdict" in table.stdout


def draft(folder: Path, old: str = "restore, p1: 4h", new: str = "restore, p1: 30m", **changes: str) -> str:
    """Write a draft that promises less time, in force from next year on, and return its path."""
    text = AGREEMENT.replace("id: hosting", "id: hosting-next").replace("2026-01-01", "2027-01-01").replace(old, new)
    for key, value in changes.items():
        text = text.replace(f"{key}: ", f"{key}: {value} #", 1)
    (folder / "draft.yaml").write_text(text)
    return str(folder / "draft.yaml")


def test_a_draft_in_a_file_judges_what_began_before_it_and_is_labelled(folder):
    found = lines(measure(folder, "--json", "--what-if", draft(folder)))
    told = [(one["agreement"], one["verdict"], one["revision"]) for one in found]
    assert told == [("hosting-next", "breached", None)] * 3
    table = measure(folder, "--what-if", draft(folder)).stdout
    assert " ".join(table.split()).count("a supposition, not a verdict") == 2, "above the table and above the summary"


def test_a_draft_may_be_a_directory(folder):
    (folder / "next").mkdir()
    Path(draft(folder)).rename(folder / "next" / "agreement.yaml")
    found = lines(measure(folder, "--json", "--what-if", str(folder / "next")))
    assert {one["verdict"] for one in found} == {"breached"}


def test_of_a_draft_the_version_in_force_at_the_start_judges_else_the_nearest(folder):
    path = Path(draft(folder))
    later = STRICT.replace('"2"', '"3"').replace("2027-01-01", "2028-01-01").replace("p1: 30m", "p1: 1m")
    path.write_text(path.read_text() + later)
    assert {one["agreement_version"] for one in lines(measure(folder, "--json", "--what-if", str(path)))} == {"1"}
    path.write_text(path.read_text().replace("2027-01-01", "2020-01-01").replace("2028-01-01", "2021-01-01"))
    assert {one["agreement_version"] for one in lines(measure(folder, "--json", "--what-if", str(path)))} == {"3"}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"provider": "cirrus"}, 2, "no agreement with 'nimbus'; it has agreements with: cirrus"),
        ({"services": "[mail]"}, 2, "no service 'mail'; there is: vm"),
        ({"timezone": "Mars/Base"}, 1, "mend the draft first"),
    ],
)
def test_a_draft_that_does_not_fit_the_provider_is_refused(folder, changes, code, words):
    result = measure(folder, "--json", "--what-if", draft(folder, **changes))
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_two_drafts_that_fit_equally_well_are_an_error_and_not_a_guess(folder):
    path = Path(draft(folder))
    path.write_text(path.read_text() + "---\n" + path.read_text().replace("hosting-next", "hosting-other"))
    result = measure(folder, "--json", "--what-if", str(path))
    assert (result.exit_code, result.stdout) in ((2, ""), (1, ""))
    assert "equally well" in result.stderr or "hosting-other" in result.stderr


def test_only_what_is_asked_for_is_shown(folder):
    assert len(lines(measure(folder, "--json", "--objective", "restore", "--incident", "inc-1"))) == 3
    assert lines(measure(folder, "--json", "--objective", "update")) == []
    assert "no clock is of an incident 'inc-9'" in measure(folder, "--incident", "inc-9").stderr
    assert measure(folder, "--objective", "speed").exit_code == 2


def test_why_clocks_are_indeterminate_stands_below_the_table(folder):
    """Between the looks at 10:01 and 10:30 it was acknowledged: whether within 15 minutes nobody can tell."""
    text = (folder / "documents" / "all.yaml").read_text()
    text = text.replace(
        "      - {objective: restore", "      - {objective: acknowledge, p1: 15m}\n      - {objective: restore", 1
    )
    text = text.replace("    services: [vm]\n", "    services: [vm]\n    evidence: {acknowledge: observed}\n", 1)
    (folder / "documents" / "all.yaml").write_text(text)
    (folder / "2026-05-04T100100Z_incidents.json").write_bytes(b'{"page": {"id": "p"}, "incidents": []}')
    (folder / "2026-05-04T103000Z_incidents.json").write_bytes(page(REPORTED, WORKING))
    found = measure(folder, paths=tuple(sorted(path.name for path in folder.glob("*.json")))).stdout
    assert "indeterminate  1: the target lies within the gap between two looks (inc-1/acknowledge)" in found
    assert "paused" not in found, "no column without pauses"


def test_pauses_have_a_column_where_there_are_any(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    pauses = "    pauses: [{reason: access_denied, objectives: [restore]}]\n    stability_window"
    (folder / "documents" / "all.yaml").write_text(text.replace("    stability_window", pauses, 1))
    named = {"claimed_at": "2026-05-04T10:10:00Z", "claimed_end_at": "2026-05-04T10:25:00Z"}
    said = decide(folder, phase="paused", reason="access_denied", published_at="2026-05-04T10:30:00Z", **named)
    found = measure(folder, *said).stdout
    assert "paused" in found.splitlines()[1]
    assert "15m" in next(line for line in found.splitlines() if "inc-1" in line)


def test_an_instant_that_no_calendar_knows_is_a_usage_error(folder):
    for instant in (
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1989-12-31T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
    ):
        result = measure(folder, "--as-of", instant)
        assert (result.exit_code, result.stdout) == (2, "")


def test_the_table_shows_the_three_bases_side_by_side(folder):
    result = measure(folder)
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if "inc-1" in line)
    assert row.count("met 1h") == 3
    assert "restore        agreed  met            1" in result.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--what-if", "9"], "there is: hosting/1, hosting/2"),
        (["--feed", "other"], "there is: nimbus-status"),
        (["--as-of", "2026-05-04T10:00:00"], "zone"),
        (["--known-at", "soon"], "soon"),
        (["--feed-timezone", "Mars/Base"], "no IANA time zone"),
        (["--format", "telex"], "statuspage"),
        (["--provider", "cirrus"], "there is: nimbus"),
    ],
)
def test_what_is_not_there_is_a_usage_error_that_says_what_is(folder, options, words):
    result = measure(folder, "--json", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_file_that_is_not_there_is_a_usage_error(folder):
    assert measure(folder, paths=("nothing.json",)).exit_code == 2


def test_what_cannot_be_read_is_told_and_the_rest_is_measured(folder):
    (folder / "2026-05-04T120000Z_broken.json").write_bytes(b"<html>maintenance</html>")
    result = measure(folder, "--json", paths=("2026-05-04T120000Z_broken.json", "2026-05-04T130000Z_incidents.json"))
    assert result.exit_code == 1
    assert len(lines(result)) == 3
    assert "2026-05-04T120000Z_broken.json: not_json" in result.stderr


def test_broken_documents_stop_it_with_their_findings(folder):
    (folder / "documents" / "all.yaml").write_text(AGREEMENT)
    result = measure(folder, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no Provider document 'nimbus'" in result.stderr


def test_incidents_before_any_agreement_are_counted_not_hidden(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    (folder / "documents" / "all.yaml").write_text(
        text.replace("effective_from: 2026-01-01", "effective_from: 2026-06-01")
    )
    result = measure(folder, "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 incidents began while no agreement was in force; --what-if" in result.stderr


def test_files_without_a_time_prove_nothing_about_each_other(folder):
    (folder / "old.json").write_bytes(page(REPORTED, WORKING, RESTORED, RESOLVED, resolved_at="2026-05-04T12:00:00Z"))
    (folder / "other.json").write_bytes(page(REPORTED, WORKING, id="inc-2"))
    for basis in lines(measure(folder, "--json", paths=("other.json", "old.json"))):
        assert basis["elapsed_min_s"] == basis["elapsed_max_s"]


def test_a_revision_counts_how_often_the_verdict_was_told_anew(folder):
    for hour, body in (("10", page(REPORTED)), ("11", page(REPORTED, WORKING, RESTORED))):
        (folder / f"2026-05-04T{hour}3000Z_incidents.json").write_bytes(body)
    paths = tuple(sorted(path.name for path in folder.glob("*.json")))
    first = lines(measure(folder, "--json", "--known-at", "2026-05-04T10:45:00Z", paths=paths))[0]
    then = lines(measure(folder, "--json", paths=paths))[0]
    assert (first["revision"], then["revision"]) == (1, 2)
    assert first["incident_id"] == then["incident_id"]


def decide(folder: Path, **fields: Any) -> tuple[str, str]:
    """Write one statement of ours to a file, and return the options that name it."""
    told = {"source_incident_id": "inc-1", "published_at": "2026-05-04T10:05:00Z", **fields}
    path = folder / "decisions.jsonl"
    path.write_bytes(orjson.dumps({name: value for name, value in told.items() if value is not None}) + b"\n")
    return "--decisions", str(path)


def test_what_our_people_saw_counts_for_the_incident_that_they_name(folder):
    said = decide(
        folder,
        phase="restored",
        claimed_at="2026-05-04T09:50:00Z",
        claimed_end_at="2026-05-04T11:30:00Z",
        published_at="2026-05-04T11:40:00Z",
    )
    after = lines(measure(folder, "--json", *said))
    assert {one["source_incident_id"] for one in after} == {"inc-1"}, "no incident of its own"
    seen = {one["basis"]: (one["started_at"], one["stopped_at"]) for one in after}
    assert seen["claimed"] == ("2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z")
    assert seen["observed"] == ("2026-05-04T09:50:00Z", "2026-05-04T11:30:00Z")


@pytest.mark.parametrize("phase", ["update", "acknowledged", "restored"])
def test_what_our_people_say_of_its_course_shows_no_failure_that_began_then(folder, phase):
    said = decide(folder, phase=phase, published_at="2026-05-04T10:50:00Z")
    assert {one["started_at"] for one in lines(measure(folder, "--json", *said))} == {"2026-05-04T10:00:00Z"}


def test_a_decision_that_names_the_feed_is_the_same_as_one_that_takes_it_for_granted(folder):
    said: dict[str, Any] = {"phase": "restored", "claimed_at": "2026-05-04T11:30:00Z"}
    plain = measure(folder, "--json", *decide(folder, **said)).stdout
    assert measure(folder, "--json", *decide(folder, **said, source="nimbus-status")).stdout == plain


def test_a_decision_about_an_incident_that_nobody_reported_is_told_and_changes_nothing(folder):
    before = measure(folder, "--json").stdout
    said = decide(folder, source_incident_id="inc-9", phase="paused", reason="awaiting_customer")
    after = measure(folder, "--json", *said)
    assert (after.exit_code, after.stdout) == (1, before)
    assert "no payload tells of incident 'inc-9' of feed 'nimbus-status'" in after.stderr


def test_an_accepted_pause_from_a_file_changes_the_agreed_verdict(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    pauses = "    pauses:\n      - {reason: awaiting_customer, objectives: [restore], needs_acceptance: true}\n"
    text = text.replace("p1: 4h", "p1: 30m", 1).replace("    stability_window", pauses + "    stability_window", 1)
    (folder / "documents" / "all.yaml").write_text(text)
    pause = {"source_incident_id": "inc-1", "phase": "paused", "reason": "awaiting_customer"}
    claim = {
        **pause,
        "speaker": "provider",
        "source_update_id": "p1",
        "claimed_at": "2026-05-04T10:05:00Z",
        "claimed_end_at": "2026-05-04T10:50:00Z",
        "published_at": "2026-05-04T10:05:00Z",
    }
    ruling = {**pause, "ruling": "accepted", "concerns": "p1", "published_at": "2026-05-04T12:30:00Z"}
    path = folder / "decisions.jsonl"
    verdicts = []
    for said in ([], [claim], [claim, ruling], [claim, {**ruling, "ruling": "rejected"}]):
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in said))
        found = lines(measure(folder, "--json", "--decisions", str(path)))
        verdicts.append({one["basis"]: (one["verdict"], one["paused_s"]) for one in found})
    assert [one["agreed"] for one in verdicts] == [
        ("breached", 0.0), ("breached", 0.0), ("met", 2700.0), ("breached", 0.0),
    ]  # fmt: skip
    assert [one["claimed"] for one in verdicts] == [("breached", 0.0), *[("met", 2700.0)] * 3]


def test_our_people_may_report_what_the_provider_does_not_admit(folder):
    said = decide(folder, source_incident_id="desk-1", phase="reported", services=["vm"], severity="major")
    result = measure(folder, "--json", *said)
    assert result.exit_code == 0
    assert {one["source_incident_id"] for one in lines(result)} == {"inc-1"}, "seen at the same time: our witness of it"
    said = decide(
        folder, source_incident_id="desk-1", phase="reported", published_at="2026-05-05T10:00:00Z", severity="major"
    )
    assert {one["source_incident_id"] for one in lines(measure(folder, "--json", *said))} == {"inc-1", "desk-1"}


def test_a_decision_that_can_not_be_read_is_told_with_its_line(folder):
    result = measure(folder, "--json", *decide(folder, phase="pause"))
    assert (result.exit_code, len(lines(result))) == (1, 3)
    assert "decisions.jsonl:1: wrong_shape: phase" in result.stderr
    assert measure(folder, "--decisions", str(folder / "none.jsonl")).exit_code == 2


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("format_name", "source"),
    [("statuspage", "statuspage/github_incidents"), ("statuspage", "statuspage/oci_polls"), ("google-cloud", "gcp")],
)
def test_real_payloads_give_no_absurd_figures(folder, format_name, source):
    text = (folder / "documents" / "all.yaml").read_text()
    text = text.replace("[major]", "[major, critical, high]").replace("[minor]", "[minor, medium, low, none]")
    text = text.replace("p1: 4h,", "p1: 4h, p2: 8h,").replace(
        "effective_from: 2026-01-01", "effective_from: 2010-01-01"
    )
    targets = "".join(
        f"      - {{objective: {name}, p1: 1h, p2: 2h}}\n"
        for name in ("notify", "acknowledge", "respond", "update", "workaround", "resolve")
    )
    (folder / "documents" / "all.yaml").write_text(
        text.replace("    stability_window", targets + "    stability_window")
    )
    result = measure(
        folder, "--json", "--format", format_name, "--as-of", "2026-11-01T00:00:00Z", paths=(str(corpus_dir(source)),)
    )
    assert result.exit_code == 0
    found = lines(result)
    assert len({one["source_incident_id"] for one in found}) >= 5
    for one in found:
        least, most = one["elapsed_min_s"], one["elapsed_max_s"]
        assert least is None or least >= 0
        assert most is None or least <= most
        if one["verdict"] in ("met", "breached", "indeterminate") and most is not None:
            assert most < 100 * 86400, "GCP's longest claim is 59 days; beyond that something is mismeasured"
        assert one["verdict"] != "met" or most <= one["target_s"]
        assert one["verdict"] != "indeterminate" or most is None or most > 0, "a zero that means unknown"


def test_promises_are_counted_on_the_agreed_basis_and_told_in_one_line(folder):
    """Promised for 10:15, spoken at 10:20; promised for 11:30, spoken at 11:00."""
    documents = load_documents(folder / "documents")
    question = Question(documents, "nimbus", "statuspage", datetime(2026, 5, 5, tzinfo=UTC))
    at = [datetime(2026, 5, 4, 10, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in (0, 20, 60)]
    named = [at[0] + timedelta(minutes=15), at[0] + timedelta(minutes=90), None]
    phases = (Phase.REPORTED, Phase.ENGAGED, Phase.RESOLVED)
    notices = [
        Notice(
            notice_id=f"n{number}", source="nimbus-status", source_incident_id="inc-1", speaker=Speaker.PROVIDER,
            phase=phase, provider="nimbus", services=("vm",), severity="major", published_at=when, received_at=when,
            promised_at=promised,
        )
        for number, (when, promised, phase) in enumerate(zip(at, named, phases, strict=True))
    ]  # fmt: skip
    book = Book("nimbus")
    for offset, notice in enumerate(notices):
        book.apply(notice, Entry(offset, notice.received_at), Terms(documents))
    gathered = Gathered(book, tuple(notices), ())
    assert promises(question, gathered) == {"late": 1, "kept": 1}
    assert list(_promises(question, gathered, is_whole=True)) == ["promises       kept 1 of 2 (1 late)"]
    assert list(_promises(question, gathered, is_whole=False)) == [], "a part says nothing of the whole"
