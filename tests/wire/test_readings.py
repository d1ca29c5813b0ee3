"""Whatever reads what others have written ends well with any bytes; `tests/wire/fuzz.py` looks for such at length."""

import pytest

from tests.scale import cases
from tests.wire.readings import READINGS
from tests.wire.seeds import SEEDS
from tests.wire.spoiling import Mutator

MUTANTS = cases(500)

pytestmark = [pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", READINGS)
def test_the_first_seed_of_each_reading_brings_something(name: str) -> None:
    assert READINGS[name](SEEDS[name][0]) != (name == "text")  # which is clean


@pytest.mark.parametrize("name", READINGS)
def test_spoiled_seeds_end_well(name: str) -> None:
    brought = 0
    for number in MUTANTS:
        seed = SEEDS[name][number % len(SEEDS[name])]
        mutant = Mutator(number).mutant(seed)
        try:
            brought += READINGS[name](mutant)
        except BaseException as error:
            pytest.fail(f"seed {number}: {error!r}; the mutant is {mutant[:2000]!r}")
    if len(MUTANTS) >= 500:  # or it proves nothing
        assert 0 < brought < len(MUTANTS)
