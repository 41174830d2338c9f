"""Power outages: a map that drops what is restored, a list written afterwards, a list without ends."""

import json
from typing import Any

import pytest

from feeds import bchydro, oe417, outage_geojson
from feeds.errors import PayloadError
from feeds.files import sheets
from feeds.series import FeedContext, replay
from models.notice import Flag, Phase
from tests.feeds.looks import at, followed, payload
from tests.support.corpus import corpus_dir


def ms(minutes: float) -> int:
    return int(at(minutes).timestamp() * 1000)


def out(**fields: Any) -> dict[str, Any]:
    told = {"id": 7, "dateOff": ms(-30), "lastUpdated": ms(0), "crewStatus": "ONSITE", "municipality": "Fernie",
            "regionName": "Kootenay", "area": "South of Main St", "cause": "Tree down", "numCustomersOut": 12,
            "crewEtr": ms(90), "dateOn": ms(90), "showEtr": True}  # fmt: skip
    return {**told, **fields}


def read(row: dict[str, Any]) -> Any:
    return bchydro.parse(json.dumps([row]).encode()).statements


@pytest.mark.parametrize(
    ("status", "phase"),
    [("NEW", "update"), ("ASSIGNED", "acknowledged"), ("ENROUTE", "engaged"), ("ONSITE", "engaged"),
     ("SUSPENDED", "update"), (None, "update")],
)  # fmt: skip
def test_a_crews_status_gives_the_phase(status: str | None, phase: str) -> None:
    begin, standing = read(out(crewStatus=status))
    assert (begin.phase, begin.claimed_at, standing.phase.value) == (Phase.REPORTED, at(-30), phase)


def test_an_estimate_is_a_promise_while_it_is_shown_and_never_an_end() -> None:
    begin, standing = read(out())
    assert (standing.promised_at, standing.promises) == (at(90), "restore")
    assert (begin.claimed_end_at, standing.claimed_at, standing.claimed_end_at) == (None, None, None)
    hidden = read(out(showEtr=False))[1]
    assert (hidden.promised_at, hidden.promises) == (None, None)


def test_the_same_row_is_told_once_and_a_dropped_one_vanishes_in_its_interval() -> None:
    polls = [payload(body, minute, format_name="bchydro") for minute, body in ((1, [out()]), (6, [out()]), (11, []))]
    first, second, third = followed(*polls)
    assert (len(first.notices), second.notices) == (2, ())
    (gone,) = third.notices
    assert (gone.phase, gone.flags, gone.received_after) == (Phase.CLOSED, (Flag.VANISHED,), at(6))


@pytest.mark.parametrize("row", [{"id": 7}, out(dateOff="x"), out(dateOff=True), out(dateOff=10**18), out(id=None)])
def test_an_outage_without_begin_or_id_is_a_problem_and_one_listed_is_still_listed(row: dict[str, Any]) -> None:
    parsed = bchydro.parse(json.dumps([row, out(id=8)]).encode())
    assert (len(parsed.problems), len(parsed.statements)) == (1, 2)
    assert parsed.listed == frozenset({"8"} if row["id"] is None else {"7", "8"})
    with pytest.raises(PayloadError):
        bchydro.parse(b"{}")


@pytest.mark.corpus
def test_bc_hydros_polls_give_each_outage_one_begin_and_one_vanishing_per_gap() -> None:
    folder = corpus_dir("power_outages_bchydro")
    found, _ = sheets([folder])
    raws = [one.load("f", "bchydro") for one in found]
    told = [one for step in replay(raws, FeedContext("f", "bchydro")) for one in step.notices]
    gone, before = 0, set[int]()
    for raw in raws:
        listed = {row["id"] for row in json.loads(raw.body)}
        gone += len(before - listed)
        before = listed
    assert sum(Flag.VANISHED in one.flags for one in told) == gone > 0
    assert not [one for one in told if one.claimed_end_at]


HEAD = "OBS,U.S._STATE,OUTAGE.START.DATE,OUTAGE.START.TIME,OUTAGE.RESTORATION.DATE,OUTAGE.RESTORATION.TIME\n"


def test_dates_and_times_in_columns_of_their_own_are_read_in_the_feeds_zone() -> None:
    row = '1,Minnesota,"Friday, July 1, 2011",5:00:00 PM,"Sunday, July 3, 2011",12:05:00 AM\n2,Iowa,NA,NA,NA,NA\n'
    body = ("\ufeff" + HEAD + row + '3,Iowa,"Friday, July 1, 2011",1:00 AM,NA,NA\n').encode()
    parsed = oe417.parse(body, zone="America/Chicago")
    begin, end, other = parsed.statements
    assert str(begin.claimed_at) == "2011-07-01 22:00:00+00:00"
    assert str(end.claimed_end_at) == "2011-07-03 05:05:00+00:00"
    assert (end.phase, other.phase, len(parsed.problems)) == (Phase.RESOLVED, Phase.REPORTED, 1)
    assert all(Flag.BACKFILLED in one.flags for one in parsed.statements)
    with pytest.raises(PayloadError, match="naive_time"):
        oe417.parse(body)


@pytest.mark.parametrize("when", ['"Friday, Juli 1, 2011",5:00 PM', '"July 1, 2011",17:00', '"July 1, 2011",13:00 PM'])
def test_a_date_in_another_form_is_refused(when: str) -> None:
    with pytest.raises(PayloadError, match="bad_time"):
        oe417.parse((HEAD + f"1,Iowa,{when},NA,NA\n").encode(), zone="UTC")


@pytest.mark.corpus
def test_the_real_list_of_major_outages_is_read_but_for_three_without_begin() -> None:
    body = (corpus_dir("power_outages_other") / "us_major_outages_part1.csv").read_bytes()
    parsed = oe417.parse(body, zone="America/Chicago")
    assert [one.phase for one in parsed.statements].count(Phase.RESOLVED) == 725
    assert (len(parsed.statements), len(parsed.problems)) == (747 + 725, 3)


def feature(**fields: Any) -> dict[str, Any]:
    told = {
        "Cause": "Wind",
        "CustomersAffected": 3,
        "StartTime": "2018-10-11T14:30:00",
        "Substation": "B",
        "Feeder": "",
    }
    return {"properties": {**told, **fields}, "geometry": {"type": "Point", "coordinates": [-80.4, 35.2]}}


def test_features_are_named_by_place_and_begin_and_claim_no_end() -> None:
    body = json.dumps({"features": [feature(), feature(Substation="C"), {**feature(), "id": 5}]}).encode()
    found = outage_geojson.parse(body, zone="America/New_York").statements
    assert len({one.source_incident_id for one in found}) == 3
    assert (str(found[0].claimed_at), found[0].claimed_end_at) == ("2018-10-11 18:30:00+00:00", None)
    with pytest.raises(PayloadError, match="naive_time"):
        outage_geojson.parse(body)


@pytest.mark.parametrize("payload_", [{}, [], {"features": [{"properties": {}}]}, {"features": [{}]}])
def test_what_is_no_such_geojson_is_refused(payload_: Any) -> None:
    with pytest.raises(PayloadError):
        outage_geojson.parse(json.dumps(payload_).encode())


@pytest.mark.corpus
def test_every_real_feature_is_an_outage_of_its_own() -> None:
    body = (corpus_dir("power_outages_other") / "outages30Day.json").read_bytes()
    found = outage_geojson.parse(body, zone="America/New_York").statements
    assert len({one.source_incident_id for one in found}) == len(found) == len(json.loads(body)["features"])
