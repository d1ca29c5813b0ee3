"""Who makes a change: as the machine and the service know them, in clean words."""

import os
import pwd
from types import SimpleNamespace

import pytest

from vpsbackup_tui.operations.actor import Actor, actor

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("environ", "sudo_user"),
    [
        ({}, ""),
        ({"SUDO_USER": ""}, ""),
        ({"SUDO_USER": "alice"}, "alice"),
        ({"DOAS_USER": "bob"}, "bob"),
        ({"SUDO_USER": "alice", "DOAS_USER": "bob"}, "alice"),
        ({"SUDO_USER": "a\x1b]52;c;\x07" + "x" * 100}, "a\ufffd]52;c;\ufffd" + "x" * 54 + "…"),
    ],
)
def test_it_is_the_user_of_the_process_and_who_became_that(environ: dict[str, str], sudo_user: str) -> None:
    found = actor("prod", "ops@example.com", {"USER": "somebody", "LOGNAME": "else"} | environ)
    assert found == Actor(account="prod", email="ops@example.com", user=ME, sudo_user=sudo_user)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert actor("prod", "", {}).user == "4000000000"


def test_a_long_name_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda number: SimpleNamespace(pw_name="x" * 100))
    assert actor("prod", "", {}).user == "x" * 63 + "…"


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (Actor(), ""),
        (Actor(account="prod", user="root"), "root"),
        (Actor(email="ops@example.com"), "ops@example.com"),
        (Actor(user="root", sudo_user="alice", email="ops@example.com"), "alice as root (ops@example.com)"),
    ],
)
def test_a_person_is_named_as_near_as_they_are_known(who: Actor, words: str) -> None:
    assert who.words == words


@pytest.mark.parametrize(
    ("mine", "other", "shares"),
    [
        ("ops@example.com", Actor(email="ops@example.com"), True),
        ("ops@example.com", Actor(email="Ops@Example.com"), True),
        ("ops@example.com", Actor(email="dev@example.com"), False),
        ("", Actor(email=""), False),
        ("ops@example.com", None, False),
    ],
)
def test_an_account_is_the_same_where_the_service_has_said_so_of_both(
    mine: str, other: Actor | None, shares: bool
) -> None:
    assert Actor(account="one", email=mine).shares_account(other) is shares
