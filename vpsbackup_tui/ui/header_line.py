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
        self._again_at: float | None = None
        self._offline = ""
        self._is_stopped = False
        self._loading: tuple[int, int | None, str] | None = None

    def identify(self, *, account: str = "", email: str = "", host: str = "", badges: Sequence[str] = ()) -> None:
        """Show whose account this is; `badges` say what is out of the ordinary about it."""
        words = " · ".join(word for word in (account, email, host) if word)
        # Before the names, as these are what a narrow line cuts; the brackets do where there is no colour.
        marks: list[Run] = [("notice", f"[{badge}] ") for badge in badges]
        self._who = [("title", " VPS Backups   "), *marks, ("", words)]
        self._write()

    def show_loading(self, done: int = 0, total: int | None = None, *, hint: str = "") -> None:
        """Tell that rows are coming, how many there are so far, and what can be done about it."""
        self._loading = (done, total, hint)
        self._write()

    def show_last_seen(self, as_of: float) -> None:
        """Tell that what is shown is what an earlier run of this program read at `as_of` (Unix seconds)."""
        self._seen_at = as_of
        self._write()

    def show_fresh(self, as_of: float) -> None:
        """Tell that what is shown was read at `as_of` (Unix seconds)."""
        self._as_of, self._seen_at, self._failed_at, self._offline, self._loading = as_of, None, None, "", None
        self._is_stopped = False
        self._write()

    def show_stopped(self, as_of: float | None) -> None:
        """Tell that what is shown is of `as_of` (None: of an earlier run), as reading was stopped."""
        self._as_of, self._failed_at, self._loading, self._is_stopped = as_of, None, None, True
        self._write()

    def show_stale(
        self, as_of: float | None, failed_at: float, why: str = "", *, again_at: float | None = None
    ) -> None:
        """Tell that what is shown is of `as_of` (None: there is nothing to show), as reading again failed.

        `why` is a word or two: `offline`, `token refused`; `again_at` is when it is tried
        again, where the service wants that no sooner.
        """
        self._as_of, self._failed_at, self._offline, self._loading = as_of, failed_at, why, None
        self._again_at = again_at
        self._write()

    def tick(self, now: float) -> None:
        """Show ages as seen from `now` (Unix seconds)."""
        self._now = now
        self._write()

    def _write(self) -> None:
        self.write(self._who, self._freshness())

    def _freshness(self) -> list[Run]:
        """Return how fresh everything is, in words."""
        style, age = self._age()
        if self._loading is not None:
            progress = _progress(*self._loading, in_short=bool(age))
            return [(style, f"{age} "), ("quiet", f"· {progress} ")] if age else [("quiet", f"{progress} ")]
        if self._failed_at is not None:
            return [("alarm", self._failure(self._failed_at))]
        if self._is_stopped:
            return [("notice", f"stopped: {age} ")]
        return [(style, f"{age} ")] if age else []

    def _age(self) -> Run:
        """Return of when what is shown is."""
        if self._seen_at is not None:
            return "notice", f"as last seen {self._clock(self._seen_at)} · {self._ago(self._seen_at)}"
        return "quiet", "" if self._as_of is None else f"as of {self._clock(self._as_of)} · {self._ago(self._as_of)}"

    def _failure(self, failed_at: float) -> str:
        """Return how old what is shown is, and since when it could not be read again."""
        as_of = ""
        if self._as_of is not None:
            as_of = f"as of {self._clock(self._as_of)}, "
        elif self._seen_at is not None:
            as_of = f"as last seen {self._clock(self._seen_at)}, "
        state = self._offline or ("stale" if as_of else "not read")
        if self._again_at is not None:
            return f"{state}: {as_of}reads again {self._ahead(self._again_at)} "
        return f"{state}: {as_of}last try failed {self._ago(failed_at)} "

    def _ago(self, moment: float) -> str:
        """Return how long ago a moment was, in steps that keep the line quiet."""
        past = max(0.0, self._now - moment)
        if past < _STEP:
            return "just now"
        return (span_text(past - past % _STEP) if past < 60 else long_span_text(past)) + " ago"

    def _ahead(self, moment: float) -> str:
        """Return in how long a moment will be, in the same steps."""
        left = moment - self._now
        if left <= 0:
            return "now"
        return "in " + (long_span_text(left) if left > 60 else span_text(-(-left // _STEP) * _STEP))

    def _clock(self, moment: float) -> str:
        """Return the time of day of a moment, with its date where that is another day."""
        text = exact_text(moment, seconds=True)
        today = text[:10] == exact_text(self._now)[:10]
        return f"{text[11:] if today else text} UTC"


def _progress(done: int, total: int | None, hint: str, *, in_short: bool) -> str:
    """Return how far a load has come, in words."""
    words = "loading"
    if done and total and in_short:
        words += f" {min(99, 100 * done // total)} %"
    elif done or total:
        words += f" {done:,}" + ("" if total is None else f" of {total:,}")
    return f"{words} · {hint}" if hint else words
