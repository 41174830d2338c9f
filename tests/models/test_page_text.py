"""What a page says of the provider's last word: a witness's word is never put into its mouth."""

from datetime import timedelta

import pytest

from models.notice import Notice, Phase, Speaker
from models.telling import Terms
from tests.models.test_book import at, said, seen
from tests.models.test_forecast import with_policy
from tests.support.ledger import Play

POLICY = with_policy(
    provider_ladder=[{"when": {"objective": "restore", "share": 0.25}, "notify": ["duty"], "via": ["email"]}],
    customer_ladder=[{"when": {"objective": "restore", "share": 0.25}, "notify": ["boss"], "via": ["email"]}],
)
OURS = said(20, Phase.UPDATE, speaker=Speaker.CUSTOMER, source="desk", source_incident_id="inc-1")


@pytest.mark.parametrize(
    ("heard", "theirs", "ours"),
    [
        pytest.param(
            [seen(0, Phase.REPORTED)],
            "You have told us nothing of it yet.",
            "The provider has said nothing of it yet.",
            id="only our probe has spoken",
        ),
        pytest.param(
            [said(0, Phase.REPORTED), seen(1, Phase.REPORTED), OURS],
            "Your last word to us: reported at 2026-05-04T12:00:00Z.",
            "Provider's last word: reported at 2026-05-04T12:00:00Z.",
            id="our probe and our desk spoke after the provider",
        ),
        pytest.param(
            [said(0, Phase.REPORTED), said(10, Phase.ENGAGED, published_at=at(10) + timedelta(microseconds=700))],
            "Your last word to us: engaged at 2026-05-04T12:10:00Z.",
            "Provider's last word: engaged at 2026-05-04T12:10:00Z.",
            id="of two words the later one, to the second",
        ),
    ],
)
def test_the_last_word_is_the_providers_own(heard: list[Notice], theirs: str, ours: str) -> None:
    play = Play(Terms(POLICY))
    for notice in heard:
        play.tell(notice)
    play.run_to(at(70))
    assert {page.recipient: page.text.splitlines()[2].partition(". ")[2] for page in play.pages()} == {
        "duty": theirs,
        "boss": ours,
    }
