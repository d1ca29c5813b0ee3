from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpsbackup_tui.accounts.config_file import Config, Section, UnfitValueError, parse_config, read_config
from vpsbackup_tui.accounts.errors import ConfigError

WHOLE = b"""
account = "prod"
refresh_seconds = 30
delete_grace_seconds = 2.5
mark_creates = true
bell = false
read_only = true
base_url = "https://one.example/api/v1/"
[keys]
delete_backup = "D,delete"
refresh = ""
[accounts.prod]
base_url = "https://two.example/api/v1"
read_only = false
token_command = ["pass", "show", "vps/prod"]
[accounts."a.b_c-1"]
"""


def test_a_whole_file_is_read() -> None:
    assert parse_config(WHOLE) == Config(
        account="prod",
        bell=False,
        common=Section(
            base_url="https://one.example/api/v1",
            read_only=True,
            refresh_seconds=30.0,
            delete_grace_seconds=2.5,
            mark_creates=True,
        ),
        keys={"delete_backup": "D,delete", "refresh": ""},
        accounts={
            "prod": Section(
                base_url="https://two.example/api/v1", read_only=False, token_command=("pass", "show", "vps/prod")
            ),
            "a.b_c-1": Section(),
        },
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("refresh_second = 1", "refresh_second isn't a setting; did you mean refresh_seconds?"),
        ("zzz = 1", "zzz isn't a setting"),
        ("[accounts.prod]\nbase_ur = 1", "accounts.prod.base_ur isn't a setting; did you mean base_url?"),
        ("[accounts.prod]\nbell = true", "accounts.prod.bell belongs at the top of the file, before any [table]"),
        ('token_command = ["a"]', "token_command belongs into [accounts.NAME]"),
        ("refresh_seconds = true", "refresh_seconds must be a number of seconds from 5 to 86400, or 0"),
        ("refresh_seconds = 4.9", "refresh_seconds must be a number"),
        ("refresh_seconds = nan", "refresh_seconds must be a number"),
        ("refresh_seconds = 86401", "refresh_seconds must be a number"),
        ("refresh_seconds = 1" + "0" * 400, "refresh_seconds must be a number"),
        ("delete_grace_seconds = -1", "delete_grace_seconds must be a number of seconds from 0 to 300"),
        ("delete_grace_seconds = inf", "delete_grace_seconds must be a number"),
        ('bell = "yes"', "bell must be true or false"),
        ("account = 7", "account must be 1 to 64 letters"),
        ('account = "a b"', "account must be 1 to 64 letters"),
        ('base_url = "http://admin.vps.org"', "base_url must begin with https://"),
        ("base_url = 1", "base_url must be a URL in quotes"),
        ('[accounts.x]\nbase_url = "https://a:b@c"', "accounts.x.base_url must not hold a user name"),
        ('[accounts."a/b"]', "the account's name in [accounts.a/b] must be 1 to 64 letters"),
        ("[accounts]\nx = 1", "accounts.x must be a table: [accounts.x]"),
        ("accounts = 1", "accounts must be tables"),
        ("keys = 1", "keys must be a table"),
        ("[keys]\na = 1", "keys must be a table"),
        ('[accounts.x]\ntoken_command = "pass show"', "accounts.x.token_command must be a list of words"),
        ("[accounts.x]\ntoken_command = []", "accounts.x.token_command must be a list of words"),
        ('[accounts.x]\ntoken_command = ["", "a"]', "accounts.x.token_command must be a list of words"),
        ('[accounts.x]\ntoken_command = ["a\\u0000"]', "accounts.x.token_command must be a list of words"),
        ("a = = 1", "it isn't TOML: Invalid value (at line 1, column 5)"),
        ("a = " + "[" * 9000, "it isn't TOML"),
        ("a = " + "1" * 9000, "it isn't TOML"),
        ('"\\u001b]52;x" = 1', "\ufffd]52;x isn't a setting"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_is_expected(content: str, message: str) -> None:
    with pytest.raises(UnfitValueError) as refused:
        parse_config(content.encode())
    assert str(refused.value).startswith(message)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(UnfitValueError, match="it isn't UTF-8 text \\(at byte 4\\)"):
        parse_config(b"a = \xff")


_VALUES = st.recursive(
    st.sampled_from(["1", "0", "-1", "60.5", "true", "nan", "1979-05-27", '""', '"a"', '"https://a.example"', "[]"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]"),
    max_leaves=4,
)
_TOP_KEYS = ["account", "bell", "keys", "keys.a", "base_url", "read_only", "refresh_seconds", "accounts", '"\\u0007"']
_ACCOUNT_KEYS = ["accounts.x", "accounts.x.base_url", "accounts.x.token_command", "accounts.x.bell"]
_KEYS = st.sampled_from(_TOP_KEYS + _ACCOUNT_KEYS)


def test_keys_and_actions_are_cleaned() -> None:
    config = parse_config(b'[keys]\n"a\\u001b[31m" = "x\\u202e"\n')
    assert config.keys == {"a\ufffd[31m": "x\u2423"}


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_any_table_is_read_or_refused_in_clean_words(table: dict[str, str]) -> None:
    content = "".join(f"{key} = {value}\n" for key, value in table.items())
    try:
        config = parse_config(content.encode())
    except UnfitValueError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert isinstance(config, Config)
    assert refusal == "" or refusal.isprintable()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse_config(content)
    except UnfitValueError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert refusal.isprintable()


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none.toml") == Config()
    assert read_config(tmp_path / "none" / "none.toml") == Config()


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_config(tmp_path / "none.toml", must_exist=True)
    assert refused.value.message == f"There is no settings file {tmp_path}/none.toml."


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("bel = true")
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert refused.value.message == f"{path}: bel isn't a setting; did you mean bell?."


def test_a_file_that_others_may_write_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("bell = true")
    path.chmod(0o646)
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert refused.value.message == (
        f"The settings were not read: other users may write {path}. Run: chmod go-w {path}."
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"The settings were not read: .* isn't a regular file"):
        read_config(tmp_path)


def test_a_file_that_cant_be_opened_is_said_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(path)
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert refused.value.message == f"The settings were not read: {path}: Too many levels of symbolic links."
