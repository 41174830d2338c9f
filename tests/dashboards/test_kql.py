"""The filter language: what it means in Elasticsearch, what it refuses and with which words; that it always ends."""

import doctest
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dashboards.kibana.kql
from dashboards.kibana.kql import KqlError, fields_of, to_query
from dashboards.kibana.kql_reading import CLAUSES_AT_MOST, DEPTH_AT_MOST, LENGTH_AT_MOST
from dashboards.questions.fields import searchable

FIELDS = {kind: searchable(kind) for kind in ("notices", "pages", "clocks", "communications", "plans")}
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "query"),
    [
        ("", {"match_all": {}}),
        ("   ", {"match_all": {}}),
        ('a : ("x" or "y z")', {"bool": {"filter": [{"terms": {"a": ["x", "y z"]}}]}}),
        ('a : ("x" and "y")', {"bool": {"filter": [{"term": {"a": "x"}}, {"term": {"a": "y"}}]}}),
        ("a : (x or y or z)", {"bool": {"filter": [{"terms": {"a": ["x", "y", "z"]}}]}}),
        ("not a : *", {"bool": {"filter": [{"bool": {"must_not": [{"exists": {"field": "a"}}]}}]}}),
        ("a : eu-*", {"bool": {"filter": [{"prefix": {"a": "eu-"}}]}}),
        ('a : "eu-*"', {"bool": {"filter": [{"term": {"a": "eu-*"}}]}}),
        (r'a : "say \"no\" \\"', {"bool": {"filter": [{"term": {"a": 'say "no" \\'}}]}}),
        (
            'a : "x" and b < "now+30m"',
            {"bool": {"filter": [{"term": {"a": "x"}}, {"range": {"b": {"lt": "now+30m"}}}]}},
        ),
        (
            '(a : "x" OR b : "y")',
            {"bool": {"filter": [{"bool": {
                "should": [{"term": {"a": "x"}}, {"term": {"b": "y"}}], "minimum_should_match": 1}}]}},
        ),
        (
            'rungs : { side : "provider" and recipient : * }',
            {"bool": {"filter": [{"nested": {"path": "rungs", "score_mode": "none", "query": {"bool": {"filter": [
                {"term": {"rungs.side": "provider"}}, {"exists": {"field": "rungs.recipient"}}]}}}}]}},
        ),
    ],
)  # fmt: skip
def test_what_an_expression_means(expression, query) -> None:
    assert to_query(expression) == query


@pytest.mark.parametrize(
    ("kind", "expression", "condition"),
    [
        ("notices", "text : cable", {"match": {"text": "cable"}}),
        ("notices", 'text : "power supply"', {"match_phrase": {"text": "power supply"}}),
        ("notices", "text : Pow*", {"prefix": {"text": "pow"}}),
        ("notices", "organization.id : nimbus", {"term": {"organization.id": "nimbus"}}),
        ("notices", 'received_at : "2026-05"', {"range": {"received_at": {"gte": "2026-05", "lte": "2026-05"}}}),
        ("notices", "received_at > now-7d/d", {"range": {"received_at": {"gt": "2026-05-04T12:00:00Z||-7d/d"}}}),
        ("notices", "received_at <= now", {"range": {"received_at": {"lte": "2026-05-04T12:00:00Z||"}}}),
        ("pages", "late_s >= 60", {"range": {"late_s": {"gte": 60}}}),
        ("pages", "late_s < 0.5", {"range": {"late_s": {"lt": 0.5}}}),
        ("pages", "critical : true", {"term": {"critical": True}}),
        ("pages", 'rung : ("1" or 2)', {"terms": {"rung": [1, 2]}}),
        ("clocks", "warnings.share : 0.5", {"term": {"warnings.share": 0.5}}),
    ],
)  # fmt: skip
def test_values_fit_the_field(kind, expression, condition) -> None:
    assert to_query(expression, FIELDS[kind], NOW) == {"bool": {"filter": [condition]}}


@pytest.mark.parametrize(
    ("expression", "position", "words"),
    [
        ("provider", 8, "the expression ends too early: a field is followed by : or by <"),
        ("provider :", 10, "a value is missing"),
        ("provider = nimbus", 9, "not by '='"),
        ("major outage", 6, 'write field : "value"'),
        ('title : power "supply"', 14, "a value of several words is quoted"),
        ("(provider : *", 13, "')' is missing"),
        ("provider : x)", 12, "is not expected"),
        ("rungs : { side : x", 18, "'}' is missing"),
        ("provider : 'x'", 11, 'write "value"'),
        ('provider : "x', 11, "a quotation that does not end"),
        ("provider : *bus", 11, "a * stands at the end only"),
        ("provider : n*s", 11, "a * stands at the end only"),
        ("{}", 0, "'{' is no name of a field"),
        ("and provider : x", 0, "'and' is no name of a field"),
        ("provider : and", 11, 'quote it: "and"'),
        ("received_at > 12:30", 16, "is not expected"),
        ("provder : x", 0, "no field 'provder' (at character 1); did you mean provider"),
        ("zzzz : x", 0, "there are @timestamp"),
        ("received_at : yesterday", 14, 'write "2026-05-01"'),
        ('received_at > "2026-02-30"', 14, "is no time"),
        ('received_at > "2026-05-01T25:00Z"', 14, "is no time"),
        ("received_at : 2026*", 14, "a date has no beginning"),
        ("provider > a", 0, "only numbers and dates are compared"),
        ("provider : { id : x }", 0, "holds no list of objects"),
        ("text : power-s*", 7, "after one word"),
    ],
)
def test_what_is_refused_is_told_with_its_place(expression, position, words) -> None:
    with pytest.raises(KqlError) as refused:
        to_query(expression, FIELDS["notices"], NOW)
    assert words in str(refused.value)
    assert refused.value.position == position
    assert f"(at character {position + 1})" in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("late_s : soon", "is no number"),
        ("late_s : 1e999", "does not fit a double"),
        ("rung : 99999999999", "does not fit a integer"),
        ("critical : yes", "neither true nor false"),
    ],
)
def test_numbers_and_booleans_are_what_they_are(expression, words) -> None:
    with pytest.raises(KqlError, match=words):
        to_query(expression, FIELDS["pages"])


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ('a : "' + "x" * LENGTH_AT_MOST + '"', f"longer than {LENGTH_AT_MOST}"),
        ("(" * (DEPTH_AT_MOST + 1) + "a : x" + ")" * (DEPTH_AT_MOST + 1), f"deeper than {DEPTH_AT_MOST}"),
        ("not " * 400 + "a : x", f"deeper than {DEPTH_AT_MOST}"),
        ("a : { " * 300 + "b : x", f"deeper than {DEPTH_AT_MOST}"),
        ("a : (" + " or ".join(["x"] * (CLAUSES_AT_MOST + 1)) + ")", f"more than {CLAUSES_AT_MOST}"),
    ],
)
def test_an_expression_is_bounded(expression, words) -> None:
    with pytest.raises(KqlError, match=words):
        to_query(expression)


def test_as_much_as_is_allowed_is_understood() -> None:
    deepest = "(" * (DEPTH_AT_MOST - 1) + "a : x" + ")" * (DEPTH_AT_MOST - 1)
    assert to_query(deepest) == to_query("a : x")
    many = to_query("a : (" + " or ".join(["x"] * CLAUSES_AT_MOST) + ")")
    assert len(many["bool"]["filter"][0]["terms"]["a"]) == CLAUSES_AT_MOST


def test_or_binds_weaker_than_and_and_not_binds_strongest() -> None:
    assert to_query("a : 1 or b : 2 and not c : 3") == to_query("a : 1 or (b : 2 and (not c : 3))")


def test_values_are_not_taken_for_fields() -> None:
    assert fields_of('a.b : "c : d" and @timestamp >= "now"') == {"a.b", "@timestamp"}
    assert fields_of("rungs : { side : x or not loop > 1 }") == {"rungs", "rungs.side", "rungs.loop"}
    assert fields_of("a : ") == set()


@given(st.text(alphabet=st.sampled_from('ab :"()<>={}*\\notandr019.-@\n'), max_size=60) | st.text(max_size=40))
def test_nothing_but_its_own_error_is_ever_raised(expression) -> None:
    for fields in (None, FIELDS["notices"]):
        try:
            query = to_query(expression, fields, NOW)
        except KqlError as error:
            position = error.position
        else:
            position = 0
            assert set(query) <= {"bool", "match_all"}
        assert 0 <= position <= len(expression)


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for_when_it_is_quoted(text) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert to_query(f'a : "{quoted}"') == {"bool": {"filter": [{"term": {"a": text}}]}}


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(dashboards.kibana.kql).failed == 0
