"""Who is on stage: the documents of a made-up history, as people would write them. Pure."""

from datetime import date, timedelta
from typing import Any

from holdfast.sample.shape import Shape, Traits, traits
from models.agreement import Agreement
from models.documents import AnyDocument, Documents
from models.policy import EscalationPolicy
from models.provider import Provider
from models.rota import Rota

CITIES = (
    ("Frankfurt", 50.11, 8.68, "DE", "Europe/Berlin"), ("London", 51.51, -0.12, "GB", "Europe/London"),
    ("Paris", 48.86, 2.35, "FR", "Europe/Paris"), ("Amsterdam", 52.37, 4.90, "NL", "Europe/Amsterdam"),
    ("Warsaw", 52.23, 21.01, "PL", "Europe/Warsaw"), ("Madrid", 40.42, -3.70, "ES", "Europe/Madrid"),
    ("Ashburn", 39.04, -77.49, "US", "America/New_York"), ("Dallas", 32.78, -96.80, "US", "America/Chicago"),
    ("San Jose", 37.34, -121.89, "US", "America/Los_Angeles"), ("Toronto", 43.65, -79.38, "CA", "America/Toronto"),
    ("Sao Paulo", -23.55, -46.63, "BR", "America/Sao_Paulo"), ("Mumbai", 19.08, 72.88, "IN", "Asia/Kolkata"),
    ("Singapore", 1.35, 103.82, "SG", "Asia/Singapore"), ("Tokyo", 35.68, 139.69, "JP", "Asia/Tokyo"),
    ("Sydney", -33.87, 151.21, "AU", "Australia/Sydney"), ("Auckland", -36.85, 174.76, "NZ", "Pacific/Auckland"),
)  # fmt: skip
SERVICES = {
    "cloud": ("compute", "block-storage", "object-storage"),
    "carrier": ("transit", "voice"),
    "hosting": ("web", "mail", "backup"),
    "saas": ("crm", "ticketing"),
}
COMPONENTS = {
    "compute": ("Virtual machines", "Scheduler"), "block-storage": ("Block volumes", "Snapshots"),
    "object-storage": ("Object API", "Lifecycle"), "transit": ("Backbone", "Peering"),
    "voice": ("SIP trunks", "Gateway"), "web": ("Web front end", "Load balancer"),
    "mail": ("Mail relay", "Mailboxes"), "backup": ("Backup jobs", "Restores"),
    "crm": ("Search", "Reports"), "ticketing": ("Ticket API", "Notifications"),
}  # fmt: skip
TARGETS: tuple[dict[str, Any], ...] = (
    {"objective": "notify", "p1": "30m", "p2": "1h", "p3": "4h", "p4": "8h"},
    {"objective": "acknowledge", "p1": "15m", "p2": "30m", "p3": "4h", "p4": "8h", "warn_at": [0.5, 0.8]},
    {"objective": "respond", "p1": "30m", "p2": "1h", "p3": "8h", "p4": "1d"},
    {"objective": "update", "p1": "1h", "p2": "2h"},
    {"objective": "restore", "p1": "4h", "p2": "8h", "p3": "2d", "p4": "5d", "warn_at": [0.5, 0.75]},
    {"objective": "resolve", "p1": "1d", "p2": "3d", "p3": "10d", "p4": "20d"},
    {"objective": "root_cause", "p1": "5d", "p2": "10d"},
)
"""Of the first version of every agreement."""
STRICTER_RESTORE = {"objective": "restore", "p1": "3h", "p2": "6h", "p3": "36h", "p4": "4d", "warn_at": [0.5, 0.75]}
"""Of the second version, which follows in the middle of the history."""
SEVERITIES = {"p1": ["critical"], "p2": ["major"], "p3": ["minor"], "p4": ["none"]}
WEIGHTS = {"critical": "1", "major": "0.2", "minor": "0", "none": "0"}
"""How much an instant of each counts as downtime."""
ROTA = "noc"
DUTY = ("ana", "ben", "kim", "sita")
OUR_PEOPLE: dict[str, dict[str, Any]] = {
    "us-desk": {"name": "Our service desk", "side": "customer", "email": "desk@us.example"},
    "us-head": {"name": "Our head of operations", "side": "customer", "email": "head@us.example"},
}


def documents(shape: Shape) -> Documents:
    """Return providers, agreements in two versions each, policies and the rota of a shape."""
    found: list[AnyDocument] = [_rota(shape)]
    for index in range(shape.providers):
        one = traits(shape, index)
        found += [_provider(one, index), _agreement(shape, one, index), _policy(one)]
    return Documents.of(found)


def _first_version_on(shape: Shape, one: Traits) -> date:
    """Return the day from which on an agreement is in force: of a new provider the eve of its first month, any zone."""
    return (one.joined_at - timedelta(days=1 if one.onboarding_months else 366)).date()


def second_version_on(shape: Shape) -> date:
    """Return the day from which on the second version of every agreement is in force."""
    if shape.months == 1:
        return (shape.begin + timedelta(days=14)).date()
    return shape.month(shape.months // 2).date()


def sites_of(index: int) -> tuple[tuple[str, float, float, str, str], ...]:
    """Return the two cities of a provider, by its number."""
    first, second = index % len(CITIES), (index * 5 + 3) % len(CITIES)
    return (CITIES[first],) if first == second else (CITIES[first], CITIES[second])


def _name(provider: str) -> str:
    return provider.replace("-", " ").title().replace("Saas", "SaaS")


def _provider(one: Traits, index: int) -> Provider:
    host, zone = f"{one.provider}.example", sites_of(index)[0][4]
    desk, manager = f"{one.provider}-desk", f"{one.provider}-manager"
    theirs = {
        desk: {"name": "Service desk", "side": "provider", "email": f"desk@{host}", "timezone": zone},
        manager: {"name": "Service manager", "side": "provider", "email": f"manager@{host}", "timezone": zone},
    }
    sites = {
        f"{one.provider}-{city.lower().replace(' ', '-')}": {"name": city, "lat": lat, "lon": lon, "country": country}
        for city, lat, lon, country, _ in sites_of(index)
    }
    names = list(sites)
    services = {
        service: {
            "components": list(COMPONENTS[service]),
            "criticality": "high" if position == 0 else "normal",
            "sites": [names[position % len(names)]],
            "downtime_cost_per_hour": str(4000 - 1000 * position),
        }
        for position, service in enumerate(SERVICES[one.kind])
    }
    feeds = [
        {"id": f"{one.provider}-status", "format": "statuspage"},
        *([{"id": f"{one.provider}-probes", "format": "alertmanager"}] if one.probed else []),
    ]
    head = {"apiVersion": "holdfast/v1", "kind": "Provider", "id": one.provider, "name": _name(one.provider)}
    return Provider.model_validate(
        {**head, "contacts": {**theirs, **OUR_PEOPLE}, "services": services, "sites": sites, "feeds": feeds}
    )


def _agreement(shape: Shape, one: Traits, index: int) -> Agreement:
    first: dict[str, Any] = {
        "version": "1",
        "effective_from": _first_version_on(shape, one).isoformat(),
        "timezone": sites_of(index)[0][4],
        "currency": "EUR",
        "services": list(SERVICES[one.kind]),
        "calendars": {"always": {"hours": "24x7"}},
        "evidence": {"start": "earliest", "acknowledge": "published", "restore": "observed"},
        "priorities": {name: {"severities": words} for name, words in SEVERITIES.items()},
        "targets": [{**target, "calendar": "always"} for target in TARGETS],
        "pauses": [{"reason": "awaiting_customer", "objectives": ["restore", "resolve"], "limit": "8h"}],
        "stability_window": "15m",
        "reopen": {"window": "24h", "rule": "continue"},
        "maintenance": {"notice": "72h", "monthly_allowance": "6h"},
        "availability": [
            {"service": name, "objective": "99.5", "hours": "always", "weights": WEIGHTS} for name in SERVICES[one.kind]
        ],
        "credits": {
            "tiers": [{"below": "99.5", "credit": "10"}, {"below": "99.0", "credit": "25"}],
            "monthly_fee": "12000.00",
            "cap_month": "50",
            "claim_within": "30d",
        },
        "review": {"every": "month", "owners": ["us-head", f"{one.provider}-manager"]},
        "escalation": f"{one.provider}-ladders",
    }
    stricter = {"restore": {**STRICTER_RESTORE, "calendar": "always"}}
    second = {
        **first,
        "version": "2",
        "effective_from": second_version_on(shape).isoformat(),
        "targets": [stricter.get(target["objective"], target) for target in first["targets"]],
    }
    head = {"apiVersion": "holdfast/v1", "kind": "Agreement", "id": f"{one.provider}-sla", "provider": one.provider}
    about = {"title": f"Services of {_name(one.provider)}", "customer": "us", "contract": "sla"}
    return Agreement.model_validate({**head, **about, "versions": [first, second]})


def _policy(one: Traits) -> EscalationPolicy:
    desk, manager = f"{one.provider}-desk", f"{one.provider}-manager"
    return EscalationPolicy.model_validate(
        {
            "apiVersion": "holdfast/v1",
            "kind": "EscalationPolicy",
            "id": f"{one.provider}-ladders",
            "applies_to": {"priorities": ["p1", "p2"]},
            "provider_ladder": [
                {"when": {"objective": "acknowledge", "share": 0.8}, "notify": [desk], "via": ["email"]},
                {"when": {"objective": "restore", "share": 0.75}, "notify": [manager], "via": ["email"]},
            ],
            "customer_ladder": [
                {
                    "when": {"objective": "acknowledge", "breached": True},
                    "notify": [ROTA],
                    "via": ["slack"],
                    "acknowledge_within": "15m",
                },
                {"when": {"promise": "broken", "after": "10m"}, "notify": [ROTA], "via": ["slack"]},
                {"when": {"objective": "restore", "breached": True}, "notify": ["us-head"], "via": ["email"]},
            ],
            "repeat": {"every": "30m", "loops": 2, "floor": "8h"},
            "provider_repeat": {"every": "2h", "loops": 1, "floor": "12h"},
            "hazard": {"notify": ["us-desk"], "via": ["email"], "cadence": "1h"},
        }
    )


def _rota(shape: Shape) -> Rota:
    since = (shape.begin - timedelta(days=60)).date().isoformat()
    ours = {"side": "customer", "slack": "env:NOC_SLACK"}
    members = {name: {**ours, "name": name.title(), "email": f"{name}@us.example"} for name in DUTY}
    return Rota.model_validate(
        {
            "apiVersion": "holdfast/v1",
            "kind": "Rota",
            "id": ROTA,
            "name": "Network operations",
            "members": members,
            "layers": [{"members": list(DUTY), "timezone": "UTC", "since": since, "handover": "daily 08:00"}],
        }
    )
