"""`wavegate notify`: each channel gets a message once, a failing one is a warning, and no secret is ever printed."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.faults import When
from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Access, Environment
from tests.doubles.webhooks import SECRET, WebhookDouble
from tests.support.deploying import Desk, Done, Run, release

ALL = (
    "notify:\n  slack: SLACK_WEBHOOK_URL\n  teams: TEAMS_WEBHOOK_URL\n"
    "  webhook: {url: RELEASE_HOOK_URL, secret: RELEASE_HOOK_SECRET}\n"
    "  issue: {labels: [release]}\n  discussion: {category: releases}\n"
)
PRINTED = re.compile(r"SECRET0|SecretPath|SecretSignature|whsec_Y|a key of thirty")
NOTIFIED = "wavegate:notified"


@pytest.fixture
def receiver() -> Iterator[WebhookDouble]:
    with WebhookDouble() as double:
        yield double


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path / "github") as double:
        double.permit("discussions", "write")
        yield double


@pytest.fixture
def commit(github: GitHubDouble) -> str:
    return github.seed({"README.md": b"x"})


Notify = Callable[..., Done]


@pytest.fixture
def notify(desk: Desk, run: Run, github: GitHubDouble, receiver: WebhookDouble, commit: str) -> Notify:
    """Runs the command as a step, and checks that it succeeds and prints nothing secret."""

    def notify(*arguments: str, settings: str = ALL, attempt: int = 1, **variables: str) -> Done:
        desk.write(release(pinned=3, more=settings))
        run_facts = {"GITHUB_SHA": commit, "GITHUB_RUN_ATTEMPT": str(attempt)}
        desk.extra = {**github.environment(), **run_facts, **receiver.environment(), **variables}
        done = run("notify", *arguments)
        log = "\n".join(line for line in done.log.splitlines() if not line.startswith("::add-mask::"))
        assert done.code == 0, log
        assert not PRINTED.search(log + done.summary + json.dumps(done.outputs))
        return done

    return notify


def events(github: GitHubDouble) -> list[dict[str, Any]]:
    return [each.payload for each in github.deployments if each.task == NOTIFIED]


def test_every_channel_gets_the_message(notify: Notify, receiver: WebhookDouble, github: GitHubDouble) -> None:
    done = notify("stopped", "uat", "--reason", "It promises refunds.")
    assert done.outputs == {"result": "sent", "sent": "slack,teams,webhook,issue,discussion", "failed": ""}
    assert [each.receiver for each in receiver.taken] == ["slack", "teams", "hook"]
    (issue,) = github.issues
    assert (issue.title, issue.state, issue.labels) == ("🛑 Agents stopped in uat", "open", ["wavegate", "release"])
    (discussion,) = github.state.discussions
    assert (discussion.title, discussion.category, discussion.closed) == (issue.title, "Releases", False)
    for text in (issue.body or "", discussion.body, receiver.taken[0].body.decode(), receiver.taken[2].body.decode()):
        assert "It promises refunds" in text
        assert "/actions/runs/4711/attempts/1" in text
    (event,) = events(github)
    assert event["channels"] == ["discussion", "issue", "slack", "teams", "webhook"]
    assert event["id"] == receiver.taken[2].headers["webhook-id"]
    (entry,) = [each for each in github.deployments if each.task == NOTIFIED]
    assert [each.state for each in entry.statuses] == ["inactive"]


def test_a_run_again_sends_nothing_again(notify: Notify, receiver: WebhookDouble, github: GitHubDouble) -> None:
    notify("refused", "uat", "--reason", "frozen")
    done = notify("refused", "uat", "--reason", "frozen", attempt=2)
    assert done.outputs == {"result": "unchanged", "sent": "", "failed": ""}
    assert len(receiver.taken) == 3
    assert (len(github.issues), len(github.state.discussions), len(events(github))) == (1, 1, 1)
    # another reason is another message, and the one page of the event shows it
    notify("refused", "uat", "--reason", "locked", attempt=3)
    assert len(receiver.taken) == 6
    (issue,) = github.issues
    assert "locked" in (issue.body or "")
    assert "frozen" not in (issue.body or "")


@pytest.mark.parametrize(
    ("reviewers", "access", "sent"),
    [(["@ada"], "read", True), ([], "read", False), (None, "read", False), ([], "none", True)],
)
def test_an_approval_is_waited_for_only_if_there_are_reviewers(
    notify: Notify,
    receiver: WebhookDouble,
    github: GitHubDouble,
    reviewers: list[str] | None,
    access: Access,
    sent: bool,
) -> None:
    if reviewers is not None:
        github.state.environments.append(Environment(id=1, name="uat-approved", reviewers=reviewers))
    github.permit("actions", access)
    settings = "notify: {slack: SLACK_WEBHOOK_URL}\n"
    done = notify("approval", "uat", "--github-environment", "uat-approved", settings=settings)
    assert done.outputs["result"] == ("sent" if sent else "off")
    assert len(receiver.taken) == sent


def test_each_attempt_asks_for_its_own_approval(
    notify: Notify, receiver: WebhookDouble, github: GitHubDouble
) -> None:
    github.state.environments.append(Environment(id=1, name="uat", reviewers=["@ada"]))
    for attempt in (1, 1, 2):
        notify("approval", "uat", attempt=attempt)
    assert len(receiver.of("slack")) == 2
    assert "Waiting for approval: wave-3 to uat" in receiver.taken[0].body.decode()


@pytest.mark.parametrize(
    ("first", "end", "closes"),
    [
        ("stopped", "restarted", True),
        ("approval", "deployed", True),
        ("refused", "deployed", True),
        ("rolled-back", "deployed", True),
        ("held", "deployed", True),
        ("stopped", "deployed", False),
        ("refused", "restarted", False),
    ],
)
def test_pages_are_closed_when_the_event_is_over_and_reopened_when_it_is_not(
    notify: Notify, github: GitHubDouble, first: str, end: str, closes: bool
) -> None:
    def states() -> tuple[str, bool]:
        (issue,) = [each for each in github.issues if f"wavegate:notify:{first}:" in (each.body or "")]
        (discussion,) = [each for each in github.state.discussions if f"wavegate:notify:{first}:" in each.body]
        return issue.state, discussion.closed

    github.state.environments.append(Environment(id=1, name="uat", reviewers=["@ada"]))
    notify(first, "uat", "--reason", "one")
    notify(end, "uat", "--reason", "over")
    assert states() == (("closed", True) if closes else ("open", False))
    # what is over already stays so, without an error
    notify(end, "uat", "--reason", "over", attempt=2)
    assert states() == (("closed", True) if closes else ("open", False))
    notify(first, "uat", "--reason", "two")
    assert states() == ("open", False)


def test_an_end_closes_pages_even_if_nobody_asks_to_be_notified_of_it(
    notify: Notify, github: GitHubDouble, receiver: WebhookDouble
) -> None:
    settings = "notify: {slack: SLACK_WEBHOOK_URL, issue: {}, on: [refused]}\n"
    notify("refused", "uat", settings=settings)
    done = notify("deployed", "uat", settings=settings)
    assert done.outputs["result"] == "unchanged"
    assert [each.state for each in github.issues] == ["closed"]
    assert len(receiver.taken) == 1


def test_environments_have_pages_of_their_own(notify: Notify, github: GitHubDouble) -> None:
    more = "notify: {issue: {}}\nowners: {release: '@acme/agents'}\n"
    notify("stopped", "uat", settings=more)
    github.issues[0].body = (github.issues[0].body or "").replace("notify:stopped:uat-", "notify:stopped:other-")
    notify("stopped", "uat", "--reason", "again", settings=more)
    assert len(github.issues) == 2


def test_an_issue_that_only_quotes_ours_is_left_alone(notify: Notify, github: GitHubDouble) -> None:
    settings = "notify: {issue: {}}\n"
    notify("stopped", "uat", settings=settings)
    quoted = github.issues[0].body or ""
    github.issues[0].body = "> " + quoted
    github.issues[0].creator = "ada"
    notify("stopped", "uat", "--reason", "again", settings=settings)
    assert github.issues[0].body == "> " + quoted
    github.issues[1].creator = "mallory"
    notify("stopped", "uat", "--reason", "third", settings=settings)
    assert len(github.issues) == 3, "a page of another author is not ours to change"


def test_one_failing_channel_is_a_warning_and_only_it_is_tried_again(
    notify: Notify, receiver: WebhookDouble, github: GitHubDouble
) -> None:
    receiver.revoked = True
    github.permit("discussions", "read")
    done = notify("stopped", "uat")
    assert done.outputs == {"result": "failed", "sent": "teams,webhook,issue", "failed": "discussion,slack"}
    warnings = [line for line in done.log.splitlines() if line.startswith("::warning title=wavegate notify::")]
    assert len(warnings) == 2
    assert "Not notified by slack: Slack refused the notification (HTTP 404: no_service)." in warnings[0]
    assert "discussions: write" in warnings[1]
    receiver.revoked = False
    github.permit("discussions", "write")
    assert notify("stopped", "uat", attempt=2).outputs["sent"] == "slack,discussion"
    assert [each.receiver for each in receiver.taken] == ["teams", "hook", "slack"]
    assert notify("stopped", "uat", attempt=3).outputs["result"] == "unchanged"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLACK_WEBHOOK_URL", "", "`notify` names SLACK_WEBHOOK_URL, which is not set."),
        (
            "SLACK_WEBHOOK_URL",
            "http://x.example/SecretPath",
            "The value of SLACK_WEBHOOK_URL is not an https address",
        ),
        ("RELEASE_HOOK_SECRET", "SecretPath", "RELEASE_HOOK_SECRET is not a key that can sign"),
        ("RELEASE_HOOK_SECRET", "whsec_SecretPath!", "it is not base64"),
        ("TEAMS_WEBHOOK_URL", "SecretPath%0A::error::x", "The value of TEAMS_WEBHOOK_URL is not an https address"),
    ],
)
def test_a_wrong_secret_is_a_warning_that_names_it(notify: Notify, name: str, value: str, message: str) -> None:
    done = notify("stopped", "uat", **{name: value})
    assert message in done.log
    assert done.outputs["result"] == "failed"
    assert len(done.outputs["sent"].split(",")) == 4


def test_the_action_s_inputs_serve_whatever_names_the_manifest_has(notify: Notify, receiver: WebhookDouble) -> None:
    settings = "notify: {slack: OUR_HOOK, teams: OUR_TEAM}\n"
    done = notify("stopped", "uat", settings=settings, OUR_TEAM=receiver.teams, TEAMS_WEBHOOK_URL="")
    assert done.outputs["sent"] == "slack,teams"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("", "The manifest has no `notify`"),
        ("notify: {slack: SLACK_WEBHOOK_URL, on: [refused]}\n", "does not list stopped"),
    ],
)
def test_nobody_asked_to_be_notified(
    notify: Notify, receiver: WebhookDouble, github: GitHubDouble, settings: str, message: str
) -> None:
    done = notify("stopped", "uat", settings=settings)
    assert message in done.log
    assert done.outputs == {"result": "off", "sent": "", "failed": ""}
    assert (receiver.routes, github.routes) == ([], [])


def test_without_a_ledger_it_is_sent_and_said(notify: Notify, receiver: WebhookDouble, github: GitHubDouble) -> None:
    settings = "notify: {slack: SLACK_WEBHOOK_URL}\n"
    github.permit("deployments", "none")
    done = notify("stopped", "uat", settings=settings)
    assert done.outputs["result"] == "sent"
    assert "It is not known what was sent before" in done.log
    assert "so a run again sends it again" in done.log
    assert notify("stopped", "uat", settings=settings, GITHUB_TOKEN="").outputs["result"] == "sent"
    assert len(receiver.taken) == 2


def test_on_a_laptop_every_call_sends(notify: Notify, receiver: WebhookDouble) -> None:
    settings = "notify: {slack: SLACK_WEBHOOK_URL}\n"
    laptop = {"GITHUB_ACTIONS": "", "GITHUB_RUN_ID": "", "GITHUB_SHA": "", "GITHUB_TOKEN": ""}
    notify("stopped", "uat", settings=settings, **laptop)
    notify("stopped", "uat", settings=settings, **laptop)
    assert len(receiver.taken) == 2
    assert "Open the run" not in receiver.taken[0].body.decode()


def test_a_hostile_reason_is_neither_a_command_nor_a_mention(notify: Notify, receiver: WebhookDouble) -> None:
    reason = "x\n::error::made up ##[error]y <!channel> @channel [a](https://evil.example) <at>ada</at>"
    done = notify("refused", "uat", "--reason", reason, "--page", "javascript:alert(1)")
    assert done.outputs["result"] == "sent"
    assert "::error::" not in done.log
    assert receiver.violations == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_it_arrives_at_least_once_wherever_a_run_ends(
    desk: Desk, github: GitHubDouble, receiver: WebhookDouble, commit: str, when: When
) -> None:
    desk.write(release(pinned=3, more="notify: {slack: SLACK_WEBHOOK_URL, issue: {}}\n"))
    desk.extra = {**github.environment(), "GITHUB_SHA": commit, **receiver.environment()}
    for k in range(1, 8):
        reason = f"crash {k}"
        process = desk.start("notify", "stopped", "uat", "--reason", reason)
        github.client = process
        github.crash_at(k, when=when)
        desk.finish(process)
        github._crash = None
        assert desk.run("notify", "stopped", "uat", "--reason", reason).code == 0
        arrived = [each for each in receiver.taken if reason in each.body.decode()]
        assert 1 <= len(arrived) <= 2
        (issue,) = github.issues
        assert reason in (issue.body or "")
        ids = [each["id"] for each in events(github)]
        assert len(ids) == len(set(ids))


def test_a_receiver_of_webhooks_verifies_what_it_gets(notify: Notify, receiver: WebhookDouble) -> None:
    notify("rolled-back", "uat", "--page", "https://github.com/acme/support-agents/pull/7", "--release", "wave-4")
    (message,) = receiver.of("hook")
    assert message.value["data"]["release"] == "wave-4"
    assert message.value["data"]["pageUrl"].endswith("/pull/7")
    assert receiver.refused == []
    done = notify("rolled-back", "uat", RELEASE_HOOK_SECRET=SECRET[:-4] + "AAA=")
    assert "The webhook refused the notification (HTTP 401)" in done.log
