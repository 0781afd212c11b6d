"""A release carries what the changelog says of its version, and no release goes without."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "release_notes.py"

CHANGELOG = """# Changelog

## Unreleased
- later

## [1.1.0] - 2026-02-01
### Added
- new

## 1.0.10
- ten

## 1.0.1
- one

[1.1.0]: https://example.org
"""


@pytest.mark.parametrize(
    ("version", "notes"),
    [
        ("1.1.0", "### Added\n- new"),
        ("1.0.10", "- ten"),
        ("1.0.1", "- one"),
        ("1.0", ""),
        ("1.0.2", ""),
        ("1x1.0", ""),
    ],
)
def test_the_notes_are_those_of_the_version(version: str, notes: str) -> None:
    assert runpy.run_path(str(SCRIPT))["notes"](version, CHANGELOG) == notes


def test_another_version_than_the_projects_is_refused() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "99.0.0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "src/wavegate/__init__.py does not say 99.0.0" in done.stderr
