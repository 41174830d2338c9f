"""What happens when a table has been read back, before records flow again. IO: Kafka, through Faust.

Faust lets the fetcher run while it seeks to the committed offsets, drops what it brought, and does not seek at all
where nothing is committed yet: a worker that took over a young partition began somewhere in its middle (every third
time, within half a second of the partition's first record). So the flow is stopped first, and such a partition is read
from its beginning. Faust also swallows what a callback raises: without its state a worker would go on as if new.

Private API of Faust 0.15.3, guarded by ``tests/streams/test_contract.py``.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from streams.ending import EXIT_FAILED, die


def after_recovery(app: Any, table: Any, rebuild: Callable[[], None] = lambda: None) -> None:
    """Call ``rebuild`` after each start and each rebalance, with the table complete and no record on its way.

    Args:
        app: whose table it is; a Faust app.
        table: of that app.
        rebuild: brings memory in step with the table; whatever it raises ends the process.
    """

    async def recovered() -> None:
        app.consumer.seek_to_committed = partial(seek, app)
        app.consumer.stop_flow()  # Faust starts it again itself, after the seek
        app.flow_control.suspend()
        try:
            rebuild()
        except asyncio.CancelledError:
            raise
        except BaseException:  # noqa: BLE001  # with half a state every further record would be judged wrongly
            die(EXIT_FAILED, f"{app.conf.id}: stored state can't be read back")

    table.on_recover(recovered)


async def seek(app: Any) -> Mapping[Any, int | None]:
    """Seek every partition to its committed offset, and the app's topics to their beginning where there is none.

    Returns:
        What is committed, by partition.
    """
    thread = app.consumer._thread
    committed: Mapping[Any, int | None] = await thread.seek_to_committed()
    fresh = [tp for tp, offset in committed.items() if not offset and app.topics.acks_enabled_for(tp.topic)]
    if fresh:
        await thread.call_thread(thread._consumer.seek_to_beginning, *fresh)
    return committed
