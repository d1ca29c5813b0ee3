"""Tell what became of each change of a command, whatever ends it: on standard output, else on standard error."""

import argparse
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.output import fall_silent, flush, for_a_moment, note, print_json, say
from vpsbackup_tui.cli.verdicts import code_of_operation
from vpsbackup_tui.operations.engine import Operations
from vpsbackup_tui.operations.operation import Action, Operation, Outcome
from vpsbackup_tui.start.signals import SignalledError, noting_signals


class Telling:
    """What of a command's changes has been begun, and what of that has been told."""

    def __init__(self, action: Action, *, as_json: bool) -> None:
        self._action = action
        self._as_json = as_json
        self._operations: Operations | None = None
        self._is_awaited = False
        self._begun: list[str] = []
        self._printed: set[str] = set()
        self._told: set[str] = set()
        self._is_read = True

    @property
    def begun(self) -> int:
        """Return how many changes have begun."""
        return len(self._begun)

    def begin(self, operations: Operations) -> None:
        """Take it that the next change which is told of by these operations is one of this command."""
        self._operations, self._is_awaited = operations, True

    def take(self, operation: Operation) -> None:
        """Take note of a step of a change: the first one is of that which has begun, a later one may be of another."""
        if self._is_awaited:
            self._begun.append(operation.id)
        self._is_awaited = False

    def tell(self, operation: Operation) -> None:
        """Print how a change ended; that nobody can read it doesn't change its exit code, or it would be tried again.

        What isn't done stands on standard error, beside the object too: a person may read that alone.
        So does what standard output doesn't take, from then on.
        """
        words = operation.last_word
        is_done = code_of_operation(operation) is Exit.DONE
        if not (is_done and self._is_read):
            note(words)
        try:
            if self._as_json:
                self._printed.add(operation.id)
                print_json(operation.record())
            elif is_done:
                say(words)
            flush()
        except BrokenPipeError:
            fall_silent()
            self._is_read = False
            if is_done:
                note(words)
        except CommandError as error:
            self._is_read = False
            note(f"{error.message}; {words}" if is_done else error.message)
        self._told.add(operation.id)

    def tell_not_begun(self, outcome: Outcome, message: str) -> None:
        """Print an object, where that is asked for, of a command that ends before it has begun to change anything."""
        if self._as_json and not self._begun:
            ended = Operation(
                id="", action=self._action, server_id="", outcome=outcome, message=message, at=time.time()
            )
            _print_beside(ended.record() | {"operation": None, "server": None})

    def print_left(self) -> None:
        """Print an object, where that is asked for, of each change that has none as a signal ends the command."""
        self.tell_not_begun(Outcome.NOT_SENT, "Nothing was sent: the program was ended before that.")
        for each in self._left if self._as_json else []:
            if each.id in self._begun and each.id not in self._printed:
                self._printed.add(each.id)
                _print_beside(each.record())

    @property
    def last_words(self) -> list[str]:
        """Return what nobody has been told: how each change has ended, or how it is left, as the program ends now."""
        return [each.last_word for each in self._left]

    @property
    def _left(self) -> list[Operation]:
        """Return the changes that have begun and were not told, each with what was made for it, as they are left."""
        untold = {*self._begun} - self._told
        operations = self._operations
        if operations is None:
            return []
        return [operations.as_left(each) for each in reversed(operations.recent) if untold & {each.id, each.part_of}]


@contextmanager
def telling(action: Action, arguments: argparse.Namespace) -> Iterator[Telling]:
    """Yield what tells of the changes of a command; whatever ends it, each that has begun is told."""
    if arguments.no_journal and not arguments.demo:
        note("warning: no journal is kept (--no-journal): if this is killed, nothing will tell whether it was sent")
    told = Telling(action, as_json=arguments.json)
    try:
        try:
            yield told
        except CommandError as error:
            if error.code is not Exit.USAGE:
                outcome = Outcome.REFUSED if error.code is Exit.REFUSED else Outcome.NOT_SENT
                told.tell_not_begun(outcome, error.message)
            raise
        except SignalledError:
            told.print_left()
            raise
        except BaseException:  # no trouble hides an outcome
            for words in told.last_words:
                note(words)
            raise
    except SignalledError as ended:  # be it another one, that has ended the printing
        with noting_signals(_pay_no_heed):  # the end that they ask for is under way
            raise SignalledError(ended.number, "\n".join(filter(None, (ended.message, *told.last_words)))) from ended


def _pay_no_heed(number: int) -> None:
    """Do nothing."""


def _print_beside(record: Mapping[str, Any]) -> None:
    """Print an object beside an end that is told in words; that nobody reads it changes nothing of that."""
    try:
        with for_a_moment():
            print_json(record)
            flush()
    except (BrokenPipeError, TimeoutError):
        fall_silent()
    except CommandError as error:
        note(error.message)
