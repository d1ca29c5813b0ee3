"""A change cut at every byte of its exchange: sent once at most, and what is said of it is true.

A quick run takes the boundaries and every so many bytes; an exhaustive one takes them all.
"""

import asyncio
from collections.abc import Iterable

import pytest

from tests.conftest import Clock
from tests.scale import EXHAUSTIVE
from tests.wire.bench import METHODS, Bench
from tests.wire.conftest import Connect
from tests.wire.proxy import NO_FAULT, Ending, Fault, Framing, Proxy, RawRelay, Side, boundaries, framed, strike
from vpsbackup_tui.api.client import Service
from vpsbackup_tui.operations.operation import Action, Outcome

STRIDE = 1 if EXHAUSTIVE else 211
PARTS = 4 if EXHAUSTIVE else 1
WAYS = [("http", Ending.CLOSE), ("http", Ending.RESET), ("https", Ending.ABORT)]
if EXHAUSTIVE:
    WAYS += [("https", Ending.CLOSE), ("https", Ending.RESET)]
PATIENT = 0.25
"""Seconds that a client waits for a connection that hangs."""

pytestmark = [pytest.mark.timeout(1800 if EXHAUSTIVE else 60)]
every_action = pytest.mark.parametrize("action", Action)
every_part = pytest.mark.parametrize("part", range(PARTS))


async def uncut(bench: Bench, action: Action, service: Service) -> tuple[bytes, bytes]:
    """Return request and answer of a change that nothing happens to."""
    ended = await bench.carry_out(action, service)
    assert ended.outcome is Outcome.DONE
    assert await bench.judge(ended)
    return next(pair for pair in bench.proxy.exchanges if not pair[0].startswith(b"GET "))


def places(message: bytes, part: int, stride: int = STRIDE) -> Iterable[int]:
    """Return where to cut a message in one part of the run."""
    every = {*range(0, len(message), stride), *boundaries(message)}
    return sorted(every)[part::PARTS]


async def check(bench: Bench, action: Action, service: Service, fault: Fault) -> None:
    """Carry a change out, its exchange spoiled and the lists sound, and check what was said of it."""
    bench.proxy.plan = strike(METHODS[action], fault)
    ended = await bench.carry_out(action, service)
    try:
        made = await bench.judge(ended)
        assert bench.proxy.count_changes() == 1 or fault.ending is Ending.HANG
        if fault.ending is Ending.HANG:  # so short a patience may fail the lists, too
            assert ended.outcome is not Outcome.REFUSED
        elif made and action is not Action.RESTORE:
            assert ended.outcome is Outcome.DONE, "a sound list shows that it was made"
        elif not bench.proxy.cut_short:
            # A reset may overtake what was sent before it.
            assert ended.outcome is Outcome.DONE or fault.ending is Ending.RESET, "the whole answer has come"
        elif bench.proxy.framing is not Framing.CLOSE:  # which doesn't show that a body was cut
            assert ended.outcome is Outcome.UNKNOWN, "nothing proves anything"
    except AssertionError as error:
        pytest.fail(f"{fault}: {error}; it said: {ended.outcome}, {ended.message}")
    finally:
        bench.proxy.plan = lambda request: NO_FAULT


@every_part
@every_action
@pytest.mark.parametrize(("scheme", "ending"), WAYS)
@pytest.mark.parametrize("side", Side)
async def test_a_change_cut_at_any_byte_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, scheme: str, action: Action, side: Side, ending: Ending, part: int
) -> None:
    bench, service = Bench(proxy, clock), connect(proxy.url)
    request, answer = await uncut(bench, action, service)
    for at in places(request if side is Side.REQUEST else answer, part):
        await check(bench, action, service, Fault(cut=at, side=side, ending=ending))
    assert bench.cases > 8


@every_part
@every_action
@pytest.mark.parametrize("framing", [Framing.CHUNKED, Framing.CLOSE])
async def test_a_change_whose_answer_tells_no_length_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, action: Action, framing: Framing, part: int
) -> None:
    bench, service = Bench(proxy, clock), connect(proxy.url)
    _, answer = await uncut(bench, action, service)
    proxy.framing = framing
    for at in places(framed(answer, framing), part):
        await check(bench, action, service, Fault(cut=at))


@every_part
@every_action
@pytest.mark.parametrize("side", Side)
async def test_a_change_that_hangs_at_any_byte_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, action: Action, side: Side, part: int
) -> None:
    bench, service = Bench(proxy, clock), connect(proxy.url)
    request, answer = await uncut(bench, action, service)
    message = request if side is Side.REQUEST else answer
    hasty = connect(proxy.url, read=PATIENT)
    for at in places(message, part, 5) if EXHAUSTIVE else (len(message) - 1,):
        await check(bench, action, hasty, Fault(cut=at, side=side, ending=Ending.HANG))


@every_action
async def test_a_change_whose_answer_drips_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, action: Action
) -> None:
    await check(Bench(proxy, clock), action, connect(proxy.url), Fault(drip=True))


@every_action
@pytest.mark.parametrize("ending", [Ending.CLOSE, Ending.RESET])
async def test_a_change_that_the_service_takes_after_its_client_was_cut_off_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, action: Action, ending: Ending
) -> None:
    await check(Bench(proxy, clock), action, connect(proxy.url), Fault(late=True, ending=ending))


@every_part
@every_action
@pytest.mark.parametrize("scheme", ["https"])
async def test_a_change_cut_at_any_byte_of_its_tls_connection_is_told_truly(
    proxy: Proxy, connect: Connect, clock: Clock, scheme: str, action: Action, part: int
) -> None:
    bench = Bench(proxy, clock)
    whole, _ = await cut_second_connection(bench, action, connect, None)
    seen = set()
    for at in range(part, whole, PARTS * (1 if EXHAUSTIVE else 150)):
        _, outcome = await cut_second_connection(bench, action, connect, at)
        seen.add((proxy.count_changes(), outcome))
    assert (0, Outcome.NOT_SENT) in seen
    assert (1, Outcome.UNKNOWN if action is Action.RESTORE else Outcome.DONE) in seen


async def cut_second_connection(bench: Bench, action: Action, connect: Connect, cut: int | None) -> tuple[int, Outcome]:
    """Carry a change out whose own connection, the second one, is cut; return how many bytes came, and how it ended."""
    relay = RawRelay(bench.proxy.port, number=2, cut=cut)
    async with await asyncio.start_server(relay.accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        service = connect(bench.proxy.url.replace(str(bench.proxy.port), str(port)))
        ended = await bench.carry_out(action, service)
        await service.aclose()
        await relay.finish()
    made = await bench.judge(ended)
    if bench.proxy.count_changes() == 0:  # the client may have sent it at the end of a handshake that came to nothing
        assert ended.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN)
    elif made and action is not Action.RESTORE:
        assert ended.outcome is Outcome.DONE
    return relay.passed, ended.outcome
