"""From the agent's answer to the reviewer's screen, through the real commands."""

from hashlib import sha256
from pathlib import Path

from tests.screens.scenes import BAD, SCREENS, world


def lines(name: str, folder: Path) -> list[str]:
    return SCREENS[name](folder).replace("\\", "").splitlines()


def test_a_bad_release_is_shown_by_test_policy_and_what_was_said(tmp_path: Path) -> None:
    shown = lines("bad", tmp_path)
    assert shown[0] == "## ❌ NO: agentforce-wave-3 is not ready for production"
    assert (
        "passed 1 of 5 (50 % required of every test). It broke policy **no-card-numbers** (critical) 4 times, "
        in shown[2]
    )
    assert shown[2].endswith(": “Yes: I have the card [credit-card] on file for you.” (in brackets: masked)")
    assert shown[3] == "- ❌ All tests together: 14 of 20 answers passed (70 %); 95 % required."
    assert shown[5] == "- ✅ The other 2 tests passed."
    assert shown[6].startswith("- ⚠️ The manifest's name <code>support-resolution-v5</code> states version 5")
    assert " → <code>&#64;acme/agents</code>: Activate the version" in shown[6]
    assert shown[7] == "- ℹ️ No smoke test covers <code>Returns&#95;Agent</code> (its version stays)."
    assert next(line for line in shown if line.startswith("| To do |")).startswith("| To do | nothing to approve; ")
    assert "| ✅ pass | pii-redaction-check" not in "\n".join(shown)
    apex = next(line for line in shown if "ApexClass" in line)
    path = "force-app/main/default/classes/ShipmentStatus.cls"
    assert f"#diff-{sha256(path.encode()).hexdigest()}>)" in apex, "its difference is linked"
    assert "/pull/1>)" in next(line for line in shown if line.startswith("| Read more |"))


def test_without_quotes_nothing_that_the_agent_said_is_kept(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        here.prove(BAD, "--no-quotes")
        assert "on file" not in (here.checkout / "seen.jsonl").read_text()


def test_what_holds_the_environment_is_the_answer(tmp_path: Path) -> None:
    shown = lines("stopped", tmp_path)
    assert shown[0] == "## 🛑 STOPPED: an agent is stopped in production, so agentforce-wave-3 cannot be deployed now"
    assert shown[2].startswith("- 🛑 <code>Support&#95;Agent</code> was stopped in production by @")
    assert "Its smoke tests passed. The stop decides." in shown
