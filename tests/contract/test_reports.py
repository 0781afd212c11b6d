"""A report that programs read holds no workflow command, whatever a stranger called the release."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from tests.support.git import commit, start
from tests.support.rollback_world import World

from wavegate.__main__ import COMMANDS, cli, main

RELEASE = Path(__file__).resolve().parents[2] / "src/wavegate/demo/release"
NAME = "wave ##[error]owned ::warning::owned"
DESK = f"""config:
    developer_name: "Desk"

start_agent desk:
    description: "{NAME}"
    reasoning:
        instructions: |
            Never promise {NAME}.
        actions:
            pay: @actions.pay
                available when @variables.note == "{NAME}"
    actions:
        pay:
            description: "{NAME}"
            target: "flow://Pay"
variables:
    note: mutable string = ""
"""
CALLS: dict[str, Sequence[str]] = {
    "validate": ("validate",),
    "guardrails-check": ("guardrails-check",),
    "guardrails-prove": ("guardrails-prove", "--property", "escalation reachable from every topic"),
    "plan": ("plan", "uat", "--pack", "agentforce/packs/production-readiness.json"),
    "gate": ("gate", "production"),
    "gate --plan": ("gate", "production", "--plan"),
    "verify-decision": ("verify-decision", "wavegate-decision.json"),
    "doctor": ("doctor",),
    "guardrails-diff": ("guardrails-diff", "HEAD"),
    "classify": ("classify", "HEAD"),
    "guardrails-explain": ("guardrails-explain", "Desk"),
    "guardrails-mutate": ("guardrails-mutate", "--budget", "0"),
    "bisect": (
        "bisect",
        NAME,
        "--good",
        "HEAD~1",
        "--bad",
        "HEAD",
        "--deterministic",
        "--command",
        "python3",
        "--command",
        "-c",
        "--command",
        'print(\'{"case": "1", "outcome": "pass"}\')',
    ),
    "notes": ("notes", "production", "--start", "HEAD", "--end", "HEAD"),
}
"""Commands with a report, as they are called in a checkout.

`status` and `watch` need GitHub, `telemetry-discover` an org, `telemetry-sums` exports: they have tests of their own.
"""


def forms(name: str) -> Sequence[str]:
    """The formats of a command's report, as it declares them."""
    command = cli.get_command(click.Context(cli), name)
    assert command
    (choices,) = [each.type for each in command.params if each.opts == ["--format"]] or [click.Choice([])]
    assert isinstance(choices, click.Choice)
    return choices.choices


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of a release of that name, whose gate has decided; the folder to work in."""
    root = tmp_path / "checkout"
    shutil.copytree(RELEASE, root)
    for path in (root / "agentforce").rglob("*.*"):
        text = path.read_text("utf-8")
        text = text.replace("release: agentforce-wave-3", f'release: "{NAME}"\nreadiness: enforce')
        path.write_text(text.replace('"case-summary-quality"', f'"{NAME}"'), encoding="utf-8")
    script = "force-app/main/default/aiAuthoringBundles/Desk/Desk.agent"
    start(root, {script: DESK.encode()})
    commit(root, {script: DESK.replace("Never", "Always").encode()}, "Promise")
    monkeypatch.chdir(root)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return root


def test_every_command_with_a_report_is_here() -> None:
    assert {name for name in COMMANDS if forms(name)} == {each[0] for each in CALLS.values()} | {
        "status",
        "telemetry-discover",
        "telemetry-sums",
        "watch",
    }


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for name, (command, *_) in CALLS.items() for form in forms(command)],
)
def test_no_line_is_a_workflow_command(capsys: pytest.CaptureFixture[str], name: str, form: str) -> None:
    if name == "verify-decision":
        main(["gate", "production"])
    capsys.readouterr()
    assert main([*CALLS[name], "--format", form]) in (0, 1, 5)
    shown = capsys.readouterr().out
    assert_harmless(shown, form)
    if form == "json" and name in ("plan", "gate", "gate --plan", "verify-decision"):
        assert NAME in str(json.loads(shown))


def assert_harmless(shown: str, form: str) -> None:
    """No line is a command; a report for people may have our own annotations beside it."""
    lines = shown.splitlines()
    if form in ("text", "markdown"):
        lines = [each for each in lines if not re.match("::(error|warning|notice) [a-z]+=", each)]
    assert lines
    assert not [each for each in lines if "##[" in each or each.lstrip().startswith("::")]


@pytest.mark.parametrize("form", ["json", "markdown", "text"])
def test_no_line_of_what_is_live_is_a_workflow_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    world = World(tmp_path)
    try:
        world.release(world.bad, NAME)
        for name, text in world.github.environment().items():
            monkeypatch.setenv(name, text)
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        assert main(["status", "--root", str(world.checkout), "--format", form]) == 0
    finally:
        world.close(check=False)
    shown = capsys.readouterr().out
    assert_harmless(shown, form)
    assert form != "json" or NAME in str(json.loads(shown))
