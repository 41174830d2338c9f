"""What documents need of each other, and what lint only asks about: warnings leave documents usable."""

import pytest

from holdfast.documents import check_documents, load_documents
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER, lint

ROOM = "    stability_window: 15m\n"
CREDITS = """\
    currency: EUR
    availability: [{service: vm, objective: "99.95", weights: {major: "1", minor: "0.3"}}]
    credits: {tiers: [{below: "99.95", credit: "10"}, {below: "99", credit: "25"}], monthly_fee: "100", cap_month: "50"}
"""


def told(folder, **parts):
    return [(one.severity, one.line, one.key, one.message) for one in lint(folder, **parts)]


def test_a_contract_with_every_clause_has_no_findings(tmp_path):
    clauses = (
        CREDITS + "    exclusions: [force_majeure]\n    pauses: [{reason: awaiting_customer, objectives: [restore]}]\n"
    )
    assert told(tmp_path, agreement=AGREEMENT.replace(ROOM, ROOM + clauses)) == []


@pytest.mark.parametrize(
    ("clauses", "old", "new", "key", "words"),
    [
        ("    exclusions: [forse_majeure]\n", "", "", "exclusions[0]", "did you mean 'force_majeure'?"),
        ("    exclusions: [weather]\n", "", "", "exclusions[0]", "known are force_majeure, customer_fault"),
        (
            "    pauses: [{reason: x, objectives: [restore, update]}]\n",
            "",
            "",
            "pauses[0].objectives[1]",
            "x pauses update, for which there is no target",
        ),
        (CREDITS, 'minor: "0.3"', 'minr: "0.3"', "availability[0].weights.minr", "did you mean 'minor'?"),
        (CREDITS, 'below: "99.95"', 'below: "99.99"', "credits.tiers[0].below", "although its 99.95 % are kept"),
        (
            CREDITS,
            'below: "99.95"',
            'below: "99.9"',
            "credits.tiers[0].below",
            "vm breaks its promise and nothing is paid",
        ),
        (CREDITS, ', cap_month: "50"', "", "credits", "credits without a cap"),
        (CREDITS, 'credit: "25"', 'credit: "5"', "credits.tiers[1].credit", "a worse month pays 5 %"),
        (CREDITS, CREDITS.splitlines()[1] + "\n", "", "credits", "no availability promise"),
    ],
    ids=[
        "an exclusion nearly known",
        "an exclusion unknown",
        "a pause of what is not promised",
        "a weight of no severity",
        "a tier above the objective",
        "a tier below the objective",
        "no cap",
        "a worse month pays less",
        "credits without availability",
    ],
)
def test_a_doubtful_clause_is_a_warning_at_its_place(tmp_path, clauses, old, new, key, words):
    assert old in clauses
    found = told(tmp_path, agreement=AGREEMENT.replace(ROOM, ROOM + clauses.replace(old, new, 1)))
    assert [(severity, where) for severity, _, where, _ in found] == [("warning", f"versions[0].{key}")]
    assert words in found[0][3]
    load_documents(tmp_path)


@pytest.mark.parametrize(
    ("part", "old", "new", "severity", "key", "words"),
    [
        (
            "provider",
            "sites: [fra1]",
            "sites: [fra1], depends_on: [vm]",
            "error",
            "services.vm.depends_on",
            "services that need themselves: vm -> vm",
        ),
        (
            "provider",
            "format: statuspage",
            "format: statuspag",
            "error",
            "feeds[0].format",
            "did you mean 'statuspage'?",
        ),
        ("provider", "format: statuspage", "format: rss", "error", "feeds[0].format", "there are statuspage"),
        (
            "provider",
            "format: statuspage",
            "format: cap, every: 1bd",
            "error",
            "feeds[0].every",
            "write one such as 60s",
        ),
        ("provider", "format: statuspage", "format: cap, every: 0s", "error", "feeds[0].every", "0s is no time"),
        (
            "provider",
            ", email: noc@us.example",
            "",
            "warning",
            "customer_ladder[0].notify[0]",
            "'noc' is paged by e-mail and has no email",
        ),
        (
            "policy",
            "objective: restore, share",
            "objective: update, share",
            "warning",
            "versions[0].escalation",
            "has a rung on update, for which there is no target here",
        ),
        (
            "policy",
            "customer_ladder",
            "applies_to: {priorities: [p1, p4]}\ncustomer_ladder",
            "warning",
            "versions[0].escalation",
            "applies to p4, which this version does not have",
        ),
        (
            "agreement",
            ROOM,
            ROOM + "    review: {every: month, owners: [nok]}\n",
            "error",
            "versions[0].review.owners[0]",
            "no contact 'nok'; did you mean 'noc'?",
        ),
        (
            "agreement",
            ROOM,
            ROOM + '    maintenance: {windows: {son: ["00:00-06:00"]}}\n',
            "error",
            "versions[0].maintenance.windows",
            "'son' in 'son' is no day",
        ),
        (
            "agreement",
            "customer: us",
            "customer: nimbus",
            "error",
            "customer",
            "agreements that rest on themselves: nimbus (hosting) -> nimbus",
        ),
    ],
)
def test_what_leads_nowhere_is_told_at_its_place(tmp_path, part, old, new, severity, key, words):
    content = {"agreement": AGREEMENT, "provider": PROVIDER, "policy": POLICY}[part]
    assert old in content
    found = told(tmp_path, **{part: content.replace(old, new, 1)})
    assert [(one[0], one[2]) for one in found] == [(severity, key)]
    assert words in found[0][3]


def also(folder, name, content):
    (folder / f"{name}.yaml").write_text(content)
    return [(one.severity, one.key, one.message) for one in lint(folder)]


def test_two_agreements_for_the_same_are_an_error(tmp_path):
    ((severity, key, message),) = also(tmp_path, "other", AGREEMENT.replace("id: hosting", "id: other"))
    assert (severity, key) == ("error", "id")
    assert message.startswith(
        "an incident of vm of severity major fits 'hosting' and 'other' equally well from 2025-12-31"
    )


def test_two_agreements_for_different_services_are_a_warning(tmp_path):
    (tmp_path / "mail.yaml").write_text(AGREEMENT.replace("id: hosting", "id: mail").replace("[vm]", "[mail]"))
    findings = lint(tmp_path, provider=PROVIDER.replace("services:\n", "services:\n  mail: {}\n"))
    assert [(one.severity, one.key) for one in findings] == [("warning", "id")]
    assert "names no service, or services of both," in findings[0].message


def test_a_feed_of_the_same_id_in_another_document_is_an_error(tmp_path):
    ((severity, key, message),) = also(tmp_path, "other", PROVIDER.replace("id: nimbus\n", "id: other\n"))
    assert (severity, key) == ("error", "feeds[0].id")
    assert "'nimbus-status' stands in " in message


def test_a_supplier_that_promises_less_is_a_warning_at_its_target(tmp_path):
    telco = PROVIDER.replace("id: nimbus\n", "id: telco\n").replace("nimbus-status", "telco-status")
    line = AGREEMENT.replace("id: hosting", "id: line").replace("provider: nimbus", "provider: telco")
    line = line.replace("customer: us", "customer: nimbus").replace("4h", "9h")
    (tmp_path / "telco.yaml").write_text(telco)
    (found,) = also(tmp_path, "line", line)
    assert found == (
        "warning",
        "versions[0].targets[0].p1",
        "restore p1: 9h is longer than the 4h that rest on it (hosting 1)",
    )


def test_warnings_are_not_looked_for_where_only_errors_matter(tmp_path):
    lint(tmp_path, provider=PROVIDER.replace(", email: noc@us.example", ""))
    assert check_documents(tmp_path, warnings=False)[1] == ()
