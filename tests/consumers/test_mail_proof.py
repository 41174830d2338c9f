"""DKIM signatures, checked against keys of a real DNS server."""

import pytest

from consumers import mail_proof
from consumers.mail_proof import resolver, signatures_of
from tests.support.dkim_keys import DnsServer, Key, make_key, signed
from tests.support.mails import page, reply

MAIL = bytes(reply("On it", page()))
NAME = "s1._domainkey.nimbus.example"


@pytest.fixture(scope="module")
def key() -> Key:
    return make_key()


def results(mail: bytes, server: DnsServer) -> list[str]:
    return [one.result for one in signatures_of(mail, resolver(server.address))]


def test_a_signature_that_holds_passes_and_says_what_it_covers(key: Key) -> None:
    with DnsServer({NAME: key.record}) as server:
        (found,) = signatures_of(signed(MAIL, key), resolver(server.address))
    assert (found.result, found.domain, found.selector) == ("pass", "nimbus.example", "s1")
    assert {"from", "to", "subject"} <= set(found.signed)
    assert not found.is_partial
    assert server.asked == [NAME]


@pytest.mark.parametrize(
    ("was", "now"),
    [(b"On it", b"Restored"), (b"Maya", b"Eve!"), (b"Re: Mail", b"Re: mail")],
    ids=["text", "sender", "subject"],
)
def test_a_changed_mail_fails(key: Key, was: bytes, now: bytes) -> None:
    with DnsServer({NAME: key.record}) as server:
        assert results(signed(MAIL, key).replace(was, now, 1), server) == ["fail"]


def test_a_mail_without_signature_asks_nobody() -> None:
    with DnsServer() as server:
        assert results(MAIL, server) == []
        assert server.asked == []


def test_another_key_in_the_dns_fails(key: Key) -> None:
    with DnsServer({NAME: make_key().record}) as server:
        assert results(signed(MAIL, key), server) == ["fail"]


def test_a_key_that_is_not_published_proves_nothing(key: Key) -> None:
    with DnsServer() as server:
        assert results(signed(MAIL, key), server) in (["fail"], ["permerror"])


def test_a_short_key_proves_nothing() -> None:
    short = make_key(768)
    with DnsServer({NAME: short.record}) as server:
        assert "pass" not in results(signed(MAIL, short), server)


@pytest.mark.parametrize("record", ["", "v=DKIM1; p=", "v=DKIM1; k=rsa; p=!!!", "nonsense"])
def test_a_broken_or_revoked_key_proves_nothing(key: Key, record: str) -> None:
    with DnsServer({NAME: record}) as server:
        assert "pass" not in results(signed(MAIL, key), server)


def test_a_silent_dns_is_a_passing_trouble_and_costs_bounded_time(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_proof, "TOTAL_S", 0.5)
    mail = MAIL
    for _ in range(6):
        mail = signed(mail, key)
    allowed: list[float] = []
    with DnsServer(silent=True) as server:
        look_up = resolver(server.address)

        def noted(name: bytes, seconds: float) -> bytes | None:
            allowed.append(seconds)
            return look_up(name, seconds)

        found = signatures_of(mail, noted)
    assert [one.result for one in found] == ["temperror"] * mail_proof.SIGNATURES_LIMIT
    assert sum(allowed) <= mail_proof.TOTAL_S + 0.1 * len(found), "what is left of it, and a moment for each at least"


def test_a_part_of_the_text_is_said_to_be_one(key: Key) -> None:
    with DnsServer({NAME: key.record}) as server:
        longer = signed(MAIL, key, length=True) + b"and restored\r\n"
        (found,) = signatures_of(longer, resolver(server.address))
    assert (found.result, found.is_partial) == ("pass", True)


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: v=1",
        b"DKIM-Signature: \xff\xfe",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=..; s=\x00; h=from; bh=x; b=x",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=" + b"a" * 300 + b"; s=x; h=from; bh=x; b=x",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=e\xc3\xa9.example; s=x; h=from; bh=x; b=x",
    ],
)
def test_a_hostile_signature_costs_nothing(header: bytes) -> None:
    with DnsServer() as server:
        assert "pass" not in results(header + b"\r\n" + MAIL, server)


def test_no_resolver_that_answers_is_a_passing_trouble(key: Key) -> None:
    assert [one.result for one in signatures_of(signed(MAIL, key), resolver("127.0.0.1:9"))] == ["temperror"]


def test_a_resolver_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="not-an-address"):
        resolver("not-an-address")
