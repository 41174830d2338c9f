"""Reviews and handoffs from a real index and a real broker: by command, by the API and on the board's pages."""

from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest
import yaml
from typer.testing import CliRunner, Result

from feeds.answers import read
from holdfast import kafka
from holdfast.cli import build
from holdfast.clock import Clock
from holdfast.settings import Settings
from models.communication import Communication
from models.documents import document_key, from_wire, to_wire
from models.raw import RawPayload
from models.topics import Stream
from tests.board.conftest import ANSWER_S, TOKEN, Board, eventually, put
from tests.support import samples
from tests.support.reviews import contract, version

pytestmark = pytest.mark.live

NOW = Clock.from_text(None).now()
FIRST = (NOW - timedelta(days=40)).date().isoformat()
PROVIDER = {
    "apiVersion": "holdfast/v1",
    "kind": "Provider",
    "id": "nimbus",
    "name": "Nimbus",
    "contacts": {
        "nimbus-sm": {"name": "Service manager", "side": "provider"},
        "us-vm": {"name": "Vendor manager", "side": "customer"},
    },
    "services": {"mail": {}},
}
AGREEMENT = contract(version(FIRST, review={"every": "week", "due_within": "1d", "owners": ["us-vm", "nimbus-sm"]}))
HELD = ["reviews", "hold", "--provider", "nimbus", "--by", "us-vm", "--present", "us-vm", "--minutes", "-"]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return a directory with a provider and an agreement of weekly reviews, the first of which were missed."""
    told = [PROVIDER, AGREEMENT.model_dump(mode="json", by_alias=True, exclude_none=True)]
    (tmp_path / "documents.yaml").write_text(yaml.safe_dump_all(told))
    return tmp_path


def _run(settings: Settings, *arguments: str, text: str | None = None) -> Result:
    env = {
        "HOLDFAST_PREFIX": settings.prefix,
        "HOLDFAST_ELASTICSEARCH": settings.elasticsearch,
        "HOLDFAST_KAFKA": settings.kafka,
        "COLUMNS": "200",
    }
    return CliRunner().invoke(build(), list(arguments), env=env, input=text)


def _on_record(settings: Settings) -> list[Communication]:
    """Return what the raw topic has, as the normaliser reads it."""
    found = kafka.read_all(settings, kafka.names(settings).topic(Stream.RAW))
    return [one for record in found for one in read(RawPayload.from_wire(record.value)).communications]


def _incident(settings: Settings) -> None:
    """Put an incident of last week with a breach and an open clock into the index."""
    started = NOW - timedelta(days=8)
    common = {"started_at": started, "agreement_version": FIRST}
    incident = samples.incident(0, **common, claimed_started_at=started, last_notice_at=started)
    breach = samples.clock(0, **common, verdict="breached", elapsed_min_s=18_000.0, elapsed_max_s=18_000.0)
    put(settings, [incident, breach, samples.plan(0), samples.page(0), samples.delivery(0)])


def test_a_missed_review_is_held_and_its_action_is_done(installation: Settings, documents: Path) -> None:
    where = ("--documents", str(documents))
    _incident(installation)
    listed = _run(installation, "reviews", "list", *where, "--json")
    rows = [orjson.loads(line) for line in listed.stdout.splitlines()]
    missed = [row for row in rows if row["state"] == "missed"]
    assert (listed.exit_code, len(missed) >= 3) == (1, True), listed.output
    week = missed[-1]["period"]
    agenda = _run(installation, "reviews", "agenda", "--provider", "nimbus", *where, "--json")
    kinds = {one["kind"] for one in orjson.loads(agenda.stdout)["points"]}
    assert {"review_missed", "open"} <= kinds, agenda.output
    assert (
        "# Review of nimbus"
        in _run(installation, "reviews", "agenda", "--provider", "nimbus", *where, "--markdown").stdout
    )
    held = _run(
        installation, *HELD, "--period", week, *where, "--decision", "Stay.",
        "--action", "nimbus-sm: report by 2099-01-01", "--json", text="We met.",
    )  # fmt: skip
    assert held.exit_code == 0, held.output
    assert "owners of the review: nimbus-sm" in held.stderr
    put(installation, _on_record(installation))
    rows = [orjson.loads(line) for line in _run(installation, "reviews", "list", *where, "--json").stdout.splitlines()]
    assert next(row for row in rows if row["period"] == week)["state"] == "held"
    action_id = orjson.loads(held.stdout)["actions"][0]["action_id"]
    assert "report" in _run(installation, "reviews", "actions", "--open", *where).stdout
    assert _run(installation, "reviews", "done", action_id[:8], "--by", "us-vm", *where).exit_code == 0
    put(installation, _on_record(installation))
    assert _run(installation, "reviews", "actions", "--open", *where).stdout.strip() == "no open action"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reviews", "agenda", "--provider", "nobody"), "no provider 'nobody'"),
        (("reviews", "agenda", "--provider", "nimbus", "--period", "1999-01"), "asks for a review of 1999-01"),
        ((*HELD, "--period", "May"), "is no period"),
        ((*HELD, "--action", "somebody: call"), "no contact somebody"),
        (("reviews", "done", "abcdef", "--by", "us-vm"), "no action has the id"),
        (("handoff", "--since", "forever"), "is no duration"),
        (("handoff", "--rota", "none"), "no rota none"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(
    installation: Settings, documents: Path, arguments: tuple[str, ...], words: str
) -> None:
    answer = _run(installation, *arguments, "--documents", str(documents), text="We met.")
    assert (answer.exit_code, words in answer.stderr.replace("\n", " ")) == (2, True), answer.output


def test_a_handoff_says_what_is_open_or_that_nothing_is(installation: Settings, documents: Path) -> None:
    where = ("--documents", str(documents))
    quiet = _run(installation, "handoff", *where)
    assert (quiet.exit_code, "Nothing is open" in quiet.stdout) == (0, True), quiet.output
    _incident(installation)
    told = _run(installation, "handoff", *where).stdout
    assert "Open incidents" in told
    assert "Duty manager by webhook" in told
    assert orjson.loads(_run(installation, "handoff", *where, "--json").stdout)["is_quiet"] is False


def test_the_board_shows_reviews_and_handoffs_and_takes_minutes(board: Board) -> None:
    with kafka.Publisher(board.settings) as publisher:
        for document in (from_wire(orjson.dumps(PROVIDER)), AGREEMENT):
            publisher.send(Stream.DOCUMENTS, document_key(document), to_wire(document))
    _incident(board.settings)
    eventually(lambda: "nimbus-hosting" in board.get("/reviews").text)
    assert "missed" in board.get("/reviews").text
    found = board.get("/api/reviews", params={"provider": "nimbus"}).json()["reviews"]
    week = next(one["period"] for one in reversed(found) if one["state"] == "missed")
    assert "Incidents that are not over" in board.get("/reviews/agenda", params={"provider": "nimbus"}).text
    assert board.get("/api/reviews/agenda", params={"provider": "nimbus", "period": week}).json()["agendas"][0][
        "points"
    ]
    assert board.get("/reviews/agenda", params={"provider": "nobody"}).status_code == 404
    assert board.get("/api/handoff", params={"since": "never"}).status_code == 422
    assert "Open incidents" in board.get("/handoff").text
    assert board.get("/api/handoff").json()["incidents"]
    minutes = {"provider": "nimbus", "period": week, "present": ["us-vm"], "by": "us-vm", "minutes": "We met."}
    assert _post(board, minutes, token=None).status_code == 401
    assert _post(board, {**minutes, "by": "nobody"}).status_code == 422
    answer = _post(board, minutes)
    assert answer.status_code == 202, answer.text
    told = _on_record(board.settings)
    assert [one.communication_id for one in told] == [answer.json()["communication_id"]]


def _post(board: Board, content: object, token: str | None = TOKEN) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{board.url}/api/reviews", json=content, headers=headers, timeout=ANSWER_S)
