"""What the integration tests of commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.deploying import Desk, Run, in_process, release


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a release whose agent is live in the org, and without the Salesforce CLI."""
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=3)
        desk = Desk(folder=tmp_path, org=org, path=())
        desk.write(release(pinned=3))
        yield desk


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command at the desk, in this process."""
    return in_process(desk, monkeypatch, capsys)
