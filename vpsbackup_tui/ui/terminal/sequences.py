"""Which characters belong to one key, and how long to wait for the rest of them."""

import re
from collections.abc import Iterator, Mapping
from time import monotonic

ESCAPE = "\x1b"
ESCAPE_DELAY = 0.025
"""Seconds that a lone Escape waits for the rest of a key."""
_BEGUN_DELAY = 0.5  # seconds: for a sequence that has begun
_NUMBERED_DELAY = 5.0  # seconds: for one with a number, which nobody types, and whose rest would be typed
_PASTE_DELAY = 10.0  # seconds: for the rest of a paste, whose end may be lost
_TYPED = 8  # characters: more at once is none that a hand has typed meanwhile, to see whether anything works
_STREAM = 0.1  # seconds: less between a few characters and a few more is the pace of a slow line, not of a hand
_LONGEST_TYPED = 60.0  # seconds for which what a hand may have typed is waited for, too
_TORN = 0.1  # seconds after an Escape in which what looks like the rest of a key is taken for it
_SANE = 6  # digits of milliseconds
_LONGEST = 1024  # characters: what has begun and is longer isn't waited for
_MOST_PASTED = 65_536  # characters: more of a paste is kept nowhere, and its end is looked for in what comes last
_LONGEST_END = 32  # characters that may be the beginning of a paste's end, or of an answer
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"

_WHOLE = re.compile(
    r"""
      [^\x1b]++                                              # text
    | \x1b(?:
        (?=\x1b)                                             # Escape, then another key
      | \[\[[^\x1b]                                          # function keys of the Linux console
      | \[M[^\x1b]{3}                                        # the mouse, in its oldest way
      | \[[0-9]++\$                                          # keys with Shift of rxvt
      | \[(?![\[M])[0-?]*+[ -/]*+(?:[^\x1b]|(?=\x1b))        # nearly everything, broken off or not
      | O(?:[^\x1b]|(?=\x1b))                                # keys of a keypad
      | (?:\][0-9]|P[0-9!>+$=])[^\x07\x1b]*+(?:\x07|\x1b\\|(?=\x1b[^\\]))  # an answer in words, as of a colour
      | (?:[^\x1b\[O\]P]|\](?=[^0-9])|P(?=[^0-9!>+$=]))      # a key with Alt
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_TORN_OFF = re.compile(r"\[[0-9;]*[A-HPQRSZu~]|O[A-HPQRS]")
_ANSWER_TORN_OFF = {  # after what was given up of it: nobody types that
    ESCAPE: re.compile(r"\[[0-9]++(?:;[0-9]*+)?(?:R|\Z)"),
    f"{ESCAPE}[": re.compile(r"[0-9]++;[0-9]++R"),
}
_PLACE = re.compile(r"\x1b\[[0-9]++;[0-9]++R")
"""Where the cursor is: the answer to what is asked behind each frame, wherever the terminal has put it."""
_NUMBERED = re.compile(r"\x1b\[[<?]?[0-9]")


def escape_delay(environ: Mapping[str, str]) -> float:
    """Return how many seconds a lone Escape waits: as many milliseconds as `ESCDELAY` says, as with curses."""
    said = environ.get("ESCDELAY", "")
    return int(said) / 1000 if said.isdecimal() and len(said) < _SANE else ESCAPE_DELAY


class Splitter:
    """Cuts what is typed into whole units: a run of text, one key or report that begins with Escape, a paste."""

    def __init__(self, escape_delay: float = ESCAPE_DELAY) -> None:
        """Let a lone Escape wait for so many seconds."""
        self._escape_delay = escape_delay
        self._held = ""
        self._in_paste = False
        self._end_may_come = False  # of a paste that was given up
        self._came_last = ""
        self._paste_came_at = 0.0
        self._paste_is_lost_at = 0.0
        self._paste_is_lost_by = 0.0
        self._given_up = ""
        self._gave_up_at = 0.0

    @property
    def patience(self) -> float | None:
        """Return how many seconds to wait for more before `give_up`; None where nothing is waited for."""
        if self._in_paste:
            return max(0.0, min(self._paste_is_lost_at, self._paste_is_lost_by) - monotonic())
        if not self._held:
            return None
        if self._held == ESCAPE:
            return self._escape_delay
        return _NUMBERED_DELAY if _NUMBERED.match(self._held) else _BEGUN_DELAY

    def feed(self, text: str) -> Iterator[str]:
        """Take what was typed and yield the units that are whole."""
        text = self._torn_off(text) + self._behind_lost_paste(text)
        self._given_up = ""
        self._held += text
        if self._in_paste:
            self._wait_for_more_than(text)
        while unit := self._next():
            yield unit
        if self._in_paste and len(self._held) > _MOST_PASTED + _LONGEST_END:
            self._held = f"{self._held[:_MOST_PASTED]} {self._held[-_LONGEST_END:]}"
        elif not self._in_paste and len(self._held) > _LONGEST:
            self._held = ""

    def give_up(self) -> str:
        """Return what has waited in vain, which is no whole unit unless it is Escape or a key with Alt.

        Of a paste that is nothing: it presses no key.
        """
        self._end_may_come |= self._in_paste
        unit, self._held, self._in_paste = "" if self._in_paste else self._held, "", False
        self._given_up, self._gave_up_at = unit, monotonic()
        return unit

    def _behind_lost_paste(self, text: str) -> str:
        """Return what came behind the end of a paste that was given up too early, where that comes now."""
        pasted, _, rest = text.partition(PASTE_END)
        if not self._end_may_come or len(pasted) == len(text) or PASTE in pasted:
            return text
        self._end_may_come = False
        return rest

    def _torn_off(self, text: str) -> str:
        """Return what was given up too early of a key or a report whose rest this is; empty where it is none."""
        seconds = monotonic() - self._gave_up_at
        rest = _ANSWER_TORN_OFF.get(self._given_up)
        is_key = self._given_up == ESCAPE and seconds < _TORN and _TORN_OFF.match(text)
        is_answer = rest is not None and seconds < _NUMBERED_DELAY and rest.match(text)
        return self._given_up if is_key or is_answer else ""

    def _next(self) -> str:
        """Take the next whole unit from what is held; nothing where there is none."""
        if self._in_paste:
            return self._next_paste()
        whole = _WHOLE.match(self._held)
        if whole is None:
            return ""
        unit = whole.group()
        self._held = self._held[whole.end() :]
        if unit == PASTE:
            self._in_paste, self._end_may_come = True, False
            self._wait_for_paste(monotonic(), surely=True)
            return self._next_paste()
        return unit

    def _wait_for_more_than(self, text: str) -> None:
        """Wait anew for the end of a paste where this is more of it, and not what else comes from terminal and hand."""
        if pasted := _PLACE.sub("", text):
            now = monotonic()
            is_stream = now - self._paste_came_at < _STREAM and pasted != self._came_last  # else a key that is held
            self._came_last = pasted
            self._wait_for_paste(now, surely=len(pasted) > _TYPED or is_stream)

    def _wait_for_paste(self, now: float, *, surely: bool) -> None:
        """Wait for more of a paste of which some has come, `surely` or perhaps; that alone won't last for ever."""
        self._paste_came_at = now
        self._paste_is_lost_at = now + _PASTE_DELAY
        if surely:
            self._paste_is_lost_by = now + _LONGEST_TYPED

    def _next_paste(self) -> str:
        """Take an answer that fell into a paste, or all of it, with no Escape left that could end it or press a key."""
        pasted, end, rest = self._held.partition(PASTE_END)
        if place := _PLACE.search(pasted):
            self._held = pasted[: place.start()] + pasted[place.end() :] + end + rest
            return place.group()
        if not end:
            return ""
        self._held, self._in_paste = rest, False
        return PASTE + pasted.replace(ESCAPE, "") + PASTE_END
