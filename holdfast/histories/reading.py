"""A history's payloads into incidents with their clocks, by the product's own reading and measuring. IO: reads files.

What ``holdfast measure`` does without its fold: these figures need no revisions, but the facts behind the clocks and
the same clocks under drafts of the agreement, and reading a log of 14 000 rows three times would take minutes. A test
compares both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feeds.files import FileError, sheets
from feeds.series import replay
from holdfast.histories.table import History
from holdfast.measuring import Question
from models.clocks import Reading, measure
from models.correlation import groups, incident_id, span_of
from models.documents import Documents
from models.fact import Fact, Member, fact_of, join
from models.incident import Contract, Subject
from models.instants import LATEST
from models.notice import Kind, Notice
from models.raw import RawPayload


@dataclass(frozen=True)
class Told:
    """One incident, with its clocks under the agreement in force."""

    subject: Subject
    contract: Contract
    readings: tuple[Reading, ...]

    @property
    def year(self) -> int:
        """The year, in UTC, of the start that chose the agreement's version."""
        return self.subject.begins_at().year

    @property
    def title(self) -> str:
        """The title last told; empty where there is none."""
        words = (*self.subject.case.spoken, *self.subject.case.witnessed)
        return next((word.last.title for word in reversed(words) if word.last.title), "")

    @property
    def name(self) -> str:
        """The source's own id."""
        return self.subject.facts[0].source_incident_id

    def under(self, version: str, as_of: datetime) -> tuple[Reading, ...]:
        """Return the clocks by another version of the same agreement: a supposition, not a verdict."""
        draft = next(one for one in self.contract.agreement.versions if one.version == version)
        return measure(self.subject.facts, draft, as_of)


@dataclass(frozen=True)
class Gathered:
    """A history, read and measured.

    Attributes:
        incidents: by start, then id; maintenance is left out.
        notices: all that was told, hazards and maintenance included.
        payloads: how many were read.
        problems: what could not be, in words.
        unmeasured: incidents that began while no agreement was in force.
        maintenance: announced works left out.
        looks: instants at which there was a look, ascending.
    """

    history: History
    incidents: tuple[Told, ...]
    notices: int
    payloads: int
    problems: tuple[str, ...]
    unmeasured: int
    maintenance: int
    looks: tuple[datetime, ...]


def gather(history: History, corpus: Path, documents: Documents) -> Gathered:
    """Read and measure a history.

    Raises:
        UnknownNameError: if the documents do not hold its provider.
        FileNotFoundError: if none of its files is there.
    """
    context = Question(documents, history.provider, history.format, history.as_of).context()
    payloads, problems = _payloads(history, corpus, context.feed)
    notices: list[Notice] = []
    for followed in replay(payloads, context):
        problems.extend(f"{letter.reason}: {letter.detail}" for letter in followed.problems)
        notices.extend(followed.notices)
    told, left = [], Counter[str]()
    for subject in _subjects(history, notices):
        contract = subject.contract(documents)
        if subject.kind is not Kind.INCIDENT or contract is None:
            left["maintenance" if subject.kind is not Kind.INCIDENT else "unmeasured"] += 1
            continue
        told.append(Told(subject, contract, measure(subject.facts, contract.version, history.as_of)))
    told.sort(key=lambda one: (one.subject.begins_at(), one.subject.incident_id))
    looks = tuple(sorted({one.received_at for one in payloads}))
    return Gathered(
        history, tuple(told), len(notices), len(payloads), tuple(problems), left["unmeasured"], left["maintenance"],
        looks,
    )  # fmt: skip


def _payloads(history: History, corpus: Path, feed: str) -> tuple[list[RawPayload], list[str]]:
    paths = [corpus / path for path in history.paths]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise FileNotFoundError(f"history {history.history_id}: not there: {', '.join(missing)}")
    found, refused = sheets(paths, received_at=history.received_at)
    problems, payloads = [str(error) for error in refused], []
    for sheet in found:
        try:
            payloads.append(sheet.load(feed, history.format))
        except FileError as error:
            problems.append(str(error))
    return sorted(payloads, key=lambda one: one.received_at), problems


def _subjects(history: History, notices: Iterable[Notice]) -> Iterator[Subject]:
    """Yield the incidents that the notices tell of."""
    facts = _facts(notices)
    spans = {member: span_of(member, known) for member, known in facts.items()}
    for members in groups(spans):
        known = [fact for member in members for fact in facts[member]]
        subject = Subject.of(incident_id(history.provider, members[0]), history.provider, known, LATEST)
        if subject is not None:
            yield subject


def _facts(notices: Iterable[Notice]) -> Mapping[Member, tuple[Fact, ...]]:
    found: dict[Member, dict[str, Fact]] = defaultdict(dict)
    for notice in notices:
        fact = fact_of(notice)
        known = found[fact.member]
        known[fact.notice_id] = join(known.get(fact.notice_id), fact)
    return {member: tuple(known.values()) for member, known in found.items()}
