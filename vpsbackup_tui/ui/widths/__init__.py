"""The room of the widths: how far the terminal at hand goes on for a letter, and how that is found out.

Terminals disagree. The C library, tmux and xterm give a vowel sign of Tamil or Hindi a cell
of its own, terminals that measure clusters give it none; a thumb with a colour of skin takes
two cells or four. No table is right for all of them, so the terminal is asked: a letter is
written, the terminal says where its cursor is now (`CSI 6n`, which every terminal since the
VT100 answers), and the difference is the width.

    kinds.py        the kinds of letters that differ, a sample of each, what is taken without an answer
    question.py     what is sent, and what the answers mean
    tables.py       makes Rich, Textual and the picture measure by an answer
    remembered.py   answers kept by terminal, for the next start
    app.py          when to ask, and what to do with what comes

The first three are pure.

**When.** As soon as a whole frame stands, not before: nobody waits for an answer. The
question is one piece: 100 bytes of samples, hidden, at the beginning of the last
line, then that line again as it was. Whoever looks sees nothing. The answers may come late,
be lost, or be nonsense. Only reports of that last line count, all of them in their order,
and each only where its kind may take that width. A report of the first line may be F3 with
Shift, in the way of xterm; it is left alone. No report is ever a key, asked for or not, and
the keys between two answers are keys as always. An end within a second of the question
waits for the answers, as the shell would take them for something typed.

**Without an answer** there is room for the widest that is usual: a gap after a name does less
harm than a name that is cut. That is not what keeps rows straight. The picture does that in
every terminal (see `ui/picture`): what follows a letter of uncertain width is put at its own
column. The answer is what makes names whole, and closes the gaps.

**What isn't asked about.** Joined emoji (ZWJ) and the selector that makes a picture of a sign:
text from outside holds neither, as `text.clean` shows a mark where they stood. Syllables of
several consonants (Hindi क्ष), on which a few terminals go on by fewer cells: that depends on
the font there, and the picture copes.

**Remembered** is a digit for each kind, under a number that stands for the terminal: TERM, the
name and version it gives itself, whether tmux or screen is in between, where SSH came from,
the locale. Where nothing but a TERM like `xterm-256color` tells, many terminals go by it, so
what it answered last is laid out by, and it is asked again at each start; the others each
month. `--demo` asks and keeps nothing. A file that was tampered with is none.

**Never asked** are the Linux console, which has no such letters, and what isn't UTF-8; nor is a
terminal whose driver is Textual's own (see `ui/terminal/stock.py`).
"""
