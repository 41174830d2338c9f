"""Providers: who they are, their people and ours, services, sites and feeds. Pure."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, field_validator

from models.durations import Duration
from models.paging import Side
from models.spec import Money, Spec, check_zone


class Contact(Spec):
    """A designated person or desk, on either side."""

    name: str
    side: Side
    email: str | None = None
    webhook: str | None = None
    """URL that gets this contact's pages by webhook; without one the notifier's own URL does."""
    phone: str | None = None
    """Number in international form, such as +491700000000; of ``sms``."""
    slack: str | None = None
    """Incoming webhook of a Slack app. Secrets are better written as ``env:NAME`` and set where pages are sent."""
    teams: str | None = None
    """URL of a Microsoft Teams workflow that posts cards."""
    pagerduty: str | None = None
    """Routing key of an Events v2 integration."""
    opsgenie: str | None = None
    """API key of an Opsgenie integration."""
    apprise: str | None = None
    """Any address that apprise knows, such as ``matrix://...``."""
    quota_per_h: int | None = Field(default=None, ge=1)
    """Messages an hour that this contact takes on one channel; what comes on top is told together."""
    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        return None if name is None else check_zone(name)


class Service(Spec):
    """A service that we rely on."""

    components: tuple[str, ...] = ()
    """Names or patterns (``*``, ``?``) of the provider's own components, in any case."""
    criticality: str | None = None
    downtime_cost_per_hour: Money | None = None
    sites: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


class Site(Spec):
    """Where services run: WGS 84 degrees."""

    name: str
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    country: str | None = None


class Feed(Spec):
    """One source of a provider's word, or of our probes' about it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    format: str
    url: str | None = None
    """Polled; None for a feed that is pushed to the board's API or ingested from files."""
    every: Duration = Duration(60, "s")
    timezone: str | None = None
    """IANA zone in which times without an offset are read."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        return None if name is None else check_zone(name)


class Provider(Spec):
    """A company whose services we rely on."""

    api_version: Literal["holdfast/v1"] = Field(alias="apiVersion")
    kind: Literal["Provider"]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    name: str
    contacts: dict[str, Contact] = Field(default_factory=dict)
    services: dict[str, Service] = Field(default_factory=dict)
    sites: dict[str, Site] = Field(default_factory=dict)
    feeds: tuple[Feed, ...] = ()

    def services_for(self, components: Sequence[str]) -> tuple[str, ...]:
        """Return the services that a notice naming these components concerns, in the document's order.

        A notice that names none of them, or nothing at all, concerns every service of the provider.
        """
        names = [component.lower() for component in components]
        hit = [
            service
            for service, spec in self.services.items()
            if any(fnmatchcase(name, pattern.lower()) for pattern in (*spec.components, service) for name in names)
        ]
        return tuple(hit or self.services)

    def circles(self) -> tuple[tuple[str, ...], ...]:
        """Return services that need themselves, as chains that end where they begin; each service in one of them."""
        found: list[tuple[str, ...]] = []
        for name in self.services:
            if not any(name in circle for circle in found):
                circle = self._way_back(name)
                found += [circle] if circle else []
        return tuple(found)

    def _way_back(self, name: str) -> tuple[str, ...]:
        """Return the shortest chain of needs from a service back to it; empty if there is none."""
        paths: list[tuple[str, ...]] = [(name,)]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            service = self.services.get(path[-1])
            for other in service.depends_on if service is not None else ():
                if other == name:
                    return (*path, name)
                if other not in seen:
                    seen.add(other)
                    paths.append((*path, other))
        return ()
