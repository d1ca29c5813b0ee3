"""All that is installed with the program is free to be used with it, and it is not much."""

import re
import sys
from email.message import Message
from importlib.metadata import distribution

import pytest

from tests.static.requirements import closure, runtime

ALLOWED = {"MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "MPL-2.0"}
_CLASSIFIED = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_MOST_BESIDE_THE_TOKEN = 25
_MOST = 32 if sys.version_info < (3, 12) else 28  # nine are keyring's, and four more before Python 3.12


def licence(metadata: Message) -> str:
    """Return the licence that a package declares, as an SPDX expression where it can be told."""
    classified = (_CLASSIFIED[line] for line in metadata.get_all("Classifier", []) if line in _CLASSIFIED)
    return str(metadata["License-Expression"] or next(classified, None) or metadata["License"] or "")


def is_allowed(expression: str) -> bool:
    """Tell whether an SPDX expression without brackets leaves a choice that is allowed."""
    return any(set(re.split(" AND ", choice)) <= ALLOWED for choice in re.split(" OR ", expression))


def test_every_licence_is_on_the_list() -> None:
    licences = {name: licence(distribution(name).metadata) for name in closure(runtime())}  # type: ignore[arg-type]
    assert licences
    assert {name: text for name, text in licences.items() if not is_allowed(text)} == {}


@pytest.mark.parametrize(
    "expression", ["", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "UNKNOWN", "MIT License with more"]
)
def test_a_licence_that_nobody_has_looked_at_is_not_allowed(expression: str) -> None:
    assert not is_allowed(expression)


@pytest.mark.parametrize("expression", ["MIT", "Apache-2.0 OR GPL-3.0-only", "MIT AND BSD-3-Clause"])
def test_a_licence_with_an_allowed_choice_is_allowed(expression: str) -> None:
    assert is_allowed(expression)


def test_a_package_without_a_word_about_its_licence_has_none() -> None:
    assert licence(Message()) == ""


def test_few_packages_live_in_the_process_that_holds_the_token() -> None:
    with_the_token = [requirement for requirement in runtime() if requirement.name != "keyring"]
    assert len(closure(with_the_token)) <= _MOST_BESIDE_THE_TOKEN


def test_no_package_is_added_unnoticed() -> None:
    assert len(closure(runtime())) <= _MOST
