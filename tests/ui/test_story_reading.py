"""Keeping up to date: failures, old answers, what may not be listed."""

from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from tests.conftest import Clock
from tests.ui.support import Story, telling
from vpsbackup_tui.cli.report import write_report
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui import reading


async def refresh(story: Story) -> None:
    """Press the key that reads everything again, and wait for the answer."""
    reads = story.reads
    await story.press("r")
    await story.until(lambda: story.reads > reads)
    await story.settled()


async def test_a_failed_refresh_keeps_the_rows_and_says_that_they_are_old(demo: DemoService) -> None:
    async with telling(demo, size=(120, 30)) as story:
        before = story.cursor
        demo.faults.add(Fault(path="/backups/", status=503, body={"detail": "Down."}, times=None))
        await refresh(story)
        assert "stale: as of 12:00:00 UTC, last try failed" in story.lines[0]
        assert story.cursor == before
        assert "(503)" in story.lines[-2]
        demo.faults.clear()
        await refresh(story)
        assert "stale" not in story.lines[0]
        assert "(503)" not in story.text


async def test_a_first_load_that_fails_says_why_and_what_next(demo: DemoService) -> None:
    demo.faults.add(Fault(path="/backups/", status=503, body={"detail": "Down."}, times=None))
    async with telling(demo, keymap={"refresh": "F,r"}) as story:
        assert "The backups can't be shown." in story.text
        assert "F tries again" in story.text
        demo.faults.clear()
        await refresh(story)
        assert "completed" in story.text


async def test_the_service_out_of_reach_is_called_offline(demo: DemoService) -> None:
    async with telling(demo, base_url="http://127.0.0.1:9/api/v1") as story:
        assert "offline" in story.lines[0]
        assert "The backups can't be shown." in story.text


async def test_a_token_refused_in_the_middle_is_asked_for_in_place(demo: DemoService) -> None:
    async with telling(demo, refresh_seconds=0.05, size=(120, 30)) as story:
        fault = demo.faults.add(Fault(status=401, body={"detail": "Invalid token."}, times=None))
        await story.until(lambda: story.dialog is not None, "the dialog")
        assert "Token" in story.text
        assert "token refused: as of 12:00:00 UTC" in story.lines[0]
        assert story.screen.fleet.backups
        struck = fault.struck
        await story.press("escape")
        await story.sees("The token in use stays: r asks again.")
        assert fault.struck <= struck + 2, "it goes on asking with a token that was refused"
        await story.press("r")
        await story.until(lambda: story.dialog is not None, "the dialog")
        demo.faults.clear()
        await story.paste(demo.token)
        await story.press("tab", "down", "enter")
        await story.until(lambda: "token refused" not in story.text, "a reading with the good token")


async def test_a_token_that_was_refused_for_a_moment_is_tried_again_on_request(demo: DemoService) -> None:
    async with telling(demo, refresh_seconds=0.05, size=(120, 30)) as story:
        demo.faults.add(Fault(status=401, body={"detail": "Invalid token."}, times=None))
        await story.until(lambda: story.dialog is not None, "the dialog")
        await story.press("escape")
        demo.faults.clear()
        await story.press("r")
        await story.until(lambda: "token refused" not in story.screen.header.text, "a reading")
        assert story.dialog is None


async def test_a_refusal_does_not_hide_what_counts_down(demo: DemoService) -> None:
    async with telling(demo, delete_grace_seconds=60) as story:
        await story.press("D", "y")
        await story.sees("z takes it back")
        demo.faults.add(Fault(status=401, body={"detail": "Invalid token."}, times=None))
        await story.press("r")
        await story.until(lambda: "token refused" in story.screen.header.text, "the refusal")
        assert story.dialog is None
        await story.press("z")
        await story.sees("Taken back: backup")
        await story.press("r")
        await story.until(lambda: "Token" in story.text and story.dialog is not None)
    assert not story.changes


async def test_a_refusal_does_not_put_its_dialog_on_top_of_another(demo: DemoService) -> None:
    async with telling(demo, refresh_seconds=0.05, size=(120, 30)) as story:
        await story.press("n")
        demo.faults.add(Fault(status=401, body={"detail": "Invalid token."}, times=None))
        await story.until(lambda: "token refused" in story.screen.header.text, "the refusal")
        assert "New backup" in story.text
        await story.press("escape")
        await story.until(lambda: "Token" in story.text, "the dialog")


async def test_what_runs_is_not_called_gone_where_the_list_did_not_come_whole(demo: DemoService) -> None:
    demo.service.shape = "unlinked"
    demo.service.add_backup(demo.service.servers()[0].id, status="in_progress")
    async with telling(demo, size=(120, 30)) as story:
        assert story.cursor.is_busy
        demo.faults.add(Fault(path="/backups/", answer={"count": 500, "results": []}, times=None))
        await refresh(story)
        assert not story.screen.fleet.backups
        assert "is gone" not in story.text


async def test_what_runs_is_not_called_gone_where_another_token_brings_another_list(demo: DemoService) -> None:
    demo.service.add_backup(demo.service.servers()[0].id, status="in_progress")
    async with telling(demo, size=(120, 30)) as story:
        assert story.cursor.is_busy
        demo.faults.add(Fault(path="/backups/", status=401, body={"detail": "Invalid token."}))
        await story.press("r")
        await story.until(lambda: story.dialog is not None, "the dialog")
        demo.faults.add(Fault(path="/backups/", answer={"count": 0, "next": None, "results": []}, times=None))
        await story.paste(demo.token)
        await story.press("tab", "down", "enter")
        await story.until(lambda: not story.screen.fleet.backups, "the other list")
        assert "is gone" not in story.text


async def test_a_refused_token_brings_one_dialog_however_many_requests_it_struck(demo: DemoService) -> None:
    demo.faults.add(Fault(status=401, body={"detail": "Invalid token."}, times=None))
    async with telling(demo) as story:
        await story.until(lambda: story.dialog is not None, "the dialog")
        await story.settled()
        assert len(story.app.screen_stack) == 2


async def test_an_answer_that_a_change_has_overtaken_is_dropped(demo: DemoService) -> None:
    async with telling(demo) as story:
        target = story.cursor
        let_go = Event()
        slow = demo.faults.add(Fault(method="GET", path="page=4", until=let_go))
        await story.press("r")
        await story.until(lambda: slow.struck == 1)
        await story.press("D", "y")
        await story.sees("Done:")
        let_go.set()
        seen = []
        while not story.screen.is_settled:
            seen.append(story.screen.fleet.backup(target.id))
            await story.pilot.pause(0.01)
        assert story.screen.fleet.backup(target.id) is None
        gone = seen.index(None) if None in seen else len(seen)
        assert not any(seen[gone:]), "an old answer brought a deleted backup back"


async def test_pressing_refresh_many_times_reads_once_at_a_time(demo: DemoService) -> None:
    demo.latency = 0.05
    async with telling(demo) as story:
        reads = story.reads
        await story.burst(*"rrrrrrrr")
        await story.settled()
        assert story.reads == reads + 1


async def test_servers_that_may_not_be_listed_come_from_the_backups(demo: DemoService) -> None:
    demo.service.forbidden.add("servers")
    async with telling(demo, size=(160, 30)) as story:
        assert "web-server-01" in story.text
        assert "this token may not list servers: those without a backup can't be seen" in story.text


async def test_an_account_that_may_not_be_asked_for_is_no_trouble(demo: DemoService) -> None:
    demo.service.forbidden.add("account")
    async with telling(demo) as story:
        assert "completed" in story.text
        assert "@" not in story.lines[0]


async def test_a_list_that_did_not_come_whole_says_so(demo: DemoService) -> None:
    demo.service.shape = "unlinked"
    demo.faults.add(Fault(path="/backups/", answer={"count": 500, "results": []}, times=None))
    async with telling(demo, size=(120, 30)) as story:
        assert "0 of 500 shown: the service did not send all" in story.text


async def test_an_empty_account_says_what_to_do(demo: DemoService) -> None:
    demo.faults.add(
        Fault(path="/backups/", answer={"count": 0, "next": None, "previous": None, "results": []}, times=None)
    )
    async with telling(demo) as story:
        assert "There is no backup of this account." in story.text
        assert "n makes one." in story.text


async def test_a_quiet_screen_repaints_nothing(demo: DemoService) -> None:
    async with telling(demo) as story:
        before = story.text
        for _ in range(3):
            story.screen.tick()
        await story.settle()
        assert story.text == before


async def test_a_wait_that_the_service_asks_for_is_counted_down_and_then_it_is_read(
    demo: DemoService, clock: Clock
) -> None:
    async with telling(demo, size=(120, 30), refresh_seconds=60) as story:
        demo.faults.add(Fault(path="/backups/", status=429, headers={"Retry-After": "900"}, times=None))
        await refresh(story)
        reads = story.reads
        assert "told to wait: as of 12:00:00 UTC, reads again in 15 min" in story.lines[0]
        clock.advance(870)
        story.screen.tick()
        await story.sees("reads again in 30 s")
        assert story.reads == reads
        demo.faults.clear()
        clock.advance(30)
        story.screen.tick()
        await story.sees("as of 12:15:00 UTC · just now")
        assert story.reads == reads + 1


async def test_an_hour_of_failures_is_asked_about_ever_less_often_and_not_fed(demo: DemoService, clock: Clock) -> None:
    async with telling(demo, size=(120, 30), refresh_seconds=60) as story:
        before = len(demo.requests)
        await refresh(story)
        in_a_healthy_hour = 60 * (len(demo.requests) - before)
        demo.faults.add(Fault(status=503, times=None))
        began = [clock.now]
        before = len(demo.requests)
        for _ in range(3600 // 20):
            clock.advance(20)
            reads = story.reads
            story.screen.tick()
            await story.settled()
            began += [clock.now] * (story.reads > reads)
        gaps = [after - before for before, after in pairwise(began)]
        assert gaps == [60, 120, 240, *[300] * (len(gaps) - 3)]
        assert sum(gaps) > 3600 - 300
        sent = len(demo.requests) - before
        assert sent <= 1.1 * in_a_healthy_hour
        assert sent <= 2 * len(gaps) + 10, "each of the two lists is asked for once, and ten times more in all"
        assert "stale: as of 12:00:00 UTC, last try failed" in story.lines[0]
        assert story.screen.fleet.backups
        demo.faults.clear()
        for gap in (300, 60):
            reads = story.reads
            clock.advance(gap)
            story.screen.tick()
            await story.settled()
            assert story.reads == reads + 1
            assert "stale" not in story.lines[0]


async def test_after_hours_in_which_the_machine_slept_the_lists_are_read_at_once(
    demo: DemoService, clock: Clock
) -> None:
    async with telling(demo, size=(120, 30), refresh_seconds=60, delete_grace_seconds=0.3) as story:
        clock.advance(59)
        story.screen.tick()
        await story.settle()
        assert story.reads == 1
        assert "55 s ago" in story.lines[0]
        let_go = Event()
        slow = demo.faults.add(Fault(path="page=2", until=let_go))
        clock.advance(7 * 3600)
        story.screen.tick()
        await story.until(lambda: slow.struck == 1, "a reading")
        clock.advance(-86_400)  # set right in the middle of it
        story.screen.tick()
        await story.sees("just now")
        let_go.set()
        await story.settled()
        assert "as of 19:00:59 UTC · just now" in story.lines[0]
        await story.press("D", "y")
        clock.advance(86_400)
        await story.sees("Done:")
        assert len(story.changes) == 1


async def test_rows_that_came_twice_are_shown_once_and_that_is_said(demo: DemoService) -> None:
    backup = demo.service.backups()[0]
    demo.faults.add(
        Fault(path="/backups/", answer={"count": 3, "next": None, "results": [{"id": backup.id}] * 3}, times=None)
    )
    async with telling(demo, size=(120, 30)) as story:
        assert len(story.screen.fleet.backups) == 1
        assert "2 rows came twice" in story.text


async def test_a_bug_in_a_reading_leaves_the_rows_marked_as_old_and_is_told_and_reported_once(
    demo: DemoService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*lists: object) -> str:
        raise KeyError(demo.token)

    def report(error: Exception) -> Path | None:
        reports.append(error)
        return write_report(error, tmp_path)

    reports: list[Exception] = []
    async with telling(demo, size=(200, 30), report=report) as story:
        before, cursor = story.screen.fleet, story.cursor
        with monkeypatch.context() as bug:
            bug.setattr(reading, "_what_is_missing", fail)
            await refresh(story)
            await refresh(story)
            await story.sees("this is a bug in this program (KeyError). A report without any data of yours is in")
        assert "bug: as of 12:00:00 UTC, last try failed just now" in story.lines[0]
        assert (story.screen.fleet, story.cursor) == (before, cursor)
        assert len(reports) == 1
        assert not story.has_ended
        await refresh(story)
        assert "bug:" not in story.lines[0]
