"""`runbook` for a release with a project: what on-call needs, and a check that notices when it is stale."""

import re
from pathlib import Path

import pytest
from tests.support.deploying import staged_release

from wavegate.__main__ import main

OWNED = """\
owners: {release: "@acme/agents", dashboards: "@acme/eyes", escalations: "@acme/tier2", killSwitch: ["@acme/sre"]}
rollback:
  prompts: {strategy: restore}
  flows: {strategy: activate-previous}
  credentials: {strategy: manual, runbook: agentforce/runbooks/rotate.md, owner: "@acme/integrations"}
support: {trained: "tier 2, 2026-11-20", runbook: agentforce/runbooks/rotate.md}
roles: {serviceLeaders: {owner: "@acme/leads", owns: [acceptance criteria]}}
components:
  actions:
    Escalate: {impact: high, owner: "@acme/cases", acceptance: {act: Only on open cases., ask: Before it closes one.}}
"""
FORMS = ("disable", "enable", "lock", "rollback")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A complete release, with the forms that `init` writes."""
    files = staged_release()
    manifest = files["agentforce/release.yml"]
    files["agentforce/release.yml"] = manifest.replace("environments:", f"{OWNED}environments:")
    files["agentforce/runbooks/rotate.md"] = "Rotate it.\n"
    files |= {f".github/workflows/wavegate-{name}.yml": "on: push\n" for name in FORMS}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def runbook(checkout: Path) -> str:
    return (checkout / "agentforce/RUNBOOK.md").read_text("utf-8")


def test_it_says_how_to_stop_and_roll_back_and_whom_to_call(checkout: Path) -> None:
    assert main(["runbook"]) == 0
    text = runbook(checkout)
    for said in (
        "Who may stop it: <code>&#64;acme/sre</code>",
        "wavegate disable",
        "wavegate rollback",
        "Before it closes one",
        "| serviceLeaders: acceptance criteria | <code>&#64;acme/leads</code> |",
        "What support tells customers: [rotate\\.md](../agentforce/runbooks/rotate.md). Trained: tier 2, 2026",
        "*Run workflow*, environment <code>uat</code>, a reason, no agent to stop all",
    ):
        assert said in text
    assert "nobody is named" not in text
    assert "no procedure" not in text, "flows cover the actions"


def test_every_link_to_a_file_leads_to_it(checkout: Path) -> None:
    main(["runbook"])
    targets = re.findall(r"\]\((\.\./[^)]+)\)", runbook(checkout))
    forms = [each.rpartition("/")[2] for each in targets if "/actions/workflows/" in each]
    assert sorted(forms) == [f"wavegate-{name}.yml" for name in FORMS]
    files = [each for each in targets if "/actions/workflows/" not in each]
    assert len(files) > 5
    assert all((checkout / "agentforce" / each).is_file() for each in files)


def test_without_listed_agents_the_stop_names_one_as_the_kill_switch_wants(checkout: Path) -> None:
    main(["runbook"])
    assert "--agent" not in runbook(checkout)
    manifest = checkout / "agentforce/release.yml"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if not line.startswith("agents:")), "utf-8")
    main(["runbook"])
    text = runbook(checkout)
    assert "wavegate disable uat --agent AGENT --reason" in text
    assert "a reason, the API name of the agent" in text


def test_freezes_are_shown_with_their_times(checkout: Path) -> None:
    manifest = checkout / "agentforce/release.yml"
    dated = '{from: "2026-12-18", to: "2027-01-04", timeZone: Europe/Berlin, reason: year end, environments: [uat]}'
    weekly = '{weekly: {from: "Fri 16:00", to: "Mon 06:00"}, timeZone: Europe/Berlin, reason: weekend}'
    manifest.write_text(f"freeze: [{dated}, {weekly}]\n{manifest.read_text('utf-8')}", "utf-8")
    main(["runbook"])
    text = runbook(checkout)
    assert "- year end: 2026-12-18 00:00 until 2027-01-05 00:00 (Europe/Berlin), in <code>uat</code>" in text
    assert "- weekend: every week Friday 16:00 until Monday 06:00 (Europe/Berlin)" in text


def test_a_form_that_the_repository_does_not_have_is_not_linked(checkout: Path) -> None:
    (checkout / ".github/workflows/wavegate-disable.yml").unlink()
    main(["runbook"])
    assert "wavegate-disable.yml" not in runbook(checkout)


def test_each_layer_names_the_files_that_the_release_ships(checkout: Path) -> None:
    main(["runbook"])
    text = runbook(checkout)
    prompt = text[text.index("<summary>Prompt") :]
    assert "Support_Resolution.genAiPromptTemplate-meta.xml" in prompt
    permission = text[text.index("<summary>Permission and validation") : text.index("<summary>Prompt")]
    assert "Escalate_Case.flow-meta.xml" in permission
    assert "genAiPromptTemplate" not in permission


def test_the_check_fails_and_validate_warns_once_it_is_stale(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runbook", "--check"]) == 1
    assert "does not exist" in capsys.readouterr().out
    main(["runbook"])
    assert main(["runbook", "--check"]) == 0
    assert main(["validate"]) == 0
    manifest = checkout / "agentforce/release.yml"
    manifest.write_text(manifest.read_text("utf-8").replace("@acme/tier2", "@acme/tier9"), "utf-8")
    capsys.readouterr()
    assert main(["runbook", "--check"]) == 1
    assert main(["validate"]) == 0
    shown = capsys.readouterr().out
    assert "runbook/stale" in shown
    assert "agentforce/RUNBOOK.md:16" in shown
    assert main(["runbook"]) == 0
    assert main(["validate"]) == 0


def test_a_step_of_the_canary_leaves_it_as_it_is(checkout: Path) -> None:
    manifest = checkout / "agentforce/release.yml"
    before = manifest.read_text("utf-8")
    steps = "steps: [{cohorts: [vip]}, {cohorts: [tier2]}, {cohorts: all}]"
    cohorts = "cohorts: {vip: {group: Vip}, tier2: {group: Tier2}}\n"
    first = f"{cohorts}{before}    rollout: canary\n    pilotUsers: [vip]\n    canary: {{{steps}}}\n"
    manifest.write_text(first, "utf-8")
    assert main(["runbook"]) == 0
    assert "<code>vip</code>, <code>tier2</code>" in runbook(checkout)
    for text in (
        first.replace("[vip]\n", "[vip, tier2]\n"),
        first.replace("rollout: canary", "rollout: all-at-once"),
    ):
        assert text != first
        manifest.write_text(text, "utf-8")
        assert main(["runbook", "--check"]) == 0


def test_hostile_names_stay_text(checkout: Path) -> None:
    manifest = checkout / "agentforce/release.yml"
    text = manifest.read_text("utf-8").replace("release: wave-3", 'release: "x](http://evil) <img src=x> @org/team"')
    manifest.write_text(text, "utf-8")
    assert main(["runbook"]) == 0
    heading = next(line for line in runbook(checkout).splitlines() if line.startswith("# "))
    assert "<img" not in heading
    assert "](http" not in heading
    assert "@org/team" not in heading
