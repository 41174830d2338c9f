"""All figures of the page, by history: what ``holdfast findings --json`` prints. IO: reads files."""

from collections.abc import Iterable
from pathlib import Path

from holdfast.histories.answers import answers, by_year, first_words, overview, silences
from holdfast.histories.causes import causes
from holdfast.histories.changes import bases, drafts, edits, pauses
from holdfast.histories.promises import restorations_promised, words_promised
from holdfast.histories.reading import Gathered, gather
from holdfast.histories.statistics import Figures
from holdfast.histories.table import History
from models.documents import Documents


def report(histories: Iterable[History], corpus: Path, documents: Documents) -> dict[str, Figures]:
    """Read, measure and count each history. Same files, same figures.

    Raises:
        FileNotFoundError: if a history's files are not below the corpus directory.
        UnknownNameError: if the documents do not hold its provider.
    """
    return {history.history_id: figures(gather(history, corpus, documents)) for history in histories}


def figures(gathered: Gathered) -> Figures:
    """Return every figure of one history."""
    history = gathered.history
    return {
        "title": history.title,
        "as_of": f"{history.as_of:%Y-%m-%dT%H:%M:%SZ}",
        "overview": overview(gathered),
        "by_year": by_year(gathered),
        "answers": answers(gathered),
        "first_words": first_words(gathered),
        "silences": silences(gathered),
        "edits": edits(gathered),
        "bases": bases(gathered),
        "drafts": drafts(gathered),
        "pauses": pauses(gathered),
        "words_promised": words_promised(gathered),
        "restorations_promised": restorations_promised(gathered),
        "causes": causes(gathered) if history.format == "oe417" else [],
    }
