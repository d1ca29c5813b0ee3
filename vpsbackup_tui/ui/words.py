"""What stands around the table, in runs: the top line, the tabs, the counts and the servers. Pure.

The widgets show this, and so does the early frame, before there is any widget.
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from vpsbackup_tui.fleet.formats import NOTHING, exact_text, long_span_text, size_text, span_text
from vpsbackup_tui.fleet.index import Counts, Fleet
from vpsbackup_tui.fleet.models import AUTOMATIC, MANUAL, Server
from vpsbackup_tui.session import Session
from vpsbackup_tui.text import clean
from vpsbackup_tui.ui.cells import clip, clip_middle, fit, width
from vpsbackup_tui.ui.runs import Run, cells_of

TYPES: tuple[str | None, ...] = (None, MANUAL, AUTOMATIC)
"""The types that can be chosen, in their order on the line of tabs; None is all of them."""
_STEP = 5  # seconds: a line that changed each second would be sent each second
_ACTIVE = frozenset({"active", "running", "online", "on"})
_STOPPED = frozenset({"stopped", "inactive", "off", "offline", "shutoff", "shutdown", "halted"})
_SUSPENDED = frozenset({"suspended", "paused", "blocked", "locked"})
_NAME_LEAST, _WORD_LEAST = 8, 5  # cells: with less for both, the name has them all

# The top line


class Whose(NamedTuple):
    """Whose account is shown; `badges` say what is out of the ordinary about it."""

    account: str
    email: str = ""
    host: str = ""
    badges: Sequence[str] = ()


def whose_of(session: Session, *, email: str = "", demo: bool = False) -> Whose:
    """Return whose account a session is of, as far as is known."""
    badges = {
        "READ-ONLY": bool(session.why_read_only),
        "DEMO": demo,
        "NO JOURNAL": not demo and not session.keeps_journal,
    }
    settings = session.settings
    return Whose(settings.account, email, host_of(settings.base_url), [badge for badge, on in badges.items() if on])


def host_of(base_url: str) -> str:
    """Return the host of a service, with its port where it has its own."""
    return urlsplit(base_url).netloc


LOOKING_FOR_TOKEN = "Looking for the token …", "It is asked for where it is kept."
"""What stands in the place of the backups before anything of them is known, and what is being done."""


class Freshness(NamedTuple):
    """Of when what is shown is, and what became of reading it again; moments are Unix seconds."""

    as_of: float | None = None
    seen_at: float | None = None
    """When an earlier run of this program read it."""
    failed_at: float | None = None
    again_at: float | None = None
    offline: str = ""
    is_stopped: bool = False
    loading: tuple[int, int | None, str] | None = None
    """How many rows have come, of how many, and what can be done about it."""


def top_line(whose: Whose | None, freshness: Freshness, now: float, cells: int) -> tuple[list[Run], list[Run]]:
    """Return what stands at the left and at the right.

    Where there is too little room for all, the address goes first, then the time of day, when it was last tried to
    read again, and the name of the program: account and host say what a change would strike, and the age how far to
    trust what is shown.
    """

    def is_too_much() -> bool:
        return 0 < cells < cells_of([*left, *right])

    left, right = _whose_words(whose), _fresh_words(freshness, now)
    if whose is not None and is_too_much():
        left = _whose_words(whose._replace(email=""))
    if is_too_much():
        right = _fresh_words(freshness, now, brief=True)
    if is_too_much():
        right = _fresh_words(freshness, now, brief=True, tells_of_tries=False)
    if whose is not None and is_too_much():
        left = [("", " "), *left[1:]]
    return left, right


def _whose_words(whose: Whose | None) -> list[Run]:
    """Return whose account it is."""
    if whose is None:
        return []
    names = " · ".join(word for word in (whose.account, whose.email, whose.host) if word)
    # Before the names, as these are what a narrow line cuts; the brackets do where there is no colour.
    return [("title", " VPS Backups   "), *(("notice", f"[{badge}] ") for badge in whose.badges), ("", names)]


def _fresh_words(fresh: Freshness, now: float, *, brief: bool = False, tells_of_tries: bool = True) -> list[Run]:
    """Return how fresh everything is, in words; `brief` without the times of day, and without tries where not told."""
    style, age = _age(fresh, now, brief=brief)
    if fresh.loading is not None:
        goes_on = f"goes on {_ahead(fresh.again_at, now)}" if fresh.again_at and fresh.again_at > now else ""
        progress = _progress(*fresh.loading, goes_on, in_short=bool(age))
        return [(style, f"{age} "), ("quiet", f"· {progress} ")] if age else [("quiet", f"{progress} ")]
    if fresh.failed_at is not None:
        return [("alarm", _failure(fresh, fresh.failed_at, now, brief=brief, tells_of_tries=tells_of_tries))]
    if fresh.is_stopped:
        return [("notice", f"stopped: {age} ")]
    return [(style, f"{age} ")] if age else []


def _age(fresh: Freshness, now: float, *, brief: bool) -> Run:
    """Return of when what is shown is, and how long ago that was."""
    moment = fresh.as_of if fresh.seen_at is None else fresh.seen_at
    style = "quiet" if fresh.seen_at is None else "notice"
    if moment is None or brief:
        return style, _when(fresh, now, brief=brief)
    return style, f"{_when(fresh, now, brief=False)} · {_ago(moment, now)}"


def _when(fresh: Freshness, now: float, *, brief: bool) -> str:
    """Return of when what is shown is; empty where nothing is."""
    moment, words = fresh.seen_at, "seen" if brief else "as last seen"
    if moment is None:
        moment, words = fresh.as_of, "read" if brief else "as of"
    if moment is None:
        return ""
    return f"{words} {_ago(moment, now) if brief else _clock(moment, now)}"


def _failure(fresh: Freshness, failed_at: float, now: float, *, brief: bool, tells_of_tries: bool) -> str:
    """Return how old what is shown is, and since when it could not be read again."""
    when = _when(fresh, now, brief=brief)
    as_of = f"{when}, " if when else ""
    state = fresh.offline or ("stale" if when else "not read")
    if fresh.again_at is not None:
        return f"{state}: {as_of}reads again {_ahead(fresh.again_at, now)} "
    if when and not tells_of_tries:
        return f"{state}: {when} "
    return f"{state}: {as_of}last try failed {_ago(failed_at, now)} "


def _ago(moment: float, now: float) -> str:
    """Return how long ago a moment was, in steps that keep the line quiet."""
    past = max(0.0, now - moment)
    if past < _STEP:
        return "just now"
    return (span_text(past - past % _STEP) if past < 60 else long_span_text(past)) + " ago"


def _ahead(moment: float, now: float) -> str:
    """Return in how long a moment will be, in steps too, and never less than it is."""
    left = moment - now
    if left <= 0:
        return "now"
    step = 60 if left > 60 else _STEP
    return "in " + long_span_text(-(-left // step) * step)


def _clock(moment: float, now: float) -> str:
    """Return the time of day of a moment, with its date where that is another day."""
    text = exact_text(moment, seconds=True)
    today = text[:10] == exact_text(now)[:10]
    return f"{text[11:] if today else text} UTC"


def _progress(done: int, total: int | None, hint: str, goes_on: str, *, in_short: bool) -> str:
    """Return how far a load has come, in words, when it goes on where it waits, and what can be done about it."""
    words = "loading"
    if done and total and in_short:
        words += f" {min(99, 100 * done // total)} %"
    elif done or total:
        words += f" {done:,}" + ("" if total is None else f" of {total:,}")
    return " · ".join(filter(None, (words, goes_on, hint)))


# The line of tabs


class Tab(NamedTuple):
    """Which cells of the line choose which type."""

    start: int
    end: int
    backup_type: str | None


def tab_line(label: str, counts: Counts | None, chosen: str | None, cells: int) -> tuple[list[Run], list[Tab]]:
    """Return whose backups these are and a tab for each type, with its count where that is known."""
    names = ["All" if backup_type is None else backup_type.capitalize() for backup_type in TYPES]
    shown = [""] * len(names) if counts is None else [f"{count:,} " for count in counts]
    texts = [f" {name} {count}" for name, count in zip(names, shown, strict=True)]
    label = label or "all servers"
    title, line = f" Backups · {label}", " ── "
    room = cells - sum(map(len, texts)) - (len(texts) - 1)
    if room < width(title + line):  # the tabs are to act on: the name gives way
        title, line = clip(f" {label}", max(0, room - 1)), " "
    runs: list[Run] = [("title", title), ("quiet", line)]
    tabs: list[Tab] = []
    start = width(title + line)
    for backup_type, text in zip(TYPES, texts, strict=True):
        if backup_type is not None:
            runs.append(("quiet", "│"))
            start += 1
        runs.append(("chosen" if backup_type == chosen else "", text))
        tabs.append(Tab(start, start + len(text), backup_type))
        start += len(text)
    return runs, tabs


# The line of counts


def facts_of(fleet: Fleet, view: Sequence[int], *, filter_text: str = "", note: str = "") -> list[Run]:
    """Return what a view shows of how much; `note` is something that the counts don't tell."""
    return facts_line(
        shown=len(view),
        total=len(fleet.backups) if fleet.total is None else fleet.total,
        size_mb=fleet.total_size(view),
        running=fleet.busy_count(view),
        filter_text=filter_text,
        note=note,
    )


def facts_line(
    *, shown: int, total: int, size_mb: int = 0, running: int = 0, filter_text: str = "", note: str = ""
) -> list[Run]:
    """Return how many backups of how many are listed, their size in MB and how many are being worked on.

    `note` is something that they don't tell, such as that the service did not send all.
    """
    facts = [f"{shown:,} of {total:,} shown" if shown != total else f"{total:,} backup{'s' * (total != 1)}"]
    if size_mb:
        facts.append(size_text(size_mb))
    if running:
        facts.append(f"{running:,} running")
    runs: list[Run] = [("", " · ".join(facts))]
    if filter_text:
        runs += [("", " · filter "), ("title", clean(filter_text))]
    if note:
        runs += [("", " · "), ("notice", note)]
    return runs


# The sidebar


def all_servers_runs(count: int | None, cells: int) -> list[Run]:
    """Return the first row of the sidebar: all servers, and how many backups they have (None: not known)."""
    return [("", _named("≡ All servers", "", NOTHING if count is None else f"{count:,}", cells))]


def server_runs(server: Server, count: int, cells: int, *, listed: bool) -> list[Run]:
    """Return a server with its state and how many backups it has; `listed` tells whether servers are listed at all."""
    style, mark, word = _state(server, listed=listed)
    return [(style, mark), ("", _named(" " + server.label, word, f"{count:,}", cells - 1))]


def _state(server: Server, *, listed: bool) -> tuple[str, str, str]:
    """Return a server's state as style, mark and word; no word where the mark says it all."""
    word = server.status.replace("_", " ")
    if not server.listed:
        return "quiet", "◌", "not listed" if listed else ""
    if server.status in _ACTIVE:
        return "good", "●", ""
    if server.status in _STOPPED:
        return "quiet", "■", word
    if server.status in _SUSPENDED:
        return "busy", "‖", word
    return ("busy", "▲", word) if word else ("quiet", "◌", "")


def _named(name: str, word: str, count: str, cells: int) -> str:
    """Return a name, a word as far as there is room for both, and a count at the right edge."""
    room = cells - len(count) - 1
    if word and room > _NAME_LEAST + _WORD_LEAST:
        word = clip(word, max(_WORD_LEAST, room - width(name) - 1))
        name_cells = room - width(word) - 1
        name = f"{fit(clip_middle(name, name_cells), name_cells)} {word}"
    return f"{fit(name, room)} {count}"
