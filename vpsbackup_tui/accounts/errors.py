"""What can be wrong with settings and tokens: each message is clean, names the place and says what to do.

ConfigError         the settings can't be used; nothing was started
TokenSourceError    a token is named but can't be used; the operator must mend that, nothing else was tried
TokenStoreError     a token could not be stored or removed; what is in use stays in use
"""


class ConfigError(Exception):
    """The settings can't be used; `message` names the file or variable, the key, and what is expected."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TokenSourceError(Exception):
    """A token is configured but can't be used; `message` says where and what to do, and never repeats it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TokenStoreError(Exception):
    """A token could not be stored or removed; `message` says which and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
