"""Broken documents, and what lint says of each: file, line, key and words that help."""

from pathlib import Path

import pytest

from holdfast.documents import (
    ALIAS_LIMIT,
    DEPTH_LIMIT,
    SIZE_LIMIT,
    DocumentsError,
    Finding,
    check_documents,
    load_documents,
)
from tests.support.corpus import ROOT

AGREEMENT = """\
apiVersion: holdfast/v1
kind: Agreement
id: hosting
provider: nimbus
customer: us
contract: sla
versions:
  - version: "1"
    effective_from: 2026-01-01
    timezone: Europe/Berlin
    services: [vm]
    calendars: {always: {hours: 24x7}}
    priorities:
      p1: {severities: [major]}
      p2: {severities: [minor]}
    targets:
      - {objective: restore, p1: 4h, calendar: always}
    stability_window: 15m
    escalation: ladder
"""
PROVIDER = """\
apiVersion: holdfast/v1
kind: Provider
id: nimbus
name: Nimbus
contacts:
  noc: {name: NOC, side: customer, email: noc@us.example}
services:
  vm: {sites: [fra1]}
sites:
  fra1: {name: Frankfurt, lat: 50.1, lon: 8.7}
feeds:
  - {id: nimbus-status, format: statuspage}
"""
POLICY = """\
apiVersion: holdfast/v1
kind: EscalationPolicy
id: ladder
customer_ladder:
  - {when: {objective: restore, share: 0.75}, notify: [noc], via: [email]}
"""
FILES = {"agreement.yaml": AGREEMENT, "provider.yaml": PROVIDER, "policy.yaml": POLICY}


def lint(folder: Path, **changes: str | bytes) -> tuple[Finding, ...]:
    """Write the three good files, some of them changed, and check them."""
    for name, content in FILES.items():
        changed = changes.get(name.removesuffix(".yaml"), content)
        (folder / name).write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    return check_documents(folder)[1]


def test_good_documents_have_no_findings(tmp_path):
    assert lint(tmp_path) == ()
    documents = load_documents(tmp_path)
    assert (list(documents.agreements), list(documents.providers), list(documents.policies)) == (
        ["hosting"], ["nimbus"], ["ladder"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "old", "new", "line", "key", "words"),
    [
        (
            "agreement",
            "stability_window",
            "stabilty_window",
            18,
            "versions[0].stabilty_window",
            "unknown key; did you mean 'stability_window'?",
        ),
        (
            "agreement",
            "calendar: always}",
            "calender: always}",
            17,
            "versions[0].targets[0].calender",
            "did you mean 'calendar'?",
        ),
        ("agreement", "customer: us\n", "", 1, "customer", "required key is missing"),
        (
            "agreement",
            "timezone: Europe/Berlin",
            "timezone: Europe/Berln",
            10,
            "versions[0].timezone",
            "'Europe/Berln' is no IANA time zone",
        ),
        ("agreement", "p1: 4h", "p1: 4 hours", 17, "versions[0].targets[0].p1", "'4 hours' is no duration: write 90s"),
        ("agreement", "p1: 4h", "p1: 99999d", 17, "versions[0].targets[0].p1", "longer than ten years"),
        ("agreement", "p1: 4h, ", "", 17, "versions[0].targets[0]", "a limit for at least one priority"),
        ("agreement", "p1: 4h", "p5: 4h", 17, "versions[0].targets[0].p5", "no priority 'p5' in this version"),
        (
            "agreement",
            "objective: restore",
            "objective: restor",
            17,
            "versions[0].targets[0].objective",
            "did you mean 'restore'?",
        ),
        (
            "agreement",
            "calendar: always}",
            "calendar: office}",
            17,
            "versions[0].targets[0].calendar",
            "no calendar 'office' in this version",
        ),
        (
            "agreement",
            "calendar: always}",
            "warn_at: [1.5]}",
            17,
            "versions[0].targets[0].warn_at[0]",
            "between 0 and 1",
        ),
        (
            "agreement",
            "[minor]",
            "[minor, MAJOR]",
            15,
            "versions[0].priorities.p2.severities[1]",
            "severity 'MAJOR' stands in p1 and in p2",
        ),
        (
            "agreement",
            "p2: {sev",
            "gold: {sev",
            15,
            "versions[0].priorities.gold",
            "'gold' is no priority: write p1 to p9",
        ),
        ("agreement", "contract: sla", "contract: slo", 6, "contract", "'slo' is none of"),
        ("agreement", "id: hosting", "id: Hosting!", 3, "id", "match pattern"),
        ("agreement", "provider: nimbus", "provider: cirrus", 4, "provider", "no Provider document 'cirrus'"),
        (
            "agreement",
            "services: [vm]",
            "services: [vm, mail]",
            11,
            "versions[0].services[1]",
            "provider 'nimbus' has no service 'mail'",
        ),
        ("agreement", "services: [vm]", "services: []", 11, "versions[0].services", "at least 1 item"),
        (
            "agreement",
            "escalation: ladder",
            "escalation: stairs",
            19,
            "versions[0].escalation",
            "no EscalationPolicy document 'stairs'",
        ),
        (
            "agreement",
            "stability_window: 15m",
            "stability_window: 2bd",
            18,
            "versions[0].stability_window",
            "a fixed time",
        ),
        (
            "agreement",
            "stability_window: 15m",
            "reopen: {window: 1bd}",
            18,
            "versions[0].reopen.window",
            "a fixed time",
        ),
        (
            "agreement",
            "effective_from: 2026-01-01",
            "effective_from: 2026-01-01\n    effective_to: 2025-01-01",
            10,
            "versions[0].effective_to",
            "not after it begins",
        ),
        (
            "agreement",
            "effective_from: 2026-01-01",
            "effective_from: 2026-13-01",
            9,
            "versions[0].effective_from",
            "date",
        ),
        (
            "agreement",
            "kind: Agreement",
            "kind: Agrement",
            2,
            "kind",
            "'Agrement' is none of Agreement, Provider, EscalationPolicy",
        ),
        ("agreement", "apiVersion: holdfast/v1", "apiVersion: holdfast/v2", 1, "apiVersion", "'holdfast/v1'"),
        ("agreement", "id: hosting", "id: hosting\nid: other", 4, "", 'duplicate key "id"'),
        ("agreement", "  - version", "\t- version", 8, "", "not YAML: found character '\\t'"),
        ("agreement", "versions:", "versions: [", 8, "", "not YAML"),
        ("provider", "sites: [fra1]", "sites: [ams1]", 8, "services.vm.sites[0]", "no site 'ams1' in this document"),
        (
            "provider",
            "sites: [fra1]",
            "depends_on: [db]",
            8,
            "services.vm.depends_on[0]",
            "no service 'db' in this document",
        ),
        ("provider", "lat: 50.1", "lat: 150.1", 10, "sites.fra1.lat", "less than or equal to 90"),
        ("provider", "side: customer", "side: ours", 6, "contacts.noc.side", "'ours' is none of"),
        (
            "provider",
            "feeds:\n",
            "feeds:\n  - {id: nimbus-status, format: cap}\n",
            13,
            "feeds[1].id",
            "already",
        ),
        ("provider", "id: nimbus-status", "id: answers", 12, "feeds[0].id", "reserved for answers"),
        (
            "policy",
            "notify: [noc]",
            "notify: [boss]",
            5,
            "customer_ladder[0].notify[0]",
            "no contact 'boss' of a provider that uses this policy",
        ),
        ("policy", "share: 0.75", "share: 0.75, breached: true", 5, "customer_ladder[0].when", "exactly one of share"),
        ("policy", "via: [email]", "via: [pigeon]", 5, "customer_ladder[0].via[0]", "'pigeon' is none of"),
    ],
)
def test_a_broken_document_is_told_with_its_line_key_and_remedy(tmp_path, part, old, new, line, key, words):
    content = FILES[f"{part}.yaml"]
    assert old in content
    findings = lint(tmp_path, **{part: content.replace(old, new, 1)})
    errors = [one for one in findings if one.severity == "error"]
    assert [(Path(one.file).name, one.line, one.key) for one in errors] == [(f"{part}.yaml", line, key)]
    assert words in errors[0].message
    assert str(errors[0]).startswith(f"{errors[0].file}:{line}:{errors[0].column}: error: ")


VERSIONS = AGREEMENT[AGREEMENT.index("  - version") :]


@pytest.mark.parametrize(
    ("first_to", "second_from", "words"),
    [
        ("2026-06-01", "2026-07-01", "leave a gap at 2026-06-01"),
        ("2026-08-01", "2026-07-01", "overlap at 2026-07-01"),
        ("null", "2026-01-01", "overlap at 2026-01-01"),
        ("null", "2026-07-01", None),
        ("2026-07-01", "2026-07-01", None),
    ],
)
def test_versions_follow_each_other_without_gap_or_overlap(tmp_path, first_to, second_from, words):
    first = VERSIONS.replace("effective_from: 2026-01-01", f"effective_from: 2026-01-01\n    effective_to: {first_to}")
    second = VERSIONS.replace('"1"', '"2"').replace("2026-01-01", second_from)
    findings = lint(tmp_path, agreement=AGREEMENT.replace(VERSIONS, first + second))
    assert [(one.line, one.key) for one in findings] == (
        [] if words is None else [(first.count("\n") + 9, "versions[1].effective_from")]
    )
    assert words is None or words in findings[0].message


def test_two_versions_of_one_name_are_told(tmp_path):
    second = VERSIONS.replace("2026-01-01", "2026-07-01")
    findings = lint(tmp_path, agreement=AGREEMENT + second)
    assert [one.message for one in findings] == ["version '1' stands here twice"]


def test_one_objective_told_twice_is_an_error(tmp_path):
    twice = AGREEMENT.replace("    stability", "      - {objective: restore, p2: 8h}\n    stability")
    findings = lint(tmp_path, agreement=twice)
    assert [(one.line, one.key) for one in findings] == [(18, "versions[0].targets[1].objective")]
    assert "restore stands twice" in findings[0].message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"kind: \xff\n", "not UTF-8"),
        (b"x: 1\n" * (SIZE_LIMIT // 5 + 1), f"larger than {SIZE_LIMIT} bytes"),
        (b"- a\n- b\n", "a document is a mapping"),
        (b'!!python/object/apply:os.system ["true"]\n', "is not part of the format"),
        (b"kind: Provider\nname: " + b"[" * 5000 + b"]" * 5000, f"nested deeper than {DEPTH_LIMIT} levels"),
    ],
    ids=["not UTF-8", "too large", "a list", "a tag that would run code", "nested without end"],
)
def test_files_that_are_no_documents(tmp_path, content, words):
    findings = lint(tmp_path, policy=content)
    assert [words in one.message for one in findings] == [True]
    assert Path(findings[0].file).name == "policy.yaml"


def test_a_yaml_bomb_is_refused_before_it_is_expanded(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    findings = lint(tmp_path, policy="\n".join(lines))
    assert [one.message for one in findings] == [f"more than {ALIAS_LIMIT} aliases"]


def test_a_few_shared_blocks_are_fine(tmp_path):
    shared = PROVIDER.replace(
        "{name: NOC, side: customer, email: noc@us.example}",
        "&noc {name: NOC, side: customer, email: noc@us.example}\n  desk: *noc",
    )
    assert lint(tmp_path, provider=shared) == ()


def test_all_findings_are_told_at_once_in_the_order_of_the_files(tmp_path):
    findings = lint(
        tmp_path, agreement=AGREEMENT.replace("15m", "15").replace("4h", "4"), provider=PROVIDER.replace("50.1", "x")
    )
    assert [Path(one.file).name for one in findings] == ["agreement.yaml", "agreement.yaml", "provider.yaml"]


def test_a_document_that_stands_twice_is_told(tmp_path):
    (tmp_path / "copy.yml").write_text(PROVIDER)
    findings = lint(tmp_path)
    assert len(findings) == 1
    assert "'nimbus' stands in" in findings[0].message


def test_a_folder_without_documents_is_an_error(tmp_path):
    with pytest.raises(DocumentsError) as caught:
        load_documents(tmp_path)
    assert [one.message for one in caught.value.findings] == ["no YAML documents here"]


def test_one_file_may_hold_several_documents(tmp_path):
    file = tmp_path / "all.yaml"
    file.write_text("---\n".join((AGREEMENT, PROVIDER, POLICY)))
    documents, findings = check_documents(file)
    assert findings == ()
    assert len(list(documents)) == 3


@pytest.mark.corpus
def test_the_worked_example_lints_clean():
    example = ROOT.parent / "shared" / "design" / "agreement.example.yaml"
    if not example.is_file():
        pytest.skip(f"not here: {example}")
    documents, findings = check_documents(example)
    assert [one for one in findings if one.severity == "error"] == []
    assert len(list(documents)) == 3
