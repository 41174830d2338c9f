"""What is read out of CAP: versions, feeds, chains of messages, areas, and XML that is refused."""

from typing import Any

import orjson
import pytest

from feeds import cap
from feeds.cap_area import circle_of, polygon_of
from feeds.errors import PayloadError
from models.notice import Area, Flag, Kind, Phase, Speaker, Statement
from tests.feeds.looks import at, stamp

CAP12 = ' xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
AREA = "<area><areaDesc>Coast</areaDesc><polygon>53,9 54,9 54,11 53,9</polygon></area>"


def info(language: str | None = None, area: str = AREA, **fields: str) -> str:
    told = {"event": "Storm", "severity": "Severe", "onset": stamp(60), "expires": stamp(600), **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in told.items() if value)
    return f"<info>{f'<language>{language}</language>' if language else ''}{inner}{area}</info>"


def alert(*infos: str, namespace: str = CAP12, **fields: str) -> str:
    told = {"identifier": "A", "sender": "s@x", "sent": stamp(0), "status": "Actual", "msgType": "Alert", **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in told.items() if value)
    return f"<alert{namespace}>{inner}{''.join(infos)}</alert>"


def feed(*entries: str) -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2" '
        f'xmlns:georss="http://www.georss.org/georss">{inner}</feed>'
    )


def read(text: str, **options: Any) -> tuple[Statement, ...]:
    return cap.parse(text.encode(), **options).statements


def one(text: str) -> Statement:
    (only,) = read(text)
    return only


@pytest.mark.parametrize(
    "namespace",
    [
        "",
        CAP12,
        ' xmlns="urn:oasis:names:tc:emergency:cap:1.1"',
        ' xmlns="urn:oasis:names:tc:emergency:cap:1.0"',
        ' xmlns="http://www.incident.com/cap/1.0"',
    ],
)
def test_every_version_and_none_is_one_format(namespace: str) -> None:
    said = one(alert(info(), namespace=namespace))
    assert (said.speaker, said.kind, said.phase) == (Speaker.AUTHORITY, Kind.HAZARD, Phase.REPORTED)
    assert (said.source_incident_id, said.source_update_id) == ("A", "A")
    assert (said.published_at, said.claimed_at, said.claimed_end_at) == (at(0), at(60), at(600))
    assert (said.severity, said.title, said.regions) == ("severe", "Storm", ("Coast",))
    assert said.area == Area(description="Coast", polygons=(((53, 9), (54, 9), (54, 11), (53, 9)),))


def test_a_declared_encoding_and_blanks_before_the_declaration_are_read() -> None:
    text = '\n <?xml version="1.0" encoding="ISO-8859-1"?>' + alert(info(headline="Usulután"))
    assert cap.parse(text.encode("latin-1")).statements[0].title == "Usulután"
    assert cap.parse(b"\xef\xbb\xbf" + alert(info()).encode()).statements


@pytest.mark.parametrize(
    ("kind", "phase"), [("Alert", Phase.REPORTED), ("Update", Phase.UPDATE), ("Cancel", Phase.CANCELLED)]
)
def test_the_type_of_message_gives_the_phase(kind: str, phase: Phase) -> None:
    assert one(alert(info(), msgType=kind)).phase is phase


@pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System", "test"])
def test_what_is_not_actual_is_flagged(status: str) -> None:
    assert one(alert(info(), status=status)).flags == (Flag.TEST,)


@pytest.mark.parametrize(
    ("references", "root"),
    [
        (f"s@x,B,{stamp(-5)} s@x,ROOT,{stamp(-90)} s@x,C,{stamp(-1)}", "ROOT"),
        (f"\n  s@x,ROOT,{stamp(-9)}\n", "ROOT"),
        ("s@x,ROOT", "ROOT"),
        ("ROOT", "ROOT"),
        ("s@x,ROOT,yesterday", "ROOT"),
        ("", "A"),
    ],
)
def test_a_chain_of_messages_is_named_after_the_oldest_one_referred_to(references: str, root: str) -> None:
    said = one(alert(info(), msgType="Update", references=references))
    assert (said.source_incident_id, said.source_update_id) == (root, "A")


def test_english_counts_else_the_first_language_and_areas_of_its_infos_are_united() -> None:
    other = AREA.replace("Coast", "Inland").replace("53,9 54,9 54,11 53,9", "50,9 51,9 51,11 50,9")
    said = one(alert(info("hr-HR", event="Vjetar"), info("en-GB"), info("en-GB", other, severity="Extreme")))
    assert (said.title, said.severity, said.regions) == ("Storm", "extreme", ("Coast", "Inland"))
    assert said.area is not None
    assert len(said.area.polygons) == 2
    assert one(alert(info("hr-HR", event="Vjetar"), info("de", event="Sturm"))).title == "Vjetar"


def test_without_onset_it_begins_when_it_takes_effect_else_when_it_was_sent() -> None:
    assert one(alert(info(onset="", effective=stamp(30)))).claimed_at == at(30)
    assert one(alert(info(onset=""))).claimed_at == at(0)
    assert one(alert(info(expires=""))).claimed_end_at is None


def test_a_cancellation_may_say_nothing_but_what_it_cancels() -> None:
    said = one(alert(msgType="Cancel", references=f"s@x,ROOT,{stamp(-9)}"))
    assert (said.phase, said.area, said.claimed_at) == (Phase.CANCELLED, None, None)


def test_a_naive_time_is_refused_without_a_zone() -> None:
    naive = alert(info(), sent="2026-05-04T11:00:00")
    with pytest.raises(PayloadError) as caught:
        read(naive)
    assert caught.value.reason == "naive_time"
    assert read(naive, zone="Europe/Berlin")[0].published_at == at(0)


TOLD = (
    "<id>urn:1</id><title>Yellow wind</title><published>{0}</published><link href='https://x'/>"
    "<cap:event>Wind</cap:event><cap:severity>Moderate</cap:severity><cap:status>Actual</cap:status>"
    "<cap:onset>{1}</cap:onset><cap:areaDesc>Zone {2}</cap:areaDesc>"
    "<cap:geocode><valueName>EMMA_ID</valueName><value>PL{2}</value></cap:geocode>"
)


def test_entries_tell_their_warning_by_their_own_elements() -> None:
    said = one(feed(TOLD.format(stamp(0), stamp(60), 1) + "<cap:message_type>Update</cap:message_type>"))
    assert (said.source_incident_id, said.phase, said.title) == ("urn:1", Phase.UPDATE, "Yellow wind")
    assert (said.published_at, said.claimed_at) == (at(0), at(60))
    assert said.area == Area(description="Zone 1", geocodes=(("EMMA_ID", "PL1"),))


def test_entries_of_one_identifier_are_one_warning() -> None:
    entries = [TOLD.format(stamp(0), stamp(60), n) + "<cap:identifier>W</cap:identifier>" for n in (1, 2)]
    said = one(feed(*entries))
    assert said.regions == ("Zone 1", "Zone 2")
    assert said.area is not None
    assert said.area.geocodes == (("EMMA_ID", "PL1"), ("EMMA_ID", "PL2"))


def test_an_alert_inside_an_entry_counts_nested_or_written_out() -> None:
    escaped = alert(info()).replace("&", "&amp;").replace("<", "&lt;")
    for content in (alert(info()), escaped):
        said = one(feed(f"<id>other</id><title>Air quality</title><content type='text/xml'>{content}</content>"))
        assert (said.source_incident_id, said.title) == ("A", "Storm")


def test_an_entry_that_only_links_is_a_problem_and_a_feed_of_such_is_refused() -> None:
    link = "<id>urn:2</id><title>Storm</title><link href='https://x/cap.xml' type='application/cap+xml'/>"
    parsed = cap.parse(feed(TOLD.format(stamp(0), stamp(60), 1), link).encode())
    assert len(parsed.statements) == 1
    assert [reason for reason, _ in parsed.problems] == ["link_only"]
    with pytest.raises(PayloadError) as caught:
        read(feed(link))
    assert caught.value.reason == "link_only"


def test_a_feed_without_warnings_says_nothing_and_is_a_look() -> None:
    parsed = cap.parse(feed().encode())
    assert (parsed.statements, parsed.problems, parsed.scope) == ((), (), "feed")
    assert cap.parse(alert(info()).encode()).scope is None


def test_meteoalarms_json_reads_like_the_xml() -> None:
    body = {
        "identifier": "A",
        "sender": "s@x",
        "sent": stamp(0),
        "status": "Actual",
        "msgType": "Alert",
        "info": [
            {
                "language": "en",
                "event": "Storm",
                "severity": "Severe",
                "onset": stamp(60),
                "expires": stamp(600),
                "area": [{"areaDesc": "Coast", "polygon": ["53,9 54,9 54,11 53,9"]}],
            }
        ],
    }
    wrapped = orjson.dumps({"warnings": [{"alert": body, "uuid": "u"}]})
    assert cap.parse(wrapped).statements[0].digest() == one(alert(info())).digest()
    assert cap.parse(orjson.dumps({"warnings": []})).statements == ()


@pytest.mark.parametrize(
    ("geocode", "codes"),
    [
        ("<valueName>UGC</valueName><value>A1 A2</value>", (("UGC", "A1"), ("UGC", "A2"))),
        (
            "<valueName>UGC</valueName><value>A</value><valueName>FIPS6</valueName><value>1</value>",
            (("UGC", "A"), ("FIPS6", "1")),
        ),
        ("SAME=006113", (("SAME", "006113"),)),
    ],
)
def test_forms_of_geocodes(geocode: str, codes: tuple[tuple[str, str], ...]) -> None:
    said = one(alert(info(area=f"<area><areaDesc>X</areaDesc><geocode>{geocode}</geocode></area>")))
    assert said.area is not None
    assert said.area.geocodes == codes


def test_a_shape_that_is_none_is_told_and_the_warning_stays() -> None:
    parsed = cap.parse(
        alert(info(area="<area><areaDesc>X</areaDesc><polygon>95,9 54,9 54,11</polygon></area>")).encode()
    )
    assert parsed.statements[0].area == Area(description="X")
    assert [reason for reason, _ in parsed.problems] == ["wrong_shape"]


@pytest.mark.parametrize(
    ("text", "ring"),
    [
        ("1,2 3,4 5,1 1,2", ((1, 2), (3, 4), (5, 1), (1, 2))),
        ("1,2 3,4 5,1", ((1, 2), (3, 4), (5, 1), (1, 2))),
        ("1, 2\n3, 4\t5, 1", ((1, 2), (3, 4), (5, 1), (1, 2))),
        ("1 2 3 4 5 1", ((1, 2), (3, 4), (5, 1), (1, 2))),
        ("-1.5,+2e0 3,4 5,1", ((-1.5, 2), (3, 4), (5, 1), (-1.5, 2))),
    ],
)
def test_forms_of_polygons(text: str, ring: Any) -> None:
    assert polygon_of(text) == ring


@pytest.mark.parametrize(
    "text", ["", "1,2", "1,2 3,4", "1,2 3,4 5", "1,2 1,2 1,2", "42N,8E 43N,8E 43N,9E", "1e999,2 3,4 5,1"]
)
def test_what_is_no_polygon(text: str) -> None:
    with pytest.raises(ValueError, match=r"polygon|numbers|latitude"):
        polygon_of(text)


@pytest.mark.parametrize("text", ["1,2", "1,2 -3", "91,2 3", "1,2 3 4", "1,2 99999", "x"])
def test_what_is_no_circle(text: str) -> None:
    with pytest.raises(ValueError, match=r"circle|numbers|latitude"):
        circle_of(text)


BOMB = '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB + alert(info(headline="&m;")), "forbidden_xml"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + alert(info()), "forbidden_xml"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + alert(info(headline="&x;")), "forbidden_xml"),
        ("", "not_xml"),
        ("<alert>", "not_xml"),
        ("no markup", "not_xml"),
        ('<?xml version="1.0" encoding="no-such"?><alert/>', "not_xml"),
        ("<html><body/></html>", "wrong_shape"),
        (alert(info(), identifier=""), "wrong_shape"),
        (alert(info(), msgType="Ack"), "wrong_shape"),
        (alert(info(), sent="soon"), "bad_time"),
        ("{", "not_json"),
        ("{}", "wrong_shape"),
        ('{"type": "FeatureCollection", "features": []}', "wrong_shape"),
        ("<a>" * 200_000, "not_xml"),
        ("<a>" * 50_000 + "</a>" * 50_000, "wrong_shape"),
        ("<alert>" * 20_000 + "</alert>" * 20_000, "wrong_shape"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read(text)
    assert caught.value.reason == reason
