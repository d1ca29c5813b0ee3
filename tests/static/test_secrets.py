"""The token is taken out of its wrapping in three places, and nothing looks into variables behind their back."""

import ast
from collections.abc import Iterator

import pytest

from tests.static.source import Lint, Module, each, found_in, places

_FRAMES = {"f_locals", "f_globals", "f_back", "tb_frame", "gi_frame", "cr_frame"}


def revealed(module: Module) -> Iterator[ast.AST]:
    """Find each place that takes a token out, be it by name."""
    for node in module.nodes:
        is_named = isinstance(node, ast.Constant) and node.value == "reveal"
        if is_named or (isinstance(node, ast.Attribute) and node.attr == "reveal"):
            yield node


def looks_into_variables(module: Module) -> Iterator[ast.AST]:
    """Find what reads variables wholesale: a report of a crash could then hold a token."""
    for node in module.nodes:
        if (isinstance(node, ast.Attribute) and node.attr in _FRAMES) or (
            isinstance(node, ast.keyword) and node.arg in ("capture_locals", "show_locals")
        ):
            yield node
    for call, name in module.calls():
        if name in ("vars", "locals", "globals", "sys._getframe", "inspect.getmembers", "gc.get_objects"):
            yield call


ALLOWED: dict[Lint, set[str]] = {
    revealed: {
        "api/transport.py: _BearerAuth.auth_flow",
        "accounts/tokens.py: Tokens.save",
        "accounts/token_file.py: TokenFile.write",
    },
    looks_into_variables: set(),
}
PLANTED: dict[Lint, tuple[str, ...]] = {
    revealed: ("print(token.reveal())", "show = token.reveal", "getattr(token, 'reveal')()"),
    looks_into_variables: (
        "report(frame.f_locals)",
        "TracebackException(*error, capture_locals=True)",
        "report(locals())",
        "report(vars(session))",
    ),
}


@pytest.mark.parametrize("rule", ALLOWED)
def test_the_token_is_in_sight_only_where_it_has_to_be(rule: Lint) -> None:
    assert places(rule) == ALLOWED[rule]


@pytest.mark.parametrize(("rule", "text"), each(PLANTED))
def test_a_planted_peep_is_found(rule: Lint, text: str) -> None:
    assert found_in(text, rule)


@pytest.mark.parametrize("rule", ALLOWED)
def test_passing_a_token_on_is_not_found(rule: Lint) -> None:
    assert not found_in("session.connect(token)\nsay(f'{token}')", rule)
