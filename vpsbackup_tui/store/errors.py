"""What goes wrong with files of this program."""


class JournalError(Exception):
    """The journal can't be read or written; `message` says why and what to do, in clean words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
