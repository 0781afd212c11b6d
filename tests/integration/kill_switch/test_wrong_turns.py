"""What a person may get wrong at 3 a.m., on a laptop and in a job: one clear error, which says what to do."""

import pytest
from tests.support.deploying import Run, release
from tests.support.stop_world import StopWorld

OWNERS = "owners: {killSwitch: ['@ann', '@acme/sre']}\n"
REASON = ("--reason", "It promises refunds")


@pytest.fixture(params=["laptop", "job"])
def place(request: pytest.FixtureRequest, world: StopWorld) -> str:
    if request.param == "laptop":
        world.on_a_laptop()
    return str(request.param)


@pytest.mark.parametrize("command", ["disable", "enable"])
@pytest.mark.parametrize(
    ("arguments", "message", "fix"),
    [
        (("production-stop", *REASON), "The manifest has no environment production-stop.", "Choose one of: uat."),
        (("uat",), "There is no reason.", 'Add --reason "..." with one sentence'),
        (("uat", "--reason", " "), "There is no reason.", 'Add --reason "..." with one sentence'),
        (
            ("uat", *REASON, "--agent", "Suport_Agent"),
            "127.0.0.1 has no agent named Suport_Agent.",
            "by its API name: Support_Agent. Did you mean `Support_Agent`?",
        ),
        (("uat", *REASON, "--to-version", "-1"), "Invalid value for '--to-version'", "See 'wavegate"),
    ],
)
def test_a_wrong_name_or_a_missing_reason(
    world: StopWorld, act: Run, place: str, command: str, arguments: tuple[str, ...], message: str, fix: str
) -> None:
    world.ship()
    done = act(command, *arguments)
    assert done.code == 2, done.log
    assert_one_error(done.log, place, message, fix)
    assert world.live == 3
    assert world.acts() == []


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_an_agent_of_the_manifest_that_the_org_lacks(world: StopWorld, act: Run, place: str, command: str) -> None:
    world.ship()
    del world.org.records.bots["Support_Agent"]
    world.org.records.add_bot("Sales_Agent")
    world.org.records.add_bot("Help_Agent")
    done = act(command, "uat", *REASON, "--agent", "Support_Agent")
    assert done.code == 2
    assert_one_error(done.log, place, "no agent named Support_Agent", "The org shows Help_Agent, Sales_Agent.")


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_a_missing_login(world: StopWorld, act: Run, place: str, command: str) -> None:
    world.ship()
    world.desk.extra |= {"SF_ACCESS_TOKEN": "", "SF_ORG_INSTANCE_URL": ""}
    done = act(command, "uat", *REASON)
    assert done.code == 2
    assert_one_error(done.log, place, "There are no credentials for the org uat.", "SF_ACCESS_TOKEN")


@pytest.mark.parametrize("command", ["disable", "enable"])
def test_a_person_who_may_not(world: StopWorld, act: Run, place: str, command: str) -> None:
    world.ship()
    world.desk.write(release(pinned=3, more=OWNERS))
    world.desk.extra["GITHUB_ACTOR"] = "eve"
    for token in (world.github.token, world.github.admin_token):
        world.github.permit("members", "read", token)
    done = act(command, "uat", *REASON)
    assert done.code == 2
    fix = "Ask one of owners.killSwitch: @ann, @acme/sre."
    assert_one_error(done.log, place, "@eve may not use the kill switch of this release.", fix)
    assert world.live == 3


def test_a_laptop_that_does_not_say_who_acts(world: StopWorld, act: Run) -> None:
    world.on_a_laptop()
    world.desk.write(release(pinned=3, more="owners: {killSwitch: ['@ann']}\n"))
    done = act("disable", "uat", *REASON)
    assert done.code == 2
    assert "An unknown user may not use the kill switch" in done.log
    assert "set GITHUB_ACTOR to your GitHub login" in done.log
    world.desk.extra["GITHUB_ACTOR"] = "Ann"
    assert act("disable", "uat", *REASON).code == 0


def test_a_restart_without_a_token(world: StopWorld, act: Run, place: str) -> None:
    del world.desk.extra["GITHUB_TOKEN"]
    done = act("enable", "uat", *REASON)
    assert done.code == 2
    message = "GITHUB_TOKEN is not set, so wavegate cannot read what is stopped."
    assert_one_error(done.log, place, message, "gh auth token" if place == "laptop" else "deployments: write")


def test_a_version_without_an_agent(act: Run, place: str) -> None:
    done = act("enable", "uat", *REASON, "--to-version", "2")
    assert done.code == 2
    assert_one_error(done.log, place, "--to-version needs exactly one agent.", "Name the agent with --agent.")


def assert_one_error(log: str, place: str, message: str, fix: str) -> None:
    if place == "job":
        (error,) = [line for line in log.splitlines() if line.startswith("::error ")]
        assert message in error
        assert fix in error
    else:
        first, second = log.splitlines()
        assert first.startswith("wavegate: ")
        assert message in first
        assert second.startswith("  → ")
        assert fix in second
