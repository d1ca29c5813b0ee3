"""Help where it is asked for: on the screen and inside a dialog, which stays as it was."""

import pytest

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog
from vpsbackup_tui.ui.dialogs.fields import Field
from vpsbackup_tui.ui.dialogs.gate import Gate, Pace
from vpsbackup_tui.ui.dialogs.help import HelpDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog


async def test_help_inside_a_dialog_is_about_that_dialog_and_escape_leads_back_to_it(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("D", "?")
        assert isinstance(story.dialog, HelpDialog)
        assert "Delete backup" in story.text
        assert "w " in story.text
        assert "delete it" in story.text
        await story.press("escape")
        assert isinstance(story.dialog, DeleteDialog)
        assert story.changes == []


@pytest.mark.parametrize("key", ["f1", "?"])
async def test_what_was_typed_stays_while_help_is_read(demo: DemoService, key: str) -> None:
    async with telling(demo) as story:
        await story.press("R")
        await story.type("web?")
        assert isinstance(story.dialog, RestoreDialog)
        await story.press("f1")
        assert isinstance(story.dialog, HelpDialog)
        await story.press(key)
        assert isinstance(story.dialog, RestoreDialog)
        field = story.dialog.query_one("#typed", Field)
        assert field.value == "web?"
        assert story.dialog.focused is field


async def test_a_key_soon_after_help_confirms_nothing(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    async with telling(demo) as story:
        await story.press("D", "f1")
        monkeypatch.setattr(Gate, "pace", Pace(settle=3600))  # from when it is painted again
        await story.press("escape", "y", "escape")
        assert story.dialog is None
        assert story.changes == []


async def test_help_of_a_dialog_follows_the_keymap(demo: DemoService) -> None:
    async with telling(demo, keymap={"help": "f2"}) as story:
        await story.press("D", "f1", "?")
        assert isinstance(story.dialog, DeleteDialog)
        await story.press("f2")
        assert isinstance(story.dialog, HelpDialog)
        await story.press("f2")
        assert isinstance(story.dialog, DeleteDialog)


async def test_what_is_wrapped_stands_below_the_words_of_its_key(demo: DemoService) -> None:
    async with telling(demo, size=(60, 70)) as story:
        await story.press("?")
        lines = story.text.splitlines()
        first = next(number for number, line in enumerate(lines) if " esc  " in line)
        at = lines[first].index("back:")
        assert lines[first + 1][:at].strip(" │") == ""
        assert lines[first + 1][at] != " "
