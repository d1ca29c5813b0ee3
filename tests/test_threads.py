import asyncio
import threading

import pytest

from vpsbackup_tui.threads import DaemonThreads


async def test_a_call_brings_what_it_returns() -> None:
    asyncio.get_running_loop().set_default_executor(DaemonThreads())
    assert await asyncio.gather(*(asyncio.to_thread(pow, 2, each) for each in range(20))) == [2**n for n in range(20)]


async def test_a_call_brings_what_it_raises() -> None:
    asyncio.get_running_loop().set_default_executor(DaemonThreads())
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(divmod, 1, 0)


@pytest.mark.parametrize("error", [StopIteration("x"), asyncio.CancelledError("x"), SystemExit(0)])
async def test_what_means_something_else_to_who_awaits_it_comes_as_a_bug(error: BaseException) -> None:
    def fail() -> None:
        raise error

    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonThreads())
    loop.set_exception_handler(lambda _, context: under_way.cancel())
    under_way = asyncio.ensure_future(asyncio.to_thread(fail))
    with pytest.raises(RuntimeError, match=type(error).__name__) as raised:
        await under_way
    assert raised.value.__cause__ is error


def test_a_call_that_is_almost_done_is_waited_for() -> None:
    threads, go = DaemonThreads(moment=20.0), threading.Event()
    future = threads.submit(go.wait)
    threading.Timer(0.05, go.set).start()
    threads.shutdown()
    assert future.done()


def test_a_call_that_does_not_end_is_left_behind() -> None:
    never = threading.Event()
    threads = DaemonThreads(moment=0.01)
    future = threads.submit(never.wait)
    threads.shutdown()
    assert future.running()
    never.set()
    assert future.result()


def test_the_interpreter_waits_for_no_call() -> None:
    assert DaemonThreads().submit(threading.current_thread).result().daemon


def test_nothing_is_taken_on_after_the_end() -> None:
    threads = DaemonThreads()
    threads.shutdown()
    with pytest.raises(RuntimeError):
        threads.submit(print)
