"""A note becomes an entry of the log, and a correction of a promise a statement; what can't be is refused in words."""

import orjson
import pytest
from pydantic import ValidationError

from feeds.answers import read as read_answer
from feeds.series import FeedContext, follow
from models.communication import CommunicationKind
from models.documents import Documents
from models.fact import fact_of
from models.meetings import as_payload
from models.notice import Identity, Phase
from models.noting import Note, NoteError, communication_of, corrected_note, in_words
from models.promise_corrections import PromiseCorrection, correction_payload
from models.promises import ledger
from models.records import Basis
from tests.support.samples import later, notice
from tests.support.timeline import agreement

NOTE = {
    "provider": "nimbus", "kind": "call", "direction": "both", "channel": "phone", "people": ["oncall", "lead"],
    "by": "lead", "text": "They look into it.",
}  # fmt: skip


def noted(minutes=10, **fields):
    return communication_of(Note.model_validate({**NOTE, **fields}), later(minutes))


def test_a_note_of_now_is_by_our_clock_and_one_with_a_time_is_what_somebody_remembers():
    now, then = noted(), noted(happened_at=later(5))
    assert (now.happened_at, now.clock, now.recorded_by, now.identity) == (later(10), "ours", "lead", Identity.TOKEN)
    assert (then.happened_at, then.clock, then.recorded_at) == (later(5), "told", later(10))


def test_the_same_note_of_the_same_instant_is_one_contact():
    assert noted(happened_at=later(5)).communication_id == noted(30, happened_at=later(5)).communication_id
    assert noted().communication_id != noted(11).communication_id
    assert noted().communication_id != noted(text="Else.").communication_id


def test_the_stream_reads_a_note_as_it_was_put_down():
    told = noted(incident_ids=["i"], attachment_digest="0" * 64, attachment_name="report.pdf")
    assert read_answer(as_payload(told)).communications == (told,)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"happened_at": later(30)}, "has yet to come"),
        ({"happened_at": later(5), "ended_at": later(4)}, "the end lies before the beginning"),
        ({"ended_at": later(30)}, "the end lies before the beginning, or has yet to come"),
        ({"kind": "reply"}, "kind"),
        ({"people": []}, "people"),
        ({"people": [" "]}, "people.0"),
        ({"text": None}, "needs a text, a subject or a document"),
        ({"text": "x" * 20_001}, "text"),
        ({"attachment_digest": "abc"}, "attachment_digest"),
        ({"identity": "token"}, "identity"),
    ],
)
def test_what_can_not_be_put_down_is_refused_in_words(fields, words):
    with pytest.raises((ValidationError, NoteError)) as caught:
        noted(**fields)
    assert words in in_words(caught.value)


def test_a_correction_keeps_what_it_does_not_change():
    known = noted(incident_ids=["i"], happened_at=later(5))
    note = corrected_note(known, {"text": "They had looked into it."}, "duty")
    again = communication_of(note, later(20), known.clock)
    assert (again.corrects, again.recorded_by, again.text) == (
        known.communication_id,
        "duty",
        "They had looked into it.",
    )
    assert (again.happened_at, again.people, again.incident_ids) == (later(5), ("oncall", "lead"), ("i",))


def test_an_answer_to_a_page_is_not_corrected_as_a_note():
    reply = noted().model_copy(update={"kind": CommunicationKind.REPLY})
    with pytest.raises(NoteError, match="a reply can't be corrected"):
        corrected_note(reply, {"text": "Else."}, "duty")


@pytest.mark.parametrize(("promised", "keepings"), [(later(90), ["kept"]), (None, ["withdrawn"])])
def test_a_correction_of_a_promise_is_read_by_the_stream_and_judged(promised, keepings):
    first = notice(
        0,
        source="status",
        claimed_at=None,
        phase=Phase.REPORTED,
        published_at=later(0),
        received_at=later(0),
        promised_at=later(30),
    )
    then = notice(
        1,
        source="status",
        claimed_at=None,
        phase=Phase.UPDATE,
        text="Other words",
        published_at=later(60),
        received_at=later(60),
    )
    raw = correction_payload(PromiseCorrection(first, promised, "lead"), Documents(), later(70))
    assert (raw.feed, raw.format) == ("status", "statements")
    found = follow(None, raw, FeedContext("status", "statements"))
    (said,) = found.notices
    assert (said.person, said.identity, said.concerns) == ("lead", Identity.TOKEN, first.source_update_id)
    judged = ledger(map(fact_of, (first, then, said)), agreement(restore="4h"), later(100))
    assert [one.keeping.value for one in judged if one.basis is Basis.AGREED] == keepings
    assert [one.keeping.value for one in judged if one.basis is Basis.CLAIMED] == ["late"]
    assert orjson.loads(raw.body)["published_at"] == "2026-05-04T10:40:00Z"
