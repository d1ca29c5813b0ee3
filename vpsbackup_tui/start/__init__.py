"""The start: something to look at while the rest of the program is still on its way.

Python is there after 15 ms and Textual after 200, most of which is spent on reading
modules. Nothing makes these modules load quicker, so two other things are done.

`skeleton` draws the frame before anything else is imported: an empty screen with the
title at its place, in the colours of the screen that follows. It is drawn on the
terminal's other screen, which Textual then finds open and paints over; so nothing
flickers, nothing moves, and what was on the terminal comes back however the start ends.

And little is imported before the first frame: no HTTP client, no TLS, no keyring, no
dialog. What a story needs it imports where it begins, and `ui/behind.py` reads it all in
a thread as soon as the first frame is out, so that no key press waits for it. Until then
`garbage` keeps Python from looking for any. `tests/counts/test_start.py` counts what is
loaded by then, and that nothing is painted in vain.
"""
