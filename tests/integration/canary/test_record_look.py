"""A look is recorded once, whatever is lost, and the issue of a canary past its deadline is kept and closed."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from tests.support.canary_world import CONTENT, DECISION, MANIFEST, START, CanaryWorld, manifest
from tests.support.killed import Kill, KilledError, When

from wavegate.canary.decision import CanaryDecision, CanaryReason, canary_to_json
from wavegate.canary.values import CanaryVerdict
from wavegate.evidence.resource import Resource

RUN = "https://github.example/acme/support-agents/actions/runs/7/attempts/1"
REQUESTS = 6
"""The looks, the deployment, its status; the issues, once more for the one to open, and its creation."""


def write(world: CanaryWorld, verdict: CanaryVerdict = CanaryVerdict.HOLD, **values: Any) -> str:
    """Write a decision file, and return its digest."""
    reason = CanaryReason(rule="canary/not-settled", weight="hold", text="It is not settled.")
    given: dict[str, Any] = {
        "verdict": verdict,
        "stage": "canary",
        "environment": "production",
        "release": "wave-3",
        "claim": "212 sessions in 5 days settle nothing.",
        "reasons": (reason,),
        "confidence": 0.95,
        "proof": 20.0,
        "evidence": 1.0,
        "content": CONTENT,
        "commit": world.commit,
        "manifest": Resource(name=MANIFEST, digest={"sha256": "b" * 64}),
        "agents": {},
        "time": world.clock.moment,
        "telemetry": "files",
        "run": RUN,
    }
    data = canary_to_json(CanaryDecision(**given | values))
    (world.checkout / DECISION).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def overdue(world: CanaryWorld, **values: Any) -> str:
    return write(world, **{"overdue": True, "deadline": START, **values})


def test_a_look_is_recorded_once(world: CanaryWorld) -> None:
    digest = write(world, looks=5)
    done = world.record("--digest", digest)
    assert (done.code, done.outputs) == (0, {"result": "recorded", "issue": ""}), done.log
    assert "hold: look 5 at wave-3: recorded" in done.log
    (look,) = world.looks()
    assert (look.verdict, look.look, look.decision, look.rules) == ("hold", 5, digest, ("canary/not-settled",))
    assert (look.actor, look.run, look.content) == ("ada", RUN, CONTENT)
    again = world.record("--digest", digest)
    assert (again.code, again.outputs["result"]) == (0, "unchanged")
    # the job ran again, and looked again: it is the same look
    write(world, looks=5, time=START + timedelta(minutes=9))
    assert world.record().outputs["result"] == "unchanged"
    assert len(world.looks()) == 1
    # another attempt, or another result of the same one, is another look
    write(world, looks=6, run=RUN.replace("attempts/1", "attempts/2"))
    assert world.record().outputs["result"] == "recorded"
    write(world, CanaryVerdict.ROLLBACK, looks=7)
    assert world.record().outputs["result"] == "recorded"
    assert [each.verdict for each in world.looks()] == ["hold", "hold", "rollback"]


def test_killed_at_every_request_and_run_again(world: CanaryWorld) -> None:
    overdue(world)
    moments: tuple[When, ...] = ("before", "after")
    for k in range(1, REQUESTS + 1):
        for when in moments:
            world.github.deployments.clear()
            world.github.state.issues.clear()
            with pytest.raises(KilledError):
                world.record(kill=Kill(request=k, when=when))
            done = world.record()
            assert done.code == 0, done.log
            assert len(world.looks()) == 1, (k, when)
            assert [each.state for each in world.github.state.issues] == ["open"], (k, when)
    assert world.record(kill=Kill(request=REQUESTS + 1, when="before")).outputs == {
        "result": "unchanged",
        "issue": "unchanged",
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"environment": "uat"}, "about the environment uat, not production"),
        ({"manifest": Resource(name="other.yml", digest={"sha256": "b" * 64})}, "about the manifest other.yml"),
        ({"content": ""}, "does not say what the release ships"),
        ({"content": "c" * 64 + " -->"}, "does not say what the release ships"),
    ],
)
def test_what_is_about_something_else_is_refused(world: CanaryWorld, values: dict[str, Any], words: str) -> None:
    write(world, **values)
    done = world.record()
    assert (done.code, words in done.log, world.looks()) == (2, True, []), done.log


def test_a_changed_file_is_refused(world: CanaryWorld) -> None:
    digest = write(world)
    write(world, CanaryVerdict.EXPAND)
    done = world.record("--digest", digest)
    assert done.code == 2
    assert "The decision was changed" in done.log
    (world.checkout / DECISION).write_text("{}")
    assert world.record().code == 2
    (world.checkout / DECISION).unlink()
    assert world.record().code == 2
    assert world.looks() == []


def test_one_issue_for_each_content_until_the_canary_ends(world: CanaryWorld) -> None:
    overdue(world, looks=9)
    assert world.record().outputs["issue"] == "opened"
    assert world.record().outputs["issue"] == "unchanged"
    (issue,) = world.github.state.issues
    assert "@acme/agents" in (issue.body or "")
    overdue(world, looks=10, run=RUN.replace("runs/7", "runs/8"))
    assert world.record().outputs["issue"] == "updated"
    assert "Look 10" in (issue.body or "")
    # a fix has passed its deadline as well
    overdue(world, looks=3, content="e" * 64)
    assert world.record().outputs["issue"] == "opened"
    assert [each.state for each in world.github.state.issues] == ["closed", "open"]
    # the verdict none has no decision
    done = world.run("record-look", "production")
    assert (done.code, done.outputs) == (0, {"result": "none", "issue": "closed"})
    assert [each.state for each in world.github.state.issues] == ["closed", "closed"]
    assert world.run("record-look", "production").outputs == {"result": "none", "issue": ""}


def test_issues_of_others_are_left_alone(world: CanaryWorld) -> None:
    overdue(world)
    world.record()
    world.run("record-look", "uat")
    (issue,) = world.github.state.issues
    assert issue.state == "open", "uat has a canary of its own"


def test_a_manifest_whose_notifications_keep_an_issue_has_no_second_one(world: CanaryWorld) -> None:
    world.change(manifest(more="notify: {issue: {labels: [canary]}, on: [held]}\n"))
    overdue(world)
    assert world.record().outputs["issue"] == ""
    assert world.github.state.issues == []


def test_a_token_that_may_keep_no_issue_still_records(world: CanaryWorld) -> None:
    world.github.permit("issues", "none")
    overdue(world)
    done = world.record()
    assert (done.code, done.outputs) == (0, {"result": "recorded", "issue": "failed"})
    assert "issues: write" in done.log
