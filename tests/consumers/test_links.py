"""Links and reply addresses: the same at every attempt, read back by who takes answers, none that leads nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.links import Links
from models.paging import Page, PageKind, Side
from models.tokens import Claims, page_of_local_part, unseal
from tests.support import samples
from tests.support.attempts import LINKS, answerable

SECRET = b"a link secret of some length"


def test_a_link_and_a_reply_address_lead_back_to_the_page() -> None:
    """What the notifier seals, the board and the mailbox read."""
    page = answerable()
    url, reply = LINKS.answer_url(page), LINKS.reply_address(page)
    assert url is not None
    assert reply is not None
    token = url.removeprefix("https://holdfast.example/a/")
    assert token == LINKS.token(page)
    assert unseal(token, SECRET, samples.STARTED) == Claims.of(page)
    local, _, domain = reply.partition("@")
    assert (page_of_local_part(local, SECRET), domain) == (page.page_id, "reply.holdfast.example")
    assert len(local) <= 64
    assert LINKS.incident_url(page) == f"https://holdfast.example/incidents/{page.incident_id}"


@given(st.integers(0, 9), st.text(max_size=40), st.sampled_from(Side))
def test_the_same_page_has_the_same_links_in_another_process(rung: int, name: str, side: Side) -> None:
    """Receivers compare bodies under one key: nothing of an attempt may be in a link."""
    page = answerable(rung=rung, recipient_name=name, side=side)
    again = Links("https://holdfast.example/", SECRET, "reply.holdfast.example")
    read_back = Page.from_wire(page.to_wire())
    for make in ("answer_url", "incident_url", "reply_address", "token"):
        assert getattr(LINKS, make)(page) == getattr(again, make)(read_back)


@pytest.mark.parametrize(
    ("links", "fields", "there"),
    [
        (Links(), {}, set()),
        (Links(public_url="https://h.example"), {}, {"incident_url"}),
        (Links(secret=SECRET), {}, {"token"}),
        (Links(reply_domain="r.example"), {}, set()),
        (Links(secret=SECRET, reply_domain="r.example"), {}, {"token", "reply_address"}),
        (LINKS, {}, {"token", "answer_url", "incident_url", "reply_address"}),
        (LINKS, {"expires_at": None}, {"incident_url"}),
        (LINKS, {"kind": PageKind.BUNDLE}, set()),
        (LINKS, {"kind": PageKind.EXPOSURE}, {"token", "answer_url", "reply_address"}),
        (LINKS, {"kind": PageKind.ALL_CLEAR, "expires_at": None}, set()),
        (LINKS, {"side": Side.PROVIDER}, {"token", "answer_url", "reply_address"}),
    ],
)
def test_there_is_no_link_that_leads_nowhere(links: Links, fields: dict[str, object], there: set[str]) -> None:
    """No setting, no end, a bundle of several, a hazard's case, or a board that is not the provider's business."""
    page = answerable(**fields)
    made = {name for name in ("token", "answer_url", "incident_url", "reply_address") if getattr(links, name)(page)}
    assert made == there


@pytest.mark.parametrize(
    ("public_url", "secret", "domain", "named"),
    [
        (None, b"fifteen letters", None, "HOLDFAST_LINK_SECRET has 15 characters"),
        (None, b"", None, "HOLDFAST_LINK_SECRET"),
        ("holdfast.example", None, None, "HOLDFAST_PUBLIC_URL"),
        ("javascript:alert(1)", None, None, "HOLDFAST_PUBLIC_URL"),
        ("https://h.example/?a=1", None, None, "HOLDFAST_PUBLIC_URL"),
        (None, None, "r.example\nBcc: x", "HOLDFAST_REPLY_DOMAIN"),
        (None, None, "user@r.example", "HOLDFAST_REPLY_DOMAIN"),
        (None, None, "", "HOLDFAST_REPLY_DOMAIN"),
    ],
)
def test_a_setting_that_can_not_work_ends_the_start(
    public_url: str | None, secret: bytes | None, domain: str | None, named: str
) -> None:
    """Found at start, not at the first page; and the secret itself is not told."""
    with pytest.raises(ValueError, match=named) as caught:
        Links(public_url, secret, domain)
    assert "fifteen letters" not in str(caught.value)


def test_the_secret_is_in_no_text_of_it() -> None:
    """A log line that prints the value gives nothing away."""
    assert "secret of some length" not in repr(LINKS)
