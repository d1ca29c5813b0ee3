"""A compositor that asks only the widgets that an update touches for lines; Textual's asks all on the screen."""

from collections.abc import Callable, Mapping, Sequence

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Touched = Callable[[Region], bool]


class TouchedOnly(Compositor):
    """Leaves out, while lines are put together, the widgets that have no part in any of them."""

    def __init__(self) -> None:
        super().__init__()
        self._touches: Touched | None = None

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """Return the widgets in sight, while lines are put together those that take part."""
        widgets, touches = super().visible_widgets, self._touches
        return widgets if touches is None else {each: place for each, place in widgets.items() if touches(place[0])}

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        _ = self.cuts  # which are worked out once, by all widgets
        self._touches = lambda region: crop.overlaps(region) and any(map(is_rendered_line, region.line_range))
        try:
            return super()._render_chops(crop, is_rendered_line)
        finally:
            self._touches = None


def try_compositor() -> str:
    """Return in what Textual's compositor isn't what this leans on; empty where all is well."""
    code = Compositor._render_chops.__code__
    takes = code.co_varnames[: code.co_argcount] == ("self", "crop", "is_rendered_line")
    asks = "visible_widgets" in Compositor._get_renders.__code__.co_names and "_get_renders" in code.co_names
    return "" if takes and asks else "Compositor renders in another way"
