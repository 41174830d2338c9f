"""The named questions, asked: reads the inputs, runs the searches one after the other, hands back the answer.

The one place that calls the ``Reader``; everything else here is pure. IO: the reader's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dashboards.kibana.kql import KqlError
from dashboards.questions.asking import EVIDENCE_AT_MOST, Asked, Found, Question, Search
from dashboards.questions.inputs import like, read
from models.calendar import CalendarRangeError
from models.documents import AmbiguousAgreementError, Documents
from models.questions import Answer, QuestionDescription, QuestionError, Reader

STEPS_AT_MOST = 100
"""Searches of one question."""


class Questions:
    """Questions with a reader to answer them; implements ``models.questions.Library``. Usable from several threads."""

    def __init__(
        self,
        questions: Sequence[Question],
        reader: Reader,
        documents: Callable[[], Documents],
        now: Callable[[], datetime],
    ) -> None:
        self._questions = {one.name: one for one in questions}
        self._reader = reader
        self._documents = documents
        self._now = now

    def descriptions(self) -> Sequence[QuestionDescription]:
        """Return all questions, in the order in which they are listed."""
        return [one.description for one in self._questions.values()]

    def ask(self, name: str, inputs: Mapping[str, str]) -> Answer:
        """Answer one.

        Raises:
            QuestionError: if there is no such question, or an input is missing, unknown or unreadable.
            OSError: if the index can't be asked now.
        """
        return self.traced(name, inputs)[0]

    def traced(self, name: str, inputs: Mapping[str, str]) -> tuple[Answer, tuple[Search, ...]]:
        """Answer one, and return the searches that it took too; errors as of ``ask``."""
        question = self._question(name)
        described = question.description
        given = {key: value for key, value in inputs.items() if value}
        asked = Asked(read(described.inputs, given, now := self._now()), now, self._documents)
        try:
            found, searches = self._run(question, asked)
        except KqlError as error:
            raise QuestionError(f"filter: {error}") from error
        except (AmbiguousAgreementError, CalendarRangeError) as error:
            raise QuestionError(str(error)) from error
        defaults = {one.name: one.default for one in described.inputs if one.default is not None}
        answer = Answer(
            question=name,
            inputs={one.name: {**defaults, **given}[one.name] for one in described.inputs if one.name in asked.values},
            columns=found.columns or described.columns,
            rows=found.rows,
            evidence=found.evidence[:EVIDENCE_AT_MOST],
            total=len(found.evidence) if found.total is None else found.total,
            note=found.note,
        )
        return answer, searches

    def _question(self, name: str) -> Question:
        found = self._questions.get(name)
        if found is None:
            close = like(name, list(self._questions)) or f"; there are {', '.join(self._questions)}"
            raise QuestionError(f"no question {name!r}{close}")
        return found

    def _run(self, question: Question, asked: Asked) -> tuple[Found, tuple[Search, ...]]:
        searches: list[Search] = []
        steps = question.steps(asked)
        try:
            search = next(steps)
            while len(searches) < STEPS_AT_MOST:
                searches.append(search)
                search = steps.send(self._reader.search(search.index, search.body))
        except StopIteration as end:
            return end.value, tuple(searches)
        raise QuestionError(f"{question.name} took more than {STEPS_AT_MOST} searches; ask for less at once")
