"""Names that aren't what they look like, and what is typed in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.dialogs.stage import BACKUP, HERE, SERVER, backup
from vpsbackup_tui.fleet.models import Server
from vpsbackup_tui.fleet.names import ascii_form, has_mixed_scripts, hides_characters, is_typeable, text_to_type
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.dialogs.delete import TypedDeleteDialog
from vpsbackup_tui.ui.dialogs.restore import RestoreDialog

CYRILLIC_A = "\u0430"


@pytest.mark.parametrize("name", ["web-server-01", "db 1", "[/x]", "#501", "x" * 60])
def test_a_plain_name_is_typed(name: str) -> None:
    assert text_to_type(Server(id=7, name=name)) == name


@pytest.mark.parametrize("name", ["", " web", "web ", "we  b", "wéb", "we\u200bb", "web\t1", CYRILLIC_A, "x" * 61])
def test_a_name_that_cannot_be_typed_exactly_gives_way_to_the_id(name: str) -> None:
    assert text_to_type(Server(id=7, name=name)) == "7"


def test_a_name_that_was_cleaned_gives_way_to_the_id() -> None:
    assert text_to_type(Server(id="a-7", name="web 1", raw={"name": "web\u00a01"})) == "a-7"


def test_a_backup_asks_for_the_same_as_its_server() -> None:
    assert text_to_type(BACKUP) == text_to_type(SERVER)
    assert text_to_type(backup(server_name="wéb")) == str(BACKUP.server_id)
    assert text_to_type(backup(raw={"description": "a\u202eb"})) == str(BACKUP.server_id)


@given(st.text(max_size=80))
def test_whatever_the_name_what_is_typed_is_plain(name: str) -> None:
    expected = text_to_type(Server(id=7, name=clean(name)))
    assert expected in (clean(name), "7")
    assert is_typeable(expected)


@given(st.one_of(st.text(max_size=20), st.sampled_from(["web-server-01 ", "WEB-SERVER-01", "web-server-0", "12345"])))
def test_nothing_but_the_exact_name_confirms_a_restore(typed: str) -> None:
    dialog = RestoreDialog(BACKUP, SERVER, HERE, newer_points=0)
    assert dialog.is_confirmed_by(typed) == (typed == "web-server-01")
    assert dialog.is_confirmed_by("web-server-01")


@given(st.integers(1, 10**9), st.text("0123456789", max_size=9))
def test_nothing_but_the_exact_id_confirms_a_delete(backup_id: int, typed: str) -> None:
    dialog = TypedDeleteDialog(backup(id=backup_id), HERE, remaining=[])
    assert dialog.is_confirmed_by(typed) == (typed == str(backup_id))
    assert dialog.is_confirmed_by(str(backup_id))


def test_letters_of_scripts_that_look_alike_are_noticed() -> None:
    assert has_mixed_scripts(f"p{CYRILLIC_A}ypal")
    assert not has_mixed_scripts("paypal")
    assert not has_mixed_scripts("сервер-01")
    assert not has_mixed_scripts("web-服务器")
    assert not has_mixed_scripts("web-\U00017000")  # a letter that Python knows no name of
    assert ascii_form(f"p{CYRILLIC_A}y") == "p\\u0430y"


def test_hidden_characters_are_noticed_in_every_text_of_a_record() -> None:
    assert hides_characters(backup(raw={"description": "a\u202eb"}))
    assert hides_characters(backup(raw={"server": {"id": 1, "name": "a\x1b[2J"}}))
    assert hides_characters(backup(raw={"description": "a\u202eb", "server": {"id": 1, "name": "web"}}))
    assert not hides_characters(backup(raw={"description": "long " * 100, "size_mb": "12"}))
    assert not hides_characters(BACKUP)
