"""What happens when a table has been read back, before records flow again. IO: Kafka, through Faust.

Faust lets records flow, then seeks to the committed offsets, then empties the queues: what came in between is lost
(seen in every third take-over under load). So the flow is stopped first; Faust starts it again itself, after the seek.
Faust also swallows what a callback raises: a worker whose state can't be read back would go on with none.
"""

import asyncio
from collections.abc import Callable
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
        app.consumer.stop_flow()
        app.flow_control.suspend()
        try:
            rebuild()
        except asyncio.CancelledError:
            raise
        except BaseException:  # noqa: BLE001  # with half a state every further record would be judged wrongly
            die(EXIT_FAILED, f"{app.conf.id}: stored state can't be read back")

    table.on_recover(recovered)
