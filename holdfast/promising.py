"""Promises of payloads without servers: what was read, and what came of it by the agreement in force. Pure."""

from holdfast.measuring import Gathered, Question
from models.promise_lines import PromiseLine, promise_lines
from models.records import Basis


def promise_lines_of(question: Question, gathered: Gathered) -> tuple[PromiseLine, ...]:
    """Return the promises of all incidents on all bases, with their words; arguments as of ``judge``."""
    return tuple(
        line
        for subject in gathered.subjects()
        if (contract := question.contract(subject)) is not None
        for line in promise_lines(gathered.about(subject.incident_id), contract.version, question.as_of, tuple(Basis))
    )
