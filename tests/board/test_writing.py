"""Our own people sign in on the board and write, without servers: who may, what is published, and what is refused."""

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from board.receive import BrokerUnavailableError
from board.session import LASTS, Session, form_token, is_form_token, seal_session, unseal_session
from feeds.answers import read
from models.communication import Communication, CommunicationKind
from models.decision import Action, Decision
from models.documents import Documents
from models.notice import Identity
from models.paging import Side
from models.provider import Contact, Provider
from tests.board.desk import TEN_PAST, TOKEN, Desk
from tests.support import samples

INCIDENT = samples.incident(0).incident_id
PAGE = f"/incidents/{INCIDENT}"
OWN = {"Origin": "http://board"}
PROVIDER = Provider(
    apiVersion="holdfast/v1",
    kind="Provider",
    id="nimbus",
    name="Nimbus",
    contacts={
        "lead": Contact(name="Ada <Lead>", side=Side.CUSTOMER, timezone="Europe/Warsaw"),
        "noc": Contact(name="Nimbus NOC", side=Side.PROVIDER),
    },
)


class Register:
    """Documents in force that a test can change, or take away."""

    def __init__(self) -> None:
        self.documents: Documents | None = Documents.of([PROVIDER])

    def __call__(self) -> Documents:
        if self.documents is None:
            raise BrokerUnavailableError("the broker does not answer")
        return self.documents


class Person:
    """A browser at the board: keeps its cookie, and sends what the browser sends."""

    def __init__(self, desk: Desk, headers: dict[str, str] | None = None) -> None:
        self.desk, self.cookies = desk, httpx.Cookies()
        self.headers = OWN if headers is None else headers

    def ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        sent = "; ".join(f"{one.name}={one.value}" for one in self.cookies.jar)
        headers = {**self.headers, **({"Cookie": sent} if sent else {})}
        answer = self.desk.ask(method, path, headers=headers, **arguments)
        self.cookies.extract_cookies(answer)
        return answer

    def signs_in(self, token: str = TOKEN, person: str = "lead", **fields: str) -> httpx.Response:
        return self.ask("POST", "/login", data={"token": token, "person": person, **fields})

    def form_token(self) -> str:
        (found,) = set(re.findall(r'name="form_token" value="([^"]+)"', self.ask("GET", "/login").text))
        return str(found)

    def writes(self, act: str, **fields: str) -> httpx.Response:
        return self.ask("POST", f"{PAGE}/{act}", data={"form_token": self.form_token(), **fields})


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def desk(register: Register) -> Desk:
    desk = Desk(options={"documents": register})
    desk.knows(samples.incident(0))
    desk.index(
        resolve=lambda _: samples.incident(0),
        dossier=lambda _: desk.live.dossier(INCIDENT),
        notices=lambda _: [],
        communications=lambda **_: [],
    )
    return desk


@pytest.fixture
def person(desk: Desk) -> Person:
    """Return somebody of ours who is signed in."""
    somebody = Person(desk)
    assert somebody.signs_in().status_code == 303
    return somebody


def words(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def decided(desk: Desk) -> Decision:
    (raw,) = desk.published
    (decision,) = read(raw).decisions
    return decision


def noted(desk: Desk) -> Communication:
    (raw,) = desk.published
    (told,) = read(raw).communications
    return told


NOTE = {
    "kind": "call",
    "direction": "from_provider",
    "people": "noc, lead",
    "channel": "phone",
    "text": "A fan failed.",
}


def test_a_note_is_published_as_the_api_publishes_one(desk: Desk, person: Person) -> None:
    """In the name of who is signed in, at the time that they name, by the zone that they read times in."""
    answer = person.writes("note", **NOTE, happened_at="2026-05-04T11:35", zone="Europe/Warsaw")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=note")
    told = noted(desk)
    assert (told.provider, told.incident_ids, told.kind) == ("nimbus", (INCIDENT,), CommunicationKind.CALL)
    assert (told.direction, told.channel, told.people, told.text) == (
        "from_provider", "phone", ("noc", "lead"), "A fan failed.",
    )  # fmt: skip
    assert (told.happened_at, told.clock, told.recorded_at) == (samples.later(5), "told", TEN_PAST)
    assert (told.identity, told.recorded_by) == (Identity.TOKEN, "lead")


def test_a_note_of_just_now_is_by_our_clock_and_in_the_own_name(desk: Desk, person: Person) -> None:
    assert person.writes("note", kind="other", direction="internal", text="Watching.").status_code == 303
    told = noted(desk)
    assert (told.happened_at, told.clock, told.people, told.channel) == (TEN_PAST, "ours", ("lead",), "board")


def test_our_own_ladder_is_acknowledged_whatever_the_form_says(desk: Desk, person: Person) -> None:
    answer = person.writes("acknowledge", side="provider")
    decision = decided(desk)
    assert answer.headers["location"] == f"{PAGE}?said=acknowledge"
    assert (decision.action, decision.side, decision.incident_id) == (Action.ACKNOWLEDGE, Side.CUSTOMER, INCIDENT)
    assert (decision.person, decision.person_name, decision.identity, decision.channel) == (
        "lead", "Ada <Lead>", Identity.TOKEN, "board",
    )  # fmt: skip


@pytest.mark.parametrize(("span", "minutes"), [("30m", 30), ("2h", 120), ("8h", 480)])
def test_a_mute_ends_and_says_why(desk: Desk, person: Person, span: str, minutes: int) -> None:
    assert person.writes("mute", **{"for": span}, side="customer", reason="known").status_code == 303
    decision = decided(desk)
    assert (decision.action, decision.side, decision.reason) == (Action.MUTE, Side.CUSTOMER, "known")
    assert decision.until == TEN_PAST + timedelta(minutes=minutes)


def test_a_mute_of_both_ladders_is_ended(desk: Desk, person: Person) -> None:
    assert person.writes("unmute", side="").status_code == 303
    assert (decided(desk).action, decided(desk).side) == (Action.UNMUTE, None)


WRONG: dict[str, tuple[str, dict[str, str], str]] = {
    "a note that says nothing": ("note", {**NOTE, "text": " "}, "write what was said"),
    "a kind that is none": ("note", {**NOTE, "kind": "song"}, "kind"),
    "a contact that is yet to come": ("note", {**NOTE, "happened_at": "2026-05-05T11:35"}, "has yet to come"),
    "a time that is none": ("note", {**NOTE, "happened_at": "soon"}, "no date and time"),
    "a mute without a reason": ("mute", {"for": "2h"}, "a mute says why"),
    "a mute for ever": ("mute", {"for": "9999h", "reason": "x"}, "choose for how long"),
    "a side that is none": ("unmute", {"side": "theirs"}, "side"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_whole_is_shown_again_with_what_was_entered(desk: Desk, person: Person, name: str) -> None:
    act, fields, why = WRONG[name]
    answer = person.writes(act, **fields)
    assert answer.status_code == 422
    assert why in words(answer)
    assert f"<details open><summary>{ {'note': 'Add', 'mute': 'Mute', 'unmute': 'End'}[act] }" in answer.text
    assert desk.published == []


def test_what_was_entered_stays_text(desk: Desk, person: Person) -> None:
    answer = person.writes("note", **{**NOTE, "kind": "song", "text": "<script>alert(1)</script>"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text


def test_what_the_broker_does_not_have_is_not_recorded(desk: Desk, person: Person) -> None:
    desk.is_broker_up = False
    answer = person.writes("acknowledge")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Nothing was recorded" in words(answer)


def test_an_incident_that_nobody_knows_is_answered_by_a_page(desk: Desk, person: Person) -> None:
    token = person.form_token()
    desk.live.state = type(desk.live.state)()

    def unknown(_: str) -> Any:
        from board.store import UnknownIncidentError

        raise UnknownIncidentError("no incident has this id")

    desk.index(resolve=unknown)
    answer = person.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token})
    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]
    assert desk.published == []


def test_the_page_has_forms_for_who_is_signed_in_only(desk: Desk, person: Person) -> None:
    seen, unknown = person.ask("GET", PAGE), Person(desk).ask("GET", PAGE)
    assert set(re.findall(r'data-act="(\w+)"', seen.text)) == {"note", "acknowledge", "mute", "unmute"}
    assert "You write as Ada <Lead>" in words(seen)
    assert "Known: lead, noc" in words(seen)
    assert "<form" not in unknown.text
    assert f'href="/login?incident={INCIDENT}"' in unknown.text


def test_no_page_with_forms_loads_itself_again(desk: Desk, person: Person) -> None:
    """What is being written would be lost."""
    assert 'http-equiv="refresh"' in Person(desk).ask("GET", PAGE).text
    assert 'http-equiv="refresh"' not in person.ask("GET", PAGE).text


def test_every_field_has_a_label(person: Person) -> None:
    page = person.ask("GET", PAGE).text + Person(person.desk).ask("GET", "/login").text
    labels = "".join(re.findall(r"<label>.*?</label>", page, re.S))
    fields = re.compile(r'<(?:input|select|textarea)\b(?![^>]*type="hidden")')
    assert len(fields.findall(page)) == len(fields.findall(labels)) == 13


@pytest.mark.parametrize("act", ["note", "acknowledge", "mute", "unmute"])
def test_what_was_recorded_is_said_to_who_is_signed_in(desk: Desk, person: Person, act: str) -> None:
    assert 'role="status"' in person.ask("GET", f"{PAGE}?said={act}").text.split("data-detail")[0]
    assert "<b>Muted" not in person.ask("GET", f"{PAGE}?said=<b>Muted").text
    assert 'class="told"' not in person.ask("GET", f"{PAGE}?said=other").text
    assert 'class="told"' not in Person(desk).ask("GET", f"{PAGE}?said={act}").text


def test_forms_may_be_sent_to_this_board_and_nothing_else_is_loosened(desk: Desk, person: Person) -> None:
    strict = desk.ask("GET", "/healthz").headers["content-security-policy"]
    for path in (PAGE, "/login"):
        policy = person.ask("GET", path).headers["content-security-policy"]
        assert policy == strict.replace("form-action 'none'", "form-action 'self'") != strict


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(desk: Desk) -> None:
    cookie = Person(desk).signs_in().headers["set-cookie"]
    assert cookie.startswith("holdfast=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert TOKEN not in cookie


def test_by_https_the_cookie_is_kept_to_https_and_to_this_host(register: Register) -> None:
    desk = Desk(options={"documents": register, "public_url": "https://board"})
    cookie = Person(desk, {"Origin": "https://board"}).signs_in().headers["set-cookie"]
    assert cookie.startswith("__Host-holdfast=")
    assert "Secure" in cookie.split("; ")
    assert Person(desk, {"Origin": "http://board"}).signs_in().status_code == 403


@pytest.mark.parametrize("incident", [INCIDENT, "//evil.example", "../login", "https://evil.example"])
def test_signing_in_leads_to_an_incident_of_this_board(desk: Desk, incident: str) -> None:
    place = Person(desk).signs_in(incident=incident).headers["location"]
    assert re.fullmatch(r"/incidents/[\w.%-]+", place)


def test_who_is_signed_in_is_led_on(person: Person) -> None:
    """A link from a chat comes without the cookie; one click further it is there."""
    assert person.ask("GET", f"/login?incident={INCIDENT}").headers["location"] == PAGE


@pytest.mark.parametrize(
    ("token", "who", "why"),
    [
        ("wrong", "lead", "not the token"),
        ("", "lead", "not the token"),
        (TOKEN, "noc", "who you are"),
        (TOKEN, "", "who you are"),
    ],
)
def test_nobody_else_gets_in(desk: Desk, token: str, who: str, why: str) -> None:
    """Not without the token, and not in the name of the provider's people or of nobody."""
    answer = Person(desk).signs_in(token, who)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert why in words(answer)


def test_an_address_may_guess_ten_times_in_five_minutes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [1000.0]
    monkeypatch.setattr("board.gate.monotonic", lambda: at[0])
    somebody = Person(desk)
    for _ in range(12):
        assert somebody.signs_in().status_code == 303  # the right token never counts
    assert [somebody.signs_in("wrong").status_code for _ in range(11)] == [403] * 10 + [429]
    answer = somebody.signs_in()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
    at[0] += 300
    assert somebody.signs_in().status_code == 303


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_without_a_token_writing_is_off_and_says_why(register: Register, token: SecretStr | None) -> None:
    desk = Desk(options={"documents": register, "token": token})
    desk.knows(samples.incident(0))
    for answer in (Person(desk).ask("GET", "/login"), Person(desk).signs_in(""), Person(desk).signs_in("None")):
        assert answer.status_code == 403
        assert "Writing is off No HOLDFAST_BOARD_TOKEN is set" in words(answer)
    forged = Session.of("lead", PROVIDER.contacts["lead"], TEN_PAST)
    headers = {**OWN, "Cookie": f"holdfast={seal_session(forged, '')}"}
    fields = {"form_token": form_token(forged, "")}
    assert desk.ask("POST", f"{PAGE}/acknowledge", headers=headers, data=fields).status_code == 403
    assert desk.published == []


@pytest.mark.parametrize("documents", [None, Documents()])
def test_who_can_not_be_known_does_not_get_in(desk: Desk, register: Register, documents: Documents | None) -> None:
    register.documents = documents
    assert Person(desk).signs_in().status_code == (503 if documents is None else 403)


def refused(desk: Desk, answer: httpx.Response, why: str) -> None:
    assert answer.status_code == 403
    assert why in words(answer)
    assert desk.published == []


def test_a_session_ends_after_twelve_hours_by_the_boards_clock(desk: Desk, person: Person) -> None:
    token = person.form_token()
    desk.later(12 * 60 - 1)
    assert "<form" in person.ask("GET", PAGE).text
    desk.later(1)
    assert "<form" not in person.ask("GET", PAGE).text
    refused(desk, person.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token}), "You are signed out")


def test_changing_the_token_signs_everybody_out(desk: Desk, person: Person, register: Register) -> None:
    token = person.form_token()
    other = Desk(options={"documents": register, "token": SecretStr("another token")})
    other.knows(samples.incident(0))
    person.desk = other
    refused(other, person.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token}), "You are signed out")


def test_a_cookie_that_was_not_signed_here_is_nobodys(desk: Desk, person: Person) -> None:
    token = person.form_token()
    (cookie,) = person.cookies.values()
    other = Session.of("us-chief", PROVIDER.contacts["lead"], TEN_PAST)
    body, signature = cookie.rsplit(".", 1)
    for forged in (
        seal_session(other, "guessed"),
        f"{seal_session(other, 'x').rsplit('.', 1)[0]}.{signature}",
        body,
        f"{body}.",
        "é" * 5000,
        f"{body}.{signature[:-2]}",
    ):
        headers = {**OWN, "Cookie": f"holdfast={forged}".encode()}
        answer = desk.ask("POST", f"{PAGE}/acknowledge", headers=headers, data={"form_token": token})
        refused(desk, answer, "You are signed out")


@pytest.mark.parametrize("act", ["note", "acknowledge", "mute", "unmute"])
def test_a_form_of_no_session_or_another_one_is_refused(desk: Desk, person: Person, act: str) -> None:
    desk.later(1)
    other = Person(desk)
    other.signs_in()
    for token in ("", "é", other.form_token(), person.form_token()[:-1]):
        fields = {**NOTE, "for": "2h", "reason": "x", "form_token": token}
        refused(desk, person.ask("POST", f"{PAGE}/{act}", data=fields), "Not your form")


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://board:8471"},
    "a page that hides where it is": {"Origin": "null"},
    "a browser that says nothing": {},
    "a site that the browser knows for another": {"Origin": "http://board", "Sec-Fetch-Site": "cross-site"},
    "a neighbour under the same domain": {"Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_forms_of_other_pages_are_refused_even_with_all_else_right(desk: Desk, person: Person, name: str) -> None:
    token = person.form_token()
    person.headers = FOREIGN[name]
    fields = {**NOTE, "form_token": token}
    refused(desk, person.ask("POST", f"{PAGE}/note", data=fields), "Not from this board")
    refused(desk, person.ask("POST", "/logout", data=fields), "Not from this board")
    assert "set-cookie" not in person.signs_in().headers


def test_a_browser_that_hides_the_origin_is_believed_where_it_says_same_origin(desk: Desk, person: Person) -> None:
    """Chromium sends so from our own pages, which send no referrer."""
    token = person.form_token()
    person.headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert person.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token}).status_code == 303


def test_who_signed_out_is_out_with_every_copy_of_the_cookie(desk: Desk, person: Person) -> None:
    token, copied = person.form_token(), Person(desk)
    copied.cookies.update(person.cookies)
    assert person.ask("POST", "/logout", data={"form_token": "x"}).status_code == 403
    assert person.ask("POST", "/logout", data={"form_token": token}).headers["location"] == "/"
    assert not list(person.cookies.jar)
    refused(desk, copied.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token}), "You are signed out")


def test_who_is_no_contact_of_ours_any_more_writes_nothing(desk: Desk, person: Person, register: Register) -> None:
    token = person.form_token()
    register.documents = Documents()
    refused(desk, person.ask("POST", f"{PAGE}/acknowledge", data={"form_token": token}), "You are no contact")


@pytest.mark.parametrize(
    "changed", [{"person": "x"}, {"expires_at": samples.later(9999)}, {"began_at": samples.STARTED}]
)
def test_the_proof_of_a_form_is_of_one_session(changed: dict[str, Any]) -> None:
    one = Session.of("lead", PROVIDER.contacts["lead"], TEN_PAST)
    other = one.model_copy(update=changed)
    assert is_form_token(form_token(one, TOKEN), one, TOKEN)
    assert not is_form_token(form_token(one, TOKEN), other, TOKEN)
    assert unseal_session(seal_session(one, TOKEN), TOKEN, TEN_PAST + LASTS - timedelta(seconds=1)) == one
    assert unseal_session(seal_session(one, TOKEN), TOKEN, TEN_PAST - timedelta(seconds=1)) is None
