"""The channels of an installation: settings become ways to people, and links to answers."""

import logging
import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from holdfast.settings import Settings, SettingsError

if TYPE_CHECKING:
    from consumers.channels import Channel, MailServer, Options
    from consumers.links import Links


def make_links(settings: Settings) -> "Links":
    """Return what makes links and reply addresses here.

    Raises:
        SettingsError: if a variable does not fit; the message names it and the next step.
    """
    from consumers.links import Links

    try:
        return Links(settings.public_url, _bytes(settings.link_secret), settings.reply_domain)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def make_channels(settings: Settings) -> "dict[str, Channel]":
    """Return every channel by the name that pages call it; those without settings fail their pages and say why.

    Raises:
        SettingsError: if a variable does not fit; the message names it and the next step.
    """
    from consumers.channels import Options

    options = Options(
        timeout_s=settings.page_timeout_s,
        late_from_s=settings.late_after_s * settings.clock.speed,
        links=make_links(settings),
        look_up=os.environ.get,
    )
    try:
        return _channels(settings, options)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _channels(settings: Settings, options: "Options") -> "dict[str, Channel]":
    from consumers.channels import Apprise, Console, Mail, Opsgenie, PagerDuty, Slack, Sms, Teams, Webhook

    now = settings.clock.now
    if settings.webhook_secret is None:
        logging.getLogger("holdfast.notify").warning(
            "webhook pages go out unsigned: receivers can't tell who sent them; set HOLDFAST_WEBHOOK_SECRET"
        )
    sms_url = settings.sms_url.get_secret_value() if settings.sms_url else None
    return {
        "webhook": Webhook(now, settings.webhook_url, _bytes(settings.webhook_secret), options),
        "email": Mail(now, _mail_server(settings), options),
        "console": Console(options),
        "slack": Slack(options, can_press=settings.slack_signing_secret is not None),
        "teams": Teams(options),
        "pagerduty": PagerDuty(options, settings.pagerduty_url),
        "opsgenie": Opsgenie(options, settings.opsgenie_url),
        "sms": Sms(options, sms_url),
        "apprise": Apprise(options),
    }


def _mail_server(settings: Settings) -> "MailServer":
    from consumers.channels import MailServer

    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        sender=settings.mail_from,
    )


def _bytes(secret: SecretStr | None) -> bytes | None:
    return secret.get_secret_value().encode() if secret else None
