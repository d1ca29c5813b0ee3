"""What has changed is painted in one frame, in its own turn: rows never stand beside the counts of others."""

from collections.abc import Callable

import pytest

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.ui.main_screen import MainScreen
from vpsbackup_tui.ui.reading import Reading


def read_less(screen: MainScreen) -> None:
    """Take it that a reading has brought the first ten backups alone."""
    screen.take_reading(Reading(Fleet(screen.fleet.backups[:10], screen.fleet.servers), "", complete=True))


CHANGES: dict[str, Callable[[MainScreen], None]] = {
    "another type": lambda screen: screen.action_change_type(1),
    "another order": MainScreen.action_reverse_sort,
    "another column": MainScreen.action_sort_next,
    "a move": lambda screen: screen.table.action_move(1),
    "a reading": read_less,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_has_changed_is_painted_at_once_in_one_frame(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, change: Callable[[MainScreen], None]
) -> None:
    async with telling(demo) as story:
        frames: list[str] = []
        monkeypatch.setattr(story.app, "post_display_hook", lambda: frames.append(story.text))
        change(story.screen)
        assert len(frames) == 1
        await story.settle()
        assert frames == [story.text]
