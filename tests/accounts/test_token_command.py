import pytest

from tests.accounts.conftest import python, told
from tests.conftest import CANARY
from vpsbackup_tui.accounts.errors import TokenSourceError
from vpsbackup_tui.accounts.token_command import ask_command
from vpsbackup_tui.secret import Token


@pytest.mark.parametrize(
    "output", [f"{CANARY}", f"{CANARY}\\n", f"  {CANARY}\\r\\n", f"{CANARY}\\nuser: me\\nurl: example\\n"]
)
async def test_the_first_line_is_the_token(environ: dict[str, str], output: str) -> None:
    assert await ask_command(python(f"print('{output}', end='')"), environ) == Token(CANARY)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "printed nothing"),
        ("print()", "printed nothing"),
        (f"print('{CANARY} and more')", "printed something that can't be a token"),
        (f"print('{CANARY}\\u00e9')", "printed something that can't be a token"),
        (f"import sys; print('{CANARY}'); sys.exit('{CANARY}')", "failed with exit status 1"),
        ("import os; os.kill(os.getpid(), 15)", "ended by signal 15"),
        (f"print('{CANARY}' * 1000)", "printed more than 8192 bytes and was stopped"),
    ],
)
async def test_a_command_that_gives_no_token_is_named_and_nothing_else(
    environ: dict[str, str], code: str, message: str
) -> None:
    with pytest.raises(TokenSourceError) as refused:
        await ask_command(python(code), environ)
    assert refused.value.message.startswith("No token: the token_command (python")
    assert refused.value.message.endswith(f") {message}. Run it by hand to see why.")
    assert CANARY not in refused.value.message


async def test_what_is_printed_is_in_no_traceback(environ: dict[str, str]) -> None:
    with pytest.raises(TokenSourceError) as refused:
        await ask_command(python(f"print({CANARY[:9]!r} + {CANARY[9:]!r} + ' x')"), environ)
    assert CANARY not in told(refused.value)


async def test_a_command_that_hangs_is_stopped(environ: dict[str, str]) -> None:
    with pytest.raises(TokenSourceError, match=r"\(sleep\) took longer than 0\.05 s and was stopped"):
        await ask_command(["sleep", "60"], environ, limit=0.05)


async def test_a_token_in_place_of_a_command_is_not_repeated(environ: dict[str, str]) -> None:
    with pytest.raises(TokenSourceError, match=r"\(vps_\*\*\*\) could not be started") as refused:
        await ask_command([CANARY], environ)
    assert CANARY not in told(refused.value)


async def test_a_command_that_isnt_there_is_said(environ: dict[str, str]) -> None:
    with pytest.raises(TokenSourceError, match=r"\(none\) could not be started \(No such file or directory\)"):
        await ask_command(["/nowhere/none", CANARY], environ)
