"""Turn what the service and the operations say into exit codes."""

from collections.abc import Iterable

from vpsbackup_tui.api.errors import RefusedError, ServiceError
from vpsbackup_tui.cli.exits import CommandError, Exit, gravest
from vpsbackup_tui.operations.operation import Operation, Outcome

_UNAUTHORIZED = 401


def code_of_error(error: ServiceError) -> Exit:
    """Return the exit code of a read that failed, or of anything before a change was sent."""
    return _code_of_status(error.status) if isinstance(error, RefusedError) else Exit.UNREACHABLE


def code_of_operation(operation: Operation) -> Exit:
    """Return the exit code of a change alone, without what was made before it."""
    match operation.outcome:
        case Outcome.DONE:
            return Exit.DONE
        case Outcome.REFUSED:
            return _code_of_status(operation.status)
        case Outcome.NOT_SENT if operation.status is None:
            return Exit.UNREACHABLE
        case Outcome.NOT_SENT:  # the list that is read before a change was refused
            return _code_of_status(operation.status)
        case _:
            return Exit.UNKNOWN


def code_of_all(operation: Operation, others: Iterable[Operation]) -> Exit:
    """Return the exit code of a change and of those `others` that are part of it."""
    return gravest(
        [code_of_operation(each) for each in (operation, *others) if operation.id in (each.id, each.part_of)]
    )


def command_error(error: ServiceError) -> CommandError:
    """Return the end of a command that an error of the service brings; to be raised from it."""
    code = code_of_error(error)
    hint = " Run `vpsbackup-tui login` with a token that is good." if code is Exit.NO_TOKEN else ""
    return CommandError(error.message + hint, code)


def _code_of_status(status: int | None) -> Exit:
    return Exit.NO_TOKEN if status == _UNAUTHORIZED else Exit.REFUSED
