"""What our mailbox knows of a mail stands on top of it, and nothing that stands in a mail is taken for it."""

from email import message_from_bytes, policy
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mail import (
    ADDRESSES_LIMIT,
    ENVELOPE,
    HEADER_LIMIT,
    addresses_of,
    header_of,
    is_ours,
    page_of_address,
    stamp,
    unstamp,
)
from tests.support import mails

MAIL = b"From: maya@nimbus.example\r\nSubject: Re: Mail\r\n\r\nWe are on it.\r\n"


@given(st.binary(max_size=200))
def test_a_mail_comes_back_byte_for_byte_with_what_we_knew_of_it(mail: bytes) -> None:
    known = mails.envelope(mails.page(), signatures=(mails.signature(), mails.signature(is_partial=True)))
    assert unstamp(stamp(known, mail)) == (known, mail)


def test_an_envelope_within_a_mail_is_text_of_the_mail() -> None:
    forged = stamp(mails.envelope(sender="boss@nimbus.example"), MAIL)
    known, mail = unstamp(stamp(mails.envelope(), forged))
    assert (known.sender, mail) == (mails.CONTACT, forged)


NO_ENVELOPE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no envelope"),
    "a mail as it came": (MAIL, "no envelope"),
    "an envelope on the second line": (b"\r\n" + stamp(mails.envelope(), MAIL), "no envelope"),
    "a header of another case": (stamp(mails.envelope(), MAIL).replace(ENVELOPE, ENVELOPE.lower()), "no envelope"),
    "an envelope that is cut": (stamp(mails.envelope(), MAIL)[:40], "can't be read"),
    "an envelope without an instant": (ENVELOPE + b'{"way":"smtp"}\r\n' + MAIL, "can't be read"),
    "an envelope of another release": (
        stamp(mails.envelope(), MAIL).replace(b'{"', b'{"colour":"red","', 1), "can't be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_ENVELOPE)
def test_bytes_that_did_not_come_through_our_mailbox_are_refused(name: str) -> None:
    body, words = NO_ENVELOPE[name]
    with pytest.raises(ValueError, match=words):
        unstamp(body)


def written(*headers: tuple[str, str]) -> Message:
    """Return a mail with these headers, as it is read from bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return message_from_bytes(f"{lines}\r\ntext\r\n".encode())


def test_a_header_is_read_on_one_line_the_first_of_its_name_and_no_more_of_it_than_is_sensible() -> None:
    message = written(("Subject", "Re:  the\r\n disks"), ("Subject", "another"), ("X-Long", "a" * (HEADER_LIMIT + 9)))
    assert header_of(message, "subject") == "Re: the disks"
    assert header_of(message, "X-Long") == "a" * HEADER_LIMIT
    assert header_of(message, "Reply-To") is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (("Maya <maya@nimbus.example>, bo@us.example",), ("maya@nimbus.example", "bo@us.example")),
        (("a@us.example", "b@us.example"), ("a@us.example", "b@us.example")),
        (('"a@evil.example" <maya@nimbus.example>',), ("maya@nimbus.example",)),
        (("undisclosed-recipients:;",), ()),
        (("somebody",), ()),
        (('"a@b"@nimbus.example',), ()),
        ((), ()),
    ],
    ids=[
        "two in one header", "two headers", "an address as a name", "a group of nobody", "no address", "a quoted at",
        "no header",
    ],
)  # fmt: skip
def test_addresses_are_read_in_order_and_without_names(values: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert addresses_of(written(*(("To", one) for one in values)), "To") == found


def test_of_a_crowd_of_addresses_only_so_many_are_read() -> None:
    crowd = ", ".join(f"a{number}@us.example" for number in range(ADDRESSES_LIMIT + 20))
    assert len(addresses_of(written(("To", crowd)), "To")) == ADDRESSES_LIMIT
    assert len(addresses_of(written(*[("To", "a@us.example")] * (ADDRESSES_LIMIT + 20)), "To")) == ADDRESSES_LIMIT


@pytest.mark.parametrize("value", [b"<", b'"', b".:", b":;\x00"], ids=repr)
def test_a_header_that_pythons_own_reader_breaks_on_has_no_address(value: bytes) -> None:
    message = message_from_bytes(b"To: " + value + b"\r\n\r\ntext\r\n", policy=policy.default)
    assert addresses_of(message, "To") == ()


@given(st.text(max_size=200))
def test_whatever_stands_in_a_header_only_whole_addresses_come_of_it(value: str) -> None:
    message = Message()
    message["To"] = value.replace("\r", " ").replace("\n", " ")
    assert all(one.count("@") == 1 for one in addresses_of(message, "To"))


PAGE = mails.page().page_id
OURS = mails.address(PAGE)
ADDRESSES: dict[str, tuple[str, bool]] = {
    "as we wrote it": (OURS, True),
    "in capitals, as some programs write it": (OURS.upper(), True),
    "with space around it": (f" {OURS} ", True),
    "of another domain": (mails.address(PAGE, "reply.evil.example"), False),
    "of a domain below ours": (mails.address(PAGE, f"x.{mails.DOMAIN}"), False),
    "signed with another secret": (mails.address(PAGE, secret=b"another secret, as long as ours"), False),
    "of another page with this one's signature": (OURS.replace(PAGE, "0" * len(PAGE)), False),
    "of ours, but no reply address": (f"postmaster@{mails.DOMAIN}", False),
    "no address": (PAGE, False),
    "nothing": ("", False),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_reply_address_is_ours_if_it_is_of_our_domain_and_signed_by_us(name: str) -> None:
    address, counts = ADDRESSES[name]
    assert page_of_address(address, mails.DOMAIN, mails.SECRET) == (PAGE if counts else None)
    assert is_ours(address, mails.DOMAIN, mails.SECRET) is counts
