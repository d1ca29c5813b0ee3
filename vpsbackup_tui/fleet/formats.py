"""How sizes and times read: pure functions from numbers to short words."""

from datetime import UTC, datetime, tzinfo

NOTHING = "–"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size_text(size_mb: int | None) -> str:
    """Return a size in MB as `812 MB`, `4.4 GB` or `1.2 TB` (1 GB is 1,024 MB); `–` for none."""
    if size_mb is None:
        return NOTHING
    if size_mb < 1024:
        return f"{size_mb} MB"
    if size_mb < 1024 * 1024:
        return f"{size_mb / 1024:.1f} GB" if size_mb < 1024 * 100 else f"{size_mb / 1024:.0f} GB"
    return f"{size_mb / 1024 / 1024:.1f} TB" if size_mb < 10**12 else "> 900,000 TB"


def span_text(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: `40 s`, `12 min`, `11 h`, `30 d`, `14 mo`, `3 y`."""
    if seconds < _MINUTE:
        return f"{max(0, int(seconds))} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    if seconds < 100 * _DAY:
        return f"{int(seconds // _DAY)} d"
    if seconds < 730 * _DAY:
        return f"{int(seconds // (30.44 * _DAY))} mo"
    return f"{int(seconds // (365.25 * _DAY))} y"


def long_span_text(seconds: float) -> str:
    """Return a length of time in two units, for a sentence: `2 d 4 h`, `3 h 12 min`, `40 s`."""
    seconds = max(0, int(seconds))
    for size, unit, smaller, small_unit in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            return f"{whole:,} {unit} {rest // smaller} {small_unit}" if rest >= smaller else f"{whole:,} {unit}"
    return span_text(seconds)


def age_text(created: float | None, now: float) -> str:
    """Return how long ago `created` was (Unix seconds): `just now`, `11 h`; `–` for none."""
    if created is None:
        return NOTHING
    past = now - created
    if past < -_MINUTE:
        return "in " + span_text(-past)
    return "just now" if past < _MINUTE else span_text(past)


def age_phrase(created: float | None, now: float) -> str:
    """Return how long ago something was: `2 d ago`, `just now`, `in 3 h`; `–` for none."""
    age = age_text(created, now)
    return f"{age} ago" if age[0].isdigit() else age


def expiry_text(expires: float | None, now: float) -> str:
    """Return when a backup expires, seen from `now` (Unix seconds): `never`, `in 30 d`, `expired`."""
    if expires is None:
        return "never"
    return f"in {span_text(expires - now)}" if expires > now else "expired"


def exact_text(moment: float | None, zone: tzinfo | None = UTC, *, seconds: bool = False) -> str:
    """Return a Unix time as `2025-01-16 03:00` in `zone` (None is the local one); `–` for none."""
    if moment is None:
        return NOTHING
    try:
        return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return NOTHING


def parse_time(text: str | None) -> float | None:
    """Return the Unix time in seconds of an ISO 8601 text; None where it has no zone or isn't one."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
