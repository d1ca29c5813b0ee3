from pathlib import Path

import pytest

from vpsbackup_tui.accounts.errors import ConfigError
from vpsbackup_tui.accounts.settings import Settings, load_settings
from vpsbackup_tui.secret import Token

TWO_ACCOUNTS = """
refresh_seconds = 30
read_only = true
base_url = "https://file.example/api/v1"
[keys]
quit = "x"
[accounts.prod]
base_url = "https://prod.example/api/v1/"
refresh_seconds = 0
read_only = false
token_command = ["pass", "show", "vps/prod"]
[accounts.test]
"""


def test_without_a_file_the_defaults_hold(own_home: Path, config_file: Path) -> None:
    assert load_settings(environ={}) == Settings(
        account="default",
        base_url="https://admin.vps.org/api/v1",
        account_url="https://admin.vps.org/api/v1",
        read_only=False,
        no_input=False,
        delete_grace_seconds=5.0,
        refresh_seconds=60.0,
        bell=True,
        keymap={},
        token_command=(),
        config_file=config_file,
        config_dir=own_home / ".config" / "vpsbackup-tui",
        state_dir=own_home / ".local" / "state" / "vpsbackup-tui",
    )


def test_an_account_goes_before_the_file(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    prod = load_settings(account="prod", environ={})
    assert (prod.account, prod.base_url, prod.origin) == (
        "prod",
        "https://prod.example/api/v1",
        "https://prod.example",
    )
    assert (prod.refresh_seconds, prod.read_only, prod.keymap) == (0.0, False, {"quit": "x"})
    assert prod.token_command == ("pass", "show", "vps/prod")


def test_the_file_goes_before_the_defaults(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    test = load_settings(account="test", environ={})
    assert (test.base_url, test.refresh_seconds, test.read_only) == ("https://file.example/api/v1", 30.0, True)
    assert test.token_command == ()


def test_the_environment_goes_before_the_account(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    environ = {"VPS_API_URL": "https://env.example/api/v1/", "VPSBACKUP_ACCOUNT": "prod"}
    settings = load_settings(environ=environ)
    assert (settings.account, settings.base_url) == ("prod", "https://env.example/api/v1")
    assert settings.account_url == "https://prod.example/api/v1"


def test_an_option_goes_before_the_environment(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    environ = {"VPS_API_URL": "https://env.example", "VPSBACKUP_ACCOUNT": "prod"}
    settings = load_settings(
        account="test", base_url="http://127.0.0.1:8000/api/v1", read_only=True, no_input=True, environ=environ
    )
    assert (settings.account, settings.base_url) == ("test", "http://127.0.0.1:8000/api/v1")
    assert settings.read_only
    assert settings.no_input


@pytest.mark.parametrize(
    ("word", "expected"), [("1", True), (" Yes ", True), ("0", False), ("off", False), ("", False)]
)
def test_the_environment_can_ask_for_no_changes(own_home: Path, word: str, expected: bool) -> None:
    assert load_settings(environ={"VPSBACKUP_READ_ONLY": word}).read_only is expected


def test_the_environment_cannot_allow_changes_that_the_account_forbids(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    assert load_settings(account="test", environ={"VPSBACKUP_READ_ONLY": "0"}).read_only


def test_a_doubtful_word_in_the_environment_is_no_permission(own_home: Path) -> None:
    with pytest.raises(ConfigError, match="VPSBACKUP_READ_ONLY is neither 1 nor 0"):
        load_settings(environ={"VPSBACKUP_READ_ONLY": "maybe"})


def test_an_empty_variable_counts_as_unset(own_home: Path) -> None:
    settings = load_settings(environ={"VPS_API_URL": "", "VPSBACKUP_ACCOUNT": ""})
    assert (settings.account, settings.base_url) == ("default", "https://admin.vps.org/api/v1")


def test_another_file_can_be_named(own_home: Path) -> None:
    other = own_home / "other.toml"
    other.write_text("bell = false")
    settings = load_settings(config_file=other, environ={})
    assert settings.bell is False
    assert settings.config_file == other
    assert settings.config_dir == own_home / ".config" / "vpsbackup-tui"


def test_a_named_file_must_be_there(own_home: Path) -> None:
    with pytest.raises(ConfigError, match="There is no settings file"):
        load_settings(config_file=own_home / "none.toml", environ={})


def test_the_account_that_the_file_names_is_used(config_file: Path) -> None:
    config_file.write_text('account = "test"\n' + TWO_ACCOUNTS)
    assert load_settings(environ={}).account == "test"


def test_the_only_account_needs_no_naming(config_file: Path) -> None:
    config_file.write_text("[accounts.prod]")
    assert load_settings(environ={}).account == "prod"


def test_among_several_accounts_one_must_be_named(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    with pytest.raises(ConfigError) as refused:
        load_settings(environ={})
    assert refused.value.message == (
        "There are several accounts: prod, test. Name one with --account or VPSBACKUP_ACCOUNT."
    )


def test_an_account_called_default_is_the_default(config_file: Path) -> None:
    config_file.write_text(TWO_ACCOUNTS + "[accounts.default]")
    assert load_settings(environ={}).account == "default"


def test_without_listed_accounts_any_name_will_do(own_home: Path) -> None:
    assert load_settings(account="staging", environ={}).account == "staging"


@pytest.mark.parametrize(
    ("options", "environ", "message"),
    [
        ({"account": "prd"}, {}, "--account names prd, but the settings file has no such account; did you mean prod?"),
        ({"account": "zz"}, {}, "--account names zz, but the settings file has no such account; there are prod, test."),
        ({"account": ""}, {}, "--account must be 1 to 64 letters, digits, dots, underscores or hyphens."),
        ({}, {"VPSBACKUP_ACCOUNT": "a/b"}, "VPSBACKUP_ACCOUNT must be 1 to 64 letters"),
        ({}, {"VPSBACKUP_ACCOUNT": "x\x1b[2J"}, "VPSBACKUP_ACCOUNT must be 1 to 64 letters"),
        ({"account": "prod", "base_url": ""}, {}, "--base-url must begin with https://."),
        (
            {"account": "prod"},
            {"VPS_API_URL": "http://vps.example"},
            "VPS_API_URL must begin with https:// (http:// is for this machine only",
        ),
    ],
)
def test_a_name_or_url_that_cant_be_used_is_refused(
    config_file: Path, options: dict[str, str], environ: dict[str, str], message: str
) -> None:
    config_file.write_text(TWO_ACCOUNTS)
    with pytest.raises(ConfigError) as refused:
        load_settings(environ=environ, **options)  # type: ignore[arg-type]
    assert refused.value.message.startswith(message)


def test_the_files_own_account_must_be_listed(config_file: Path) -> None:
    config_file.write_text('account = "tset"\n' + TWO_ACCOUNTS)
    with pytest.raises(ConfigError, match=r'The setting "account" names tset, .* did you mean test\?'):
        load_settings(environ={})


def test_the_token_in_use_is_no_name_of_the_only_account_either(config_file: Path) -> None:
    config_file.write_text('[accounts."vps_A1b2C3d4E5f6G7h8J9k0"]\n')
    assert load_settings(environ={}).account == "vps_A1b2C3d4E5f6G7h8J9k0"  # it may be a name
    token = Token("vps_A1b2C3d4E5f6G7h8J9k0")
    with pytest.raises(ConfigError, match="The settings file holds the token in use, not the name") as error:
        load_settings(environ={})
    assert token.reveal() not in error.value.message
