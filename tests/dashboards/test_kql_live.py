"""A filter takes the same documents on the real Elasticsearch as the plain reading of it takes in Python."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.kibana.kql import to_query
from dashboards.questions.fields import searchable
from tests.reference.filters import matcher, values
from tests.support.seeded import Seeded

pytestmark = pytest.mark.live
KEYS = {"clocks": "clock_id", "notices": "notice_id", "pages": "page_id", "plans": "incident_id"}
PLAIN = ("keyword", "date", "double", "integer", "long", "boolean")


def taken(seeded: Seeded, index: str, expression: str) -> set[str]:
    """Return the ids of the documents that Elasticsearch finds."""
    query = to_query(expression, searchable(index), seeded.now)
    answer = seeded.client.search(index=seeded.names.index(index), query=query, size=10_000, source=[KEYS[index]])
    return {hit["_source"][KEYS[index]] for hit in answer["hits"]["hits"]}


def latest(seeded: Seeded, index: str) -> dict[str, Mapping[str, Any]]:
    """Return the last revision of each document."""
    return {one[KEYS[index]]: one for one in sorted(seeded.wire[index], key=lambda one: one.get("revision", 0))}


@st.composite
def conditions(draw: st.DrawFn, index: str, documents: list[Mapping[str, Any]], within: str = "") -> str:
    """Return a condition on a field of some document, with a value that it has or nearly has."""
    fields = {name.removeprefix(within): kind for name, kind in searchable(index).items() if name.startswith(within)}
    one = draw(st.sampled_from(documents))
    held = [
        name for name, kind in sorted(fields.items())
        if kind in PLAIN and any(isinstance(value, str | int | float) or value for value in values(one, within + name))
    ]  # fmt: skip
    field = draw(st.sampled_from(held))
    value = draw(st.sampled_from(values(one, within + field)))
    text = value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if fields[field] == "date" else str(value).lower()
    text = str(value) if fields[field] == "keyword" else text
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    other = '"nothing"' if fields[field] == "keyword" else quoted
    forms = [f"{field} : {quoted}", f"{field} : *", f"{field} : ({quoted} or {other})", f"not {field} : {quoted}"]
    if fields[field] == "keyword" and text[:3].isalnum():
        forms.append(f"{field} : {text[:3]}*")
    if fields[field] not in ("keyword", "boolean"):
        forms += [f"{field} {mark} {quoted}" for mark in ("<", "<=", ">", ">=")]
    return draw(st.sampled_from(forms))


@st.composite
def expressions(draw: st.DrawFn, index: str, documents: list[Mapping[str, Any]]) -> str:
    """Return up to four conditions, joined in any way."""
    parts = draw(st.lists(conditions(index, documents), min_size=1, max_size=4))
    text = parts[0]
    for part in parts[1:]:
        text = draw(st.sampled_from([f"{text} and {part}", f"{text} or {part}", f"not ({text}) and ({part})"]))
    return text


@pytest.mark.parametrize("index", ["clocks", "notices", "pages"])
def test_any_filter_takes_what_plain_python_takes(seeded: Seeded, index: str) -> None:
    documents = latest(seeded, index)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(expressions(index, list(documents.values())))
    def agrees(expression: str) -> None:
        takes = matcher(expression, seeded.now)
        assert taken(seeded, index, expression) == {key for key, one in documents.items() if takes(one)}

    agrees()


@pytest.mark.parametrize(
    ("index", "expression"),
    [
        ("clocks", "due_at < now and due_at >= now-2d and verdict : (breached or overdue)"),
        ("clocks", "started_at >= now/d"),
        ("clocks", "used_share >= 0.75 and used_share < 1"),
        ("clocks", "organization.id : arbor-cloud and not (basis : observed or objective : update)"),
        ("plans", "rungs : { side : provider and state : suppressed }"),
        ("plans", "rungs : { side : provider and not acknowledged_at : * } and provider : arbor*"),
        ("pages", "critical : true and late_s > 0"),
    ],
)
def test_what_people_ask_takes_what_plain_python_takes(seeded: Seeded, index: str, expression: str) -> None:
    documents = latest(seeded, index)
    takes = matcher(expression.replace("organization.id", "provider"), seeded.now)
    expected = {key for key, one in documents.items() if takes(one)}
    assert taken(seeded, index, expression) == expected
    assert 0 < len(expected) < len(documents)


def test_a_day_and_words_mean_what_kibana_means(seeded: Seeded) -> None:
    notices = latest(seeded, "notices")
    of_day = {key for key, one in notices.items() if one["received_at"].startswith("2026-05-12")}
    assert taken(seeded, "notices", 'received_at : "2026-05-12"') == of_day != set()
    probes = {key for key, one in notices.items() if "probe fails" in (one["text"] or "").lower()}
    assert taken(seeded, "notices", 'text : "Probe fails"') == probes != set()
    words = {
        key for key, one in notices.items() if {"probe", "fails"} & set((one["text"] or "").lower().strip(".").split())
    }
    assert taken(seeded, "notices", "text : fails or text : PROBE") == words != set()
