"""What counts as late: one setting, for the worker that marks pages and the board that shows them."""

from datetime import UTC, datetime, timedelta

from holdfast.clock import Clock
from holdfast.commands.serve import RawPublisher, options
from holdfast.settings import Settings
from holdfast.working import stream_config


def test_board_and_worker_call_the_same_page_late_also_on_a_fast_clock() -> None:
    begin = datetime(2026, 5, 4, 9, tzinfo=UTC)
    fast = Clock(begin.timestamp(), begin, 60.0).to_text()
    settings = Settings(_env_file=None, late_after_s=90.0, clock_text=fast)
    assert settings.late_after == timedelta(minutes=90)
    assert options(settings, RawPublisher(settings)).late_after == stream_config(settings).late_after
