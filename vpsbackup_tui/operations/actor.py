"""Who makes a change: the account, whose token it is, and the user of this machine."""

import os
import pwd
from collections.abc import Mapping

import msgspec

from vpsbackup_tui.text import clean

_RAISED_BY = ("SUDO_USER", "DOAS_USER")
_MOST = 64


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who has asked for a change.

    `email` is that of the token, empty where the service hasn't told it. `user` is the
    user that the program runs as; `sudo_user` the one who became that by sudo or doas,
    as these say.
    """

    account: str = ""
    email: str = ""
    user: str = ""
    sudo_user: str = ""

    @property
    def words(self) -> str:
        """Return the person as near as it is known: `alice as root (ops@example.com)`; empty where nobody is."""
        user = f"{self.sudo_user} as {self.user}" if self.sudo_user else self.user
        return f"{user} ({self.email})" if user and self.email else user or self.email

    def can_look_into(self, other: "Actor") -> bool:
        """Tell whether the lists that this one sees are those to which a change of the other was made.

        The service's word decides, where it has told whose both tokens are; else what the operator calls the account.
        """
        return self.shares_account(other) if self.email and other.email else self.account == other.account

    def shares_account(self, other: "Actor | None") -> bool:
        """Tell whether the service has told the same account of the tokens of both, in whatever letters."""
        return other is not None and self.email.casefold() == other.email.casefold() != ""


def actor(account: str, email: str, environ: Mapping[str, str]) -> Actor:
    """Return who makes a change with this account now; `email` is that of its token."""
    raised_by = next((environ[name] for name in _RAISED_BY if environ.get(name)), "")
    return Actor(account=account, email=clean(email), user=_user_name(os.getuid()), sudo_user=clean(raised_by, _MOST))


def _user_name(number: int) -> str:
    """Return the name of a user; the number where it has none. Variables such as `USER` are anybody's to set."""
    try:
        return clean(pwd.getpwuid(number).pw_name, _MOST)
    except KeyError:
        return str(number)
