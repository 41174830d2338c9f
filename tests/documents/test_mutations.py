"""Whatever becomes of a document, lint answers with findings and never with a traceback."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from holdfast.documents import check_documents
from tests.documents.test_doubts import CREDITS, ROOM
from tests.documents.test_lint import AGREEMENT, POLICY, PROVIDER

WHOLE = "---\n".join(
    (
        AGREEMENT.replace(
            ROOM,
            ROOM
            + CREDITS
            + '    maintenance: {notice: 5d, windows: {sun: ["00:00-06:00"]}}\n'
            + "    pauses: [{reason: awaiting_customer, objectives: [restore], limit: 24h}]\n"
            + "    reopen: {window: 24h, rule: continue}\n"
            + "    evidence: {start: earliest}\n",
        ),
        PROVIDER,
        POLICY,
    )
)
TOKEN = re.compile(r"[\w.@/\"-]+|[\[\]{}:,\n]")
PLACES = [match.span() for match in TOKEN.finditer(WHOLE)]
SPLINTERS = (
    "", "null", "~", "true", "0", "-1", "1e999", ".nan", ".inf", "99999999999999999999", "[]", "{}", "[[]]", "{a: 1}",
    "''",
    "p1", "p1: 1m", "objective", "versions", "id", "2026-02-30", "0001-01-01", "9999-12-31", "24x7", "1m", "9999bd",
    "0eobd",
    '"\\0"', '"\\uD800"', "*x", "&x", "<<", "? ", "!!int x", "|", ">", "- ", "---", "...", "%YAML 1.1", "\t", "#", "é",
    "\u2028",
    "Etc/../UTC", "mon-sun", '["00:00-24:00"]', "24:00-24:00", "us", "nimbus", "hosting", ":", "\n", "  ",
)  # fmt: skip
changes = st.lists(
    st.tuples(st.sampled_from(PLACES), st.one_of(st.sampled_from(SPLINTERS), st.text(max_size=6))),
    min_size=1,
    max_size=3,
)


def told(folder, content: bytes):
    file = Path(folder) / "whole.yaml"
    file.write_bytes(content)
    documents, findings = check_documents(file)
    for finding in findings:
        assert finding.message
        assert "\n" not in str(finding)
        assert 0 <= finding.line <= content.count(b"\n") + content.count(b"\r") + 2
    return documents, findings


def test_the_document_itself_is_good(tmp_path):
    assert told(tmp_path, WHOLE.encode())[1] == ()


@given(changes)
def test_tokens_that_are_lost_or_replaced_give_findings(tmp_path_factory, mutations):
    content = WHOLE
    for (begin, end), splinter in sorted(mutations, reverse=True):
        content = content[:begin] + splinter + content[end:]
    told(tmp_path_factory.getbasetemp(), content.encode("utf-8", "surrogatepass"))


@given(st.integers(0, len(WHOLE)), st.integers(0, 400), st.binary(max_size=8))
def test_pieces_that_are_cut_out_or_bytes_put_in_give_findings(tmp_path_factory, begin, length, extra):
    content = WHOLE.encode()
    told(tmp_path_factory.getbasetemp(), content[:begin] + extra + content[begin + length :])
