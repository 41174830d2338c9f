"""The postmortem of a made-up incident whose truth is known, and of small ones that have every peculiarity."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from holdfast.reports.blocks import Callout, Heading, Report, Table
from holdfast.reports.markdown import markdown
from holdfast.reports.postmortem import postmortem
from holdfast.reports.postmortem_clocks import difference, took
from holdfast.reports.record import Record, UnknownThenError, known_by, roles_of
from models.communication import ActionItem
from models.documents import Documents
from models.fact import fact_of
from models.matter import Matter
from models.notice import Flag, Phase, Ruling, Speaker
from models.paging import Answered, Outcome, Side
from models.records import Verdict
from tests.reports import samples as made
from tests.support import samples
from tests.support.reviews import contract, meeting
from tests.support.samples import later

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "postmortem.md"
PROBE = {"speaker": Speaker.MONITOR, "source": "probe-eu", "source_incident_id": "mail"}
HEADINGS = [
    "Summary", "Time line", "Clocks", "Communication", "Pages", "Decisions", "What was rewritten afterwards",
    "What it cost", "Beside the provider's own past", "Actions", "Open questions",
]  # fmt: skip


def small(*notices, documents=None, **fields):
    """Return the record of an incident of which these were said."""
    incident = samples.incident(members=("nimbus-status/inc-1", "probe-eu/mail"), agreement_version="2026-01-01")
    mine = {name: fields.pop(name) for name in ("clocks", "plan", "pages", "deliveries") if name in fields}
    matter = Matter(incident, facts=tuple(fact_of(one) for one in notices), **mine)
    values = {"communications": (), "documents": documents or Documents.of([contract()]), "as_of": later(600), **fields}
    return Record(matter, tuple(notices), **values)


def said(ordinal=0, **fields):
    """Return a provider's statement, had when it was made, ten minutes after the one before."""
    at = later(10 * ordinal)
    times = {"claimed_at": None, "published_at": at, "received_at": at, "received_after": None}
    return samples.notice(ordinal, **{**times, **fields})


def section(record, heading):
    """Return the words of one section of a postmortem as Markdown."""
    text = markdown(postmortem(record))
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_it_has_every_section_in_order_and_every_table_is_whole():
    report = postmortem(made.eventful())
    assert [one.text for one in report.blocks if isinstance(one, Heading)] == HEADINGS
    for table in report.blocks:
        if isinstance(table, Table):
            assert all(len(row) == len(table.columns) for row in table.rows), table.caption


def test_the_example_in_the_documents_is_what_the_code_makes():
    assert EXAMPLE.read_text(encoding="utf-8") == markdown(postmortem(made.eventful()))


def test_every_record_of_the_months_makes_a_report_that_tells_no_name_of_a_person_on_duty():
    for record in made.records().values():
        text = markdown(postmortem(record))
        assert re.search(r"\b(Ana|Ben|Kim|Sita)\b", text) is None


def test_the_same_record_in_any_order_is_the_same_report():
    record = made.eventful()
    turned = replace(
        record,
        notices=record.notices[::-1],
        matter=replace(record.matter, clocks=record.matter.clocks[::-1], pages=record.matter.pages[::-1] * 2),
        past=record.past[::-1],
    )
    assert _without_evidence(postmortem(turned)) == _without_evidence(postmortem(record))


def _without_evidence(report: Report) -> list[str]:
    return [
        re.sub(r" \[\d+\]\(#what-it-rests-on\)", "", line)
        for line in markdown(report).split("## What it rests on")[0].split("\n")
    ]


def test_claimed_observed_and_agreed_lengths_stand_side_by_side():
    told = [
        said(0, claimed_at=later(0)),
        said(6, phase=Phase.RESOLVED, claimed_at=later(0), claimed_end_at=later(50)),
        said(1, **PROBE, phase=Phase.REPORTED, claimed_at=later(-5)),
        said(7, **PROBE, phase=Phase.RESTORED, claimed_at=later(70)),
    ]
    text = section(small(*told), "Summary")
    lengths = re.findall(r"^\| (claimed|observed|agreed)[^|]*\|[^|]*\|[^|]*\| (\w+)", text, re.MULTILINE)
    assert lengths[:2] == [("claimed", "50m"), ("observed", "1h15m")]


def test_an_outage_that_lasts_says_so():
    assert "10h so far" in section(small(said(0, claimed_at=later(0))), "Summary")


def test_without_an_agreement_nothing_is_judged_and_it_says_so():
    text = markdown(postmortem(small(said(0), documents=Documents())))
    assert "No agreement was in force when it began: nothing is judged." in text
    assert "promises are not judged" in text
    assert "No clock ran." in text


def test_hazards_are_named_with_what_was_said_of_them():
    record = small(said(0))
    storm = said(1, source="storms", source_incident_id="s-1", kind="exposure", title="Storm over the north")
    incident = record.incident.model_copy(update={"exposures": ("storms/s-1", "storms/s-2")})
    exposed = replace(record, notices=(*record.notices, storm), matter=replace(record.matter, incident=incident))
    text = section(exposed, "Summary")
    assert "A hazard lay over the provider's sites: Storm over the north." in text
    assert "A hazard lay over the provider's sites: s-2." in text


@pytest.mark.parametrize(
    ("fields", "told", "over"),
    [
        ({"verdict": Verdict.RUNNING}, "runs", "-"),
        ({"verdict": Verdict.MET, "elapsed_min_s": 3600.0, "elapsed_max_s": 3600.0}, "1h", "-3h"),
        ({"verdict": Verdict.INDETERMINATE, "elapsed_min_s": 3600.0, "elapsed_max_s": 18000.0}, "1h to 5h", "-3h"),
        ({"verdict": Verdict.BREACHED, "elapsed_min_s": 18000.0, "elapsed_max_s": None}, "5h to nobody knows how long",
         "+1h"),
        ({"verdict": Verdict.NOT_APPLICABLE}, "-", "-"),
    ],
    ids=["running", "met", "between two looks", "without an end", "not applicable"],
)  # fmt: skip
def test_a_clock_tells_what_it_took_and_by_how_much_it_went_over(fields, told, over):
    clock = samples.clock(0, **fields)
    assert (took(clock), difference(clock)) == (told, over)


def test_a_verdict_that_was_given_anew_says_which_it_was():
    clocks = (samples.clock(0, verdict=Verdict.MET, replaces=Verdict.BREACHED, reason="their end was moved"),)
    text = section(small(said(0), clocks=clocks), "Clocks")
    assert "met (was breached) | their end was moved" in text


def test_first_word_longest_silence_and_promises_are_told_with_their_words():
    told = [
        said(1, promised_at=later(30), promises="update", phrase="next update by 10:00 UTC"),
        said(6, phase=Phase.UPDATE, text="Still working on it."),
    ]
    text = section(small(*told), "Communication")
    assert "First word of the provider: 2026-05-04 09:40:00" in text
    assert "Longest silence: 9h, from 2026-05-04 10:30:00 and it lasts" in text
    assert re.search(r"next update by 10:00 UTC .*\| next update \|.*\| late \| 30m", text)


def test_pages_tell_who_answered_and_how_soon():
    page = samples.page(0, due_at=later(20), issued_at=later(20), late_s=90.0, loop=1)
    silent = samples.page(1, issued_at=later(30), due_at=later(30))
    reply = meeting(
        "2026-05", "2026-05-04 09:55", kind="reply", page_id=page.page_id, direction="internal", people=("duty",)
    )
    record = small(
        said(0), pages=(page, silent), deliveries=(samples.delivery(0, finished_at=later(20)),), communications=(reply,)
    )
    text = section(record, "Pages")
    assert re.search(
        r"\(1m30s late\) .*\| our side \| webhook, rung 1, repetition 1 \|.*\| sent \| after 5m by duty", text
    )
    assert re.search(r"\| not sent yet \| not brought \|", text)


def test_decisions_are_acknowledgements_mutes_and_rulings_in_order_of_time():
    answers = (
        Answered(
            action="mute", side=None, person="duty", identity="token", at=later(30), until=later(90), reason="known"
        ),
        Answered(action="acknowledge", side=Side.CUSTOMER, person="duty", identity="token", at=later(20)),
    )
    ruling = said(
        5,
        speaker=Speaker.CUSTOMER,
        phase=Phase.PAUSED,
        ruling=Ruling.REJECTED,
        reason="awaiting_customer",
        person="lead",
    )
    text = section(small(said(0), ruling, plan=samples.plan(answers=answers)), "Decisions")
    assert [line.split(": ", 1)[0][2:] for line in text.strip().split("\n")] == [
        "2026-05-04 09:50:00", "2026-05-04 10:00:00", "2026-05-04 10:20:00",
    ]  # fmt: skip
    assert "lead: rejected paused (awaiting customer)" in text


def test_an_edit_is_told_with_before_and_after():
    first = said(0, claimed_at=later(0), severity="major")
    edited = said(
        1, source_update_id=first.source_update_id, phase=Phase.REPORTED, claimed_at=later(5), severity="major"
    )
    text = section(small(first, edited), "What was rewritten afterwards")
    assert "| claimed at | 2026-05-04T09:30:00Z | 2026-05-04T09:35:00Z |" in text
    assert "Nothing that was said was changed." in section(small(first), "What was rewritten afterwards")


def test_actions_of_contacts_and_reviews_have_owner_date_and_state():
    action = ActionItem(action_id="a", text="write a report", owner="nimbus-sm", due_on=later(0).date())
    about = meeting("2026-05", "2026-05-04 12:00", actions=(action,))
    text = section(small(said(0), reviews=(about,), as_of=later(3 * 1440)), "Actions")
    assert re.search(r"\| write a report .*\| nimbus-sm \| 2026-05-04 \| overdue \|", text)


def test_open_questions_are_the_cause_contradictions_and_what_nobody_saw():
    odd = said(0, flags=(Flag.CLAIM_IN_FUTURE,))
    record = small(
        odd, clocks=(samples.clock(0, verdict=Verdict.INDETERMINATE, agreement_version="2026-01-01", reason="a gap"),)
    )
    incident = record.incident.model_copy(update={"witnesses": ()})
    text = section(replace(record, matter=replace(record.matter, incident=incident)), "Open questions")
    assert "The cause: no report on it is on record." in text
    assert "one statement claims a time after we had the statement" in text
    assert "only the provider's word stands" in text


def test_the_past_has_figures_from_five_cases_on():
    clock = samples.clock(0, verdict=Verdict.MET, elapsed_min_s=7200.0, elapsed_max_s=7200.0)
    past = tuple(
        samples.clock(9 + hours, verdict=Verdict.MET, elapsed_min_s=hours * 3600.0, elapsed_max_s=hours * 3600.0)
        for hours in range(1, 6)
    )
    full = section(small(said(0), clocks=(clock,), past=past), "Beside the provider's own past")
    assert re.search(r"\| restore \| 2h .*\| 5 .*\| 3h \| 5h \| 100\.0 % \| 20\.0 % of them \|", full)
    few = section(small(said(0), clocks=(clock,), past=past[:4]), "Beside the provider's own past")
    assert "not enough data" in few


def test_downtime_costs_what_the_services_cost_an_hour():
    text = section(made.eventful(), "What it cost")
    assert re.search(r"Cost \(\d+ an hour\)", text)
    assert "| agreed |" in text


def test_a_long_time_line_is_cut_and_says_so():
    told = [said(number, phase=Phase.UPDATE, text=f"Step {number}") for number in range(240)]
    report = postmortem(small(*told, as_of=later(5000)))
    assert any(isinstance(one, Callout) and "later lines" in one.words.text for one in report.blocks)


def test_a_record_as_of_its_end_is_what_the_index_has():
    """The made-up record is told by the stream's own fold: read anew it says the same."""
    record = made.eventful()
    again = known_by(record, record.as_of)
    same = {"revision": 0, "caused_by": None, "policy": None}
    assert again.incident.model_copy(update=same) == record.incident.model_copy(update=same)
    read, told = ({one.clock_id: one.verdict for one in each.matter.clocks} for each in (again, record))
    assert read == {key: verdict for key, verdict in told.items() if key in read}


def test_as_of_an_earlier_instant_what_came_later_is_not_there():
    record = made.eventful()
    then = record.incident.started_at + timedelta(hours=2)
    early = known_by(record, then)
    assert all(one.received_at <= then for one in early.notices)
    assert all(page.issued_at <= then for page in early.matter.pages)
    assert early.incident.status == "open"
    assert any(one.verdict is Verdict.RUNNING for one in early.matter.clocks)
    with pytest.raises(UnknownThenError, match="nothing was known"):
        known_by(record, record.incident.started_at - timedelta(days=1))


def test_people_of_a_rota_are_told_by_it_and_contacts_by_their_name():
    held = made.made_up().documents
    roles = roles_of(held, next(iter(held.providers)))
    assert roles["ben"] == roles["Ben"] == "noc (on duty)"
    assert roles["us-head"] == "Our head of operations"
    assert roles_of(held, "nobody").keys() == roles.keys() - held.providers[next(iter(held.providers))].contacts.keys()


def test_a_page_that_failed_is_among_the_questions():
    page = samples.page(0, issued_at=later(20))
    failed = samples.delivery(0, outcome=Outcome.FAILED, finished_at=later(21), error="refused")
    text = section(small(said(0), pages=(page,), deliveries=(failed,)), "Open questions")
    assert "People who could not be reached (our side): 1 page to duty." in text
