"""The top line: whose account this is, and of when what is shown is."""

from collections.abc import Sequence

from textual.events import Resize

from vpsbackup_tui.fleet.formats import exact_text, long_span_text, span_text
from vpsbackup_tui.ui.cells import width
from vpsbackup_tui.ui.line import Line
from vpsbackup_tui.ui.runs import Run

_STEP = 5  # seconds: a line that changed each second would be sent each second


class HeaderLine(Line):
    """Show the account at the left and how fresh everything is at the right."""

    def __init__(self, *, now: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now = now
        self._who: list[Run] = []
        self._least = 0  # cells of it that there should always be room for
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
        self._least = sum(width(text) for _, text in self._who[:-1]) + width(account) + 1
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

    def on_resize(self, _event: Resize) -> None:
        """Say as much as there is room for now."""
        self._write()

    def _write(self) -> None:
        right = self._freshness()
        if 0 < self.size.width < self._least + sum(width(text) for _, text in right):
            right = self._freshness(brief=True)
        self.write(self._who, right)

    def _freshness(self, *, brief: bool = False) -> list[Run]:
        """Return how fresh everything is, in words; `brief` without the times of day."""
        style, age = self._age(brief=brief)
        if self._loading is not None:
            progress = _progress(*self._loading, in_short=bool(age))
            return [(style, f"{age} "), ("quiet", f"· {progress} ")] if age else [("quiet", f"{progress} ")]
        if self._failed_at is not None:
            return [("alarm", self._failure(self._failed_at, brief=brief))]
        if self._is_stopped:
            return [("notice", f"stopped: {age} ")]
        return [(style, f"{age} ")] if age else []

    def _age(self, *, brief: bool) -> Run:
        """Return of when what is shown is, and how long ago that was."""
        moment = self._as_of if self._seen_at is None else self._seen_at
        style = "quiet" if self._seen_at is None else "notice"
        if moment is None or brief:
            return style, self._when(brief=brief)
        return style, f"{self._when(brief=False)} · {self._ago(moment)}"

    def _when(self, *, brief: bool) -> str:
        """Return of when what is shown is; empty where nothing is."""
        moment, words = self._seen_at, "as last seen"
        if moment is None:
            moment, words = self._as_of, "read" if brief else "as of"
        if moment is None:
            return ""
        return f"{words} {self._ago(moment) if brief else self._clock(moment)}"

    def _failure(self, failed_at: float, *, brief: bool) -> str:
        """Return how old what is shown is, and since when it could not be read again."""
        when = self._when(brief=brief)
        as_of = f"{when}, " if when else ""
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
        """Return in how long a moment will be, in steps too, and never less than it is."""
        left = moment - self._now
        if left <= 0:
            return "now"
        step = 60 if left > 60 else _STEP
        return "in " + long_span_text(-(-left // step) * step)

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
