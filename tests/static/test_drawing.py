"""No text is drawn as markup: what the screen is given is segments, `Content`, or plain by its own word."""

import ast
from collections.abc import Iterator

import pytest

from tests.static.source import Lint, Module, each, files, found_in, imported, is_constant, keyword

_WIDGETS = {"textual.widgets.Static", "textual.widgets.Input"}  # an `Input` draws its value and placeholder plain
_RICH = ("rich.cells", "rich.segment.Segment", "rich.style.Style", "rich.console.RenderableType", "rich._unicode_data")
_MARKED_UP = {"border_title", "border_subtitle", "tooltip", "BORDER_TITLE", "BORDER_SUBTITLE"}
_READ_MARKUP = {"from_markup", "from_text", "notify", "panic", "visualize"}


def statics_that_read_markup(module: Module) -> Iterator[ast.AST]:
    """Find each `Static` without `markup=False`, and each class made of one, which could forget it."""
    for call, name in module.calls():
        if name == "textual.widgets.Static" and not is_constant(keyword(call, "markup"), False):
            yield call
    for node in module.nodes:
        if isinstance(node, ast.ClassDef) and any(
            module.named(base) == "textual.widgets.Static" for base in node.bases
        ):
            yield node


def other_ready_made_widgets(module: Module) -> Iterator[ast.AST]:
    """Find imports of Textual's widgets, and of Rich's ways to draw, that nobody has looked into."""
    for node, name in imported(module):
        is_widget = name.startswith("textual.widgets")
        if (is_widget and name not in _WIDGETS) or (name.split(".")[0] == "rich" and not name.startswith(_RICH)):
            yield node


def titles_in_markup(module: Module) -> Iterator[ast.AST]:
    """Find titles and tooltips that are set to something else than `Content`."""
    for node in module.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = {module.named(target).rpartition(".")[2] for target in targets}
            if named & _MARKED_UP and not _is_content(module, node.value):
                yield node


def _is_content(module: Module, node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and module.named(node.func).startswith("textual.content.Content")


def readers_of_markup(module: Module) -> Iterator[ast.AST]:
    """Find calls that read markup, or that end the program with a text of Rich's."""
    for call, name in module.calls():
        last = name.rpartition(".")[2]
        if last in _READ_MARKUP or (last == "exit" and keyword(call, "message")):
            yield call


def rendered_strings(module: Module) -> Iterator[ast.AST]:
    """Find `render` methods that may return a string, which Textual would read as markup."""
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "render":
            returned = module.named(node.returns) if node.returns else ""
            yield from [node] if returned != "textual.content.Content" else []


def links_and_control_codes(module: Module) -> Iterator[ast.AST]:
    """Find texts that make a click run an action, and segments that go to the terminal as they are."""
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "@click" in node.value:
            yield node
    for call, name in module.calls():
        if name.startswith("rich.segment.Segment") and (len(call.args) > 2 or keyword(call, "control")):
            yield call


def actions_made_of_text(module: Module) -> Iterator[ast.AST]:
    """Find actions to run that are put together from pieces: an action's text can hold arguments."""
    for call, name in module.calls():
        if name.rpartition(".")[2] in ("run_action", "simulate_key") and isinstance(
            call.args[0], ast.JoinedStr | ast.BinOp | ast.Call
        ):
            yield call


ALLOWED: dict[Lint, set[str]] = {
    other_ready_made_widgets: {"ui/picture/updates.py"},  # segments through a console: what does the terminal get?
}
PLANTED: dict[Lint, tuple[str, ...]] = {
    statics_that_read_markup: (
        "from textual.widgets import Static\nStatic(name)",
        "from textual.widgets import Static as Words\nWords(name, markup=maybe)",
        "from textual import widgets\nwidgets.Static(markup=True)",
        "from textual.widgets import Static\nclass Loose(Static): ...",
    ),
    other_ready_made_widgets: (
        "from textual.widgets import OptionList",
        "from textual.widgets.option_list import Option",
        "import textual.widgets",
        "from rich.text import Text",
        "from rich.console import Console",
        "import rich",
    ),
    titles_in_markup: (
        "self.border_title = f'Restore {name}'",
        "box.border_subtitle: str = name",
        "row.tooltip = name",
        "class Box: BORDER_TITLE = 'Box'",
    ),
    readers_of_markup: (
        "self.notify(name)",
        "from textual.content import Content\nContent.from_markup(name)",
        "Content.from_text(name)",
        "self.app.panic(name)",
        "self.app.exit(1, message=name)",
    ),
    rendered_strings: (
        "class Line:\n    def render(self): return name",
        "class Line:\n    def render(self) -> str: return name",
    ),
    links_and_control_codes: (
        "text = '[@click=app.quit]here'",
        "from rich.segment import Segment\nSegment(name, None, codes)",
        "from rich.segment import Segment\nSegment.line(control=codes)",
    ),
    actions_made_of_text: (
        "await self.run_action(f'open({name})')",
        "await self.run_action('open(' + name + ')')",
    ),
}
_SOUND = """
from rich.segment import Segment
from textual.content import Content
from textual.widgets import Input, Static

class Line:
    BORDER_TITLE = Content("Line")

    def render(self) -> Content:
        self.border_title = Content(name)
        Static(name, markup=False)
        Segment(name, style)
        self.exit(0)
"""


@pytest.mark.parametrize("rule", PLANTED)
def test_nothing_is_drawn_as_markup(rule: Lint) -> None:
    assert files(rule) == ALLOWED.get(rule, set())


@pytest.mark.parametrize(("rule", "text"), each(PLANTED))
def test_a_planted_text_that_is_read_as_markup_is_found(rule: Lint, text: str) -> None:
    assert found_in(text, rule)


@pytest.mark.parametrize("rule", PLANTED)
def test_what_is_drawn_as_it_should_be_is_not_found(rule: Lint) -> None:
    assert not found_in(_SOUND, rule)
