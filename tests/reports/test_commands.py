"""Reports by command from a real index: the postmortem of an incident, a scorecard, the pack of a review."""

from pathlib import Path

import orjson
import pytest
import yaml
from typer.testing import CliRunner, Result

from holdfast.cli import build
from holdfast.sample import Shape, history
from models.documents import to_wire
from models.records import IncidentDocument
from tests.support.seeded import MONTH, Seeded
from tests.support.stack import Stack

pytestmark = pytest.mark.live

PROVIDER = "arbor-cloud"
AS_OF = "2026-05-27T19:20:00Z"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the documents of the seeded month."""
    folder = tmp_path_factory.mktemp("documents")
    content = [orjson.loads(to_wire(one)) for one in history(Shape(begin=MONTH)).documents]
    (folder / "all.yaml").write_text(yaml.safe_dump_all(content))
    return folder


@pytest.fixture
def run(seeded: Seeded, stack: Stack, documents: Path):
    """Return a way to run a command on the seeded month."""
    env = {
        "HOLDFAST_PREFIX": seeded.names.prefix,
        "HOLDFAST_ELASTICSEARCH": stack.elasticsearch,
        "HOLDFAST_PUBLIC_URL": "https://board.example",
    }

    def ran(*arguments: str) -> Result:
        return CliRunner().invoke(build(), [*arguments, "--documents", str(documents)], env=env)

    return ran


@pytest.fixture
def incident(seeded: Seeded) -> str:
    """Return an incident of the provider that is over, by its id."""
    every = (one for one in seeded.documents if isinstance(one, IncidentDocument) and one.provider == PROVIDER)
    return next(one.incident_id for one in every if one.resolved_at is not None and one.kind == "incident")


def test_a_postmortem_is_markdown_on_stdout_and_files_in_all_forms(run, incident, tmp_path):
    result = run("postmortem", incident[:12], "--as-of", AS_OF)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("# Postmortem: ")
    assert f"](<https://board.example/incidents/{incident}>)" in result.stdout
    files = [tmp_path / name for name in ("p.md", "p.html", "p.pdf")]
    paths = [
        argument
        for option, path in zip(("--markdown", "--html", "--pdf"), files, strict=True)
        for argument in (option, str(path))
    ]
    first = run("postmortem", incident, "--as-of", AS_OF, *paths)
    assert first.exit_code == 0, first.output
    assert files[0].read_text() == result.stdout
    bytes_before = [path.read_bytes() for path in files]
    assert bytes_before[2].startswith(b"%PDF-1.")
    run("postmortem", incident, "--as-of", AS_OF, *paths)
    assert [path.read_bytes() for path in files] == bytes_before


def test_a_postmortem_as_json_names_the_documents_and_they_are_there(run, incident, seeded):
    told = orjson.loads(run("postmortem", incident, "--json").stdout)
    table = next(one for one in told["blocks"] if one.get("caption", "").startswith("Clocks on three bases"))
    (name,) = table["rows"][0][4]["evidence"]
    index, _, document_id = name.partition("/")
    assert index == "clocks"
    assert any(one["clock_id"] == document_id for one in seeded.wire["clocks"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("postmortem", "no-such-incident"),
        ("scorecard", "--provider", "nobody"),
        ("scorecard", "--provider", PROVIDER, "--period", "autumn"),
    ],
)
def test_what_is_not_there_ends_with_a_word(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "no " in result.stderr


def test_nothing_was_known_before_it_began(run, incident):
    result = run("postmortem", incident, "--as-of", "2026-04-01T00:00:00Z")
    assert result.exit_code == 2
    assert "nothing was known" in result.stderr


def test_a_scorecard_takes_weights_from_a_file(run, tmp_path):
    weights = tmp_path / "weights.yaml"
    weights.write_text("recovery: 1\n")
    result = run(
        "scorecard", "--provider", PROVIDER, "--period", "2026-05", "--as-of", AS_OF, "--weights", str(weights)
    )
    assert result.exit_code == 0, result.output
    assert "| recovery |" in result.stdout
    assert "> **Score:**" in result.stdout
    weights.write_text("speed: 1\n")
    wrong = run("scorecard", "--provider", PROVIDER, "--weights", str(weights))
    assert wrong.exit_code == 2
    assert "no dimension 'speed'" in wrong.output


def test_a_pack_has_all_its_files_and_the_same_bytes_again(run, tmp_path):
    arguments = ("review", "--provider", PROVIDER, "--quarter", "2026-05", "--as-of", AS_OF, "--out")
    for name in ("one", "other"):
        result = run(*arguments, str(tmp_path / name))
        assert result.exit_code == 0, result.output
    one, other = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "other")
    )
    assert {"review.md", "review.html", "review.pdf", "credits.csv", "credits.json", "data.json"} <= {
        str(path) for path in one
    }
    assert any(path.suffix == ".svg" for path in one)
    assert one == other
    assert orjson.loads(one[Path("data.json")])["title"] == f"Review pack: {PROVIDER}, 2026-05"


def test_a_directory_that_is_a_file_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("")
    assert run("review", "--provider", PROVIDER, "--out", str(tmp_path / "file")).exit_code == 2
