"""Questions about the record: a library of named ones, each with its answer and the documents that rests on.

One file per family; ``QUESTIONS`` has them all, ``Questions`` asks them (ADR 0027, docs/reference/questions.md).
"""

from dashboards.questions.asking import Question
from dashboards.questions.comparing import COMPARING
from dashboards.questions.free import SEARCH
from dashboards.questions.incidents import INCIDENTS
from dashboards.questions.library import Questions
from dashboards.questions.listed_clocks import CLOCK_LISTINGS
from dashboards.questions.listed_records import RECORD_LISTINGS
from dashboards.questions.money import MONEY
from dashboards.questions.people import PEOPLE
from dashboards.questions.repeats import REPEATS
from dashboards.questions.supposing import SUPPOSING
from dashboards.questions.words import WORDS

__all__ = ["QUESTIONS", "Questions"]

QUESTIONS: tuple[Question, ...] = (
    *WORDS,
    *PEOPLE,
    *COMPARING,
    *(one.question() for one in CLOCK_LISTINGS),
    *SUPPOSING,
    *MONEY,
    *INCIDENTS,
    REPEATS,
    *(one.question() for one in RECORD_LISTINGS),
    SEARCH,
)
"""In the order in which they are listed."""
