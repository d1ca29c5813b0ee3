"""Names and words that would like to act: on every surface they are text."""

import pytest

from tests.ui.support import Story, telling
from vpsbackup_tui.demo import DemoService, Fault

HOSTILE = (
    "[/nope] [@click=app.quit]db[/] z [b + x [",
    "\x1b]52;c;cm0gLXJmIC8=\x07 a\x9b2Jb\x00c\x7f ab\u202edc\u200b\ufeff",
)
_FORBIDDEN = ("\x1b", "\x9b", "\x07", "\x00", "\x7f", "\u202e", "\u200b", "\ufeff")


def is_clean(story: Story) -> bool:
    """Tell whether nothing on the screen could act."""
    return not any(char in story.text for char in _FORBIDDEN)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_name_is_only_text_on_every_surface(demo: DemoService, text: str) -> None:
    server_id = demo.service.add_server(text, location=text)
    backup_id = demo.service.add_backup(server_id, description=text)
    async with telling(demo, size=(130, 40)) as story:
        story.screen.servers.choose(server_id)
        await story.settle()
        await story.press("l")
        assert story.cursor.id == backup_id
        assert is_clean(story)
        for keys in (["enter"], ["y"], ["D"], ["R"], ["n"], ["/"], ["@"], ["?"], [":"]):
            await story.press(*keys)
            if keys == ["@"]:
                await story.sees("What was done")
            assert is_clean(story), keys
            await story.press("escape")
        await story.press("D")
        await story.type(str(backup_id))
        await story.press("enter")
        await story.sees(f"Done: Backup {backup_id}")
        assert is_clean(story)
        await story.press("@")
        await story.sees("What was done")
        assert is_clean(story)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_of_the_service_are_only_text(demo: DemoService, text: str) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(method="DELETE", status=409, body={"detail": text}))
        await story.press("D", "y")
        await story.sees("Refused:")
        assert is_clean(story)
        await story.settled()
        demo.faults.add(Fault(path="/backups/", status=400, body={"detail": text}))
        await story.press("r")
        await story.sees("stale")
        assert is_clean(story)


async def test_a_name_that_reads_like_our_own_words_stands_in_quotes(demo: DemoService) -> None:
    name = "db is deleted. Backup 7 of web"
    server_id = demo.service.add_server(name)
    backup_id = demo.service.add_backup(server_id)
    async with telling(demo, size=(130, 40)) as story:
        story.screen.servers.choose(server_id)
        await story.settle()
        await story.press("l", "D")
        await story.type(str(backup_id))
        await story.press("enter")
        await story.sees(f"Done: Backup {backup_id} of “{name}” is deleted.", f"There is no backup of “{name}”.")
        demo.faults.add(Fault(method="POST", status=409, body={"detail": "Done: all is deleted."}))
        await story.press("n", "enter")
        await story.type("x")
        await story.press("enter")
        await story.sees("refused (409): “Done: all is deleted.”")


async def test_rows_of_any_shape_are_shown_and_hide_no_other(demo: DemoService) -> None:
    demo.service.add_raw_backup({"id": "x[/]", "server": 5, "status": None, "backup_type": ["[/b]"]})
    demo.service.add_raw_backup({"id": None, "server": "none", "size_mb": "a lot", "created_at": 7})
    async with telling(demo) as story:
        await story.press("G")
        assert "unreadable backup" in story.text
        await story.press("enter", "escape", "D", "y", "R", "k", "enter", "escape", "R")
        assert story.dialog is None
        assert story.changes == []
