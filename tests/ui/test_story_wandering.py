"""Random walks over the whole screen: nothing ends it, and nothing is changed that wasn't confirmed."""

from random import Random

import pytest

from tests.scale import cases
from tests.ui.support import Story, telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog

_LOOKING = ("j", "k", "g", "G", "h", "l", "tab", "0", "s", "S", "t", "[", "]", "escape", "pagedown", "ctrl+u", "r")
_OPENING = ("n", "R", "D", "y", "@", "?", ":", "/", "enter", "delete", "z", "ctrl+c", "f1")
_STRAY = ("w", "1", "[", "é", "ctrl+w", "backspace", "space", "f9", "left", "shift+tab")
_CONFIRMING = ("y", "enter")
_SIZES = ((60, 15), (80, 24), (120, 36), (59, 14), (20, 5), (200, 60))
_STEPS = 50


async def wander(story: Story, random: Random) -> int:
    """Press random keys at random sizes while the service misbehaves; return how many deletes were confirmed."""
    confirmed = 0
    for _ in range(_STEPS):
        step = random.random()
        if step < 0.08:
            await story.resize(*random.choice(_SIZES))
        elif step < 0.14:
            status = random.choice((429, 500, 503, 404))
            story.demo.faults.add(Fault(method="GET", status=status, body={"detail": "[/x] no"}))
        else:
            in_delete = isinstance(story.dialog, DeleteDialog)
            keys = _CONFIRMING if in_delete and step < 0.3 else random.choice((_LOOKING, _OPENING, _STRAY))
            key = random.choice(keys)
            confirmed += in_delete and key in _CONFIRMING
            await story.press(key)
    story.demo.faults.clear()
    return confirmed


@pytest.mark.parametrize("seed", cases(3))
async def test_a_random_walk_ends_nothing_and_changes_only_what_was_confirmed(demo: DemoService, seed: int) -> None:
    async with telling(demo) as story:
        confirmed = await wander(story, Random(seed))
        while story.dialog is not None:
            await story.press("escape")
        await story.resize(100, 30)
        await story.settled()
        deletes = [change for change in story.changes if change.startswith("DELETE")]
        assert len(deletes) <= confirmed
        assert len(set(deletes)) == len(deletes)
        assert not any("restore" in change for change in story.changes)
        assert not story.has_ended
        assert "q Quit" in story.text
