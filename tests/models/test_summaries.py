"""Agendas and handoffs as text and as JSON: what a shift is, what each line says, whose incident it links to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.agenda import AGENDA_AT_MOST, Setting, agenda
from models.agenda_points import Point, PointKind, of_incident, of_maintenance
from models.documents import Documents
from models.figures import figures
from models.handoff import SHIFT_AT_MOST, Handoff, Shift, handoff
from models.matter import Matter
from models.paging import Answered, Outcome, PageKind, Side
from models.records import IncidentStatus, Objective, Verdict
from models.reviews import reviews, to_look_back_on
from models.rota import Rota
from models.summing_up import Section, agenda_sections, agenda_title, counted, handoff_sections, plain, shortened
from tests.support import samples
from tests.support.reviews import CONTACTS, contract, matter, meeting, utc

NOW = samples.later(200)
SHIFT = Shift(NOW - timedelta(hours=8), NOW)
DOCUMENTS = Documents.of([contract()])
WATCH = Rota.model_validate(
    {
        "apiVersion": "holdfast/v1",
        "kind": "Rota",
        "id": "noc",
        "members": {"ada": {"name": "Ada", "side": "customer"}},
        "layers": [{"members": ["ada"], "timezone": "UTC", "since": "2026-05-01", "handover": "daily 12:00"}],
    }
)


@pytest.mark.parametrize(
    ("lasted", "length"),
    [("8h", timedelta(hours=8)), ("30m", timedelta(minutes=30)), ("31d", SHIFT_AT_MOST)],
    ids=["a shift", "the end of one", "the longest"],
)
def test_a_shift_ends_with_the_handoff_and_began_so_long_before(lasted: str, length: timedelta) -> None:
    shift = Shift.ending(NOW, lasted)
    assert (shift.since, shift.as_of) == (NOW - length, NOW)
    assert shift.holds(NOW - length)
    assert not shift.holds(NOW - length - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("lasted", "words"),
    [("0h", "no length of a shift"), ("32d", "at most 31d"), ("1bd", "no length of a shift"),
     ("long", "is no duration")],
    ids=["nothing", "longer than a month", "a business day", "words"],
)  # fmt: skip
def test_what_is_no_length_of_a_shift_is_refused_in_words(lasted: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Shift.ending(NOW, lasted)


def eventful() -> Handoff:
    """Return the handoff of a shift in which everything happened once."""
    base = matter()
    mute = Answered(
        action="mute", side=Side.CUSTOMER, person="ada", identity="token", at=samples.later(185),
        until=samples.later(240), reason="planned work",
    )  # fmt: skip
    live = replace(
        base,
        clocks=(samples.clock(0),),
        pages=(samples.page(0),),
        plan=samples.plan(0, answers=(mute,)),
        deliveries=(samples.delivery(0, outcome=Outcome.FAILED, error="refused"),),
    )
    over = Matter(samples.incident(1, status=IncidentStatus.RESOLVED, resolved_at=samples.later(100)))
    call = meeting("2026-04", "2026-05-04 10:00", subject="Call about the disks", kind="call")
    return handoff(SHIFT, [live, over], [call], DOCUMENTS, [WATCH])


def test_the_json_of_a_handoff_has_every_list_and_names_the_incident_of_each_entry() -> None:
    told = eventful()
    line = told.line()
    incident_id = samples.incident(0).incident_id
    assert (line["since"], line["as_of"], line["is_quiet"]) == ("2026-05-04T04:50:00Z", "2026-05-04T12:50:00Z", False)
    lists = [name for name, value in line.items() if isinstance(value, list)]
    assert [name for name in lists if len(line[name]) == 0] == []
    of_incidents = ("incidents", "clocks", "promises", "next_pages", "unacknowledged", "mutes", "undelivered")
    assert {one["incident_id"] for name in of_incidents for one in line[name]} == {incident_id}
    assert [one["incident_id"] for one in line["ended"]] == [samples.incident(1).incident_id]
    assert line["promises"][0] == {
        "incident_id": incident_id,
        "of": "update",
        "promised_at": "2026-05-04T10:00:00Z",
        "keeping": "broken",
        "notice_id": samples.notice(0).notice_id,
    }
    assert (line["next_pages"][0]["at"], line["next_pages"][0]["rung"]["recipient"]) == ("2026-05-04T12:30:00Z", "duty")
    assert line["duties"][0] == {
        "rota": "noc",
        "name": "Ada",
        "begin": "2026-05-04T04:50:00Z",
        "end": line["duties"][0]["end"],
        "is_ahead": False,
    }


def test_the_json_of_a_quiet_shift_has_the_same_keys() -> None:
    quiet = handoff(SHIFT, (), (), DOCUMENTS).line()
    assert quiet.keys() == eventful().line().keys()
    assert quiet["is_quiet"] is True


def test_each_line_of_a_handoff_links_to_its_incident_and_duties_to_none() -> None:
    linked = {one.heading: one.linked() for one in handoff_sections(eventful())}
    ((_, incident_id),) = linked["Open incidents"]
    assert incident_id == samples.incident(0).incident_id
    ((_, ended),) = linked["Over since the shift began"]
    assert ended == samples.incident(1).incident_id
    assert {link for _, link in linked["On duty"]} == {None}
    assert all(lines for lines in linked.values()), "an empty section is left out"


def test_a_section_has_a_link_for_each_line_or_for_none() -> None:
    assert Section("x", ("a", "b")).linked() == [("a", None), ("b", None)]
    assert Section("x", ("a", "b"), ("i", None)).linked() == [("a", "i"), ("b", None)]
    with pytest.raises(ValueError, match="shorter"):
        Section("x", ("a", "b"), ("i",)).linked()


def test_a_quiet_shift_with_a_rota_says_who_has_duty_and_without_one_nothing_of_it() -> None:
    quiet = [one.heading for one in handoff_sections(handoff(SHIFT, (), (), DOCUMENTS, [WATCH]))]
    assert quiet == ["Handoff", "On duty"]
    assert [one.heading for one in handoff_sections(handoff(SHIFT, (), (), DOCUMENTS))] == ["Handoff"]
    text = plain("Handoff", handoff_sections(handoff(SHIFT, (), (), DOCUMENTS, [WATCH])))
    assert "noc: Ada 2026-05-04 04:50 to 2026-05-04 12:50" in text


def test_a_shift_that_ends_as_it_begins_had_no_duty_and_tells_who_has_it_next() -> None:
    found = handoff(Shift(NOW, NOW), (), (), DOCUMENTS, [WATCH])
    assert [(one.begin, one.end, one.is_ahead) for one in found.duties] == [(NOW, NOW + timedelta(hours=1), True)]


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [("a\n b\t c", 160, "a b c"), ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("", 5, "")],
    ids=["on one line", "as long as may be", "longer", "nothing"],
)
def test_long_text_is_cut_and_says_so(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short


@pytest.mark.parametrize(("count", "words"), [(0, "0 points"), (1, "1 point"), (2, "2 points")])
def test_a_count_agrees_with_its_noun(count: int, words: str) -> None:
    assert counted(count, "point") == words


# --- agendas ----------------------------------------------------------------------------------------------------------

AS_OF = utc("2026-06-05 00:00")


def agenda_of(*matters: Matter) -> Any:
    """Return the agenda of the review of May 2026."""
    review = to_look_back_on(reviews(contract(), (), AS_OF), "2026-05")
    return agenda(Setting(review, CONTACTS, AS_OF), matters, ())


def test_an_agenda_is_headed_by_the_agreement_and_the_period() -> None:
    assert agenda_title(agenda_of()) == "Review of nimbus-hosting, 2026-05"


def test_from_five_cases_on_an_agenda_tells_how_long_they_took() -> None:
    text = plain("", agenda_sections(agenda_of(*(matter(number) for number in range(5)))))
    assert "restore: n=5, median 5h, p90 5h, 0% met; 0 still open" in text


def test_more_points_than_people_can_talk_about_are_counted_and_left_out() -> None:
    one = agenda_of(matter())
    point = Point(PointKind.BREACH, "late", Side.PROVIDER, NOW, ("clock",), "incident")
    many = replace(one, points=(point,) * (AGENDA_AT_MOST + 7))
    _, shown, left_out = agenda_sections(many)
    assert len(shown.lines) == AGENDA_AT_MOST
    assert (left_out.heading, left_out.lines) == ("Left out", ("7 more points; --json counts them",))
    assert all(section.heading != "Left out" for section in agenda_sections(one))


def test_the_json_of_a_point_has_its_evidence_and_null_for_what_is_not_known() -> None:
    point = Point(PointKind.CREDIT, "12.00 EUR", Side.CUSTOMER, NOW, ("a", "b"), due_at=samples.later(300))
    assert point.line() == {
        "kind": "credit",
        "text": "12.00 EUR",
        "side": "customer",
        "at": "2026-05-04T12:50:00Z",
        "due_at": "2026-05-04T14:30:00Z",
        "incident_id": None,
        "evidence": ["a", "b"],
    }
    both = Point(PointKind.UNKNOWN, "restore can't be known", None, NOW, ("c",), "i").line()
    assert (both["side"], both["due_at"], both["incident_id"]) == (None, None, "i")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("gap_too_wide", "Mail is delayed: restore can't be known: gap_too_wide"),
     (None, "Mail is delayed: restore can't be known")],
    ids=["with its reason", "without one"],
)  # fmt: skip
def test_a_verdict_that_can_not_be_known_is_a_point_for_both(reason: str | None, words: str) -> None:
    base = matter()
    clock = base.clocks[0].model_copy(update={"verdict": Verdict.INDETERMINATE, "reason": reason})
    every = of_incident(replace(base, clocks=(clock,)), contract().versions[0], AS_OF)
    found = [one for one in every if one.kind is PointKind.UNKNOWN]
    assert [(one.text, one.side, one.evidence) for one in found] == [(words, None, (clock.clock_id,))]


def test_the_json_of_figures_tells_how_many_of_each_and_no_length_below_five() -> None:
    clocks = [samples.clock(number, clock_id=str(number), verdict=verdict, elapsed_max_s=60.0)
              for number, verdict in enumerate(Verdict)]  # fmt: skip
    (found,) = figures(clocks)
    line = found.line()
    assert line["objective"] == Objective.RESTORE.value
    assert (line["n"], line["met"], line["breached"], line["overdue"], line["indeterminate"]) == (2, 1, 1, 1, 1)
    assert line["n"] + line["open"] + line["indeterminate"] + line["left_out"] == len(clocks)
    assert (line["met_share"], line["median_s"], line["p90_s"]) == (None, None, None)


def test_a_page_of_a_matter_is_of_the_side_that_it_told_and_another_is_of_none() -> None:
    told = samples.page(0, side=Side.PROVIDER, kind=PageKind.RUNG)
    one = replace(matter(), pages=(told,))
    assert (one.page_side(told.page_id), one.page_side("another")) == (Side.PROVIDER, None)


@pytest.mark.parametrize("revisions", [(1, 2), (2, 1), (2, 2, 1)], ids=["in order", "the newer first", "with a copy"])
def test_of_a_clock_its_newest_revision_counts_in_whatever_order_they_come(revisions: tuple[int, ...]) -> None:
    clocks = tuple(samples.clock(0, revision, verdict=Verdict.MET if revision == 2 else Verdict.RUNNING)
                   for revision in revisions)  # fmt: skip
    assert [(one.revision, one.verdict) for one in replace(matter(), clocks=clocks).agreed] == [(2, Verdict.MET)]


def test_work_that_nobody_has_to_excuse_is_no_point() -> None:
    """Where the contract excuses no maintenance, none can be outside its terms."""
    work = Matter(samples.incident(3, kind="maintenance"), facts=matter().facts)
    assert list(of_maintenance(work, contract().versions[0], AS_OF)) == []
