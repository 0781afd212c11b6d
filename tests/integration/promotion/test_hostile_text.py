"""One release with hostile text wherever a person can put some, from validation to the withdrawal of its rollback.

Nothing of it runs, mentions anybody, links anywhere, becomes an output or an annotation, or hides what others say.
"""

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.doubles.webhooks import WebhookDouble
from tests.support.deploying import Done
from tests.support.promotion_world import PACK, PromotionWorld, files
from tests.support.rollback_world import git

NAME = (
    "@octocat <img src=x onerror=x> [a](https://evil.example) fixes #1 `$(touch OWNED)` ${{ github.token }} "
    "##[error]made up ::error::made up **b** | c"
)
"""What the manifest allows in a name."""
TEXT = (
    f"{NAME}\n::set-output name=result::evil\n::add-path::/evil\n::stop-commands::x\nresult<<EOF\nevil\nEOF\n"
    "Co-authored-by: eve <eve@evil.example>\n<!-- hidden\n</details>\n# big\n- [x] done\n@acme/agents\n"
    "\u202egnp.exe\u200b\u2067\x1b[31m\x07\u2028 $(touch OWNED); touch OWNED"
)
BRANCH = "rel/@octocat-fixes-#1-<img>-$(touch-OWNED)-`id`-;x"
FILE = "agentforce/packs/@octocat <img src=x> $(touch OWNED)\n::error::made up\u202e.json"
JOINER = "\u2060"
COMMAND = re.compile(r"::(error|warning|notice) [^:]+::")
"""Ours always has properties, in which each colon is encoded."""
CLOSING = re.compile(r"fixes #\d")
FENCED = re.compile(r"(?ms)^(`{3,})[^`\n]*\n.*?^\1`*$")
CODE = re.compile(r"<code>[^<\n]*</code>")
"""Text in both is shown as it is: GitHub looks for nothing in it."""
OTHERS = r"(?<![\w&;])@(?!ada\b|organization/team\b)\w"
"""A mention of anybody but the one who acts, and the example of a fix."""


class Story:
    """Runs commands, and checks everything that each of them shows."""

    def __init__(self, world: PromotionWorld, receiver: WebhookDouble) -> None:
        self.world = world
        self.receiver = receiver

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> Done:
        done = self.world.desk.run(*arguments)
        assert done.code in codes, done.log
        self.check(done, arguments[0])
        return done

    def check(self, done: Done, command: str) -> None:
        check_log(done.log)
        check_markdown(done.summary)
        assert not {"evil", "result<<EOF"} & set(done.outputs), command
        assert "evil" not in done.outputs.get("result", ""), command
        self.check_github()

    def check_github(self) -> None:
        github = self.world.github
        for issue in github.state.issues:
            check_plain(issue.title)
            check_markdown(issue.body or "")
            for comment in issue.comments:
                check_markdown(comment.body)
        for deployment in github.deployments:
            check_plain(deployment.description or "")
            for status in deployment.statuses:
                check_plain(status.description)
                assert "evil" not in f"{status.log_url}{status.environment_url}"
        for branch in git(
            github.git_dir, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/"
        ).split():
            assert re.fullmatch(r"[\w/.-]+", branch)
            message = git(github.git_dir, "log", "-1", "--format=%B", branch)
            check_plain(message, lines=True)
            assert not re.search(r"(?m)^Co-authored-by|^::", message)
        for received in self.receiver.taken:
            assert "\u202e" not in json.dumps(received.value, ensure_ascii=False)


def check_visible(text: str, *, but: str) -> None:
    unseen = {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp")}
    assert unseen <= {JOINER, *but}, unseen


def check_log(log: str) -> None:
    check_visible(log, but="\n")
    for line in log.splitlines():
        if line.lstrip().startswith("::") and not line.startswith("::add-mask::"):
            assert COMMAND.match(line), line
        assert "##[" not in line


def check_plain(text: str, *, lines: bool = False) -> None:
    """A title, a description or a commit message: mentions, references and keywords work there."""
    check_visible(text, but="\n" if lines else "")
    assert not re.search(OTHERS, text), text
    assert not CLOSING.search(text), text
    assert "://evil" not in text


def check_markdown(text: str) -> None:
    check_visible(text, but="\n")
    text = CODE.sub("", FENCED.sub("", text))
    for tag in ("<img", "<script", "<!-- hidden"):
        assert tag not in text
    assert text.count("<details") == text.count("</details>")
    assert not re.search(OTHERS, text), text
    assert "://evil" not in text
    assert not CLOSING.search(text), text
    assert not re.search(r"(?m)^# big|^- \[x\] done", text)


def hostile_files() -> dict[str, bytes]:
    found = files(change=NAME.replace("&", "&amp;").replace("<", "&lt;"))
    manifest = found["agentforce/release.yml"].decode().replace("release: wave-3", f"release: '{NAME}'")
    found["agentforce/release.yml"] = (
        f"notify: {{slack: SLACK_WEBHOOK_URL, teams: TEAMS_WEBHOOK_URL, issue: {{}}}}\n{manifest}".encode()
    )
    return found | {FILE: found[PACK].replace(b'"readiness"', b'"@octocat <img src=x> ::error::made up"')}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    world = PromotionWorld(tmp_path, branch=BRANCH)
    # the release to go back to
    world.github.deployments[0].payload["release"] = NAME
    with WebhookDouble() as receiver:
        world.release(hostile_files(), TEXT)
        facts = {"GITHUB_SHA": world.commit, "GITHUB_REF_NAME": BRANCH, "GITHUB_WORKFLOW": TEXT}
        dispatched = {"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_TRIGGERING_ACTOR": "ada"}
        world.desk.extra |= {**facts, **dispatched, **receiver.environment()}
        yield Story(world, receiver)
    world.close()


def test_hostile_text_in_a_whole_promotion_and_its_rollback(story: Story) -> None:
    world = story.world
    open_pull(world)
    story.run("validate", codes=(0, 1))
    story.run("plan", "production")
    done = world.gate(passed=10)
    story.check(done, "gate")
    story.run("record-decision", str(world.decision))
    brief = world.folder / "brief.md"
    story.run("brief", "production", "--decision", str(world.decision), "--override", TEXT, "--output", str(brief))
    check_markdown(brief.read_text())
    story.run("comment", "--body-file", str(brief), "--marker", "production", "--pull-request", "1")
    story.run("notify", "refused", "production", "--reason", TEXT, "--release", TEXT, "--page", TEXT)
    story.run("admit", "production", codes=(0, 1))
    done = story.run("deploy", "production", "--decision", str(world.decision), "--override", TEXT)
    assert done.outputs["result"] == "deployed"
    assert world.newest().payload["release"] == NAME
    story.run("disable", "production", "--reason", TEXT)
    story.run("lock", "production", "--reason", TEXT)
    story.run("status")
    story.run("status", "--history")
    story.run("deploy", "production", "--decision", str(world.decision), "--override", TEXT, codes=(2,))
    story.run("unlock", "production", "--reason", TEXT)
    story.run("enable", "production", "--reason", TEXT)
    done = story.run("rollback", "production", "--reason", TEXT, "--incident", TEXT)
    assert done.outputs["result"] == "opened"
    story.run("rollback", "production", "--reason", f"again {TEXT}")
    story.run("status")
    story.run("notify", "rolled-back", "production", "--reason", TEXT, "--release", TEXT)
    story.run("rollback", "production", "--withdraw", "--reason", TEXT)
    assert story.receiver.violations == []
    assert len(story.receiver.taken) == 4
    check_reached(world, story.receiver)
    assert not list(world.folder.rglob("*OWNED"))


def check_reached(world: PromotionWorld, receiver: WebhookDouble) -> None:
    """The text was shown wherever it can be, so that the checks above were not of nothing.

    Commit messages of wavegate hold no text of others.
    """
    release, rollback = world.github.pulls
    (issue,) = (each for each in world.github.issues if "Refused" in each.title or "refused" in each.title)
    statuses = [status.description for each in world.github.deployments for status in each.statuses]
    shown = [
        release.comments[0].body,
        rollback.title,
        rollback.body or "",
        issue.body or "",
        *(each.body.decode() for each in receiver.taken),
        *(next(each for each in statuses if each.startswith(kind)) for kind in ("stop:", "lock:", "rollback:")),
    ]
    assert [each for each in shown if "octocat" not in each] == []


def open_pull(world: PromotionWorld) -> None:
    """The pull request of the release, whose own text is the author's and not wavegate's."""
    github = world.github
    subprocess.run(["git", "-C", str(github.git_dir), "update-ref", "refs/heads/topic", world.commit], check=True)
    github.seed({"notes.md": b"x"}, branch="topic")
    url = f"{github.api_url}/repos/{github.repository}/pulls"
    asked = {"title": "Wave", "head": "topic", "base": BRANCH}
    headers = {"Authorization": f"Bearer {github.admin_token}"}
    assert requests.post(url, json=asked, headers=headers, timeout=20).status_code == 201
