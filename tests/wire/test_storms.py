"""Random storms: every exchange of a change may be cut, delayed, dripped or answered by something else.

A failing seed is named, and is a storm that can be had again.
"""

from collections import Counter
from random import Random

import pytest

from tests.api.wire import answer
from tests.conftest import Clock
from tests.scale import cases
from tests.wire.bench import Bench
from tests.wire.conftest import Connect
from tests.wire.proxy import NO_FAULT, Ending, Fault, Framing, Plan, Proxy, Side
from vpsbackup_tui.operations.operation import Action, Outcome

STORMS = cases(120)
CHUNKS = 2
ENDINGS = (Ending.CLOSE, Ending.ABORT, Ending.RESET)
FAILURES = (
    answer(b"<html>Bad Gateway</html>", "502 Bad Gateway"),
    answer(b'{"detail": "Try again."}', "503 Service Unavailable", "Retry-After: 1"),
    answer(b"", "504 Gateway Timeout"),
    answer(b"", "408 Request Timeout"),
    answer(b"", "499 Client Closed Request"),
    answer(b"", "302 Found", "Location: javascript:alert(1)"),
    answer(b"<html>Please log in</html>"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]   ",
)
"""Answers that come in place of the service's own, and prove nothing of a change."""

pytestmark = [pytest.mark.timeout(900)]


def storm(random: Random, rate: float) -> Plan:
    """Return a plan that spoils exchanges at a rate, in ways drawn from one seed."""

    def plan(request: bytes) -> Fault:
        if random.random() >= rate:
            return NO_FAULT
        is_read = request.startswith(b"GET ")
        return random.choice(
            [
                Fault(cut=random.randrange(700), ending=random.choice(ENDINGS)),
                Fault(cut=random.randrange(len(request) + 1), side=Side.REQUEST, ending=random.choice(ENDINGS)),
                Fault(cut=0, side=Side.REQUEST, ending=random.choice(ENDINGS)),
                Fault(instead=random.choice(FAILURES), forward=random.random() < 0.5),
                Fault(instead=answer(b"{}", "201 Created")),
                Fault(drip=True),
                NO_FAULT if is_read else Fault(late=True, ending=random.choice(ENDINGS)),
            ]
        )

    return plan


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_no_storm_makes_a_duplicate_or_a_false_word(
    proxy: Proxy, connect: Connect, clock: Clock, scheme: str, chunk: int
) -> None:
    bench, seen = Bench(proxy, clock), Counter[Outcome]()
    for seed in STORMS[chunk * 2 + (scheme == "https") :: CHUNKS * 2]:
        random = Random(seed)
        action = random.choice(list(Action))
        proxy.plan = storm(random, random.choice([0.2, 0.5, 0.9]))
        proxy.framing = random.choice(list(Framing))
        lag = proxy.service.service.lag
        lag.lists, lag.seconds = random.choice([(0, 0), (0, 0), (2, 0), (0, 20)])
        ended = await bench.carry_out(action, connect(proxy.url))
        try:
            await bench.judge(ended)
        except AssertionError as error:
            pytest.fail(f"seed {seed}, {action}: {error}; it said: {ended.outcome}, {ended.message}")
        seen[ended.outcome] += 1
    if len(STORMS) >= 100:  # or they prove nothing
        assert seen[Outcome.DONE]
        assert seen[Outcome.UNKNOWN]
