"""The documents tell the truth: links lead somewhere; commands, settings, reasons, metrics and words are all told."""

import re
import time
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client import CollectorRegistry

from board.metrics import Metrics as BoardMetrics
from consumers.metrics import IndexerMetrics, MailboxMetrics, NotifierMetrics, WatchMetrics
from consumers.signature import sign
from feeds.errors import REASONS
from feeds.registry import FORMATS
from holdfast.cli import build
from holdfast.settings import Settings
from models.answers import AnswerAction
from models.audit import Fault
from models.decision import Action
from models.notice import Identity, Phase, Speaker
from models.paging import RungState
from models.records import Basis, Objective, Verdict
from models.topics import Stream
from models.watch import Trouble
from streams.metrics import Metrics as WorkerMetrics

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read(path: Path) -> str:
    """Return a page's text."""
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    """Return a page's path in the project."""
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made on the web."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def commands() -> dict[str, set[str]]:
    """Return every command, ``dead-letters list`` and such by two words, with its options."""

    def walk(group: Any, before: str) -> Iterator[tuple[str, set[str]]]:
        for key, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from walk(command, f"{before}{key} ")
            else:
                options = chain.from_iterable(getattr(one, "opts", ()) for one in command.params)
                yield f"{before}{key}", {option for option in options if option.startswith("-")} | {"--help"}

    return dict(walk(typer.main.get_command(build()), ""))


COMMANDS = commands()
GROUPS = {command.split()[0] for command in COMMANDS if " " in command}


def told_commands() -> list[tuple[str, str]]:
    """Return every ``holdfast ...`` that a page shows, in its code blocks and within its lines: (page, words)."""
    found = []
    for page in PAGES:
        text = read(page)
        blocks = "\n".join(FENCE.findall(text))
        lines = re.findall(r"^(?:\$ |[A-Z_]+=\S+ |python3 run\.py )*holdfast ([a-z][^#\n]*)", blocks, re.MULTILINE)
        inline = re.findall(r"`(?:python3 run\.py )?holdfast ([a-z][^`]*)`", FENCE.sub("", text))
        found += [(name(page), " ".join(words.split())) for words in [*lines, *inline]]
    return found


def parts(words: str) -> tuple[str, set[str]]:
    """Return the command and the options of a shown command line."""
    known = words.split()
    length = 2 if known[0] in GROUPS and len(known) > 1 else 1
    options = {word.split("=")[0].rstrip(".,;") for word in known[length:] if re.match(r"-{1,2}[a-z]", word)}
    return " ".join(known[:length]), options


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", read(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_page_of_the_documents_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in LINK.findall(read(page))
        if not re.match(r"[a-z]+:", target)
    }
    assert [name(page) for page in DOCS.rglob("*.md") if page not in linked and page.name != "index.md"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_reference_with_its_options(command: str) -> None:
    text = read(DOCS / "reference" / "commands.md")
    assert f"### `holdfast {command}`" in text
    section = text.split(f"### `holdfast {command}`\n")[1].split("\n##")[0]
    assert [option for option in COMMANDS[command] - {"--help"} if f"`{option}`" not in section] == []


def helps() -> Iterator[tuple[str, str]]:
    """Yield every command with its help text, and every option with its own."""

    def walk(group: Any, before: str) -> Iterator[tuple[str, str]]:
        for command in group.commands.values():
            words = f"{before}{command.name}"
            yield words, command.help or ""
            yield from ((f"{words} {one.name}", getattr(one, "help", None) or "") for one in command.params)
            if hasattr(command, "commands"):
                yield from walk(command, f"{words} ")

    return walk(typer.main.get_command(build()), "")


def test_no_help_text_has_brackets_that_the_terminal_takes_for_markup() -> None:
    assert [words for words, text in helps() if re.search(r"\[[a-z/#]", text)] == []


def test_the_reference_tells_of_no_command_that_is_not_there() -> None:
    told = set(re.findall(r"^### `holdfast (.+)`$", read(DOCS / "reference" / "commands.md"), re.MULTILINE))
    assert told == set(COMMANDS)


@pytest.mark.parametrize(("page", "words"), told_commands())
def test_a_command_line_that_a_page_shows_can_be_typed(page: str, words: str) -> None:
    command, options = parts(words)
    if command in GROUPS or command == "COMMAND":
        return
    assert command in COMMANDS, f"{page}: holdfast {words}"
    assert options <= COMMANDS[command], f"{page}: holdfast {words}"


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_reference(field: str) -> None:
    assert f"`HOLDFAST_{field.upper()}`" in read(DOCS / "reference" / "settings.md")


def test_no_page_names_a_setting_that_is_not_there() -> None:
    known = {f"HOLDFAST_{field.upper()}" for field in Settings.model_fields}
    tests_own = {"HOLDFAST_TEST_KAFKA", "HOLDFAST_TEST_ELASTICSEARCH", "HOLDFAST_CORPUS", "HOLDFAST_HYPOTHESIS"}
    named = {word for page in PAGES for word in re.findall(r"\bHOLDFAST_[A-Z_]+[A-Z]\b", read(page))}
    assert named <= known | tests_own


@pytest.mark.parametrize("field", [key for key, one in Settings.model_fields.items() if isinstance(one.default, int)])
def test_the_reference_gives_the_defaults_that_are_in_force(field: str) -> None:
    default = str(Settings.model_fields[field].default).lower()
    assert f"| `HOLDFAST_{field.upper()}` | `{default}` |" in read(DOCS / "reference" / "settings.md")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_dead_letter_is_explained(reason: str) -> None:
    assert f"| `{reason}` |" in read(DOCS / "reference" / "dead-letters.md")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_told_where_feeds_are_connected(form: str) -> None:
    assert f"| `{form}` |" in read(DOCS / "how-to" / "connect-a-feed.md")


@pytest.mark.parametrize("stream", Stream)
def test_every_topic_is_in_the_reference(stream: Stream) -> None:
    assert f"`<prefix>.{stream.value}`" in read(DOCS / "reference" / "topics-and-indices.md")


def metrics() -> list[str]:
    """Return the names of all metrics as Prometheus shows them."""
    registry = CollectorRegistry()
    for stage in ("normalise", "track"):
        WorkerMetrics(stage, registry)
    consumers = (IndexerMetrics(), NotifierMetrics(), MailboxMetrics(), WatchMetrics())
    registries = (registry, *(one.registry for one in consumers), BoardMetrics().registry)
    found = [metric for one in registries for metric in one.collect()]
    return sorted(f"{one.name}_total" if one.type == "counter" else one.name for one in found)


@pytest.mark.parametrize("metric", metrics())
def test_every_metric_is_in_the_reference(metric: str) -> None:
    assert f"`{metric}`" in read(DOCS / "reference" / "metrics.md")


def test_no_page_names_a_metric_that_is_not_there() -> None:
    named = {word for page in PAGES for word in re.findall(r"\bholdfast_[a-z_]+[a-z]\b", read(page))}
    assert named <= set(metrics())


WORDS: tuple[type[StrEnum], ...] = (
    Objective, Verdict, Phase, Basis, Speaker, RungState, Identity, AnswerAction, Action,
)  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [value for words in WORDS for value in words],
    ids=str,
)
def test_every_word_of_a_closed_list_is_in_the_glossary(value: StrEnum) -> None:
    assert re.search(rf"^\|[^|]*`{value.value}`[^|]*\|", read(DOCS / "glossary.md"), re.MULTILINE)


@pytest.mark.parametrize("value", [*Trouble, *Fault], ids=str)
def test_every_finding_about_the_tracker_itself_is_told_where_it_is_operated(value: StrEnum) -> None:
    assert re.search(rf"^\| `{value.value}`", read(DOCS / "how-to" / "operate.md"), re.MULTILINE)


def test_every_decision_that_the_code_names_is_written_down_and_listed() -> None:
    code = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in PACKAGES)
    named = {number for file in code for number in re.findall(r"ADR (\d{4})", read(file))}
    written = {page.name[:4] for page in (DOCS / "adr").glob("0*.md")}
    assert named <= written
    listed = set(re.findall(r"^\| \[(\d{4})\]", read(DOCS / "adr" / "README.md"), re.MULTILINE))
    assert listed == written


PACKAGES = ("models", "feeds", "streams", "consumers", "dashboards", "board", "holdfast")


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("0*.md")), ids=lambda page: page.name)
def test_a_decision_says_why_what_and_what_follows(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", read(page), re.MULTILINE)
    assert headings[:4] == ["Context", "Decision", "Consequences", "Measured"]
    assert read(page).startswith(f"# {page.name[:4]}: ")


def verifier() -> Any:
    """Return the function that the how-to tells receivers to use, as it stands there."""
    page = read(DOCS / "how-to" / "receive-webhooks.md")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def is_genuine" in block]
    found: dict[str, Any] = {}
    exec(code, found)
    return found["is_genuine"]


def test_the_receiver_of_the_how_to_takes_what_the_notifier_signs() -> None:
    is_genuine, now = verifier(), int(time.time())
    assert is_genuine(sign(b"secret", b"{}", now), b"secret", b"{}")


@pytest.mark.parametrize(
    ("age_s", "secret", "body"),
    [(0, b"other", b"{}"), (0, b"secret", b"{ }"), (3600, b"secret", b"{}"), (-3600, b"secret", b"{}")],
    ids=["another secret", "another body", "an hour old", "an hour ahead"],
)
def test_the_receiver_of_the_how_to_refuses_the_rest(age_s: int, secret: bytes, body: bytes) -> None:
    header = sign(b"secret", b"{}", int(time.time()) - age_s)
    assert not verifier()(header, secret, body)


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=00", "t=abc,v1=00", "nonsense"])
def test_the_receiver_of_the_how_to_refuses_a_header_of_another_form(header: str) -> None:
    assert not verifier()(header, b"secret", b"{}")
