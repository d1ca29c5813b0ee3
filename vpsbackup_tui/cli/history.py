"""The verb `history`: every change this program made or tried, after a look at those whose outcome is open."""

import argparse
from collections.abc import Sequence

from vpsbackup_tui.cli.connecting import connect, opened, tell_notice
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.names import PROGRAM
from vpsbackup_tui.cli.output import note, print_json, say, wants_colour
from vpsbackup_tui.cli.progress import Progress
from vpsbackup_tui.cli.table import Column, table_lines, terminal_width
from vpsbackup_tui.cli.work import Work
from vpsbackup_tui.fleet.formats import NOTHING, exact_text
from vpsbackup_tui.operations.actor import Actor
from vpsbackup_tui.operations.operation import Operation, Outcome
from vpsbackup_tui.session import Session
from vpsbackup_tui.store.errors import JournalError

_SEVERAL = 2


def history(arguments: argparse.Namespace) -> int:
    """Print the changes in the journal, newest first."""
    if arguments.no_journal:
        raise CommandError("the history is the journal: it can't be shown with --no-journal", Exit.USAGE)
    with opened(arguments) as work:
        operations = _read(work)
        if any(operation.is_open for operation in operations):
            _look_into(work)
            operations = _read(work)
        if not arguments.json:
            _tell_of_open(operations, work.session.who())
        has_notice = tell_notice(work.session)
    if arguments.json:
        print_json({"count": len(operations), "results": [operation.record() for operation in operations]})
    elif operations:
        for line in table_lines(_columns(operations), colour=wants_colour(arguments), width=terminal_width()):
            say(line)
    elif not has_notice:
        note("no change is known")
    return Exit.DONE


def _read(work: Work) -> list[Operation]:
    try:
        return work.run(work.session.history())
    except JournalError as error:
        raise CommandError(error.message, Exit.FAILED) from error


def _look_into(work: Work) -> None:
    """Ask the service what became of the open changes; say why, where that can't be done."""
    try:
        connect(work)
        work.run(_resume(work.session))
    except (CommandError, JournalError) as error:
        note(f"what became of the open changes was not looked into: {error}")


def _tell_of_open(operations: Sequence[Operation], mine: Actor) -> None:
    """Say in full what is not known, which a table may cut; other accounts look into what is theirs."""
    for each in reversed(operations):
        if each.is_open and each.outcome is Outcome.UNKNOWN:
            note(f"{each.word}: {each.action} on {exact_text(each.at, seconds=True)} UTC: {each.words}")
    decidable = [each for each in operations if each.is_open and not each.is_undecidable]
    others = {(each.who.account, each.who.email) for each in decidable if each.who and not mine.can_look_into(each.who)}
    for name, email in sorted(others):
        token = f" with the token of {email}" if email else ""
        note(
            f"a change under the account name {name} is open: `{PROGRAM} --account {name} history` looks into it{token}"
        )


async def _resume(session: Session) -> None:
    async with Progress("looking into the changes whose outcome is not known"):
        await session.learn_account()
        await session.operations.resume()


def _columns(operations: Sequence[Operation]) -> list[Column]:
    """Return the columns of the table; the reasons only where there is one, the accounts where there are several."""
    accounts = [each.who.account if each.who and each.who.account else NOTHING for each in operations]
    columns = [
        Column("AT (UTC)", [exact_text(operation.at, seconds=True) for operation in operations]),
        Column("ACTION", [operation.action.value for operation in operations]),
        Column("OUTCOME", [operation.word for operation in operations], paint=[_paint(each) for each in operations]),
        Column("BACKUP", [_backup_text(operation) for operation in operations], right=True),
        Column("SERVER", [operation.server_label for operation in operations], shrinks=True),
        Column("BY", [operation.who.words if operation.who else NOTHING for operation in operations], leaves=3),
        Column("ACCOUNT", accounts, leaves=4),
        Column("REASON", [operation.reason or NOTHING for operation in operations], shrinks=True, leaves=2),
        Column("MESSAGE", [operation.words for operation in operations], shrinks=True, leaves=1),
    ]
    says_nothing = {"REASON": not any(each.reason for each in operations), "ACCOUNT": len(set(accounts)) < _SEVERAL}
    return [column for column in columns if not says_nothing.get(column.head)]


def _paint(operation: Operation) -> str:
    return {Outcome.DONE: "good", Outcome.RUNNING: "busy"}.get(operation.outcome, "bad")


def _backup_text(operation: Operation) -> str:
    return NOTHING if operation.backup is None else str(operation.backup.id)
