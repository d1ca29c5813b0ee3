"""A compositor that asks only the widgets for lines that can be seen in an update; Textual's asks all on the screen."""

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.widget import Widget


class TouchedOnly(Compositor):
    """Leaves out, in an update of parts, the widgets that don't touch these parts, or only behind others."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Iterable[Region] = ()

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """Return the widgets in sight, from front to back; in an update of parts, those of them that it shows."""
        widgets = super().visible_widgets
        if not self._parts:
            return widgets
        places = [(widget, region.intersection(clip)) for widget, (region, clip) in widgets.items()]
        shown = {widget for part in self._parts for widget in _seen_in(part, places)}
        return {widget: place for widget, place in widgets.items() if widget in shown}

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return an update of the parts that are to be painted again."""
        _ = self.cuts  # which are worked out once, by all widgets
        self._parts = frozenset(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._parts = ()


def _seen_in(part: Region, places: Iterable[tuple[Widget, Region]]) -> Iterable[Widget]:
    """Yield the widgets that can be seen in a part of the screen; `places` are those of all, from front to back."""
    for widget, place in places:
        if place.overlaps(part):
            yield widget
            if place.contains_region(part):
                return


def try_compositor() -> str:
    """Return in what Textual's compositor isn't what this leans on; empty where all is well."""
    code = Compositor.render_partial_update.__code__
    renders = {"_dirty_regions", "_render_chops", "cuts"} <= set(code.co_names)
    asks = "visible_widgets" in Compositor._get_renders.__code__.co_names
    chops = Compositor._render_chops.__code__.co_names
    return "" if renders and asks and "_get_renders" in chops else "Compositor renders in another way"
