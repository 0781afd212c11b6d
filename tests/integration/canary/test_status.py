"""`status` and its history show the looks at a canary."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.canary_world import CONTENT, MANIFEST, START, CanaryWorld
from tests.support.ledger_story import check_history, check_status

from wavegate.ledger.canary_entry import CanaryLook

RUN = "https://github.example/acme/support-agents/actions/runs/7/attempts/1"


def look(number: int, verdict: Any = "hold", **values: Any) -> CanaryLook:
    given: dict[str, Any] = {
        "release": "wave-3",
        "manifest": MANIFEST,
        "content": CONTENT,
        "verdict": verdict,
        "look": number,
        "decision": f"{number:064}",
        "time": START + timedelta(days=number),
        "rules": ("canary/not-settled",),
        "run": RUN,
        "actor": "chi",
    }
    return CanaryLook(**given | values)


@pytest.fixture
def watched(world: CanaryWorld) -> CanaryWorld:
    """The world with a pilot and four looks; looks at other contents and manifests are not the pilot's."""
    world.start()
    others = [look(9, "rollback", content="f" * 64), look(9, "rollback", manifest="other.yml")]
    for each in (look(1, "expand"), look(2), look(3), *others):
        world.record_look(each, START + timedelta(days=each.look))
    world.record_look(look(4), START + timedelta(days=4))
    world.after(days=10)
    return world


def test_the_newest_look_and_since_when_it_says_so(watched: CanaryWorld) -> None:
    done = watched.run("status", "--environment", "production")
    assert done.code == 0, done.log
    assert "look 4, hold, since 2026-09-03 00:00 UTC (canary/not-settled)" in " ".join(done.log.split())
    assert "look 4, hold" in done.summary
    shown = json.loads(done.outputs["status"])
    check_status(shown)
    (production,) = shown["environments"]
    assert production["canary"] == {
        "look": 4,
        "verdict": "hold",
        "dryRun": False,
        "time": "2026-09-05T00:00:00+00:00",
        "rules": ["canary/not-settled"],
        "content": CONTENT,
        "decision": f"{4:064}",
        "run": RUN,
    }


def test_a_dry_run_says_so(watched: CanaryWorld) -> None:
    watched.record_look(look(5, "rollback", dry_run=True), START + timedelta(days=5))
    done = watched.run("status", "--environment", "production")
    assert "look 5, rollback (dry run: nothing follows), since 2026-09-06" in " ".join(done.log.split())


def test_without_a_look_there_is_no_line(world: CanaryWorld) -> None:
    world.start()
    done = world.run("status")
    check_status(json.loads(done.outputs["status"]))
    assert "canary" not in done.log
    assert [each["canary"] for each in json.loads(done.outputs["status"])["environments"]] == [None, None]


def test_the_history_lists_every_look_of_the_manifest(watched: CanaryWorld) -> None:
    done = watched.run("status", "--history", "--format", "json")
    shown = json.loads(done.log)
    check_history(shown)
    looks = [each for each in shown["entries"] if each["kind"] == "look"]
    assert [(each["attempt"], each["outcome"]) for each in looks] == [
        (9, "rollback"),
        (4, "hold"),
        (3, "hold"),
        (2, "hold"),
        (1, "expand"),
    ]
    assert (looks[1]["actor"], looks[1]["run"], looks[1]["rules"]) == ("chi", RUN, ["canary/not-settled"])
    text = watched.run("status", "--history").log
    assert "look 4 at wave-3: hold (canary/not-settled)" in text
    assert "promotion of wave-3: piloted" in text
    # a look is no release: nothing else went live, and nothing failed
    production = next(each for each in shown["metrics"] if each["environment"] == "production")
    assert (production["deploymentFrequency"]["live"], production["failures"]) == (1, [])


def test_a_look_that_cannot_be_read_is_kept_as_unreadable(world: CanaryWorld) -> None:
    world.start()
    world.github.deploy("production", world.commit, payload={"schema": 9}, task="wavegate:canary", statuses=())
    done = world.run("status", "--history", "--format", "json")
    shown = json.loads(done.log)
    check_history(shown)
    (entry,) = [each for each in shown["entries"] if each["kind"] == "unreadable"]
    assert "wavegate:canary" in entry["reason"]
