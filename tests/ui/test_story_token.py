"""The token on the first run: asked for, tested, and kept where the operator wants."""

import os
from pathlib import Path

import pytest

from tests.ui.support import telling
from vpsbackup_tui.demo import DemoService, Fault
from vpsbackup_tui.ui.dialogs.fields import SecretField
from vpsbackup_tui.ui.dialogs.token import SecondPlaceDialog, TokenDialog


async def test_the_first_run_asks_for_a_token_tests_it_and_reads(demo: DemoService) -> None:
    async with telling(demo, token=None) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.paste(demo.token)
        assert demo.token not in story.text
        await story.press("enter")
        await story.settled()
        assert story.dialog is None
        assert "ops@example.com" in story.text
        assert "The token is not kept" in story.text


async def test_a_token_that_is_refused_is_not_taken(demo: DemoService) -> None:
    async with telling(demo, token=None) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.type("vps_wrong_token")
        await story.press("enter")
        await story.sees("Not kept:")
        assert isinstance(story.dialog, TokenDialog)
        assert not story.screen.session.connected


async def test_a_token_can_be_kept_in_a_file_where_there_is_no_keyring(
    demo: DemoService, token_may_be_in: set[Path]
) -> None:
    async with telling(demo, token=None) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.paste(demo.token)
        await story.press("tab", "down", "enter")
        await story.settled()
        await story.sees("The token is kept in the file")
        kept = [path for path in Path.home().rglob("*") if path.is_file() and demo.token in path.read_text("utf-8")]
        token_may_be_in.update(kept)
        assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]


async def test_without_a_token_the_screen_says_so_and_asks_again_on_r(demo: DemoService) -> None:
    async with telling(demo, token=None) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.press("escape")
        await story.sees("There is no token, so nothing can be shown.")
        await story.press("]")
        assert "There is no token, so nothing can be shown." in story.text
        await story.press("n")
        assert "There is no token yet" in story.text
        await story.press("r")
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        assert demo.requests == []


async def test_a_broken_token_source_says_what_to_mend(demo: DemoService) -> None:
    async with telling(demo, token="two words", settled=False) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        assert "VPS_API_TOKEN holds no token" in story.text
        assert "two words" not in story.text


async def test_a_good_token_that_can_not_be_kept_is_used_all_the_same(demo: DemoService) -> None:
    (Path.home() / "config").write_text("in the way of the folder")
    async with telling(demo, token=None, size=(300, 30)) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.paste(demo.token)
        await story.press("tab", "down", "enter")
        await story.sees("The token was not stored", "It is used until the program ends.")
        await story.settled()
        assert "ops@example.com" in story.text


_FULL = """
from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError

class Full(KeyringBackend):
    priority = 1
    def get_password(self, service, user):
        return None
    def set_password(self, service, user, password):
        raise PasswordSetError(password)
    def delete_password(self, service, user):
        pass
"""


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["escape"], "The token is not kept."),
        (["enter"], "The token is not kept."),
        (["down", "enter"], "The token is kept in the file"),
    ],
)
async def test_a_good_token_that_the_keyring_does_not_take_may_be_kept_elsewhere_at_once(
    demo: DemoService, tmp_path: Path, token_may_be_in: set[Path], keys: list[str], words: str
) -> None:
    (tmp_path / "full.py").write_text(_FULL)
    environ = dict(os.environ) | {"PYTHONPATH": str(tmp_path), "PYTHON_KEYRING_BACKEND": "full.Full"}
    async with telling(demo, token=None, environ=environ) as story:
        await story.until(lambda: isinstance(story.dialog, TokenDialog), "the dialog")
        await story.paste(demo.token)
        await story.press("enter")
        await story.until(lambda: isinstance(story.dialog, SecondPlaceDialog), "the second question")
        assert "The token is good. The token was not stored." in " ".join(story.text.split())
        await story.press(*keys)
        await story.settled()
        await story.sees(words, "ops@example.com")
        kept = [path for path in Path.home().rglob("*") if path.is_file() and demo.token in path.read_text("utf-8")]
        token_may_be_in.update(kept)
        assert bool(kept) == ("down" in keys)


async def test_what_is_typed_as_the_question_for_a_token_comes_up_is_no_token(demo: DemoService) -> None:
    async with telling(demo) as story:
        demo.faults.add(Fault(path="/backups/", status=401, times=None))
        await story.press("/", *"db-s")
        story.screen.reload()
        await story.until(lambda: isinstance(story.dialog, TokenDialog) and story.dialog.gate.is_painted, "the dialog")
        asked = demo.count("GET", "/account/me/")
        for number, key in enumerate([*"erver", "enter"], start=1):
            story.post_at(key, 0.12 * number)
            await story.settle()
        assert isinstance(story.dialog, TokenDialog)
        assert story.dialog.query_one("#token", SecretField).value == ""
        await story.press("escape")
        assert demo.count("GET", "/account/me/") == asked
