from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Call
from tests.conftest import CANARY
from vpsbackup_tui import __version__
from vpsbackup_tui.cli import main
from vpsbackup_tui.cli.exits import CommandError, Exit
from vpsbackup_tui.cli.parser import build_parser, parse
from vpsbackup_tui.cli.verbs import VERBS

GLOBALS = [
    ("account", ["--account", "prod"], "prod"),
    ("base_url", ["--base-url", "https://x/api"], "https://x/api"),
    ("config", ["--config", "/c.toml"], "/c.toml"),
    ("read_only", ["--read-only"], True),
    ("demo", ["--demo"], True),
    ("no_input", ["--no-input"], True),
    ("no_color", ["--no-color"], True),
    ("verbose", ["-v"], True),
]


@pytest.mark.parametrize(("name", "words", "value"), GLOBALS)
def test_global_options_stand_before_or_after_the_verb(name: str, words: list[str], value: object) -> None:
    assert getattr(parse([*words, "list"]), name) == value
    assert getattr(parse(["list", *words]), name) == value
    assert getattr(parse(words), name) == value
    assert not getattr(parse(["list"]), name)


def test_an_option_after_the_verb_wins_over_one_before() -> None:
    assert parse(["--account", "a", "list", "--account", "b"]).account == "b"


def test_without_a_verb_there_is_none() -> None:
    assert parse([]).verb is None


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_verb_has_help_and_takes_the_global_options(call: Call, verb: str) -> None:
    ended = call(verb, "--help")
    assert ended.code == Exit.DONE
    assert "--read-only" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["lst"], "unknown verb 'lst'. Did you mean list?"),
        (["sever"], "Did you mean servers?"),
        (["list", "--jsn"], "unknown option '--jsn'. Did you mean --json?"),
        (["--reed-only", "list"], "unknown option '--reed-only'. Did you mean --read-only?"),
        (["list", "--js"], "unknown option '--js'"),
        (["list", "--sort", "sise"], "Did you mean size?"),
        (["list", "--type", "weekly"], "It must be one of: manual, automatic."),
        (["list", "web"], "unexpected argument 'web'"),
        (["list", "--json", "--csv"], "not allowed with"),
        (["list", "--json=yes"], "argument --json: takes no value."),
        (["del3te"], "unknown verb. Did you mean delete?"),
        (["list", "--sort", "descriptionofbackups"], "unknown value. Did you mean description?"),
        (["list", "--limit", "0"], "above 0"),
        (["list", "--limit", "²"], "above 0"),
        (["create"], "required: SERVER"),
        (["delete"], "required: ID"),
        (["demo-server", "--port", "65536"], "a port"),
        (["completion", "tcsh"], "It must be one of: bash, zsh, fish."),
    ],
)
def test_a_mistake_ends_with_2_and_a_hint(call: Call, words: list[str], hint: str) -> None:
    ended = call(*words)
    assert ended.code == Exit.USAGE
    assert hint in ended.err
    assert "--help`" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    "words",
    [
        ["login", "--token", CANARY],
        ["login", f"--token={CANARY}"],
        ["list", f"--tokn={CANARY}"],
        ["login", CANARY],
        [CANARY],
        ["list", "--sort", CANARY],
        ["login", "--store", CANARY],
    ],
)
def test_no_option_takes_a_token_and_no_message_repeats_it(call: Call, words: list[str]) -> None:
    assert call(*words).code == Exit.USAGE  # `call` looks for the token


@pytest.mark.parametrize("secret", ["k3yw1thd1g1ts", "thisoneisofletters", "2718281828459045", "x!y?z"])
@pytest.mark.parametrize(
    "before",
    [
        [],
        ["list"],
        ["list", "--json="],
        ["list", "--sort"],
        ["login", "--store"],
        ["completion"],
        ["-v"],
        ["-q"],
        ["--"],
    ],
    ids=str,
)
def test_no_message_repeats_what_may_be_a_token(call: Call, before: list[str], secret: str) -> None:
    glued = before and (before[-1].endswith("=") or before[-1] in ("-v", "-q", "--"))
    words = [*before[:-1], before[-1] + secret] if glued else [*before, secret]
    ended = call(*words)
    assert ended.code == Exit.USAGE
    assert secret not in ended.err


def test_only_the_demo_has_an_option_for_its_made_up_token() -> None:
    text = build_parser().format_help()
    assert "--token" not in text.replace("--token-stdin", "")


@pytest.mark.parametrize("word", ["\x1b]52;c;aGk=\x07", "a\nb", "\u202eabc", "\ud800"])
def test_what_was_typed_is_repeated_clean(call: Call, word: str) -> None:
    err = call(word).err
    assert "\x1b" not in err
    assert "\u202e" not in err
    assert "\ud800" not in err
    assert err.count("\n") == 2


@given(st.lists(st.text(max_size=12), max_size=5))
def test_no_words_bring_anything_but_arguments_or_a_usage_error(words: list[str]) -> None:
    mistakes: list[CommandError] = []
    with suppress(SystemExit):  # some of them ask for help
        try:
            parse(words)
        except CommandError as error:
            mistakes.append(error)
    assert all(error.code is Exit.USAGE and "\x1b" not in error.message for error in mistakes)


def test_every_verb_has_its_code(call: Call) -> None:
    for verb in VERBS:
        assert callable(main._code_of(verb.name))


def test_the_version_is_that_of_the_package(call: Call) -> None:
    assert call("--version").out == f"vpsbackup-tui {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_verbs(call: Call, shell: str) -> None:
    ended = call("completion", shell)
    assert ended.code == Exit.DONE
    assert all(verb.name in ended.out for verb in VERBS)
