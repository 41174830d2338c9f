"""Measures payloads without servers: the engine's own parsing, folding and clocks. Pure.

``holdfast measure`` reads the files, asks this and prints what it answers. Nothing is stored; a what-if is computed and
labelled, never a verdict.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from feeds.files import FileError
from feeds.series import FeedContext, replay
from holdfast.supposing import Draft
from models.agreement import AgreementVersion
from models.book import Book, Entry
from models.case import clock_name
from models.clocks import Reading, measure, priority_of
from models.documents import Documents
from models.fact import Fact
from models.incident import Contract, Subject
from models.instants import LATEST, format_instant, seconds
from models.notice import Kind, Notice, Phase
from models.promises import Keeping, ledger, tally
from models.provider import Provider
from models.raw import DeadLetter, RawPayload
from models.telling import Terms


class UnknownNameError(ValueError):
    """A name that the documents do not hold; the message says which there are. Exit 2."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        documents: agreements, providers and policies.
        provider: whose incidents these are.
        format: a name of ``feeds.registry.FORMATS``.
        feed: id of the feed that the payloads are of; None takes the provider's only feed of the format, if it has one.
        zone: IANA zone of times without offset; None takes the feed's own.
        as_of: how far the world has run; UTC.
        known_at: only what was received by then counts; None is everything.
        what_if: name of an agreement version to judge by, whatever was in force; None judges by what was.
    """

    documents: Documents
    provider: str
    format: str
    as_of: datetime
    feed: str | None = None
    zone: str | None = None
    known_at: datetime | None = None
    what_if: str | None = None
    draft: Draft | None = None
    """Agreements to judge every incident by, whatever was in force."""

    @property
    def is_supposition(self) -> bool:
        """True where a version is applied that may not have been in force."""
        return self.what_if is not None or self.draft is not None

    def contract(self, subject: Subject) -> Contract | None:
        """Return what an incident is judged by; None where nothing is.

        Raises:
            AmbiguousAgreementError: if two agreements of a draft fit equally well.
        """
        if self.draft is not None:
            found = self.draft.contract(subject)
            return None if found is None else found.contract
        return self.supposed() or subject.contract(self.documents)

    def context(self) -> FeedContext:
        """Return the feed's configuration.

        Raises:
            UnknownNameError: if the provider or the feed is in none of the documents.
        """
        provider = self.provider_document()
        fitting = [feed for feed in provider.feeds if feed.format == self.format]
        if self.feed is not None:
            fitting = [feed for feed in provider.feeds if feed.id == self.feed]
            if not fitting:
                raise UnknownNameError(_unknown("feed", self.feed, [feed.id for feed in provider.feeds]))
        feed = fitting[0] if len(fitting) == 1 else None
        zone = self.zone or (feed.timezone if feed else None)
        return FeedContext(feed.id if feed else self.format, self.format, zone, provider, self.documents)

    def deciding(self) -> FeedContext:
        """Return the context of our own people's statements: about the feed's incidents where they name no other.

        Raises:
            UnknownNameError: if the provider or the feed is in none of the documents.
        """
        return replace(self.context(), format="statements", zone=None)

    def provider_document(self) -> Provider:
        """Return the document of the provider.

        Raises:
            UnknownNameError: if there is none.
        """
        provider = self.documents.providers.get(self.provider)
        if provider is None:
            raise UnknownNameError(_unknown("provider", self.provider, self.documents.providers))
        return provider

    def supposed(self) -> Contract | None:
        """Return the contract of a what-if; None where none is asked.

        Raises:
            UnknownNameError: if no agreement of the provider has such a version, or several have.
        """
        if self.what_if is None:
            return None
        found = self.documents.versions_named(self.provider, self.what_if)
        if len(found) != 1:
            names = self.documents.versions_of(self.provider)
            raise UnknownNameError(_unknown("version", self.what_if, names, several=bool(found)))
        return Contract(*found[0])


def _unknown(what: str, name: str, there: Iterable[str], *, several: bool = False) -> str:
    known = ", ".join(sorted(there)) or "none"
    return f"{'more than one' if several else 'no'} {what} {name!r} in the documents; there is: {known}"


@dataclass(frozen=True)
class Measured:
    """One clock of one incident, with what its line needs besides."""

    incident_id: str
    source_incident_id: str
    title: str | None
    provider: str
    services: tuple[str, ...]
    priority: str
    contract: Contract
    reading: Reading
    revision: int | None

    def line(self) -> dict[str, Any]:
        """Return the object of ``holdfast measure --json``: its keys and their order are the product's interface."""
        reading, elapsed = self.reading, self.reading.elapsed
        return {
            "incident_id": self.incident_id,
            "source_incident_id": self.source_incident_id,
            "provider": self.provider,
            "services": list(self.services),
            "objective": reading.objective.value,
            "basis": reading.basis.value,
            "priority": reading.priority or self.priority,
            "agreement": self.contract.agreement.id,
            "agreement_version": self.contract.version.version,
            "started_at": _text(reading.started_at),
            "due_at": _text(reading.due_at),
            "stopped_at": _text(reading.stopped_at),
            "elapsed_min_s": None if elapsed is None else seconds(elapsed.least),
            "elapsed_max_s": None if elapsed is None or elapsed.most is None else seconds(elapsed.most),
            "target_s": seconds(reading.target),
            "paused_s": seconds(reading.paused),
            "verdict": reading.verdict.value,
            "breached_at": _text(reading.breached_at),
            "revision": self.revision,
        }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


@dataclass(frozen=True)
class Answer:
    """What came of it.

    Attributes:
        clocks: by start of the incident, then objective, basis and ordinal.
        incidents: how many there are, maintenance included.
        without_agreement: how many of them began while no agreement with the provider was in force.
        problems: what could not be read, in words; the rest was.
    """

    clocks: tuple[Measured, ...]
    incidents: int
    without_agreement: int
    problems: tuple[str, ...]


def answer(
    question: Question,
    payloads: Iterable[RawPayload],
    refused: Sequence[FileError],
    decisions: Iterable[RawPayload] = (),
) -> Answer:
    """Measure the incidents that payloads tell of.

    Args:
        question: what is asked.
        payloads: sorted by ``received_at``.
        refused: files that are none; told among the problems.
        decisions: what our own people say of these incidents, in format ``statements``; sorted by ``received_at``.

    Raises:
        UnknownNameError: if the question names what is not there.
    """
    return judge(question, gather(question, payloads, refused, decisions))


@dataclass(frozen=True)
class Gathered:
    """What was said about a provider's incidents, put in its place, before anything is judged.

    Attributes:
        book: the fold of all that was known.
        notices: the same, in the order in which they were received.
        problems: what could not be read, in words.
    """

    book: Book
    notices: tuple[Notice, ...]
    problems: tuple[str, ...]

    def subjects(self) -> Iterator[Subject]:
        """Yield the incidents, the earliest first; maintenance is none."""
        for incident_id, facts in _incidents(self.book):
            subject = Subject.of(incident_id, self.book.provider, facts, LATEST)
            if subject is not None and subject.kind is Kind.INCIDENT:
                yield subject

    def about(self, incident_id: str) -> tuple[Notice, ...]:
        """Return what was said about one incident, by all its members."""
        members = set(self.book.members[incident_id])
        return tuple(one for one in self.notices if (one.source, one.source_incident_id) in members)


def gather(
    question: Question,
    payloads: Iterable[RawPayload],
    refused: Sequence[FileError],
    decisions: Iterable[RawPayload] = (),
) -> Gathered:
    """Read payloads and group them into incidents; arguments and errors as of ``answer``."""
    question.supposed()  # a name that is not there is told before anything is read
    context = question.context()
    problems = [str(error) for error in refused]
    told = _read(payloads, context, problems)
    decided = _read(decisions, question.deciding(), problems)
    problems.extend(_of_no_incident(told, decided))
    known = sorted(
        (one for one in (*told, *decided) if question.known_at is None or one.received_at <= question.known_at),
        key=lambda one: one.received_at,
    )
    return Gathered(_fold(question, known), tuple(known), tuple(problems))


def judge(question: Question, gathered: Gathered) -> Answer:
    """Measure the incidents of a provider that were gathered.

    Raises:
        AmbiguousAgreementError: if two agreements of a draft fit one equally well.
        CalendarRangeError: if an instant lies outside the years that a calendar knows.
    """
    clocks: list[Measured] = []
    without = 0
    for subject in gathered.subjects():
        contract = question.contract(subject)
        without += contract is None
        if contract is not None:
            clocks.extend(_measured(question, subject, contract, gathered.book))
    return Answer(tuple(clocks), len(gathered.book.members), without, gathered.problems)


def promises(question: Question, gathered: Gathered) -> Counter[Keeping]:
    """Count what came of the promises of all incidents, on the agreed basis."""
    counts: Counter[Keeping] = Counter()
    for subject in gathered.subjects():
        contract = question.contract(subject)
        if contract is not None:
            counts += tally(ledger(subject.facts, contract.version, question.as_of))
    return counts


def _read(payloads: Iterable[RawPayload], context: FeedContext, problems: list[str]) -> list[Notice]:
    notices: list[Notice] = []
    for followed in replay(payloads, context):
        problems.extend(_problem(letter) for letter in followed.problems)
        notices.extend(followed.notices)
    return notices


def _of_no_incident(told: Iterable[Notice], decided: Iterable[Notice]) -> Iterator[str]:
    """Yield, in words, the incidents that our people speak of and nobody reported: a mistyped name has no effect."""
    reported = {(one.source, one.source_incident_id) for one in told}
    decided = list(decided)
    reported |= {(one.source, one.source_incident_id) for one in decided if one.phase is Phase.REPORTED}
    for source, name in sorted({(one.source, one.source_incident_id) for one in decided} - reported):
        yield f"decisions: unknown_incident: no payload tells of incident {name!r} of feed {source!r}"


def _problem(letter: DeadLetter) -> str:
    return f"{letter.name or '-'}: {letter.reason}: {letter.detail}"


def _fold(question: Question, notices: Iterable[Notice]) -> Book:
    """Fold what was known in the order in which it was received, as the engine's ledger holds it.

    A supposition has no revisions, so nothing needs to be measured on the way.
    """
    book = Book(question.provider)
    terms = Terms(Documents() if question.is_supposition else question.documents)
    for offset, notice in enumerate(notices):
        if notice.provider == question.provider:
            book.apply(notice, Entry(offset, notice.received_at), terms)
    return book


def _incidents(book: Book) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Yield incidents with their facts, the earliest first."""
    begun = sorted(book.members.items(), key=lambda entry: (min(book.spans[one].begin for one in entry[1]), entry[0]))
    for incident_id, members in begun:
        yield incident_id, tuple(fact for member in members for fact in book.facts[member].values())


def _measured(question: Question, subject: Subject, contract: Contract, book: Book) -> Iterator[Measured]:
    version: AgreementVersion = contract.version
    told = subject.case.spoken or subject.case.witnessed or subject.case.vanished or subject.case.decided
    revisions = book.cases[subject.incident_id].revisions
    priority = priority_of(subject.facts, version)
    for reading in measure(subject.facts, version, question.as_of):
        revision = revisions.get(clock_name(reading))
        yield Measured(
            incident_id=subject.incident_id,
            source_incident_id=told[0].first.source_incident_id,
            title=next((word.last.title for word in reversed(told) if word.last.title), None),
            provider=subject.provider,
            services=subject.services,
            priority=priority,
            contract=contract,
            reading=reading,
            revision=None if question.is_supposition else revision.number if revision else 1,
        )
