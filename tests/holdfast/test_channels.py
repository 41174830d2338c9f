"""The channels of an installation: each that a page can name, from settings that are checked at start."""

from typing import get_args

import pytest

from holdfast.channels import make_channels, make_links
from holdfast.settings import Settings, SettingsError, load
from models.paging import Channel, Outcome
from tests.support import samples
from tests.support.attempts import answerable, attempt


def settings(**fields: object) -> Settings:
    return Settings(_env_file=None, **fields)  # type: ignore[call-arg,arg-type]  # by name, of pydantic's own


def test_every_channel_that_a_page_can_name_is_there() -> None:
    assert set(make_channels(settings())) == set(get_args(Channel))


def test_links_come_from_the_settings() -> None:
    links = make_links(settings(public_url="https://h.example", link_secret="s" * 16, reply_domain="r.example"))
    assert str(links.answer_url(answerable())).startswith("https://h.example/a/")
    assert str(links.reply_address(answerable())).endswith("@r.example")
    assert make_links(settings()).token(answerable()) is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"public_url": "holdfast.example"}, "HOLDFAST_PUBLIC_URL"),
        ({"reply_domain": "a@b"}, "HOLDFAST_REPLY_DOMAIN"),
        ({"sms_url": "twilio://sid:hunter2secret@from/"}, "HOLDFAST_SMS_URL"),
        ({"pagerduty_url": "http://events.example/"}, "HOLDFAST_PAGERDUTY_URL"),
        ({"opsgenie_url": "events.example"}, "HOLDFAST_OPSGENIE_URL"),
        ({"smtp_host": "mail.example", "smtp_user": "u", "smtp_password": "hunter2secret"}, "HOLDFAST_SMTP_STARTTLS"),
        ({"mail_from": "nobody"}, "HOLDFAST_MAIL_FROM"),
    ],
)
def test_a_variable_that_does_not_fit_ends_the_start_and_is_named(fields: dict[str, str], named: str) -> None:
    """Exit code 2 with the next step, and not a failed page at three in the morning."""
    with pytest.raises(SettingsError, match=named) as caught:
        make_channels(settings(**fields))
    assert "hunter2" not in str(caught.value)
    assert "too short" not in str(caught.value)


def test_a_contacts_variable_is_read_when_a_page_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at start and not at import: what is set by then counts."""
    channel = make_channels(settings())["pagerduty"]
    page = samples.page(address="env:NOC_PAGERDUTY_OF_A_TEST")
    monkeypatch.setenv("NOC_PAGERDUTY_OF_A_TEST", "")
    result = attempt(channel, page)
    assert (result.outcome, result.status_code) == (Outcome.FAILED, None)
    assert "NOC_PAGERDUTY_OF_A_TEST is not set" in (result.error or "")


def test_a_link_secret_that_could_be_guessed_ends_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_LINK_SECRET", "too short")
    with pytest.raises(SettingsError, match="HOLDFAST_LINK_SECRET") as caught:
        load()
    assert "too short" not in str(caught.value).replace("string_too_short", "")
