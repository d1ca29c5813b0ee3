"""The first door: the screen. The only place that knows Textual; it knows no HTTP."""
