"""The room of the table: why a list of a million rows costs as much as one of ten.

Textual's table keeps a cell of each row and measures all of them: 100,000 backups take it
14 seconds and 90 MB, a filter ten seconds. But a screen shows fifty rows. So nothing in
here is made of a row before it is painted, and nothing is kept of it but what was painted
last.

    rows.py             a list of rows: cursor, scrolling, painting, and which lines to paint again
    backup_table.py     the backups in it: which row the cursor belongs to, what is marked
    backup_columns.py   which columns fit a width, and what a backup reads like in them
    server_list.py      the servers in it, of which one is chosen

**The rows are elsewhere.** `fleet/backups.py` keeps the backups in columns, a quarter of the
size of as many records; `fleet/index.py` makes a view of them, which is an array of
indices in the order wanted, and nothing is copied for it. An order is made once for each
reading, the reverse of it is a slice, and a filter scans one text. The table is given a
fleet and a view, and asks for the record of a row when it paints that.

**The cursor belongs to a backup, not to a place**: it is found again in each view by its id.
Where its backup has gone nothing is selected, so that no key means the one that came to
stand there. After a reading that nobody asked for, the cursor's line stays where it is on
the screen, and the rows around it move.

**Two things are kept.** Strips, by what the row is, whether the cursor is on it, and its cell
of the scroll bar: a move makes two new ones, and a page that was seen before none. And the
lines as they were painted last: after a change of view each line is compared with what it
reads now, and only those that differ are marked. Both are dropped where a width, a style or
the way letters are measured has changed. The widths of the columns are taken once from a
reading, not from what is in sight: else they would jump with each page.

**A key's way.** The terminal's bytes are cut into a key (`ui/terminal`), the key finds its
binding here, `move_to` moves the cursor, marks two lines or all that read otherwise, and
paints them in the key's own turn (`ui/picture/at_once.py`). What is painted is compared with
what the terminal shows, and the cells that differ are written (`ui/picture`). More than
that happens only where more waits: another key, a dialog, a layout.

The list draws its own scroll bar and scrolls by itself. Textual's would lay out the screen
for each change of length, and send a style for each cell of the bar.
"""
