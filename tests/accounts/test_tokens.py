import asyncio
import sys
from pathlib import Path

import pytest

from tests.accounts.conftest import BACKEND, SettingsMaker, told
from tests.conftest import CANARY
from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.tokens import Lookup, Place, Source, Tokens
from vpsbackup_tui.secret import Token

OTHER = Token("another-token")
NO_KEYRING = "There is no OS keyring here."


def with_command(config_file: Path, code: str, more: str = "") -> None:
    config_file.write_text(f"[accounts.prod]\n{more}\ntoken_command = [{sys.executable!r}, '-c', {code!r}]")


def without_command(config_file: Path) -> None:
    config_file.write_text("[accounts.prod]")


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def with_credential(environ: dict[str, str], folder: Path, content: bytes) -> Path:
    folder.mkdir()
    (folder / "vpsbackup-tui-token").write_bytes(content)
    environ["CREDENTIALS_DIRECTORY"] = str(folder)
    return folder / "vpsbackup-tui-token"


async def test_each_source_goes_before_the_next(
    environ: dict[str, str], settings: SettingsMaker, config_file: Path, config_dir: Path, own_home: Path
) -> None:
    with_command(config_file, "print('token-of-the-command')")
    credential = with_credential(environ, own_home / "credentials", b"token-of-the-credential\n")
    await Tokens(settings(environ), environ).save(Token("token-of-the-file"), Place.FILE)

    environ["VPS_API_TOKEN"] = "token-of-the-environment"
    found = [await Tokens(settings(environ), environ).find(), await Tokens(settings(environ), environ).find()]
    without_command(config_file)
    found.append(await Tokens(settings(environ), environ).find())
    credential.unlink()
    found.append(await Tokens(settings(environ), environ).find())
    await Tokens(settings(environ), environ).forget()
    found.append(await Tokens(settings(environ), environ).find())

    file = config_dir / "tokens" / "prod@admin.vps.org.json"
    assert found == [
        Lookup(Token("token-of-the-environment"), Source.ENVIRONMENT, "the variable VPS_API_TOKEN"),
        Lookup(Token("token-of-the-command"), Source.COMMAND, "the token_command of account prod"),
        Lookup(Token("token-of-the-credential"), Source.CREDENTIAL, "the systemd credential vpsbackup-tui-token"),
        Lookup(Token("token-of-the-file"), Source.FILE, f"the file {file} (plain text)"),
        Lookup(None, Source.NONE, "nowhere", NO_KEYRING),
    ]


async def test_the_variable_is_taken_out_of_the_environment(environ: dict[str, str], settings: SettingsMaker) -> None:
    environ["VPS_API_TOKEN"] = f" {CANARY}\n"
    tokens = Tokens(settings(environ), environ)
    assert "VPS_API_TOKEN" not in environ
    assert [(await tokens.find()).token, (await tokens.find()).token] == [Token(CANARY), Token(CANARY)]


async def test_the_command_doesnt_get_the_variable(
    environ: dict[str, str], settings: SettingsMaker, config_file: Path, own_home: Path
) -> None:
    with_command(
        config_file, f"import os; open({str(own_home / 'seen')!r}, 'w').write(str(os.environ)); print('x' * 8)"
    )
    environ["VPS_API_TOKEN"] = CANARY
    Tokens(settings(environ), environ)
    await Tokens(settings(environ), environ).find()
    seen = (own_home / "seen").read_text()
    assert "HOME" in seen
    assert CANARY not in seen


@pytest.mark.parametrize("text", ["short", "two words in it", "quoted“token”", f"{CANARY}\x00", " ", "x" * 5000])
async def test_a_variable_that_holds_no_token_is_refused_without_echo(
    environ: dict[str, str], settings: SettingsMaker, text: str
) -> None:
    environ["VPS_API_TOKEN"] = text
    tokens = Tokens(settings(environ), environ)
    with pytest.raises(TokenSourceError) as refused:
        await tokens.find()
    assert refused.value.message == (
        "VPS_API_TOKEN holds no token. This can't be a token: a token is 8 to 4096 plain characters without spaces. "
        "Correct it, or unset it."
    )
    assert CANARY not in told(refused.value)


async def test_an_empty_variable_counts_as_unset(environ: dict[str, str], settings: SettingsMaker) -> None:
    environ["VPS_API_TOKEN"] = ""
    assert (await Tokens(settings(environ), environ).find()).source is Source.NONE


async def test_a_command_that_fails_is_not_passed_over(
    environ: dict[str, str], settings: SettingsMaker, config_file: Path
) -> None:
    await Tokens(settings(environ, account="prod"), environ).save(OTHER, Place.FILE)
    with_command(config_file, "raise SystemExit(7)")
    with pytest.raises(TokenSourceError, match="failed with exit status 7"):
        await Tokens(settings(environ), environ).find()


async def test_a_command_isnt_run_for_another_service(
    environ: dict[str, str], settings: SettingsMaker, config_file: Path, own_home: Path
) -> None:
    with_command(config_file, f"open({str(own_home / 'ran')!r}, 'w'); print('x' * 8)")
    found = await Tokens(settings(environ, base_url="https://evil.example/api/v1"), environ).find()
    assert found.token is None
    assert found.problem == (
        "The token_command is for https://admin.vps.org, and wasn't run for https://evil.example. " + NO_KEYRING
    )
    assert not (own_home / "ran").exists()


async def test_a_command_is_run_for_another_path_of_its_service(
    environ: dict[str, str], settings: SettingsMaker, config_file: Path
) -> None:
    with_command(config_file, "print('x' * 8)", 'base_url = "https://vps.example/api/v1"')
    found = await Tokens(settings(environ, base_url="https://vps.example/api/v2"), environ).find()
    assert found.source is Source.COMMAND


async def test_a_credential_that_holds_no_token_is_said(
    environ: dict[str, str], settings: SettingsMaker, own_home: Path
) -> None:
    path = with_credential(environ, own_home / "credentials", b"two words\n")
    with pytest.raises(TokenSourceError, match=f"The systemd credential {path} holds no token"):
        await Tokens(settings(environ), environ).find()


async def test_a_credential_that_is_no_file_is_said(
    environ: dict[str, str], settings: SettingsMaker, own_home: Path
) -> None:
    path = with_credential(environ, own_home / "credentials", b"")
    path.unlink()
    path.mkdir()
    with pytest.raises(TokenSourceError) as refused:
        await Tokens(settings(environ), environ).find()
    assert refused.value.message == f"The systemd credential was not used: {path} isn't a regular file."


async def test_a_credential_that_cant_be_read_is_said(
    environ: dict[str, str], settings: SettingsMaker, own_home: Path
) -> None:
    path = with_credential(environ, own_home / "credentials", b"")
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(TokenSourceError) as refused:
        await Tokens(settings(environ), environ).find()
    assert refused.value.message == (f"The systemd credential was not read: {path}: Too many levels of symbolic links.")


async def test_a_credentials_folder_without_ours_is_passed_over(
    environ: dict[str, str], settings: SettingsMaker, own_home: Path
) -> None:
    with_credential(environ, own_home / "credentials", b"").unlink()
    assert (await Tokens(settings(environ), environ).find()).source is Source.NONE


async def test_a_remembered_token_is_for_its_account_and_service_only(
    environ: dict[str, str], settings: SettingsMaker
) -> None:
    await Tokens(settings(environ, account="prod"), environ).save(OTHER, Place.FILE)
    other_account = await Tokens(settings(environ, account="test"), environ).find()
    assert other_account == Lookup(None, Source.NONE, "nowhere", NO_KEYRING)
    elsewhere = settings(environ, account="prod", base_url="https://evil.example")
    assert await Tokens(elsewhere, environ).find() == Lookup(
        None,
        Source.NONE,
        "nowhere",
        f"{NO_KEYRING} A token is remembered for admin.vps.org, not for https://evil.example.",
    )


async def test_a_token_is_remembered_in_the_file_that_is_named(
    environ: dict[str, str], settings: SettingsMaker, config_dir: Path
) -> None:
    file = config_dir / "tokens" / "default@admin.vps.org.json"
    tokens = Tokens(settings(environ), environ)
    where = await tokens.save(OTHER, Place.FILE)
    assert where == f"the file {file} (plain text, readable by you only)"
    assert await tokens.forget() == [f"the file {file}"]
    assert await tokens.forget() == []


async def test_a_token_can_be_kept_nowhere(environ: dict[str, str], settings: SettingsMaker, own_home: Path) -> None:
    where = await Tokens(settings(environ), environ).save(Token(CANARY), Place.NONE)
    assert where == "nowhere: it is kept until this program ends"
    assert files_below(own_home) == []


async def test_without_a_keyring_nothing_is_stored_and_the_reason_is_said(
    environ: dict[str, str], settings: SettingsMaker, own_home: Path
) -> None:
    with pytest.raises(TokenStoreError) as refused:
        await Tokens(settings(environ), environ).save(Token(CANARY), Place.KEYRING)
    assert refused.value.message == f"The token was not stored. {NO_KEYRING}"
    assert CANARY not in told(refused.value)
    assert files_below(own_home) == []


async def test_a_token_is_kept_in_the_keyring_and_found_there(
    plugins: dict[str, str], settings: SettingsMaker, config_dir: Path
) -> None:
    plugins[BACKEND] = "plugins.Sound"
    turned = Token(OTHER.reveal()[::-1])  # as this one gives it back
    tokens = Tokens(settings(plugins), plugins)
    await tokens.save(Token("the-older-token"), Place.FILE)
    assert await tokens.save(OTHER, Place.KEYRING) == "the OS keyring (plugins.Sound)"
    assert files_below(config_dir) == []
    assert await tokens.find() == Lookup(turned, Source.KEYRING, "the OS keyring (plugins.Sound)")
    assert (await tokens.describe())["keyring"] == "plugins.Sound"
    assert await tokens.forget() == ["the OS keyring (plugins.Sound)"]
    assert await tokens.find() == Lookup(None, Source.NONE, "nowhere")


async def test_what_the_keyring_holds_must_be_a_token(plugins: dict[str, str], settings: SettingsMaker) -> None:
    plugins[BACKEND] = "plugins.Unsound"
    problem = "the OS keyring (plugins.Unsound) holds something that can't be a token. Log in again."
    assert await Tokens(settings(plugins), plugins).find() == Lookup(None, Source.NONE, "nowhere", problem)


async def test_a_keyring_that_stays_locked_may_keep_its_token_while_the_file_goes(
    plugins: dict[str, str], settings: SettingsMaker, config_dir: Path
) -> None:
    plugins[BACKEND] = "plugins.Raising"
    tokens = Tokens(settings(plugins), plugins)
    may_be_left = "A token in the OS keyring may be left. The OS keyring (plugins.Raising) is locked"
    with pytest.raises(TokenStoreError) as refused:
        await tokens.forget()
    assert refused.value.message.startswith(may_be_left)
    await tokens.save(OTHER, Place.FILE)
    with pytest.raises(TokenStoreError) as refused:
        await tokens.forget()
    file = config_dir / "tokens" / "default@admin.vps.org.json"
    assert refused.value.message.startswith(f"Removed: the file {file}. {may_be_left}")
    assert files_below(config_dir) == []


async def test_the_place_of_a_token_in_plain_text_is_told(
    environ: dict[str, str], settings: SettingsMaker, config_dir: Path
) -> None:
    assert Tokens(settings(environ), environ).file_path == f"{config_dir}/tokens/default@admin.vps.org.json"


async def test_a_file_that_is_refused_is_described_with_the_reason(
    environ: dict[str, str], settings: SettingsMaker, config_dir: Path
) -> None:
    tokens = Tokens(settings(environ), environ)
    await tokens.save(OTHER, Place.FILE)
    file = config_dir / "tokens" / "default@admin.vps.org.json"
    file.chmod(0o644)
    assert (await tokens.describe())["file"] == (
        f"The remembered token was not used: other users may read or write it. Run: chmod 600 {file}."
    )


async def test_the_description_names_each_source_and_gives_nothing_away(
    environ: dict[str, str],
    settings: SettingsMaker,
    config_file: Path,
    config_dir: Path,
    own_home: Path,
    token_may_be_in: set[Path],
) -> None:
    empty = await Tokens(settings(environ, account="prod"), environ).describe()
    assert empty == {
        "environment": "VPS_API_TOKEN is not set",
        "token_command": "not configured",
        "credential": "none",
        "file": "none",
        "keyring": NO_KEYRING,
    }
    with_command(config_file, "print('never run')")
    environ["VPS_API_TOKEN"] = CANARY
    path = with_credential(environ, own_home / "credentials", CANARY.encode())
    token_may_be_in.add(path)
    tokens = Tokens(settings(environ), environ)
    await tokens.save(OTHER, Place.FILE)
    full = await tokens.describe()
    assert full == {
        "environment": "VPS_API_TOKEN is set",
        "token_command": "configured",
        "credential": str(path),
        "file": f"{config_dir}/tokens/prod@admin.vps.org.json (plain text)",
        "keyring": NO_KEYRING,
    }


async def test_no_object_shows_the_token(environ: dict[str, str], settings: SettingsMaker) -> None:
    environ["VPS_API_TOKEN"] = CANARY
    tokens = Tokens(settings(environ), environ)
    found = await tokens.find()
    assert CANARY not in f"{found} {found!r} {tokens!r} {vars(tokens)}"


async def test_a_search_can_be_given_up_at_any_time(environ: dict[str, str], settings: SettingsMaker) -> None:
    search = asyncio.create_task(Tokens(settings(environ), environ).find())
    await asyncio.sleep(0)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
