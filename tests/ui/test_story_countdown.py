"""The seconds in which what was confirmed can be taken back."""

from threading import Event

import pytest

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.operations import follow
from vpsbackup_tui.ui import changing_screen, turns
from vpsbackup_tui.ui.dialogs.copying import CopyDialog
from vpsbackup_tui.ui.dialogs.delete import DeleteDialog


async def test_a_delete_counts_down_and_z_takes_it_back(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {target.id} in 5 s, z takes it back: {target.server_word}")
        await story.press("z")
        await story.sees(f"Taken back: backup {target.id} of {target.server_word} is not deleted.")
        assert story.changes == []
        await story.press("z")
        assert "Nothing can be taken back: no change that was confirmed waits to be sent." in story.text


async def test_of_several_deletes_that_count_down_the_one_on_the_screen_is_taken_back(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    said: set[str] = set()
    async with telling(demo, delete_grace_seconds=60.0) as story:
        first = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {first.id} in 60 s, z takes it back")
        await story.press("j")
        last = story.cursor
        await story.press("D", "y")
        await story.sees(f"Deleting backup {last.id} in 60 s, z takes it back", " 2 not sent yet ")

        def counts_down() -> bool:
            said.add(story.screen.status.message)
            return any("in 58 s" in words for words in said)

        await story.until(counts_down, "two seconds more")
        assert all(f"backup {last.id} " in words for words in said)
        await story.press("z")
        await story.sees(f"Taken back: backup {last.id} of {last.server_word} is not deleted.")
        await story.sees(f"Deleting backup {first.id} in ", "z takes it back")
        assert "2 not sent yet" not in story.text
        await story.burst("z", "z")
        await story.sees(f"Taken back: backup {first.id} of {first.server_word} is not deleted.")
        assert story.changes == []


async def test_what_counts_down_is_told_on_a_terminal_that_has_become_too_small(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60.0) as story:
        target = story.cursor
        await story.press("D", "y")
        await story.pilot.resize_terminal(50, 10)
        await story.sees("The terminal is too small", f"Deleting backup {target.id} in ", "z takes it back")
        await story.press("z")
        await story.sees("Taken back: backup")
        assert not story.changes


async def test_z_takes_a_delete_back_from_any_dialog(demo: DemoService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)  # so that the next key counts for what it is
    async with telling(demo, delete_grace_seconds=5.0) as story:
        for key in ("at", "question_mark", "y"):
            await story.press("j", "D", "y")
            await story.press(key)
            assert story.dialog is not None
            await story.press("z", "escape")
            await story.sees("is not deleted.")
        assert story.changes == []


async def test_z_is_a_letter_where_text_is_typed(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "n")
        await story.type("az")
        assert "az" in story.text
        assert "Deleting backup" in story.screen.status.message


async def test_the_confirming_key_pressed_twice_does_nothing_more(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "y")
        assert story.dialog is None


async def test_of_two_deletes_that_count_down_z_takes_back_the_last(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=3.0) as story:
        first = story.cursor
        await story.press("D", "y", "j", "D", "y", "z")
        await story.until(lambda: bool(story.changes), "the first one to be sent")
        await story.settled()
        assert story.changes == [f"DELETE /api/v1/backups/{first.id}/"]


async def test_what_may_be_going_is_not_counted_among_what_is_left(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.choose_server("web-server-01")
        for each in demo.service.backups(12345)[2:]:
            demo.service.delete(each.id)
        await story.press("r")
        await story.sees("2 of 337 shown")
        await story.press("G", "D", "y", "k", "D")
        assert "the server's last completed backup" in story.text


async def test_a_backup_whose_delete_counts_down_is_not_asked_about_again(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=5.0) as story:
        await story.press("D", "y", "D")
        assert story.dialog is None
        assert "counting down already" in story.text


async def test_a_change_that_waits_to_know_what_the_token_may_do_is_taken_back_as_a_countdown_is(
    demo: DemoService,
) -> None:
    answered = Event()
    demo.faults.add(Fault(path="/account/me/", until=answered))
    async with telling(demo) as story:
        await story.choose_server("web-server-01")
        await story.press("n", "enter", "z")
        await story.sees("No backup was made.")
        await story.press("R")
        await story.type("web-server-01")
        await story.press("enter")
        await story.sees("z takes back: restore web-server-01 · not sent yet")
        await story.press("z")
        await story.sees("Nothing was restored.")
        await story.press("D", "y")
        await story.sees("z takes back: delete backup")
        await story.press("D")
        assert story.dialog is None
        await story.press("q")
    answered.set()
    assert story.app.return_value == 0
    assert story.changes == []


@pytest.mark.parametrize(("keys", "words"), [("Z", "Z takes it back"), ("", "sent yet” takes it back")])
async def test_what_is_told_of_a_key_follows_the_keymap(demo: DemoService, keys: str, words: str) -> None:
    async with telling(demo, keymap={"delete.undo": keys, "quit": "Q"}, delete_grace_seconds=5) as story:
        await story.press("ctrl+c")
        assert "Press Q to quit." in story.text
        await story.press("D", "y")
        assert words in story.screen.status.message


async def test_a_restore_from_a_backup_whose_delete_counts_down_is_not_asked_for_by_undo_either(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", 0.01)
    demo.service.backup_seconds = demo.service.restore_seconds = 0
    async with telling(demo, delete_grace_seconds=60.0) as story:
        await story.restore("web-server-01", safely=True)
        await story.sees("Started: ")
        await story.settled()
        await story.press("g", "D", "y")
        await story.sees("z takes it back")
        await story.press("U")
        await story.until(lambda: "is counting down already" in story.screen.status.message)
        assert story.dialog is None


async def test_what_is_taken_back_by_quitting_is_counted_no_more_by_who_stays(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60.0) as story:
        demo.faults.add(Fault(method="POST", until=(let_go := Event())))
        await story.choose_server("web-server-01")
        await story.press("n", "enter")
        await story.until(lambda: bool(story.changes))
        await story.press("D", "y", "j")
        await story.press("D", "y")
        await story.sees(" 2 not sent yet, 1 under way ")
        await story.press("q", "escape")
        await story.sees(" 1 under way ")
        assert "not sent yet" not in story.text
        let_go.set()


async def test_after_a_delete_that_was_not_confirmed_the_key_for_copying_works_at_once(demo: DemoService) -> None:
    async with telling(demo) as story:
        await story.press("D", "escape", "y")
        assert isinstance(story.dialog, CopyDialog)


async def test_while_letters_go_into_the_filter_the_way_out_of_it_is_named(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60.0) as story:
        await story.press("D", "y", "slash")
        await story.sees("esc, then z takes it back")
        await story.press("escape", "z")
        await story.sees("Taken back: ")


async def test_what_is_taken_back_in_a_dialog_is_said_again_once_that_is_closed(demo: DemoService) -> None:
    async with telling(demo, size=(60, 15), delete_grace_seconds=60.0) as story:
        first = story.cursor.id
        await story.press("D", "y", "j", "D")
        assert isinstance(story.dialog, DeleteDialog)
        await story.press("z", "escape")
        await story.sees(f"Taken back: backup {first} ")


async def test_a_countdown_that_an_outcome_hides_is_counted(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60.0) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", cut="before"))
        await story.restore("web-server-01")
        await story.sees("Not known yet:")
        await story.press("j", "D", "y")
        await story.sees("Not known yet:", " 1 not sent yet ")
        await story.sees("Deleting backup ", "z takes it back")
        await story.until(lambda: "not sent yet" not in story.text)


@pytest.mark.parametrize("taken", [1, 2])
async def test_the_answer_to_z_is_said_though_an_outcome_has_the_line_and_something_else_goes_on(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(turns, "TO_READ", 1.5)
    monkeypatch.setattr(changing_screen, "_MOMENT", 0.0)
    async with telling(demo, delete_grace_seconds=60.0) as story:
        demo.faults.add(Fault(method="POST", path="/restore/", status=409))
        deletes = [story.cursor.id]
        await story.press("D", "y", "j")
        deletes.append(story.cursor.id)
        await story.press("D", "y")
        await story.restore("web-server-01")
        await story.sees("Refused: ")
        await story.press(*"z" * taken)
        await story.sees(f"Taken back: backup {deletes[-taken]} ")


async def test_that_a_delete_can_be_taken_back_is_not_said_once_it_has_ended(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TO_READ", 0.5)
    async with telling(demo, delete_grace_seconds=0.1) as story:
        said = story.hear()
        demo.faults.add(Fault(method="POST", path="/restore/", status=409))
        demo.faults.add(Fault(method="DELETE", status=409))
        await story.restore("web-server-01")
        await story.sees("Refused: ")
        await story.press("j", "D", "y")
        await story.until(lambda: len(story.changes) == 2)
        await story.until(lambda: not story.screen.turns.untold)
        assert not [words for words in said if "takes it back" in words]
