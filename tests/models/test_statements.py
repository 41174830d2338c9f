"""Times that can not be, keys of topics, and answers that say nothing: small rules of notices, pages and answers."""

from datetime import datetime, timedelta

import pytest

from models.answers import Answer, AnswerAction
from models.effects import effects
from models.notice import Flag, oddities
from models.paging import Side
from tests.support.answers import answer
from tests.support.samples import later, page

NOW = later(60)
AGES_AGO = NOW.replace(year=1971)

ODD: dict[str, tuple[datetime | None, datetime | None, bool, tuple[Flag, ...]]] = {
    "nothing is claimed": (None, None, False, ()),
    "an interval that is over": (later(0), later(30), False, ()),
    "an instant, at the very moment": (NOW, None, False, ()),
    "a begin ahead": (later(61), None, False, (Flag.CLAIM_IN_FUTURE,)),
    "an end ahead": (later(0), later(61), False, (Flag.CLAIM_IN_FUTURE,)),
    "a plan for later": (later(90), later(120), True, ()),
    "a begin ages ago": (AGES_AGO, None, False, (Flag.CLAIM_TOO_OLD,)),
    "an end ages ago": (None, AGES_AGO, False, (Flag.CLAIM_TOO_OLD,)),
    "a plan for ages ago": (AGES_AGO, None, True, (Flag.CLAIM_TOO_OLD,)),
    "an end before its begin": (later(30), later(29), False, (Flag.END_BEFORE_BEGIN,)),
    "an end at its begin": (later(30), later(30), False, ()),
    "from ahead to ages ago": (
        later(61), AGES_AGO, False, (Flag.CLAIM_IN_FUTURE, Flag.CLAIM_TOO_OLD, Flag.END_BEFORE_BEGIN),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_claimed_times_that_can_not_be_are_flagged(name: str) -> None:
    begin, end, is_plan, flags = ODD[name]
    assert oddities(begin, end, NOW, is_plan=is_plan) == flags


@pytest.mark.parametrize(
    ("side", "postbox"),
    [(Side.CUSTOMER, "duty"), (Side.PROVIDER, "nimbus/duty")],
    ids=["ours are the same people with every provider", "theirs are the provider's own"],
)
def test_all_that_goes_to_one_person_has_one_key(side: Side, postbox: str) -> None:
    assert page(0, side=side).postbox == postbox
    assert page(0, side=side, provider="polaris").postbox == postbox.replace("nimbus", "polaris")


@pytest.mark.parametrize(
    ("text", "attached", "is_said"),
    [("A technician is on the way.", False, True), (None, True, False), ("", True, False)],
    ids=["words", "only a document", "an empty text and a document"],
)
def test_a_note_of_theirs_is_said_of_the_incident_only_if_it_has_words(
    text: str | None, attached: bool, is_said: bool
) -> None:
    """A document alone is kept in the log; of the incident it says nothing."""
    fields = {"attachment_digest": "0" * 64} if attached else {}
    found = effects(answer(AnswerAction.NOTE, text=text, **fields))
    assert (found.notice is not None) is is_said
    assert found.communication.page_id == answer().claims.page_id


@pytest.mark.parametrize("attachment", ["not base64!", "YQ", "YQ==\n"], ids=["words", "cut short", "with a line end"])
def test_what_is_no_base64_is_no_attachment(attachment: str) -> None:
    with pytest.raises(ValueError, match="is no base64"):
        answer(AnswerAction.NOTE, attachment=attachment, attachment_digest="0" * 64)


def test_an_answer_is_stored_by_its_id_at_the_instant_when_we_had_it() -> None:
    one: Answer = answer(said_at=NOW + timedelta(minutes=1))
    assert (one.document_id(), one.occurred_at()) == (one.answer_id, later(61))
    assert one.communication_id == effects(one).communication.communication_id
