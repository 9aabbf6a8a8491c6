"""The work as a user of asyncio writes it.

    python cpython.py asyncio|uvloop CASE WARM_UP COUNT

prints {"cpu": microseconds, "bytes": heap growth} of COUNT pieces of work, after WARM_UP of them that do not count.
"""

import asyncio
import gc
import json
import sys
import time
import tracemalloc

HOUR = 3_600


class Stopwatch:
    """Measures the part of a program that counts: CPU time of the process, or bytes that Python has allocated."""

    cpu = 0.0
    bytes = 0

    def start(self):
        self._start = time.process_time()

    def stop(self):
        self.cpu = (time.process_time() - self._start) * 1e6

    def start_weighing(self):
        gc.collect()
        tracemalloc.start()

    def weigh(self):
        gc.collect()
        self.bytes = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()


async def answer(value):
    return value


async def spawn_one(count, watch):
    watch.start()
    for _ in range(count):
        await asyncio.create_task(asyncio.sleep(0))
    watch.stop()


async def spawn_many(count, watch):
    watch.start()
    for left in range(count, 0, -1_000):
        tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(min(left, 1_000))]
        for task in tasks:
            await task
    watch.stop()


async def gather(count, watch):
    watch.start()
    await asyncio.gather(*(answer(i) for i in range(count)))
    watch.stop()


async def gather_sleep(count, watch):
    watch.start()
    await asyncio.gather(*(asyncio.sleep(0) for _ in range(count)))
    watch.stop()


def hand_off_queue(maxsize):
    async def program(count, watch):
        queue = asyncio.Queue(maxsize)

        async def consume():
            for _ in range(count):
                await queue.get()

        watch.start()
        consumer = asyncio.create_task(consume())
        for i in range(count):
            await queue.put(i)
        await consumer
        watch.stop()

    return program


def hand_off_lock(number):
    async def program(count, watch):
        lock = asyncio.Lock()
        await lock.acquire()

        async def work():
            for _ in range(count // number):
                await lock.acquire()
                lock.release()

        tasks = [asyncio.create_task(work()) for _ in range(number)]
        await asyncio.sleep(0)  # all of them stand in line now, so that every release hands the lock over
        watch.start()
        lock.release()
        for task in tasks:
            await task
        watch.stop()

    return program


async def timeout(count, watch):
    watch.start()
    for i in range(count):
        async with asyncio.timeout(HOUR):
            await answer(i)
    watch.stop()


async def start_sleepers(count):
    sleepers = [asyncio.create_task(asyncio.sleep(HOUR)) for _ in range(count)]
    await asyncio.sleep(0)
    return sleepers


async def end_sleepers(sleepers):
    for task in sleepers:
        task.cancel()
    await asyncio.gather(*sleepers, return_exceptions=True)


async def sleeping_cancel(count, watch):
    sleepers = await start_sleepers(count)
    watch.start()
    await end_sleepers(sleepers)
    watch.stop()


async def sleeping_memory(count, watch):
    watch.start_weighing()
    sleepers = await start_sleepers(count)
    watch.weigh()
    await end_sleepers(sleepers)


PROGRAMS = {
    "spawn-one": spawn_one,
    "spawn-many": spawn_many,
    "gather": gather,
    "gather-sleep": gather_sleep,
    "queue-1": hand_off_queue(1),
    "queue-64": hand_off_queue(64),
    "lock-2": hand_off_lock(2),
    "lock-10": hand_off_lock(10),
    "timeout": timeout,
    "sleeping-cancel": sleeping_cancel,
    "sleeping-memory": sleeping_memory,
}


def main(loop, case, warm_up, count):
    if loop == "uvloop":
        import uvloop

        uvloop.install()
    program = PROGRAMS[case]
    asyncio.run(program(int(warm_up), Stopwatch()))
    watch = Stopwatch()
    asyncio.run(program(int(count), watch))
    print(json.dumps({"cpu": watch.cpu, "bytes": watch.bytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
