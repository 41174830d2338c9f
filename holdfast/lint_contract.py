"""What is doubtful within one agreement: it can be measured by, and is unlikely to be meant so. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from models.agreement import Agreement, AgreementVersion
from models.clauses import KNOWN_EXCLUSIONS
from models.policy import EscalationPolicy
from models.spec import Loc
from models.version_faults import nearest

Told = Iterator[tuple[Loc, str]]


def contract_doubts(agreement: Agreement, policies: Mapping[str, EscalationPolicy]) -> Told:
    """Yield places in an agreement with what is doubtful there."""
    for index, version in enumerate(agreement.versions):
        at: Loc = ("versions", index)
        for loc, message in _version(version):
            yield (*at, *loc), message
        policy = policies.get(version.escalation or "")
        if policy is not None:
            for message in _silent_rungs(version, policy):
                yield (*at, "escalation"), message


def _version(version: AgreementVersion) -> Told:
    yield from _exclusions(version)
    yield from _pauses(version)
    yield from _weights(version)
    yield from _credits(version)


def _exclusions(version: AgreementVersion) -> Told:
    for index, word in enumerate(version.exclusions):
        if word not in KNOWN_EXCLUSIONS:
            near = nearest(word, KNOWN_EXCLUSIONS) or f"; known are {', '.join(KNOWN_EXCLUSIONS)}"
            yield ("exclusions", index), f"{word!r} is no clause that contracts commonly name{near}"


def _pauses(version: AgreementVersion) -> Told:
    promised = {target.objective for target in version.targets}
    for index, pause in enumerate(version.pauses):
        for position, objective in enumerate(pause.objectives):
            if objective not in promised:
                text = f"{pause.reason} pauses {objective.value}, for which there is no target"
                yield ("pauses", index, "objectives", position), text


def _weights(version: AgreementVersion) -> Told:
    words = {word.lower() for spec in version.priorities.values() for word in spec.severities}
    for index, promise in enumerate(version.availability):
        for word in promise.weights:
            if word.lower() not in words:
                text = f"no priority has severity {word!r}, so it never weighs anything{nearest(word, sorted(words))}"
                yield ("availability", index, "weights", word), text


def _credits(version: AgreementVersion) -> Told:
    """Yield tiers that don't meet the availability promised, and credits without a bound."""
    terms = version.credits
    if terms is None:
        return
    if not version.availability:
        yield ("credits",), "credits, but no availability promise: nothing is ever paid; write availability beside them"
    yield from _first_tier(version, terms.tiers[0].below)
    shares = [tier.credit for tier in terms.tiers]
    for index, (better, worse) in enumerate(pairwise(shares), start=1):
        if worse <= better:
            text = f"a worse month pays {worse} %, no more than the {better} % of a better one"
            yield ("credits", "tiers", index, "credit"), text
    if terms.cap_month is None and terms.cap_year is None:
        yield ("credits",), 'credits without a cap; write cap_month or cap_year, such as "100", if the contract has one'


def _first_tier(version: AgreementVersion, below: Decimal) -> Told:
    """Yield promises that the highest tier lies above or below."""
    loc: Loc = ("credits", "tiers", 0, "below")
    for promise in version.availability:
        if below > promise.objective:
            yield loc, f"below {below} pays for {promise.service} although its {promise.objective} % are kept"
        elif below < promise.objective:
            span = f"from {below} up to {promise.objective} %"
            yield loc, f"{span} {promise.service} breaks its promise and nothing is paid"


def _silent_rungs(version: AgreementVersion, policy: EscalationPolicy) -> Iterator[str]:
    """Yield what the policy waits for and this version can never say."""
    promised = {target.objective for target in version.targets}
    conditions = [rung.when for _, rungs in policy.ladders() for rung in rungs]
    awaited = {when.objective for when in conditions if when.objective is not None}
    for objective in sorted(awaited - promised):
        yield f"policy {policy.id!r} has a rung on {objective.value}, for which there is no target here"
    unknown = [name for name in policy.applies_to.priorities if name not in version.priorities]
    if unknown:
        yield f"policy {policy.id!r} applies to {', '.join(unknown)}, which this version does not have"
