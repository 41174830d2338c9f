"""Settings: environment variables ``HOLDFAST_*`` (or a ``.env`` file), with defaults that work on one machine.

IO: reads the environment when ``load`` is called, never at import.
"""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from holdfast.clock import Clock


class SettingsError(Exception):
    """A variable does not fit; the message names each one, and what it should be."""


def _servers(text: str) -> str:
    for server in text.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"{server.strip()!r} is no host:port, such as kafka.example:9092")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.port:
        raise ValueError("write scheme, host and port, such as https://search.example:9200")
    return text


def _clock_text(text: str) -> str:
    Clock.from_text(text)
    return text


Port = Annotated[int, Field(ge=1, le=65535)]
Prefix = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
"""What Kafka and Elasticsearch both take as the beginning of a name."""
Level = Annotated[str, Field(pattern=r"(?i)^(debug|info|warning|error)$")]


class Settings(BaseSettings):
    """Everything that differs between one installation and another. Loopback unless configured."""

    model_config = SettingsConfigDict(
        env_prefix="HOLDFAST_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    kafka: Annotated[str, AfterValidator(_servers)] = "127.0.0.1:29092"
    """Bootstrap servers, comma-separated."""
    elasticsearch: Annotated[str, AfterValidator(_url)] = "http://127.0.0.1:29200"
    elasticsearch_api_key: SecretStr | None = None
    elasticsearch_user: str | None = None
    elasticsearch_password: SecretStr | None = None
    elasticsearch_ca: Path | None = None
    """File with the certificate authority of the cluster, for https."""
    prefix: Prefix = "holdfast"
    """Prefix of index names, so that two installations can share a cluster."""
    data_dir: Path = Path(platformdirs.user_data_dir("holdfast", appauthor=False))
    """Local servers' data, jars, logs, pid files, pollers' bookkeeping."""
    jars_dir: Path | None = None
    """Where the local servers' jars are kept, to share them between installations; None is ``jars`` in ``data_dir``."""
    kafka_controller_port: Port = 29093
    """Port of the local broker's own controller, on loopback."""
    elasticsearch_transport_port: Port = 29300
    """Port on which a local Elasticsearch node would meet others, on loopback."""
    jvm_options: str = ""
    """Further options of the local servers' JVMs, separated by spaces, such as ``-Xmx2g``; they win over ours."""
    documents: Path | None = None
    """Directory of agreements, providers and policies."""
    board_host: str = "127.0.0.1"
    board_port: Port = 8470
    board_hosts: str = ""
    """Further Host names, comma-separated, that the board answers to; any other is refused (DNS rebinding)."""
    board_token: SecretStr | None = None
    """Bearer token that writes through the API need; None refuses all writes."""
    metrics_port: int = 0
    """Prometheus port of a service on loopback; 0 is off."""
    webhook_url: str | None = None
    """Where pages by webhook go when the contact names no address."""
    webhook_secret: SecretStr | None = None
    """HMAC-SHA256 key that signs webhook pages."""
    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 25
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = False
    mail_from: str = "holdfast@localhost"
    page_attempts: int = 8
    """Attempts to deliver one page before it counts as failed."""
    page_first_pause_s: float = 1.0
    """Real seconds before the second attempt; doubles up to a minute."""
    page_timeout_s: float = 10.0
    """Real seconds that a receiver of a page has to answer."""
    public_url: str | None = None
    """Where people reach the board, such as https://holdfast.example: pages carry links to it; None: no links."""
    link_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Signs the links and reply addresses of pages, 16 characters at least; None: pages can't be answered."""
    reply_domain: str | None = None
    """Domain of reply addresses, whose mail comes to `holdfast mailbox`; None: mails have no reply address."""
    mailbox_host: str = "127.0.0.1"
    mailbox_port: Port = 8025
    """Where `holdfast mailbox` takes mail by SMTP."""
    dns: str | None = None
    """Resolver (host or host:port) that keys of DKIM signatures are asked of; None: the system's."""
    slack_signing_secret: SecretStr | None = None
    """Proves that a button press comes from Slack; None refuses them."""
    pagerduty_webhook_secret: SecretStr | None = None
    """Proves that a webhook comes from PagerDuty; None refuses them."""
    pagerduty_url: str = "https://events.pagerduty.com/v2/enqueue"
    opsgenie_url: str = "https://api.opsgenie.com/v2/alerts"
    """Where events go; other regions have other addresses."""
    sms_url: SecretStr | None = None
    """Apprise address that sends text messages, with {phone} in it; None: no text messages."""
    deadman_url: str | None = None
    """Called by `holdfast watch` as long as all is well; who expects the call raises the alarm when it stays away."""
    heartbeat_every_s: float = Field(default=5.0, gt=0, le=3600)
    """Real seconds between two signs of life of a service; 0 is not allowed: the watchdog needs them."""
    log_level: Level = "INFO"
    late_after_s: float = 60.0
    """Seconds after its computed instant from which on a page counts as late, on the product's clock at speed 1."""
    clock_text: Annotated[str, AfterValidator(_clock_text)] = ""
    """A faster clock for the demo (``holdfast.clock.Clock.to_text``); empty is real time."""
    instance: str = "0"
    """Tells two workers on one machine apart: names their data directory and static group member."""

    @cached_property
    def clock(self) -> Clock:
        """Return the product's clock."""
        return Clock.from_text(self.clock_text)

    @property
    def late_after(self) -> timedelta:
        """Return from how much lateness on a page counts as late, on the product's clock as it runs."""
        return timedelta(seconds=self.late_after_s * self.clock.speed)


def load() -> Settings:
    """Read the environment now.

    Raises:
        SettingsError: if a variable does not fit; the command line prints it and exits 2.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"HOLDFAST_{'_'.join(str(part) for part in one['loc']).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise SettingsError("\n".join(lines)) from error
