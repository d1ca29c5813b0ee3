import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.accounts.conftest import told
from tests.conftest import CANARY
from vpsbackup_tui.accounts.errors import TokenSourceError, TokenStoreError
from vpsbackup_tui.accounts.token_file import TokenFile
from vpsbackup_tui.secret import Token

ORIGIN = "https://admin.vps.org"
OTHER = Token("another-token")
NOT_USED = "The remembered token was not used: "


@pytest.fixture
def file(tmp_path: Path, token_may_be_in: set[Path]) -> TokenFile:
    file = TokenFile(tmp_path / "tokens", "prod", ORIGIN)
    token_may_be_in.add(file.path)
    return file


def test_a_token_is_kept_and_read_again(file: TokenFile) -> None:
    assert file.read() is None
    file.write(Token(CANARY))
    assert file.read() == Token(CANARY)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert b"plain text" in file.path.read_bytes()


def test_a_file_with_windows_line_ends_is_read(file: TokenFile) -> None:
    file.write(Token(CANARY))
    file.path.write_bytes(file.path.read_bytes().replace(b"\n", b"\r\n"))
    assert file.read() == Token(CANARY)


@pytest.mark.parametrize(
    ("account", "origin"),
    [("test", ORIGIN), ("prod", "https://evil.example"), ("prod", "https://admin.vps.org:8443"), ("prod2", ORIGIN)],
)
def test_the_token_is_for_one_account_and_origin_only(
    file: TokenFile, tmp_path: Path, account: str, origin: str
) -> None:
    file.write(Token(CANARY))
    assert TokenFile(tmp_path / "tokens", account, origin).read() is None


@pytest.mark.parametrize(("account", "origin"), [("prod", "https://evil.example"), ("test", ORIGIN)])
def test_a_file_that_was_moved_to_another_place_is_refused(
    file: TokenFile, tmp_path: Path, account: str, origin: str
) -> None:
    file.write(OTHER)
    other = TokenFile(tmp_path / "tokens", account, origin)
    file.path.rename(other.path)
    with pytest.raises(TokenSourceError) as refused:
        other.read()
    assert refused.value.message == (
        f"{NOT_USED}the file is for another account or service. Remove {other.path} and log in again."
    )


def test_a_file_for_another_scheme_of_the_same_host_is_refused(tmp_path: Path) -> None:
    TokenFile(tmp_path, "prod", "http://localhost").write(OTHER)
    with pytest.raises(TokenSourceError, match="another account or service"):
        TokenFile(tmp_path, "prod", "https://localhost").read()


def test_the_other_services_with_a_token_are_known(file: TokenFile, tmp_path: Path) -> None:
    file.write(Token(CANARY))
    TokenFile(tmp_path / "tokens", "test", "https://test.example").write(OTHER)
    assert TokenFile(tmp_path / "tokens", "prod", "https://b.example").others() == ["admin.vps.org"]
    assert file.others() == []
    assert TokenFile(tmp_path / "none", "prod", ORIGIN).others() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        CANARY.encode(),
        b"[]",
        b"{}",
        b'{"account": "prod", "origin": "https://admin.vps.org", "token": 1}',
        b'{"account": "prod", "origin": "https://admin.vps.org", "token": "two words"}',
        b'{"account": "prod", "origin": "https://admin.vps.org", "token": "token-with-nul\\u0000"}',
    ],
)
def test_a_file_that_holds_no_token_is_refused_without_echo(file: TokenFile, content: bytes) -> None:
    file.write(Token(CANARY))
    file.path.write_bytes(content)
    with pytest.raises(TokenSourceError) as refused:
        file.read()
    assert refused.value.message == f"{NOT_USED}the file holds no token. Remove {file.path} and log in again."
    assert CANARY not in told(refused.value)


@given(st.binary(max_size=100))
def test_any_content_is_a_token_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = TokenFile(tmp_path_factory.mktemp("tokens"), "prod", ORIGIN)
    file.write(Token(CANARY))
    file.path.write_bytes(content)
    with pytest.raises(TokenSourceError):
        file.read()


def test_a_file_that_others_may_read_is_refused_with_the_command_to_run(file: TokenFile) -> None:
    file.write(Token(CANARY))
    file.path.chmod(0o644)
    with pytest.raises(TokenSourceError) as refused:
        file.read()
    assert refused.value.message == f"{NOT_USED}other users may read or write it. Run: chmod 600 {file.path}."


def test_a_link_a_fifo_a_folder_and_a_huge_file_are_refused(file: TokenFile, tmp_path: Path) -> None:
    file.write(OTHER)
    real = file.path.rename(tmp_path / "real")
    file.path.symlink_to(real)
    with pytest.raises(TokenSourceError, match="is a symbolic link"):
        file.read()
    file.path.unlink()
    os.mkfifo(file.path, 0o600)
    with pytest.raises(TokenSourceError, match="isn't a regular file"):
        file.read()
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(TokenSourceError, match="isn't a regular file"):
        file.read()
    file.path.rmdir()
    file.path.write_bytes(b" " * 8193)
    file.path.chmod(0o600)
    with pytest.raises(TokenSourceError, match="is larger than 8192 bytes"):
        file.read()


def test_a_token_that_cant_be_stored_is_said_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("in the way")
    file = TokenFile(tmp_path / "tokens", "prod", ORIGIN)
    with pytest.raises(TokenStoreError) as refused:
        file.write(Token(CANARY))
    assert refused.value.message == f"The token was not stored: {file.path}: File exists."
    assert CANARY not in told(refused.value)


def test_a_token_is_not_stored_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tokens").symlink_to("elsewhere")
    with pytest.raises(TokenStoreError, match=r"The token was not stored: .* isn't a folder of this user"):
        TokenFile(tmp_path / "tokens", "prod", ORIGIN).write(OTHER)
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_folder_that_cant_be_looked_into_is_said(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / ("x" * 300), "prod", ORIGIN)
    with pytest.raises(TokenSourceError) as refused:
        file.read()
    assert refused.value.message == f"The remembered token was not read: {file.shown}: File name too long."
    assert file.others() == []


def test_a_removed_file_is_gone(file: TokenFile) -> None:
    assert file.remove() is False
    file.write(Token(CANARY))
    assert file.remove() is True
    assert file.read() is None


def test_a_file_that_stays_is_said(file: TokenFile) -> None:
    file.path.mkdir(parents=True)
    with pytest.raises(TokenStoreError, match=r"The token was not removed: .*: Is a directory\."):
        file.remove()


def test_a_long_host_still_makes_a_file(tmp_path: Path) -> None:
    file = TokenFile(tmp_path, "a" * 64, "https://" + "b" * 1000)
    file.write(OTHER)
    assert file.read() == OTHER
