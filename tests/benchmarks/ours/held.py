"""A keyring that holds one token, the one in `BENCHMARK_TOKEN`."""

import os
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError


class Held(KeyringBackend):
    """Gives the token to whoever asks."""

    priority: ClassVar[float] = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Return the token."""
        return os.environ.get("BENCHMARK_TOKEN")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing."""
        raise PasswordSetError(service)
