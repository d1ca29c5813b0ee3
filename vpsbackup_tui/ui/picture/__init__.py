"""The room of the picture: why only the cells that changed leave the process, and how that stays right.

Textual sends a widget's whole line for one changed letter, the whole screen for each dialog
that opens, and before each run of text all of its style. On a fast terminal nobody sees
that. Over a line of 2 kB a second a dialog of 15 kB takes seven seconds, in which an
operator presses the key again. So this room keeps a picture of what the terminal shows,
compares with it what Textual wants to send, and sends the difference.

    looks.py     how a cell is painted, and the shortest change from one look to another
    cells.py     a line of text as cells: which letters take two, and on which nobody agrees
    pen.py       writes cells: moves, changes looks and erases in as few bytes as it can
    picture.py   what the terminal shows, cell by cell; takes what it should show, returns the difference
    updates.py   the one place that knows what Textual's compositor hands over
    touched.py   a compositor that asks no widget for lines that nobody needs
    at_once.py   paints what has changed in the turn of the key, or of the answer, that has changed it
    stock.py     whether Textual still is what these lean on; its own way where it isn't
    app.py       where it is put in: what an app displays goes through the picture

The first four are pure.

**What may go wrong is the picture.** It is right as long as everything that reaches the
terminal comes through it. What it can't know makes it void: a terminal that was taken again
(`fg`), one that changed its size, output that was dropped because the line stood still.
`BackupsApp.draw_anew` then forgets the picture, and the next frame sends every cell. The
operator has a key for what no program can notice, such as a message of `wall` across the
screen. Where a cell is unknown it is sent; nothing is ever left out on a guess. Each frame
begins and ends with plain style, and no frame trusts where the cursor was left, so others
may write to the terminal between two frames as long as they draw nothing.

**Letters on whose width terminals disagree.** Emoji, marks of Indic scripts, letters with
several accents (see `ui/widths`): a run of these is sent whole or not at all, over blanks, and what follows
is put at its own column whatever the terminal thinks of the run's width; cells that a wider
rendering may have covered are sent again. So a line stays aligned in every terminal, and a
name can spoil no cell but its own.

**Which sequences.** Cursor by a step, by column and by place, styles, erasing of a line and
of characters: xterm, VTE, tmux, the Linux console and PuTTY know them all. GNU screen erases
to black, so there a coloured background is sent as blanks. Scrolling a part of the screen
(DECSTBM) is not used: the table doesn't reach from edge to edge, so the sidebar would have
to be sent again, and rows differ in so few cells that little is left to win. Nor is
repeating a letter (REP), which the Linux console doesn't know.
"""
