"""The start: something to look at while the rest of the program is still on its way.

Python is there after 15 ms and Textual after 200, most of which is spent on reading
modules. Nothing makes these modules load quicker, so three other things are done.

`skeleton` draws the frame before anything else is imported: an empty screen with the
title at its place, in the colours of the screen that follows. It is drawn on the
terminal's other screen, which Textual then finds open and paints over; so nothing
flickers, nothing moves, and what was on the terminal comes back however the start ends.

`ui/early_frame.py` draws the whole first frame over it as soon as the account is known and
before Textual is imported: the rows last seen, from the same words, columns and picture
as the widgets. However long the lists are, their top is read for that alone
(`fleet/glance.py`); the whole of them is read in a thread while Textual is imported. It
goes on from there and finds each cell drawn as it would draw it, so it sends none of them
again and nothing moves. From then on no line is empty on which the terminal could draw
what is typed, so it is told not to, and to keep each key as it is for Textual.
Where there are no such rows, or the colours are others, the skeleton stands till then.

And little is imported before the first frame: no HTTP client, no TLS, no keyring, no
dialog. What a story needs it imports where it begins, and `ui/behind.py` reads it all in
a thread as soon as the first frame is out, so that no key press waits for it. Until then
`garbage` keeps Python from looking for any. `tests/counts/test_start.py` counts what is
loaded by then, and that nothing is painted in vain.

What may end the program is heard from the first moment on, too: `signals` turns what asks
for that into an exception, or notes it where that must not fall anywhere.
"""
