"""The follower of pages against a real broker: whom a reply address means, and when that can't be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from consumers.pages_known import KnownPage, PagesKnown
from holdfast import kafka
from holdfast.settings import Settings
from models.tokens import Claims
from models.topics import Stream
from tests.support import fleet, samples, topics
from tests.support.mails import CONTACT, page

pytestmark = pytest.mark.live


@contextmanager
def following(settings: Settings, kept: int = 100, days: float = 90) -> Iterator[PagesKnown]:
    since = fleet.now() - timedelta(days=days)
    pages = PagesKnown(kafka.options(settings), kafka.names(settings), since, kept)
    pages.start()
    try:
        assert pages.wait_ready(180)
        yield pages
    finally:
        pages.stop()


def test_pages_are_known_once_it_is_ready_and_what_comes_later_as_soon_as_it_is_asked_for(
    installation: Settings,
) -> None:
    early, late = page(0), page(1, rota="desk", channel="webhook", address="https://nimbus.example/hook")
    topics.publish_raw(installation, Stream.PAGES, b"no page", [])
    topics.publish(installation, [early, samples.page(7)])
    with following(installation) as pages:
        assert len(pages) == 1, "a page without an end can't be answered"
        assert pages.find(early.page_id) == KnownPage(claims=Claims.of(early), rota=None, email=CONTACT)
        assert pages.find(late.page_id) is None
        topics.publish(installation, [late])
        assert pages.find(late.page_id) == KnownPage(claims=Claims.of(late), rota="desk", email=None)


def test_the_oldest_go_first_and_what_came_too_long_ago_is_not_read(installation: Settings) -> None:
    told = [page(ordinal) for ordinal in range(5)]
    topics.publish(installation, told)
    with following(installation, kept=3) as pages:
        found = [pages.find(one.page_id) is not None for one in told]
    assert found == [False, False, True, True, True]
    with following(installation, days=-1) as pages:
        assert len(pages) == 0
