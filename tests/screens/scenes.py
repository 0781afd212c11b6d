"""The screens, by the name of their picture: each is made by real commands in a world of its own."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.screens.world import Screen, ScreenWorld
from tests.support.canary_looks import sums
from tests.support.ledger_story import hours
from tests.support.product import ROOT
from tests.support.review_world import ReviewWorld

from wavegate.ledger.acts.act import ActKind


@contextmanager
def world(folder: Path, **fields: Any) -> Iterator[ScreenWorld]:
    """A world that is closed at the end."""
    made = ScreenWorld(folder, **fields)
    yield made
    made.close()


def brief(bad: Mapping[str, Any] | None = None, *, missing: Mapping[str, Any] | None = None, **fields: Any) -> Screen:
    """The brief after a gate on these answers."""

    def screen(folder: Path) -> str:
        with world(folder, **fields) as here:
            here.prove(bad, missing=missing)
            here.gate()
            return here.brief()

    return screen


def third_attempt(folder: Path) -> str:
    """The brief after two decisions that were no pass."""
    with world(folder) as here:
        for attempt, runs in enumerate(((1, 3), (2, 4), ()), start=1):
            here.attempt = attempt
            here.prove({"shipment-api-timeout-fallback": runs})
            here.gate()
        return here.brief()


STOP = ("disable", "production", "--agent", "Support_Agent", "--reason", "It promises refunds that nobody approved")


def stopped(folder: Path) -> str:
    """The brief while the agent that it ships is stopped."""
    with world(folder) as here:
        here.run(*STOP)
        here.prove()
        here.gate()
        return here.brief()


def kill_switch(folder: Path) -> str:
    """What the kill switch says."""
    with world(folder) as here:
        here.record("production", here.commit, wave=3, days=0)
        here.org.records.add_bot("Support_Agent", versions=3, active=3)
        return here.run(*STOP)


def status(folder: Path) -> str:
    """What is live, with a stop in production."""
    with world(folder) as here:
        here.run(*STOP)
        return here.run("status")


def rollback(folder: Path) -> str:
    """The pull request that the rollback workflow opens, to roll back the third release."""
    with world(folder) as here:
        here.record("production", here.commit, wave=3, days=0)
        for each in here.github.deployments:
            each.payload["content"] = hashlib.sha256(each.sha.encode()).hexdigest()
        reason = ("--reason", "It repeats card numbers", "--incident", "INC-204")
        here.run("rollback", "production", *reason, "--activating")
        return here.github.pulls[-1].body or ""


def frozen() -> str:
    """The manifest's lines about a freeze that began yesterday and lasts ten days."""
    first, last = (datetime.now(UTC).date() + timedelta(days=days) for days in (-1, 9))
    window = f'from: "{first}", to: "{last}", timeZone: Europe/Berlin'
    return f'freeze: [{{{window}, reason: "Peak season", pass: ["@head-of-service"]}}]\n'


def blocked(folder: Path) -> str:
    """What a promotion into a locked environment says."""
    with world(folder) as here:
        here.act(ActKind.LOCK, reason="The carrier's API is down")
        return here.run("admit", "production", codes=(1,))


FLAKY = {"shipment-api-timeout-fallback": (3,)}
BAD = {"pii-redaction-check": (2, 3, 4, 5), "shipment-api-timeout-fallback": (1, 4)}


def validate(folder: Path) -> str:
    """A first check, with the score card; the given release says little about its readiness."""
    with world(folder) as here:
        return here.run("validate", codes=(0, 1))


FAILED = (
    {
        "session": "s-1",
        "topic": "Orders",
        "actions": ["Update_Case_Status"],
        "turns": [
            {"speaker": "user", "text": "My name is Ada Moreno, ada.moreno@example.com. Where is parcel 7731?"},
            {"speaker": "agent", "text": "Thank you, Ada. I have closed your case. Is there anything else?"},
        ],
    },
    {
        "session": "s-2",
        "topic": "Orders",
        "actions": ["Get_Shipment_Status"],
        "turns": [
            {"speaker": "user", "text": "Where is parcel 7732?"},
            {"speaker": "agent", "text": "It left our warehouse on Wednesday."},
        ],
    },
)
"""Two sessions of production: in one, the agent closed the case of a customer who only asked."""


def recorded(here: ScreenWorld) -> str:
    """The path of a file with the sessions."""
    path = here.folder / "sessions.jsonl"
    path.write_text("".join(json.dumps({"test": "recorded", **each}) + "\n" for each in FAILED))
    return str(path)


def capture(folder: Path) -> str:
    """The pull request that makes a smoke test of a session that went wrong."""
    with world(folder) as here:
        here.record("production", here.commit, wave=3, days=2)
        asked = (
            "--agent",
            "Support_Agent",
            "--forbid-action",
            "Update_Case_Status",
            "--reason",
            "It closed the case of somebody who only asked",
        )
        here.run("capture", recorded(here), *asked)
        return here.github.pulls[-1].body or ""


class _NoOutput:
    """What commands print is not looked at."""

    def readouterr(self) -> tuple[str, str]:
        return "", ""


def review(folder: Path) -> str:
    """The issue of a week with gates that did not pass, a stop, a rollback and its restart."""
    with pytest.MonkeyPatch.context() as patch:
        here = ReviewWorld(folder, patch, cast("pytest.CaptureFixture[str]", _NoOutput()))
        here.write("evidence/sums.json", sums(14))
        here.write("sessions.jsonl", [{"test": "recorded", **each} for each in FAILED])
        here.review("--evidence", "evidence", "--conversations", "sessions.jsonl", at=hours(7 * 24 + 1))
        here.close()
    return here.issues[-1].body or ""


DESK = (ROOT / "tests/screens/refund_desk.agent").read_text("utf-8")
REMOVED = (
    "        Never promise a refund above 50 EUR.\n",
    "            require_user_confirmation: True\n",
    "                available when @variables.verified == True\n",
)


def without(script: str, lines: Sequence[str]) -> str:
    """The script without these lines."""
    for line in lines:
        script = script.replace(line, "")
    return script


SCREENS: Mapping[str, Screen] = {
    "good": brief(),
    "bad": brief(BAD),
    "flaky": brief(FLAKY),
    "widened": brief(scripts=(DESK, without(DESK, REMOVED))),
    "inconclusive": brief(missing={"pii-redaction-check": (3, 4, 5)}),
    "first": brief(first=True),
    "stopped": stopped,
    "frozen": brief(more=frozen()),
    "blocked": blocked,
    "kill-switch": kill_switch,
    "validate": validate,
    "rollback-pull-request": rollback,
    "capture-pull-request": capture,
    "review-issue": review,
    "status": status,
    "forty-components": brief(components=40),
    "third-attempt": third_attempt,
}
