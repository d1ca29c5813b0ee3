"""The room of the terminal: why this program has a driver of its own, and what it leans on.

Textual's driver for Linux looks for keys ten times a second, so that an idle program
never sleeps, an Escape waits for 100 ms and leaving waits for the next look. It ends the
program at a byte that isn't UTF-8, presses what it doesn't understand as keys, spins when
the terminal has gone, and waits for ever for one that stands still. Over SSH, at night,
each of these matters.

    driver.py      takes the terminal, gives it back, stops and goes on as a shell's job
    keys.py        sleeps until something is typed; a pipe wakes it for the end
    sequences.py   which bytes belong to one key, and how long to wait for the rest
    reports.py     asks for the place of the cursor, and keeps the answers apart from keys
    anew.py        opens the terminal a second time, so that neither reading nor writing has to wait
    output.py      hands on what is drawn, so that nobody waits for a slow terminal
    receipts.py    asks behind each frame how far the terminal has come, and learns how much may be under way
    pace.py        draws the next frame when the terminal has taken the last, and lets keys take turns
    loss.py        what is left to do where the terminal has gone
    stock.py       whether Textual still is what the driver leans on; its own driver where it isn't

**How long to wait.** A terminal sends one key as several bytes that begin with Escape, and
Escape is a key too. A lone one counts as the key after 25 ms (or `ESCDELAY`, in
milliseconds, as with curses: more is right for a line that tears keys apart). What comes
within 100 ms of it in one piece, and looks like the rest of a key, is taken for that rest:
Escape was pressed too early then, but no `[` and no `D`. A sequence that has begun,
`ESC [`, is waited for much longer: nobody types one, the rest of one does harm as keys,
and whoever presses Alt and `[` can wait for half a second. After that, two characters are
that key with Alt, and more are the ruin of a key and press nothing. The same holds for
whole sequences and answers of a terminal that mean nothing here.

**When to draw.** A frame for which the terminal has no room yet is left out; once it has
come further, the newest picture is compared with what it shows, and the difference is
sent. So nothing piles up however many keys are pressed, and a dialog takes no answer
before it is on the screen. That a pty has taken a frame tells little: an SSH server takes
it at once, and what lies in its buffers can't be called back. A key held down for five
seconds over 2 kB a second was drawn for more than a minute, and a dialog behind that could be
answered unseen. So the terminal itself is asked, behind each frame: 9 bytes. Inside tmux
or screen on the same machine it is they who answer, and what they send on is theirs.

**What it leans on.** Private parts of Textual: fields of `LinuxDriver`, the parser behind
`XTermParser.feed`, and what `App` does with keys and batches. `stock.py` names each of them
and tries the parser before the screen opens; where one has changed, Textual's own driver is
used, guarded as far as it can be from outside, and keys and frames take Textual's pace.
"""
