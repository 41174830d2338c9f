"""Where lint points: file, line and column, exactly, and the nearest key that the format knows at that place."""

from pathlib import Path

import pytest

from holdfast.documents import check_documents
from tests.documents.test_lint import AGREEMENT, PROVIDER, Finding, lint


def only(folder, old, new, part="agreement"):
    content = {"agreement": AGREEMENT, "provider": PROVIDER}[part]
    assert old in content
    errors = [one for one in lint(folder, **{part: content.replace(old, new, 1)}) if one.severity == "error"]
    assert len(errors) == 1, errors
    return errors[0]


@pytest.mark.parametrize(
    ("old", "new", "place", "nearest"),
    [
        ("customer: us", "custmer: us\ncustomer: us", (5, 1), "customer"),
        ("timezone: E", "time_zone: X\n    timezone: E", (10, 5), "timezone"),
        ("calendar: always}", "calender: always}", (17, 38), "calendar"),
        ("p1: 4h,", "p1: 4h, p1_calender: always,", (17, 38), "p1_calendar"),
        ("{severities: [major]}", "{severity: [x], severities: [major]}", (14, 12), "severities"),
        ("{hours: 24x7}", "{hours: 24x7, timzone: UTC}", (12, 39), "timezone"),
        ("{hours: 24x7}", "{hours: 24x7, holidays: [{country: DE, subdivison: BE}]}", (12, 64), "subdivision"),
        ("{hours: 24x7}", "{hours: 24x7, holidays: [{date: 2026-12-24, hour: []}]}", (12, 69), "hours"),
        ("stability_window: 15m", "reopen: {windows: 1h}", (18, 14), "window"),
        ("stability_window: 15m", "evidence: {starts: claimed}", (18, 16), "start"),
        ("stability_window: 15m", "stabilty_window: 15m", (18, 5), "stability_window"),
        ("stability_window: 15m", "maintenance:\n      notices: 5d", (19, 7), "notice"),
        ("stability_window: 15m", "priority_changes: reset", (18, 5), "priority_change"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_told_where_it_stands_with_the_nearest_key_of_that_place(tmp_path, old, new, place, nearest):
    found = only(tmp_path, old, new)
    assert (found.line, found.column) == place
    assert found.message == f"unknown key; did you mean {nearest!r}?"


@pytest.mark.parametrize(
    ("old", "new", "known"),
    [
        ("stability_window: 15m", "reopen: {calendar: 1h}", "window, rule"),
        ("{severities: [major]}", "{severities: [major], stability_window: 1h}", "severities, description"),
    ],
    ids=["known only elsewhere", "known only above"],
)
def test_a_key_that_belongs_elsewhere_is_told_with_all_keys_of_its_place(tmp_path, old, new, known):
    assert only(tmp_path, old, new).message == f"unknown key; known here: {known}"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("p1: 4h,", "durations: {p1: 4h}, p1: 4h,", (17, 30)),
        ("p1: 4h,", "p1: 4h, calendars_by_priority: {p1: always},", (17, 38)),
        ("p1: 4h,", "p1 to p9: {p1: 4h}, p1: 4h,", (17, 9)),
        ("kind: Agreement", "api_version: holdfast/v1\nkind: Agreement", (2, 1)),
    ],
)
def test_names_of_the_code_are_no_keys_of_the_format(tmp_path, old, new, place):
    found = only(tmp_path, old, new)
    assert found.message.startswith("unknown key")
    assert "p1 to p9" not in found.message
    assert (found.line, found.column) == place


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("p1: 4h,", "p1: 4 hours,", (17, 34)),
        ("[major]}", "[major, MINOR]}", (15, 25)),
        ("- {objective: restore, p1: 4h, calendar: always}", "- restore", (17, 9)),
        ("timezone: Europe/Berlin", "timezone:   Mars", (10, 17)),
        ("effective_from: 2026-01-01", "effective_from: 20260101", (9, 21)),
        ("services: [vm]", "services: [vm, vmm]", (11, 20)),
        ("services: [vm]", "services:\n      - vm\n      - vmm", (13, 9)),
        ("customer: us\n", "", (1, 1)),
        ("    timezone: Europe/Berlin\n", "", (8, 5)),
        ("services: [vm]", "services: []", (11, 5)),
    ],
    ids=[
        "a value",
        "an entry of a list in one line",
        "text for an entry with keys",
        "a value after spaces",
        "a date as a number",
        "an entry that leads nowhere",
        "an entry on its own line",
        "what is missing: the document",
        "what is missing: the version",
        "a list: its key",
    ],
)
def test_a_fault_is_told_where_it_stands(tmp_path, old, new, place):
    found = only(tmp_path, old, new)
    assert (found.line, found.column) == place


def test_the_second_document_of_a_file_counts_lines_from_the_file_s_begin(tmp_path):
    file = tmp_path / "both.yaml"
    file.write_text(PROVIDER + "---\n" + AGREEMENT.replace("p1: 4h", "p1: four"))
    (found,) = check_documents(file)[1]
    assert found.line == PROVIDER.count("\n") + 1 + 17


@pytest.mark.parametrize(
    ("content", "words", "place"),
    [
        ("&r {kind: Provider, name: [*r]}\n", "contains itself", (1, 1)),
        ("kind: !!set {a}\n", "tag tag:yaml.org,2002:set is not part of the format", (1, 7)),
        ("kind: " + "9" * 5000 + "\n", "not YAML", (0, 0)),
        ("kind: Provider\n1: x\n", "keys are text; write it in quotes", (2, 1)),
        ("kind: Provider\n? [a]\n: x\n", "unknown key", (1, 1)),
        ("<<: text\nkind: Provider\n", "not YAML", (1, 5)),
        ("kind: Provider\nname: [\n", "not YAML", (3, 1)),
        ("kind: [Provider]\n", "is none of Agreement, Provider, EscalationPolicy", (1, 1)),
        ("\ttab\n", "not YAML", (1, 1)),
    ],
    ids=["itself", "a tag", "a giant number", "a number as a key", "a list as a key", "merging text", "no end",
         "a list as a kind", "a tab"],
)  # fmt: skip
def test_what_no_contract_needs_is_refused_in_words(tmp_path, content, words, place):
    file = tmp_path / "odd.yaml"
    file.write_text(content)
    findings: tuple[Finding, ...] = check_documents(file)[1]
    found = [one for one in findings if words in one.message]
    assert found, findings
    assert (found[0].line, found[0].column) == place


def test_a_file_that_can_not_be_opened_is_a_finding(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret.yaml").write_text(PROVIDER)
    monkeypatch.setattr(Path, "read_bytes", refused)
    assert [one.message for one in check_documents(tmp_path)[1]] == ["can't be read: Permission denied"]


def test_a_number_is_no_date_of_a_holiday(tmp_path):
    found = only(tmp_path, "{hours: 24x7}", "{hours: 24x7, holidays: [{date: 0}]}")
    assert (found.line, found.column) == (12, 57)
    assert "0 is no date: write one such as 2026-01-01" in found.message
