"""The top line: whose account this is, and of when what is shown is."""

from collections.abc import Sequence

from vpsbackup_tui.fleet.formats import exact_text, long_span_text, span_text
from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run

_STEP = 5  # seconds: a line that changed each second would be sent each second


class HeaderLine(Line):
    """Show the account at the left and how fresh everything is at the right."""

    def __init__(self, *, now: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now = now
        self._who: list[Run] = []
        self._as_of: float | None = None
        self._seen_at: float | None = None
        self._failed_at: float | None = None
        self._offline = ""
        self._loading: tuple[int, int | None] | None = None

    def identify(self, *, account: str = "", email: str = "", host: str = "", badges: Sequence[str] = ()) -> None:
        """Show whose account this is; `badges` say what is out of the ordinary about it."""
        words = " · ".join(word for word in (account, email, host) if word)
        # Before the names, as these are what a narrow line cuts; the brackets do where there is no colour.
        marks: list[Run] = [("notice", f"[{badge}] ") for badge in badges]
        self._who = [("title", " VPS Backups   "), *marks, ("", words)]
        self._write()

    def show_loading(self, done: int = 0, total: int | None = None) -> None:
        """Tell that rows are coming, and how many there are so far."""
        self._loading = (done, total)
        self._write()

    def show_last_seen(self, as_of: float) -> None:
        """Tell that what is shown is what an earlier run of this program read at `as_of` (Unix seconds)."""
        self._seen_at = as_of
        self._write()

    def show_fresh(self, as_of: float) -> None:
        """Tell that what is shown was read at `as_of` (Unix seconds)."""
        self._as_of, self._seen_at, self._failed_at, self._offline, self._loading = as_of, None, None, "", None
        self._write()

    def show_stale(self, as_of: float | None, failed_at: float, why: str = "") -> None:
        """Tell that what is shown is of `as_of` (None: there is nothing to show), as reading again failed.

        `why` is a word or two: `offline`, `token refused`.
        """
        self._as_of, self._failed_at, self._offline, self._loading = as_of, failed_at, why, None
        self._write()

    def tick(self, now: float) -> None:
        """Show ages as seen from `now` (Unix seconds)."""
        self._now = now
        self._write()

    def _write(self) -> None:
        self.write(self._who, self._freshness())

    def _freshness(self) -> list[Run]:
        """Return how fresh everything is, in words."""
        seen = "" if self._seen_at is None else f"as last seen {self._clock(self._seen_at)}"
        of_old: list[Run] = []
        if self._seen_at is not None:
            of_old = [("notice", f"{seen} · {self._ago(self._seen_at)} ")]
        if self._loading is not None:
            return [*of_old, ("quiet", f"{'· ' if seen else ''}{_progress(*self._loading)} ")]
        if self._failed_at is not None:
            tried = f"last try failed {self._ago(self._failed_at)} "
            as_of = seen if self._as_of is None else f"as of {self._clock(self._as_of)}"
            state = self._offline or ("stale" if as_of else "not read")
            return [("alarm", f"{state}: {as_of}{', ' if as_of else ''}{tried}")]
        if self._as_of is None:
            return of_old
        return [("quiet", f"as of {self._clock(self._as_of)} · {self._ago(self._as_of)} ")]

    def _ago(self, moment: float) -> str:
        """Return how long ago a moment was, in steps that keep the line quiet."""
        past = max(0.0, self._now - moment)
        if past < _STEP:
            return "just now"
        return (span_text(past - past % _STEP) if past < 60 else long_span_text(past)) + " ago"

    def _clock(self, moment: float) -> str:
        """Return the time of day of a moment, with its date where that is another day."""
        text = exact_text(moment, seconds=True)
        today = text[:10] == exact_text(self._now)[:10]
        return f"{text[11:] if today else text} UTC"


def _progress(done: int, total: int | None) -> str:
    """Return how far a load has come, in words."""
    of_all = "" if total is None else f" of {total:,}"
    return f"loading {done:,}{of_all}" if done or total else "loading"
