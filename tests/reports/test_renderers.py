"""One report in three forms: what outsiders wrote is text in all of them, and the same report is the same bytes."""

import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import orjson
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from holdfast.drawing import svg
from holdfast.reports.blocks import Bullets, Paragraph, Report, Words, clean, listed, notes
from holdfast.reports.data import data
from holdfast.reports.html import html
from holdfast.reports.markdown import markdown
from holdfast.reports.pdf import literal, pdf, source
from models.questions import Reference
from tests.reports import samples

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "{% raw %}", "javascript:alert(1)",
    "[a](javascript:alert(1))", "![a](http://evil.example/a.png)", "http://evil.example www.evil.example",
    "a@evil.example", "# a", "- a", "+ a", "1. a", "2) a", "> a", "| a | b |", "a\n\nb", "    code", "```", "~~~",
    "---", "***", "a*b_c_d*", "&lt;b&gt; &amp; &#60;", "\\", "\\\\*a*", '"', "'", "#emph[x]", "$x^2$",
    '#read("/etc/passwd")', "\\u{41}", "<a>", "@label", "// c", "/* c */", "\x1b[31m", "\u202eabc", "\ud800", "\x00",
    "\u2028a", "=", "== a", "a <b> c", "~a~", "]]>", "--", "...", "*", "_", "[1]: http://evil.example", "[^1]",
    "<!-- a", "<http://evil.example>", "a:b", "`a`",
]  # fmt: skip
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


def no_picture(_: dict[str, Any]) -> str:
    """Draw nothing: what is drawn is not under test here."""
    return "<svg xmlns='http://www.w3.org/2000/svg'/>"


class Seen(HTMLParser):
    """The tags and the text of an HTML page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, text: str) -> None:
        self.text.append(text)


def seen(text: str) -> Seen:
    """Read an HTML page."""
    found = Seen()
    found.feed(text)
    found.close()
    return found


@given(WORDS)
@settings(deadline=None)
def test_html_has_the_same_tags_whatever_was_written(text):
    page = seen(html(samples.report(text), no_picture))
    assert page.tags == seen(html(samples.report("plain"), no_picture)).tags
    assert clean(text) in clean(" ".join(page.text))


def inline(tokens):
    """Return every token of a Markdown text that is no structure of ours: what its words became."""
    for token in tokens:
        if token.children is not None:
            yield from inline(token.children)
        else:
            yield token


@given(WORDS)
@example("1. a")
@example("www.evil.example")
@settings(deadline=None)
def test_markdown_shows_words_as_they_are(text):
    """Read by another library: the same structure as with plain words, and the text is what was written."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shown, plain = (
        [token.type for token in inline(parser.parse(markdown(samples.report(one, board=None))))]
        for one in (text, "plain")
    )
    if clean(text):
        kinds = {"text", "text_special", "softbreak"}
        assert [one for one in shown if one not in kinds] == [one for one in plain if one not in kinds]
    (paragraph,) = [
        token for token in parser.parse(markdown(Report("t", "s", (Paragraph(Words(text)),)))) if token.type == "inline"
    ][2:] or [None]
    told = "" if paragraph is None else "".join(one.content for one in paragraph.children)
    assert told == clean(text)


def test_no_address_of_an_outsider_becomes_a_link_on_github():
    """GitHub links bare addresses: they are broken by a backslash, which it doesn't show."""
    text = markdown(
        Report("t", "s", (Bullets((Words("see https://evil.example, www.evil.example, a@evil.example"),)),))
    )
    assert "https\\://evil" in text
    assert "www\\.evil" in text
    assert "a\\@evil" in text


@given(WORDS)
@settings(deadline=None)
def test_typst_reads_a_text_as_the_string_that_it_is(text):
    told = f"#metadata({literal(text)}) <said>".encode()
    assert orjson.loads(typst.query(told, "<said>", field="value", one=True)) == clean(text)


@given(WORDS)
@settings(deadline=None, max_examples=25)
def test_typst_sets_what_was_written_and_nothing_of_it_is_run(text):
    told = source(samples.report(text), no_picture).encode()
    headings = orjson.loads(typst.query(told, "heading"))
    assert len(headings) == 4  # the title, two of the report, the notes


def test_hostile_text_makes_a_pdf():
    blocks = tuple(block for text in HOSTILE for block in samples.report(text).blocks)
    assert pdf(Report("t", "s", blocks), no_picture).startswith(b"%PDF-1.")


SCRIPT = """
import hashlib, sys
from holdfast.drawing import svg
from holdfast.reports.html import html
from holdfast.reports.markdown import markdown
from holdfast.reports.pdf import pdf
from tests.reports import samples
report = samples.report("plain")
for form in (markdown(report).encode(), html(report, svg).encode(), pdf(report, svg)):
    print(hashlib.sha256(form).hexdigest())
"""


def test_the_same_report_is_the_same_bytes_in_another_process():
    first, second = (
        subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=600).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(set(first.split())) == 3


def test_a_pdf_says_no_date_and_counts_its_pages():
    long = Report("t", "s", tuple(Paragraph(Words("word " * 400)) for _ in range(8)))
    body = pdf(long, no_picture)
    assert b"/CreationDate" not in body
    assert b"/Count 3" in body


def test_notes_are_numbered_once_in_order_of_mention_and_lead_to_the_board():
    one, two = (Reference("clocks", "c"),), (Reference("incidents", "i"), Reference("clocks", "c"))
    told = Report(
        "t", "s", (Paragraph(Words("a", one)), Paragraph(Words("b", two)), Paragraph(Words("c", one))), "http://b/"
    )
    assert notes(told) == {one: 1, two: 2}
    assert [note.documents for note in listed(told)] == [
        (("clocks/c", "http://b/api/documents/clocks/c"),),
        (("incidents/i", "http://b/incidents/i"), ("clocks/c", "http://b/api/documents/clocks/c")),
    ]
    assert markdown(told).count("](<http://b/") == 3
    assert "](<" not in markdown(Report(told.title, told.subtitle, told.blocks))


def test_a_note_names_the_first_documents_and_counts_the_rest():
    many = tuple(Reference("clocks", f"c{number:02}") for number in range(25))
    told = Report("t", "s", (Paragraph(Words("a", many)),))
    assert "c19, and 5 more" in markdown(told)
    assert "c19, and 5 more" in html(told, no_picture)
    assert len(data(told)["blocks"][0]["evidence"]) == 25


def test_json_has_every_block_with_its_evidence():
    told = data(samples.report("plain"))
    assert [one["kind"] for one in told["blocks"]] == [
        "heading", "paragraph", "callout", "list", "table", "chart", "heading",
    ]  # fmt: skip
    assert told["blocks"][1] == {"kind": "paragraph", "text": "plain", "evidence": ["clocks/c1", "incidents/i1"]}
    assert orjson.loads(orjson.dumps(told)) == told


def test_charts_lie_beside_markdown_where_they_are_written_and_are_told_elsewhere():
    told = Report("t", "s", (samples.chart(),))
    assert "![a 1, b 3](charts/bars.svg)" in markdown(told, "charts")
    assert "![" not in markdown(told)
    assert "a 1, b 3" in markdown(told)


def test_a_chart_is_a_picture_with_words_for_those_who_do_not_see_it():
    page = html(Report("t", "s", (samples.chart(),)), svg)
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'alt="a 1, b 3"' in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
