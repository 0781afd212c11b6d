"""What the end-to-end tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.act import CACHE, Act
from tests.support.product import ROOT, copy_product

SECONDS = 900
"""The limit of one test: it may run a whole workflow."""

LONGEST = (
    "test_promote", "test_canary", "test_stopped", "test_actions_script", "test_held", "test_publication",
    "test_deploy_action",
)  # fmt: skip
"""Modules of long tests, which start first: one that starts last keeps a single worker busy at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the end-to-end tests more time than the others, and start the longest first."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(SECONDS))
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as `act` serves it, with its dependencies installed: later steps have no network."""
    command = [sys.executable, "-I", str(ROOT / "launch.py"), "--version"]
    subprocess.run(command, env={**os.environ, "WAVEGATE_CACHE": str(CACHE)}, check=True, capture_output=True)
    return copy_product(tmp_path_factory.mktemp("product"))


@pytest.fixture
def act(tmp_path: Path, product: Path) -> Act:
    """`act` with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    return Act(home=home, product=product)
