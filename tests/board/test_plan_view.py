"""The panel of an incident's escalation: its ladders, what people decided, and what comes if nothing happens."""

from typing import Any

import pytest

from board.paging import FORETOLD_SHOWN, next_page, plan_view
from board.render import Renderer
from models.forecast import Addressee, Foretold
from models.paging import Answered, RungState, Side
from tests.support import samples
from tests.support.samples import later


def foretold(minutes: float, **fields: Any) -> Foretold:
    """Return a page to come."""
    who = Addressee("p", "ada", "Ada", "sms", "watch", "Europe/Paris")
    values: dict[str, Any] = {
        "at": later(minutes), "side": Side.CUSTOMER, "rung": 0, "loop": 0, "condition": "restore breached",
        "why": "restore breached", "held": None, "digest_s": None, "addressees": (who,),
    }  # fmt: skip
    return Foretold(**{**values, **fields})


def drawn(view: Any, at: float = 100) -> str:
    """Draw the panel."""
    page = '{% import "_macros.html" as m with context %}{% include "_plan.html" %}'
    return Renderer()._environment.from_string(page).render(plan=view, now=later(at))


@pytest.mark.parametrize(
    ("fields", "minutes", "loop"),
    [
        ({"state": RungState.WAITING, "due_at": later(180)}, 180, 0),
        ({"state": RungState.SENT, "due_at": later(60), "told_at": later(60), "loop": 2,
          "next_loop_at": later(150)}, 150, 3),
        ({"state": RungState.ACKNOWLEDGED, "due_at": later(60), "told_at": later(60)}, None, 0),
        ({"state": RungState.SUPPRESSED, "due_at": later(140), "reason": "muted by Ada"}, 140, 0),
        ({"state": RungState.SUPPRESSED, "due_at": later(40), "reason": "a higher rung was crossed"}, None, 0),
        ({"state": RungState.WITHDRAWN, "due_at": None}, None, 0),
    ],
    ids=["first", "again", "acknowledged", "held until then", "passed over", "never"],
)  # fmt: skip
def test_what_comes_next_of_one_rung(fields: dict[str, Any], minutes: float | None, loop: int) -> None:
    coming = next_page(samples.plan(rungs=(samples.planned_page(0, **fields),)), later(100))
    assert (coming and (coming.due_at, coming.loop)) == (minutes and (later(minutes), loop))


def test_a_repetition_comes_before_a_rung_that_is_due_later() -> None:
    told = samples.planned_page(
        0, state=RungState.SENT, due_at=later(60), told_at=later(60), next_loop_at=later(110), recipient_name="NOC"
    )
    coming = next_page(samples.plan(rungs=(told, samples.planned_page(1, due_at=later(180)))), later(100))
    assert coming is not None
    assert (coming.recipients, coming.loop) == (("NOC by webhook",), 1)


def test_each_side_has_its_ladder_and_each_rung_says_how_it_stands() -> None:
    rungs = (
        samples.planned_page(0, side=Side.PROVIDER, rota="watch", recipient_name="Bo"),
        samples.planned_page(
            1, state=RungState.SENT, due_at=later(60), told_at=later(61), loop=2, next_loop_at=later(150),
            acknowledged_by="Ada", acknowledged_at=later(70),
        ),
        samples.planned_page(2, state=RungState.SUPPRESSED, reason="muted by Ada until noon"),
    )  # fmt: skip
    view = plan_view(samples.plan(rungs=rungs), ())
    assert [(one.side, len(one.rungs)) for one in view.sides] == [(Side.PROVIDER, 1), (Side.CUSTOMER, 2)]
    html = drawn(view)
    for words in (
        "Their side",
        "Our side",
        "Bo of watch",
        "again 2",
        "acknowledged by Ada",
        "muted by Ada until noon",
    ):
        assert words in html
    assert html.count("data-due") == 3, "two rungs and a repetition are counted down to"
    assert "Nobody will be told within a day" in html


def test_what_people_decided_is_listed_with_its_end_and_reason() -> None:
    mute = Answered(
        action="mute", side=None, person="Ada <b>", identity="token", at=later(10), until=later(20), reason="drill"
    )
    html = drawn(plan_view(samples.plan(answers=(mute,)), ()))
    assert "<b>Ada &lt;b&gt;</b> muted both sides until" in html
    assert "drill" in html


def test_the_next_pages_are_counted_down_to_in_order() -> None:
    ahead = tuple(foretold(110 + number, loop=number) for number in range(FORETOLD_SHOWN + 3))
    view = plan_view(samples.plan(rungs=()), (foretold(105, held="muted by Ada", digest_s=14400.0), *ahead))
    html = drawn(view)
    assert view.unshown == 4
    assert html.count("data-due") == FORETOLD_SHOWN
    for words in ("<b>Ada</b> of watch by sms", "held: muted by Ada", "told again, 1", "every 4 h", "and 4 more"):
        assert words in html


def test_what_can_not_be_foretold_says_why() -> None:
    html = drawn(plan_view(samples.plan(), None, "Elasticsearch can't be reached"))
    assert "foretold: Elasticsearch can&#39;t be reached" in html


def test_without_a_policy_nobody_is_told() -> None:
    assert "No policy applies" in drawn(None)


def test_a_card_says_that_somebody_is_paged_again() -> None:
    from board.state import dossier_of
    from board.view import card_of

    told = samples.planned_page(0, state=RungState.SENT, told_at=later(60), due_at=later(60), next_loop_at=later(150))
    dossier = dossier_of(samples.incident(), (), samples.plan(rungs=(told,)), (), ())
    html = Renderer().fragment("x", card_of(dossier, None, later(100)), later(100))
    assert "Paged again" in html
    assert later(150).strftime("%Y-%m-%dT%H:%M") in html
