"""What lint says of policies, contacts and rotas: who is named, by which channel, and when nobody has duty."""

import pytest

from holdfast.documents import check_documents
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER, lint
from tests.support.corpus import ROOT

RUNG = "  - {when: {objective: restore, share: 0.75}, notify: [noc], via: [email]}\n"
ROTA = """\
apiVersion: holdfast/v1
kind: Rota
id: shift
members:
  ana: {name: Ana, side: customer, email: ana@us.example}
  ben: {name: Ben, side: customer, email: ben@us.example}
layers:
  - {members: [ana, ben], timezone: Europe/Berlin, since: 2026-01-05}
"""
BOREALIS = PROVIDER.replace("id: nimbus\n", "id: borealis\n").replace("nimbus-status", "borealis-status")
SUN = """\
layers:
  - members: [ana]
    timezone: Europe/Berlin
    since: 2026-01-05
    hours: {hours: {mon-sun: ["08:00-20:00"]}}
  - members: [ben]
    timezone: America/New_York
    since: 2026-01-05
    hours: {hours: {mon-sun: ["14:00-24:00", "00:00-02:00"]}}
"""
"""Fits but for the weeks in which only one of the two has changed its clocks."""


def told(folder, rota=ROTA, **parts):
    (folder / "rota.yaml").write_text(rota)
    return [(one.severity, one.file.rpartition("/")[2], one.key, one.message) for one in lint(folder, **parts)]


def rung(text: str) -> str:
    """Return the policy with another second rung."""
    return POLICY + f"  - {text}\n"


def test_a_rota_may_stand_wherever_a_contact_may(tmp_path):
    everywhere = "{when: {silence: true}, notify: [shift], via: [email], fallback_notify: [shift]}"
    policy = POLICY.replace("via: [email]", "via: [email], acknowledge_within: 5m") + f"  - {everywhere}\n"
    assert told(tmp_path, policy=policy + "hazard: {notify: [shift, noc]}\n") == []


@pytest.mark.parametrize(
    ("policy", "severity", "key", "words"),
    [
        (POLICY.replace("[noc]", "[shft]"), "error", "customer_ladder[0].notify[0]", "did you mean 'shift'?"),
        (
            POLICY.replace("via: [email]", "via: [email], fallback_notify: [noc, nok]"),
            "error",
            "customer_ladder[0].fallback_notify[1]",
            "no contact 'nok' of a provider that uses this policy, and no rota; did you mean 'noc'?",
        ),
        (POLICY + "hazard: {notify: [ops]}\n", "error", "hazard.notify[0]", "no contact 'ops'"),
        (
            POLICY.replace("objective: restore, share: 0.75", "silence: true"),
            "error",
            "customer_ladder[0].when.silence",
            "This is the first rung",
        ),
        (
            rung("{when: {silence: true}, notify: [noc], via: [email]}"),
            "error",
            "customer_ladder[1].when.silence",
            "give the rung below acknowledge_within",
        ),
        (
            POLICY.replace("customer_ladder", "provider_ladder"),
            "warning",
            "provider_ladder[0].notify[0]",
            "'noc' is one of ours, and this ladder is theirs",
        ),
        (
            POLICY.replace("[noc]", "[shift]").replace("customer_ladder", "provider_ladder"),
            "warning",
            "provider_ladder[0].notify[0]",
            "'shift' is one of ours",
        ),
        (
            POLICY.replace("via: [email]", "via: [webhook, sms]"),
            "warning",
            "customer_ladder[0].notify[0]",
            "'noc' is paged by sms and has no phone",
        ),
        (
            POLICY.replace("via: [email]", "via: [console], fallback_via: [slack, slack]"),
            "warning",
            "customer_ladder[0].notify[0]",
            "'noc' is paged by slack and has no slack",
        ),
        (
            POLICY + "hazard: {notify: [noc], via: [teams]}\n",
            "warning",
            "hazard.notify[0]",
            "'noc' is paged by teams and has no teams",
        ),
        (
            rung("{when: {burn_rate: 14.4}, notify: [noc], via: [email]}"),
            "warning",
            "customer_ladder[1].when.burn_rate",
            "promises availability, so there is no error budget",
        ),
        (
            rung("{when: {burn_rate: 2, service: vm}, notify: [noc], via: [email]}"),
            "warning",
            "customer_ladder[1].when.burn_rate",
            "promises availability of vm",
        ),
        (
            rung("{when: {priority: p3}, notify: [noc], via: [email]}"),
            "warning",
            "customer_ladder[1].when.priority",
            "no agreement with this policy has p3",
        ),
        (POLICY + "digest: {priorities: [p2, p4]}\n", "warning", "digest.priorities[1]", "has p4"),
    ],
    ids=[
        "a rota nearly known",
        "a fallback nobody knows",
        "a name of the hazard mode",
        "silence on the first rung",
        "silence above a rung that waits for nobody",
        "our contact on their ladder",
        "our rota on their ladder",
        "no phone for text messages",
        "no address for the fallback, told once",
        "no address for hazards",
        "no budget at all",
        "no budget of that service",
        "a priority that no version has",
        "a digest of a priority that no version has",
    ],
)
def test_a_policy_is_held_against_whose_it_is(tmp_path, policy, severity, key, words):
    (found,) = told(tmp_path, policy=policy)
    assert found[:3] == (severity, "policy.yaml", key)
    assert words in found[3]


@pytest.mark.parametrize(
    ("via", "is_told"),
    [("[slack]", True), ("[slack, email]", False), ("[slack, console]", False), ("[slack, sms]", True)],
    ids=["by none", "by one of two", "by one that needs no address", "by none of two"],
)
def test_a_fallback_needs_one_way_to_be_reached(tmp_path, via, is_told):
    provider = PROVIDER.replace("services:\n", "  boss: {name: B, side: customer, email: b@us.example}\nservices:\n")
    provider = provider.replace("noc@us.example", 'noc@us.example, phone: "+49", slack: "env:NOC"')
    policy = POLICY.replace("via: [email]", f"via: {via}, fallback_notify: [boss]")
    found = told(tmp_path, provider=provider, policy=policy)
    assert {one[2] for one in found} == ({"customer_ladder[0].fallback_notify[0]"} if is_told else set())


def test_an_address_that_a_member_of_a_rota_lacks_is_told_by_name(tmp_path):
    (found,) = told(
        tmp_path, policy=POLICY.replace("[noc]", "[shift]"), rota=ROTA.replace(", email: ben@us.example", "")
    )
    assert found[3] == "'ben' of rota 'shift' is paged by e-mail and has no email"


def test_a_burn_rate_of_a_service_with_a_promise_is_fine(tmp_path):
    agreement = AGREEMENT + '    availability: [{service: vm, objective: "99.9"}]\n'
    policy = rung("{when: {burn_rate: 2, service: vm}, notify: [noc], via: [email]}")
    assert told(tmp_path, agreement=agreement, policy=policy) == []
    found = told(tmp_path, agreement=agreement, policy=policy.replace("vm}", "vn}"))
    (fault,) = [one for one in found if one[0] == "error"]
    assert fault[2:] == (
        "customer_ladder[1].when.service",
        "no service 'vn' of a provider that uses this policy",
    )


def test_a_contact_of_a_provider_that_does_not_use_the_policy_is_none(tmp_path):
    (tmp_path / "borealis.yaml").write_text(BOREALIS.replace("  noc:", "  desk:"))
    (found,) = told(tmp_path, policy=POLICY.replace("[noc]", "[desk]"))
    assert (found[0], found[2]) == ("error", "customer_ladder[0].notify[0]")


def test_a_policy_that_nobody_uses_may_name_anybody_and_wait_for_anything(tmp_path):
    policy = rung("{when: {priority: p9}, notify: [noc], via: [email]}") + "digest: {priorities: [p9]}\n"
    assert told(tmp_path, agreement=AGREEMENT.replace("    escalation: ladder\n", ""), policy=policy) == []
    (found,) = told(
        tmp_path, agreement=AGREEMENT.replace("    escalation: ladder\n", ""), policy=POLICY.replace("[noc]", "[nok]")
    )
    assert found[3].startswith("no contact 'nok' in any Provider document")


def test_a_contact_that_only_one_of_two_providers_has_is_a_warning(tmp_path):
    (tmp_path / "borealis.yaml").write_text(BOREALIS.replace("  noc:", "  desk:"))
    other = AGREEMENT.replace("id: hosting", "id: line").replace("provider: nimbus", "provider: borealis")
    (tmp_path / "line.yaml").write_text(other)
    (found,) = told(tmp_path)
    assert found[0] == "warning"
    assert found[3] == "provider 'borealis' uses this policy too and has no contact 'noc'"


@pytest.mark.parametrize(
    ("rota", "severity", "key", "words"),
    [
        (ROTA.replace("id: shift", "id: noc"), "error", "id", "provider 'nimbus' has a contact 'noc'"),
        (ROTA.replace("[ana, ben]", "[ana]"), "warning", "members.ben", "'ben' is in no layer and no override"),
        (
            ROTA.replace("2026-01-05}", '2026-01-05, hours: {hours: {mon-fri: ["09:00-17:00"]}}}'),
            "warning",
            "layers",
            "nobody has duty from 2026-01-05 16:00 UTC until 2026-01-06 08:00 UTC",
        ),
        (
            ROTA.partition("layers:")[0] + SUN,
            "warning",
            "layers",
            "nobody has duty from 2026-03-09 06:00 UTC until 2026-03-09 07:00 UTC",
        ),
        (
            ROTA + "  - {members: [ben], timezone: UTC, since: 2026-02-02}\n",
            "warning",
            "layers[1]",
            "a layer above it has duty at any time",
        ),
        (
            ROTA
            + "overrides:\n"
            + "  - {from: 2026-05-04T10:00:00Z, until: 2026-05-04T11:00:00Z, member: ana}\n"
            + "  - {from: 2026-05-04T09:00:00Z, until: 2026-05-04T12:00:00Z, member: ben}\n",
            "warning",
            "overrides[0]",
            "a later entry of the list takes all of its time",
        ),
        (
            ROTA.replace("email: ana@us.example", "email: ana@us.example, slack: 'https://hooks.example/secret'"),
            "warning",
            "members.ana.slack",
            "write slack: env:NAME",
        ),
    ],
    ids=[
        "one id for a rota and a contact",
        "somebody who never has duty",
        "no duty at night",
        "no duty while clocks differ",
        "a layer that never counts",
        "an override that never counts",
        "a secret of a member",
    ],
)
def test_a_rota_with_a_flaw_is_told_at_its_place(tmp_path, rota, severity, key, words):
    (found,) = told(tmp_path, rota=rota)
    assert found[:3] == (severity, "rota.yaml", key)
    assert words in found[3]


def test_a_gap_that_goes_on_and_a_rota_of_the_last_years_are_looked_at_in_peace(tmp_path):
    closed = 'hours: {hours: {mon: ["09:00-10:00"]}, holidays: [%s]}' % ", ".join(  # noqa: UP031 - braces
        f"{{date: {day}}}" for day in ("2026-01-12", "2026-01-19")
    )
    (found,) = told(tmp_path, rota=ROTA.replace("2026-01-05}", f"2026-01-05, {closed}}}"))
    assert "from 2026-01-05 09:00 UTC until 2026-01-26 08:00 UTC" in found[3]
    assert told(tmp_path, rota=ROTA.replace("2026-01-05", "2198-06-01")) == []


@pytest.mark.parametrize("key", ["slack", "teams", "pagerduty", "opsgenie", "apprise"])
def test_a_secret_in_the_clear_is_a_warning_and_a_variable_is_none(tmp_path, key):
    with_key = PROVIDER.replace("side: customer", f"side: customer, {key}: 'env:NOC'")
    assert told(tmp_path, provider=with_key) == []
    (found,) = told(tmp_path, provider=with_key.replace("env:NOC", "s3cret"))
    assert found[:3] == ("warning", "provider.yaml", f"contacts.noc.{key}")
    assert "s3cret" not in found[3]


def test_warnings_leave_documents_usable(tmp_path):
    told(tmp_path, policy=POLICY.replace("via: [email]", "via: [sms]"))
    assert check_documents(tmp_path, warnings=False)[1] == ()


def test_the_full_example_has_no_findings():
    documents, findings = check_documents(ROOT / "examples" / "escalation")
    assert findings == ()
    assert set(documents.policies["polaris-ladders"].recipients()) > set(documents.rotas)
