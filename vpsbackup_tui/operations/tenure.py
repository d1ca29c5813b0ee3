"""For how long what was confirmed may still be sent: until the program ends, or another token comes."""

import asyncio
from typing import Final

PROGRAM_ENDED: Final = "the program was ended"
REPLACED: Final = "another token came"


class Tenure:
    """The time in which one token is in use; `why` says in words why it is over, empty as long as it isn't."""

    def __init__(self) -> None:
        self.why = ""
        self._over = asyncio.Event()

    def end(self, why: str) -> None:
        """Let nothing be sent any more that was confirmed in this time."""
        self.why = self.why or why
        self._over.set()

    async def ended(self) -> None:
        """Wait until it is over."""
        await self._over.wait()
