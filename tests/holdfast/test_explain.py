"""``holdfast explain``: the story of one verdict, from files and from the index."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from board.store import UnknownIncidentError
from holdfast.cli import build
from holdfast.documents import load_documents
from holdfast.explaining import Asked, ClockName, UnknownClockError, find
from holdfast.explaining_index import explain_indexed
from models.book import Book, Entry
from models.correlation import incident_id
from models.notice import Notice
from models.records import ClockDocument, IncidentDocument
from models.telling import Terms
from tests.board.conftest import put
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER
from tests.holdfast.test_measure import REPORTED, RESOLVED, RESTORED, WORKING, page

KEYS = [
    "clock_id", "incident_id", "source_incident_id", "title", "provider", "services", "objective", "basis", "ordinal",
    "as_of", "verdict", "reason", "rule", "priority_steps", "start", "stop", "started_at", "due_at", "stopped_at",
    "elapsed_min_s", "elapsed_max_s", "paused_s", "breached_at", "intervals", "stated", "bases", "warnings", "next",
    "revisions",
]  # fmt: skip
TERMS = """\
      - {objective: update, p1: 15m}
    pauses: [{reason: awaiting_customer, objectives: [restore], needs_acceptance: true, limit: 20m}]
    exclusions: [force_majeure]
    stability_window"""
LATER = "2026-05-05T00:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, and two looks at a page: at 10:30 with two updates, at 13:00 with all four."""
    documents = tmp_path / "documents"
    documents.mkdir()
    agreement = AGREEMENT.replace("    stability_window", TERMS, 1).replace("p1: 4h,", "p1: 30m, warn_at: [0.5],")
    (documents / "all.yaml").write_text("---\n".join((agreement, PROVIDER, POLICY)))
    (tmp_path / "2026-05-04T103000Z_incidents.json").write_bytes(page(REPORTED, WORKING))
    whole = page(REPORTED, WORKING, RESTORED, RESOLVED, resolved_at="2026-05-04T12:00:00Z")
    (tmp_path / "2026-05-04T130000Z_incidents.json").write_bytes(whole)
    return tmp_path


def explain(folder: Path, clock: str, *options: str) -> Result:
    files = sorted(str(path) for path in folder.glob("2026*.json"))
    fixed = ["--documents", str(folder / "documents"), "--provider", "nimbus", "--format", "statuspage"]
    return CliRunner().invoke(build(), ["explain", clock, *files, *fixed, "--as-of", LATER, *options])


def told(folder: Path, clock: str, *options: str) -> dict[str, Any]:
    result = explain(folder, clock, "--json", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = orjson.loads(result.stdout)
    return found


def statement(folder: Path, **fields: Any) -> tuple[str, str]:
    """Write one statement of our own people and return the options that name it."""
    line = {"source_incident_id": "inc-1", "published_at": "2026-05-04T10:50:00Z", **fields}
    with (folder / "decisions.jsonl").open("ab") as file:
        file.write(orjson.dumps(line) + b"\n")
    return "--decisions", str(folder / "decisions.jsonl")


def test_the_object_has_the_agreed_keys_and_says_what_measure_says(folder):
    found = told(folder, "inc-1/restore")
    assert list(found) == KEYS
    assert (found["verdict"], found["elapsed_min_s"], found["breached_at"]) == (
        "breached", 3600.0, "2026-05-04T10:30:00Z",
    )  # fmt: skip
    assert (found["rule"]["path"], found["rule"]["limit"]) == ("versions[0].targets[0].p1", "30m")


def test_an_endpoint_tells_whose_word_it_is_and_when_we_had_it(folder):
    stop = told(folder, "inc-1/restore/observed")["stop"]
    assert (stop["earliest"], stop["latest"]) == ("2026-05-04T10:30:00Z", "2026-05-04T13:00:00Z")
    assert (stop["speaker"], stop["source"], stop["phase"]) == ("provider", "nimbus-status", "restored")
    assert stop["published_at"] == "2026-05-04T11:00:00Z"
    assert (stop["received_after"], stop["received_at"]) == ("2026-05-04T10:30:00Z", "2026-05-04T13:00:00Z")
    assert stop["words"] == "monitoring at 11:00:00"


def test_each_revision_names_the_notice_or_time_that_made_it(folder):
    found = told(folder, "inc-1/restore/observed")
    last = found["revisions"][-1]
    assert last["verdict"] == found["verdict"]
    assert {one["at"] for one in found["revisions"]} >= {"2026-05-04T10:30:00Z"}
    assert found["revisions"][0]["notice_id"] == found["start"]["notice_id"]


def test_the_same_clock_has_many_names(folder):
    one = told(folder, "inc-1/restore")
    for name in (one["clock_id"], "inc-1/restore/agreed", "inc-1/restore/agreed/0", one["incident_id"] + "/restore"):
        assert told(folder, name) == one
    assert told(folder, "inc-1/restore/claimed")["clock_id"] != one["clock_id"]
    assert told(folder, "inc-1/update/agreed/1")["ordinal"] == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("inc-1/update", "is 3 clocks: inc-1/update/agreed/0, inc-1/update/agreed/1, inc-1/update/agreed/2"),
        ("inc-1/resolve", "no clock 'inc-1/resolve'; near it: inc-1/update/agreed/0"),
        ("inc-1/restore/agreed/7", "near it: inc-1/"),
        ("inc-1", "near it: inc-1/"),
        ("inc-2/restore", "inc-1/restore/agreed/0"),
        ("0123456789abcdef", "no clock '0123456789abcdef'"),
        ("inc-1/restore/agreed/0/9", "near it"),
    ],
    ids=[
        "several gaps",
        "an objective not agreed",
        "no such gap",
        "an incident",
        "another incident",
        "an id",
        "too long",
    ],
)
def test_a_clock_that_is_not_there_or_is_several_lists_near_ones(folder, name, words):
    result = explain(folder, name, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_without_any_clock_there_is_nothing_near():
    with pytest.raises(UnknownClockError, match="there is none"):
        find([], "inc-1/restore")


def test_an_incident_whose_own_id_has_slashes_can_be_named():
    clock = ClockName("x" * 32, "INC/2026/7", "restore|agreed|0")
    assert find([clock], "INC/2026/7/restore") == clock
    assert Asked.parse("restore/7") is None


def test_a_pause_is_told_with_who_asked_who_ruled_and_why(folder):
    named = {"claimed_at": "2026-05-04T10:10:00Z", "claimed_end_at": "2026-05-04T10:45:00Z"}
    options = statement(folder, phase="paused", reason="awaiting_customer", **named)
    (one,) = told(folder, "inc-1/restore", *options)["stated"]
    assert (one["ruling"], one["counts"], one["covers_s"]) == ("accepted", True, 2100.0)
    assert "only up to the limit of 20m" in one["why"]
    text = " ".join(explain(folder, "inc-1/restore", *options).stdout.split())
    assert "paused (awaiting_customer), not counted" in text
    assert "asked for by our own people (nimbus-status) at 2026-05-04 10:50:00" in text


def test_what_was_known_then_is_another_story(folder):
    then = told(folder, "inc-1/restore", "--known-at", "2026-05-04T11:00:00Z")
    assert (then["verdict"], then["stop"]) == ("overdue", None)


def test_people_read_it_in_plain_words(folder):
    result = explain(folder, "inc-1/restore")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 0
    for words in (
        "breached, by the agreement's rules of evidence: it took 1h; 30m were agreed.",
        "The limit passed at 2026-05-04 10:30:00, whenever anybody looked.",
        "hosting version 1, in force from 2026-01-01: versions[0].targets[0].p1",
        "p1 from 2026-05-04 10:00:00 by severity 'major' of the provider (nimbus-status)",
        "not there yet at 2026-05-04 10:30:00",
        '"monitoring at 11:00:00"',
        "claimed: breached, took 1h",
        "nothing by time alone: only a new notice",
        "restored by the provider, notice",
    ):
        assert words in text
    assert all(len(line) <= 140 for line in result.stdout.splitlines()[3:])


def test_a_story_of_doubt_says_what_would_end_it(folder):
    text = " ".join(explain(folder, "inc-1/restore/observed").stdout.split())
    assert "known only to that interval" in text
    assert "counts only perhaps" in text
    assert "and perhaps" in text


def test_many_pieces_are_told_day_by_day(folder):
    text = (folder / "documents" / "all.yaml").read_text()
    text = text.replace("always: {hours: 24x7}", 'always: {hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}')
    (folder / "documents" / "all.yaml").write_text(text)
    for file in folder.glob("2026*.json"):
        file.unlink()
    (folder / "2026-05-04T103000Z_incidents.json").write_bytes(page(REPORTED))
    result = explain(folder, "inc-1/restore", "--as-of", "2026-07-24T00:00:00Z")
    text = " ".join(result.stdout.split())
    assert "Tue 2026-05-05 7h counted (the rest closed or quiet; Europe/Berlin)" in text
    assert "more days with" in text


def test_the_text_of_a_provider_is_no_command_to_a_terminal(folder):
    for file in folder.glob("2026*.json"):
        file.unlink()
    (folder / "2026-05-04T103000Z_incidents.json").write_bytes(page({**REPORTED, "body": "\x1b[31mred [bold]x"}))
    result = explain(folder, "inc-1/restore")
    assert "\x1b" not in result.stdout
    assert "[bold]x" in result.stdout


@pytest.mark.parametrize(
    ("drop", "words"), [("--provider", "need --documents, --provider and --format"), ("--format", "--format")]
)
def test_files_need_to_be_told_whose_they_are(folder, drop, words):
    fixed = {"--documents": str(folder / "documents"), "--provider": "nimbus", "--format": "statuspage"}
    options = [part for name, value in fixed.items() if name != drop for part in (name, value)]
    result = CliRunner().invoke(build(), ["explain", "inc-1/restore", str(folder), *options])
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


class Shelf:
    """What the index holds of one incident; the searches that ``explain`` asks for, answered from memory."""

    def __init__(self, folder: Path, notices: list[Notice]) -> None:
        self.kept = notices
        book, terms = Book("nimbus"), Terms(load_documents(folder / "documents"))
        written = [
            one for offset, notice in enumerate(notices)
            for one in book.apply(notice, Entry(offset, notice.received_at), terms)
        ]  # fmt: skip
        self.incidents = {one.incident_id: one for one in written if isinstance(one, IncidentDocument)}
        self.clocks = {one.clock_id: one for one in written if isinstance(one, ClockDocument)}

    def clock(self, clock_id: str) -> ClockDocument | None:
        return self.clocks.get(clock_id)

    def resolve(self, text: str) -> IncidentDocument:
        for one in self.incidents.values():
            if one.incident_id.startswith(text) or one.source_incident_id == text:
                return one
        raise UnknownIncidentError(text)

    def notices(self, _: IncidentDocument) -> list[Notice]:
        return self.kept


@pytest.fixture
def shelf(folder):
    from feeds.files import sheets
    from feeds.series import FeedContext, replay

    documents = load_documents(folder / "documents")
    found, _ = sheets(sorted(folder.glob("2026*.json")))
    payloads = [sheet.load("nimbus-status", "statuspage") for sheet in found]
    context = FeedContext("nimbus-status", "statuspage", None, documents.providers["nimbus"], documents)
    return Shelf(folder, [notice for one in replay(payloads, context) for notice in one.notices])


def indexed(folder: Path, shelf: Any, text: str, known_at: datetime | None = None) -> dict[str, Any]:
    documents = load_documents(folder / "documents")
    return explain_indexed(text, shelf, documents, datetime(2026, 5, 5, tzinfo=UTC), known_at).line()


def test_the_index_tells_the_same_story_as_the_files(folder, shelf):
    name = incident_id("nimbus", ("nimbus-status", "inc-1"))
    whole = told(folder, "inc-1/restore")
    for text in ("inc-1/restore", whole["clock_id"], f"{name}/restore/agreed", f"{name[:8]}/restore"):
        assert indexed(folder, shelf, text) == whole


def test_the_index_tells_what_was_known_then(folder, shelf):
    then = indexed(folder, shelf, "inc-1/restore", datetime(2026, 5, 4, 11, tzinfo=UTC))
    assert then["verdict"] == "overdue"


def test_what_the_index_does_not_have_is_said(folder, shelf):
    with pytest.raises(UnknownIncidentError, match="INCIDENT/objective"):
        indexed(folder, shelf, "f" * 32)
    with pytest.raises(UnknownIncidentError):
        indexed(folder, shelf, "inc-2/restore")
    with pytest.raises(UnknownClockError, match="near it"):
        indexed(folder, shelf, "inc-1/resolve")
    text = (folder / "documents" / "all.yaml").read_text().replace("2026-01-01", "2027-01-01")
    (folder / "documents" / "all.yaml").write_text(text)
    with pytest.raises(UnknownClockError, match="no agreement was in force"):
        indexed(folder, shelf, "inc-1/restore")


def test_where_no_server_answers_the_next_step_is_told(folder, monkeypatch):
    monkeypatch.setenv("HOLDFAST_ELASTICSEARCH", "http://127.0.0.1:9")
    result = CliRunner().invoke(build(), ["explain", "inc-1/restore", "--documents", str(folder / "documents")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "with payload files none are needed" in result.stderr


@pytest.mark.live
def test_a_real_index_and_topic_tell_the_same_story_as_the_files(folder, shelf, installation):
    """Documents come from the topic where no directory is named."""
    env = {
        "HOLDFAST_PREFIX": installation.prefix,
        "HOLDFAST_ELASTICSEARCH": installation.elasticsearch,
        "HOLDFAST_KAFKA": installation.kafka,
    }
    put(installation, [*shelf.kept, *shelf.incidents.values(), *shelf.clocks.values()])
    whole = told(folder, "inc-1/restore")
    applied = CliRunner().invoke(build(), ["apply", str(folder / "documents")], env=env)
    assert applied.exit_code == 0, applied.output
    for options in (["--documents", str(folder / "documents")], []):
        for clock in ("inc-1/restore", whole["clock_id"]):
            result = CliRunner().invoke(build(), ["explain", clock, *options, "--as-of", LATER, "--json"], env=env)
            assert result.exit_code == 0, result.output
            assert orjson.loads(result.stdout) == whole
    unknown = CliRunner().invoke(build(), ["explain", "f" * 32], env=env)
    assert unknown.exit_code == 2
    assert "INCIDENT/objective" in unknown.stderr
