"""When the skeleton is drawn: never where anything else than the screen may be asked for."""

import argparse
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.cli.exits import CommandError
from vpsbackup_tui.cli.parser import build_parser, parse
from vpsbackup_tui.cli.verbs import VERBS
from vpsbackup_tui.start import skeleton

_OPTIONS = [*skeleton.TAKE_A_VALUE, *skeleton.STAND_ALONE]
_WORDS = st.sampled_from(
    [
        *_OPTIONS,
        "--help",
        "--version",
        "--account=x",
        "--account=-x",
        "--demo=1",
        "x",
        "-x",
        "-",
        "",
        "--",
        *(v.name for v in VERBS),
    ]
)


def test_every_option_that_may_stand_before_a_screen_is_known() -> None:
    ends = (argparse._HelpAction, argparse._VersionAction, argparse._SubParsersAction)
    actions = [action for action in build_parser()._actions if not isinstance(action, ends)]
    assert {
        each for action in actions if action.nargs is None for each in action.option_strings
    } == skeleton.TAKE_A_VALUE
    assert {each for action in actions if action.nargs == 0 for each in action.option_strings} == skeleton.STAND_ALONE


@pytest.mark.parametrize("argv", [[], ["--demo"], ["--account", "list"], ["--config=x", "-v", "--read-only"]])
def test_the_screen_is_recognised(argv: list[str]) -> None:
    assert skeleton.asks_for_screen(argv)


@given(argv=st.lists(_WORDS, max_size=4))
def test_what_is_taken_for_the_screen_is_never_anything_else(argv: list[str]) -> None:
    if skeleton.asks_for_screen(argv):
        with suppress(CommandError):  # a mistake is told once the skeleton has gone
            assert parse(argv).verb is None


@given(argv=st.lists(_WORDS, max_size=4))
def test_the_arguments_of_a_screen_are_read_as_the_parser_reads_them(argv: list[str]) -> None:
    try:
        expected, extras = build_parser().parse_known_args(argv)
    except (CommandError, SystemExit):
        if skeleton.asks_for_screen(argv):
            with pytest.raises(CommandError):
                parse(argv)
    else:
        if skeleton.asks_for_screen(argv):
            assert (parse(argv), extras) == (expected, [])


def test_without_a_terminal_there_is_none(capfd: pytest.CaptureFixture[str]) -> None:
    skeleton.show([])
    assert not skeleton.is_standing()
    assert capfd.readouterr().out == ""
