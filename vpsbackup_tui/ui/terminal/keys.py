"""Keys from bytes: sleeps until something is typed, and lets no byte press what wasn't pressed."""

import codecs
import os
import re
import selectors
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.events import CursorPosition, Key, Paste
from textual.message import Message

from vpsbackup_tui.ui.terminal.anew import open_anew
from vpsbackup_tui.ui.terminal.sequences import ESCAPE, ESCAPE_DELAY, PASTE, PASTE_END, Splitter

_AT_ONCE = 4096  # bytes
_WITH_ALT = 2  # characters: Escape and the key
_LONGEST = 32  # characters of a sequence
_UNMARKED = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{256,}")
"""Text that came at once: a key that is held for eight seconds while nothing is read types less."""
_MOST_KNOWN = 256  # units
_KeyParts = tuple[str, str | None]
"""What Textual makes a key of: its name, and the character that it types."""
_IN_WORDS = "]P"  # how an answer of the terminal begins that is no sequence


class KeyParser(XTermParser):
    """Textual's parser, told when to stop waiting in place of looking at the time."""

    @property
    def is_waiting(self) -> bool:
        """Tell whether what was fed last isn't a whole key to the parser."""
        return self._timeout_time is not None

    def give_up(self) -> list[Message]:
        """Return what has been fed since the last whole key as keys of their own."""
        self._timeout_time = 0.0
        return list(self.tick())


class Keys:
    """Makes Textual's messages from what a terminal sends."""

    def __init__(self, escape_delay: float = ESCAPE_DELAY) -> None:
        """Let a lone Escape wait for so many seconds."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._splitter = Splitter(escape_delay)
        self._parser = KeyParser()
        self._known: dict[str, list[_KeyParts]] = {}

    @property
    def patience(self) -> float | None:
        """Return how many seconds to wait for more before `give_up`; None where nothing is waited for."""
        return self._splitter.patience

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield what these bytes mean; a key that they only begin is held back."""
        for unit in self._splitter.feed(self._decoder.decode(data)):
            yield from self._messages(unit if unit.startswith(ESCAPE) else _UNMARKED.sub(_marked, unit))

    def give_up(self) -> Iterator[Message]:
        """Yield the key that was taken for the beginning of another; the ruin of a sequence is none."""
        unit = self._splitter.give_up()
        if 0 < len(unit) <= _WITH_ALT:  # nothing would be the end of all input
            yield from self._messages(unit)

    def _messages(self, unit: str) -> Sequence[Message]:
        """Return what one unit means; nothing where Textual doesn't know. What pressed keys does so again."""
        known = self._known.get(unit)
        if known is not None:
            return [Key(*parts) for parts in known]
        messages = self._parsed(unit)
        keys = [(message.key, message.character) for message in messages if type(message) is Key]
        if keys and len(keys) == len(messages) and len(unit) <= _LONGEST:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[unit] = keys
        return messages

    def _parsed(self, unit: str) -> list[Message]:
        """Return what one unit means to Textual's parser, which begins anew with each; it takes its time."""
        if _is_beyond_textual(unit):
            return []
        try:
            messages = list(self._parser.feed(unit))
        except (ValueError, ArithmeticError, ParseError):
            self._parser = KeyParser()
            return []
        if self._parser.is_waiting:
            as_keys = self._parser.give_up()
            return [*messages, *as_keys] if len(unit) <= _WITH_ALT else messages
        return messages


def _marked(text: re.Match[str]) -> str:
    """Return text as a terminal sends what is pasted, where it tells that from what is typed."""
    return f"{PASTE}{text.group()}{PASTE_END}"


def _is_beyond_textual(unit: str) -> bool:
    """Tell whether Textual's parser would take a unit to pieces and press these."""
    is_key = unit.startswith(ESCAPE) and not unit.startswith(PASTE)
    return is_key and (len(unit) > _LONGEST or (len(unit) > _WITH_ALT and unit[1] in _IN_WORDS))


def try_parser() -> bool:
    """Tell whether Textual's parser still does what is asked of it here."""
    keys = Keys()
    *pressed, paste = [*keys.feed(b"a\x1b[A\x1b[99z\x1bx\x1b"), *keys.give_up(), *keys.feed(b"\x1b[200~p\x1b[201~")]
    (report,) = keys.feed(b"\x1b[24;3R")
    are_keys = [getattr(event, "key", "") for event in pressed] == ["a", "up", "alt+x", "escape"]
    is_report = isinstance(report, CursorPosition) and (report.x, report.y) == (2, 23)
    return are_keys and is_report and isinstance(paste, Paste)


class WakeUp(Event):
    """An event that can be waited for together with a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._reading, self._writing = os.pipe()

    def fileno(self) -> int:
        """Return a descriptor that can be read from as soon as the event is set."""
        return self._reading

    def set(self) -> None:
        """Set the event and wake whoever waits."""
        was_set = self.is_set()
        super().set()
        if not was_set:
            os.write(self._writing, b"!")

    def clear(self) -> None:
        """Let the event be waited for again."""
        was_set = self.is_set()
        super().clear()
        if was_set:
            os.read(self._reading, 1)


def read_keys(terminal: int, end: WakeUp, keys: Keys, take: Callable[[Message], None]) -> bool:
    """Hand on what is typed until `end` is set; return False where the terminal has gone before."""
    with selectors.SelectSelector() as selector:
        selector.register(terminal, selectors.EVENT_READ)
        selector.register(end, selectors.EVENT_READ)
        while not end.is_set():
            ready = [key.fileobj for key, _ in selector.select(keys.patience)]
            if not ready:
                messages = keys.give_up()
            elif terminal not in ready:
                break
            elif data := _read(terminal):
                messages = keys.feed(data)
            elif data is None:
                continue
            else:
                return False
            for message in messages:
                take(message)
    return True


@contextmanager
def without_waiting(terminal: int) -> Iterator[int]:
    """Lend a descriptor of a terminal of which no read waits: what was there to read a shell may have taken."""
    own = open_anew(terminal, os.O_RDONLY)
    try:
        yield terminal if own is None else own
    finally:
        if own is not None:
            os.close(own)


def _read(terminal: int) -> bytes | None:
    """Return what was typed; None where that is nothing after all, and no bytes where the terminal has gone."""
    try:
        return os.read(terminal, _AT_ONCE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
