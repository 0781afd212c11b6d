"""`wavegate telemetry sums`: the table, the file for the next look, and the outputs."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.exports import COLUMNS, Row, write_csv

from wavegate.__main__ import cli
from wavegate.errors import InputError

MANIFEST = """
release: wave-3
agents: [{name: Service_Agent}]
environments:
  - {name: production}
"""
TELEMETRY = {
    "source": "files",
    "files": ["exports/*.csv"],
    "tables": {"session": {"columns": COLUMNS}},
    "cohort": {"by": "column", "values": {"pilot": ["P"]}},
    "endTypes": {"good": ["done"], "escalated": ["handover"]},
    "severities": {"high": ["sev2"]},
    "lag": {"fast": "1h", "slow": "1h"},
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


def test_a_manifest_without_agents_is_about_those_of_the_project(checkout: Path) -> None:
    manifest = checkout / "agentforce/release.yml"
    bare = MANIFEST.replace("agents: [{name: Service_Agent}]\n", "")
    manifest.write_text(bare.replace("name: production", "name: production, prompts: [case_summary]"))
    with pytest.raises(InputError, match="Neither the manifest nor the project has an agent"):
        run()
    bot = checkout / "force-app/main/default/bots/Service_Agent/Service_Agent.bot-meta.xml"
    bot.parent.mkdir(parents=True)
    bot.write_text('<Bot xmlns="http://soap.sforce.com/2006/04/metadata"><label>S</label></Bot>')
    (checkout / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app", "default": true}]}')
    done = run()
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("6 sessions on 3 days")


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
    strange = rows(days=1, end_type="gone | <b>")
    doubtful = [Row(id="x", latency=-1), replace(strange[0], id="y"), strange[1]]
    write_csv(checkout / "exports/b.csv", doubtful)
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
