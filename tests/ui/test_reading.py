"""What has happened between two readings."""

from vpsbackup_tui.fleet.index import Fleet
from vpsbackup_tui.fleet.models import Backup, Server
from vpsbackup_tui.ui.reading import Settled, settled_between

RUNNING = Backup(id=7, server_id=1, server_name="web", status="in_progress")
BEFORE = Fleet([RUNNING])


def backup(status: str, size_mb: int | None = None) -> Backup:
    """Return the running backup as it is later."""
    return Backup(id=7, server_id=1, server_name="web", status=status, size_mb=size_mb)


def test_a_backup_that_has_ended_is_told_with_how_it_ended() -> None:
    done = Fleet([backup("completed", 2048)])
    assert settled_between(BEFORE, done, complete=True) == [Settled("Backup 7 of web completed, 2.0 GB", good=True)]
    failed = Fleet([backup("failed")])
    assert settled_between(BEFORE, failed, complete=False) == [Settled("Backup 7 of web failed", good=False)]


def test_a_backup_that_still_runs_is_not_told() -> None:
    assert settled_between(BEFORE, Fleet([backup("pending")]), complete=True) == []


def test_a_backup_is_called_gone_only_where_the_list_complete() -> None:
    assert settled_between(BEFORE, Fleet(), complete=True) == [Settled("Backup 7 of web is gone", good=False)]
    assert settled_between(BEFORE, Fleet(total=5), complete=False) == []


def test_a_restore_has_ended_when_the_server_says_something_else() -> None:
    restoring, active = (Fleet(servers=[Server(id=1, name="web", status=status)]) for status in ("restoring", "active"))
    said = [Settled("web: the restore has ended, the server is active", good=True)]
    assert settled_between(restoring, active, complete=True) == said
    assert settled_between(restoring, restoring, complete=True) == []
    assert settled_between(restoring, Fleet(), complete=True) == []
