"""Channels: one attempt to hand a page to a receiver, one way a file. They are put together in ``holdfast``."""

from consumers.channels.apprise import Apprise
from consumers.channels.base import Address, AddressError, Attempt, Channel, LookUp, Options, Result
from consumers.channels.console import Console
from consumers.channels.email import Mail, MailServer
from consumers.channels.opsgenie import Opsgenie
from consumers.channels.pagerduty import PagerDuty
from consumers.channels.slack import Slack
from consumers.channels.sms import Sms
from consumers.channels.teams import Teams
from consumers.channels.webhook import Webhook

__all__ = [
    "Address", "AddressError", "Apprise", "Attempt", "Channel", "Console", "LookUp", "Mail", "MailServer", "Opsgenie",
    "Options", "PagerDuty", "Result", "Slack", "Sms", "Teams", "Webhook",
]  # fmt: skip
