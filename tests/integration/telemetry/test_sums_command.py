"""`wavegate telemetry sums`: the table, the file for the next look, and the outputs."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.exports import COLUMNS, Row, write_csv

from wavegate.__main__ import cli

MANIFEST = """
release: {name: wave-3, owner: "@ann"}
agents: [{name: Service_Agent}]
environments:
  - {name: production, org: prod}
"""
TELEMETRY = {
    "source": "files",
    "files": ["exports/*.csv"],
    "tables": {"session": {"columns": COLUMNS}},
    "cohort": {"by": "column", "values": {"pilot": ["P"]}},
    "endTypes": {"good": ["done"], "escalated": ["handover"]},
    "severities": {"high": ["sev2"]},
    "lag": {"slow": "1h"},
}


def rows(*, days: int, end_type: str = "done") -> list[Row]:
    start = datetime.now(UTC) - timedelta(minutes=10)
    return [
        Row(id=f"{ago}-{arm}", start=f"{start - timedelta(days=ago):%Y-%m-%d %H:%M:%S}", arm=arm, end_type=end_type)
        for ago in range(days)
        for arm in ("P", "<b>|`x`")
    ]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "agentforce/telemetry").mkdir(parents=True)
    (tmp_path / "agentforce/release.yml").write_text(MANIFEST)
    (tmp_path / "agentforce/telemetry/production.yml").write_text(json.dumps(TELEMETRY))
    write_csv(tmp_path / "exports/a.csv", rows(days=3))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["telemetry", "sums", "production", *arguments], catch_exceptions=False)


def test_the_table_and_the_file_for_the_next_look(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = checkout / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    done = run()
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("6 sessions on 3 days in 1 exported file, complete up to ")
    assert re.search(r"(?m)^\S+  pilot +Service_Agent  v2 +1 +1 \(100(\.0)?\s?%\)  0", done.stdout)
    kept = json.loads((checkout / "wavegate-sums.json").read_text())
    assert len(kept["days"]) in (2, 4)
    assert "sums<<" in outputs.read_text() and "\nfalse\n" in outputs.read_text()
    again = run("--earlier", "wavegate-sums.json", "--format", "json")
    assert [each["sessions"] for each in json.loads(again.stdout)["days"]] == [1] * 6


def test_what_is_doubtful_is_said_and_nothing_is_kept(checkout: Path) -> None:
    write_csv(checkout / "exports/b.csv", [Row(id="x", latency=-1), *rows(days=1, end_type="gone | <b>")])
    done = run("--format", "markdown", "--agent", "Service_Agent")
    assert done.exit_code == 0, done.output
    assert "Unknown word" in done.stdout and "<b>" not in done.stdout
    assert "session that occurs twice" in done.stdout
    assert not (checkout / "wavegate-sums.json").exists()


def test_without_sessions_it_says_so(checkout: Path) -> None:
    (checkout / "exports/a.csv").unlink()
    done = run()
    assert "No data" in done.stdout
    assert run("--agent", "Nobody").exit_code == 0


def test_exports_may_be_in_another_folder(checkout: Path) -> None:
    (checkout / "elsewhere").mkdir()
    (checkout / "exports").rename(checkout / "elsewhere/exports")
    assert "6 sessions" in run("--telemetry-folder", "elsewhere").stdout
