"""The fence: a worker that may have lost its partitions writes nothing (ADR 0003).

A process that was frozen for longer than its session timeout (a paused machine, a swap storm) wakes up with a batch in
hand while another worker has its partitions. Its outputs would be harmless copies; its rows would put older state over
newer, and offsets would say that all is well. So membership has a lease: for half a session timeout after the broker
last said that we belong to the group, writing is safe; later the broker is asked first, at the very socket.

What remains is a freeze between the answer and the write that follows it without a pause, microseconds.
IO: Kafka, through the app's consumer. Private API of Faust and aiokafka, guarded by ``tests/streams/test_contract.py``.
"""

import asyncio
import time
from typing import Any

from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NoError,
    NotCoordinatorError,
    RebalanceInProgressError,
)
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.produce import ProduceRequest

from streams.ending import EXIT_FENCED, die

GIVE_UP_S = 30.0
"""Without an answer for so long the process ends; whoever supervises it starts it again."""
ASK_AGAIN_S = 0.2
OURS = frozenset({NoError.errno, RebalanceInProgressError.errno})
"""While the group rebalances, the broker waits for us before it gives our partitions away."""
ELSEWHERE = frozenset(
    {CoordinatorNotAvailableError.errno, NotCoordinatorError.errno, CoordinatorLoadInProgressError.errno}
)
"""No word on us: the broker that leads the group is being looked for."""


def awake_s() -> float:
    """Return seconds of a clock that never steps back and, where the system has one, goes on while it sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Fence:
    """Stands between an app's producer and its socket."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._certain_until = float("-inf")
        self._asking = asyncio.Lock()
        self._client: Any = None

    def stand(self) -> None:
        """From now on let no record leave the producer while membership is in doubt. Safe to call again."""
        client = self._app.producer._producer.client
        if client is self._client:
            return
        self._client, send = client, client.send

        async def fenced(node: int, request: Any, **options: Any) -> Any:
            if isinstance(request, ProduceRequest):
                await client.ready(node, **options)  # connect now: nothing may wait between the answer and the write
                await self.confirm()
            return await send(node, request, **options)

        client.send = fenced

    async def confirm(self) -> None:
        """Return while the group certainly counts us in; does not return if it does not, or if nobody answers."""
        if awake_s() < self._certain_until:
            return
        async with self._asking:
            ends = awake_s() + GIVE_UP_S
            while awake_s() >= self._certain_until:
                await self._ask()
                if awake_s() > ends:
                    die(EXIT_FENCED, "fence: nobody answers whether our partitions are still ours; writing nothing")

    async def _ask(self) -> None:
        """Send a heartbeat of our own: it changes nothing here, and the broker counts it."""
        thread = self._app.consumer._thread
        coordinator = thread._consumer._coordinator
        request = HeartbeatRequest(coordinator.group_id, coordinator.generation, coordinator.member_id)
        asked_at = awake_s()
        asking = asyncio.run_coroutine_threadsafe(coordinator._send_req(request), thread.thread_loop)
        try:
            code = (await asyncio.wait_for(asyncio.wrap_future(asking), GIVE_UP_S)).error_code
        except (KafkaError, TimeoutError):
            await asyncio.sleep(ASK_AGAIN_S)
            return
        if code in OURS:
            self._certain_until = asked_at + self._app.conf.broker_session_timeout / 2
        elif code in ELSEWHERE:
            await asyncio.sleep(ASK_AGAIN_S)
        else:
            die(EXIT_FENCED, f"fence: the group has moved on without us (error {code}); writing nothing, starting anew")
