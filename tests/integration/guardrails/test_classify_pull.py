"""The class on a pull request: its label and comment, and the approvals that it needs, by the command itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Pull
from tests.support.git import git
from tests.support.in_process import served_in_process
from tests.support.killed import Kill, KilledError, When, killed_at
from tests.support.outputs import read_outputs
from tests.support.refund_desk import SCRIPT, SCRIPT_FILE, desk_files, weakened

from wavegate.__main__ import main

MANIFEST = "agentforce/release.yml"
ROLES = """release: wave-1
roles:
  developers: {owner: ["@dev", "@acme/builders"]}
  security: {owner: ["@acme/security"]}
classes: {securityReview: {approval: [developers, security]}}
environments: [{name: uat, prompts: [a]}]
"""
TUNED = SCRIPT.replace("Be friendly.", "Be brief.")
LABELS = {"tunable": "wavegate: tunable", "code": "wavegate: code review", "security": "wavegate: security review"}


@dataclass(kw_only=True)
class Desk:
    """A pull request that ada opened, and a clone of its commit."""

    github: GitHubDouble
    checkout: Path
    base: str
    pull: Pull
    outputs: Path

    def push(self, script: str, **more: bytes) -> str:
        """A commit on the branch, checked out."""
        head = self.github.seed({SCRIPT_FILE: script.encode(), **more}, branch="topic")
        self.pull.head_sha = head
        self.check_out(head)
        return head

    def check_out(self, commit: str) -> None:
        git(self.checkout, "fetch", "--quiet", "origin", "topic")
        git(self.checkout, "checkout", "--quiet", "--detach", commit)

    def classify(self, *options: str) -> int:
        self.outputs.unlink(missing_ok=True)
        return main(["classify", self.base, "--root", str(self.checkout), *options])

    @property
    def results(self) -> dict[str, str]:
        return read_outputs(self.outputs)

    @property
    def comments(self) -> list[str]:
        return [each.body for each in self.pull.comments]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with GitHubDouble(tmp_path / "github") as github:
        yield open_desk(tmp_path, github, monkeypatch)


def open_desk(folder: Path, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch) -> Desk:
    base = github.seed({**desk_files(SCRIPT), MANIFEST: ROLES.encode()})
    head = github.seed({SCRIPT_FILE: weakened().encode()}, branch="topic")
    pull = github.open_pull(head, number=1, head="topic", base_sha=base, creator="ada")
    checkout, outputs = folder / "checkout", folder / "outputs"
    git(folder, "clone", "--quiet", str(github.git_dir), str(checkout))
    github.state.users += ["dev", "sec", "bo"]
    github.state.teams |= {"security": ["sec", "ada"], "builders": ["bo"]}
    values = {**github.environment(), "GITHUB_REF": "refs/pull/1/merge", "GITHUB_OUTPUT": str(outputs)}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_TEAMS_TOKEN", github.app_token)
    github.permit("members", "read", github.app_token)
    found = Desk(github=github, checkout=checkout, base=base, pull=pull, outputs=outputs)
    found.check_out(head)
    return found


def test_the_label_follows_the_class_and_leaves_those_of_people(desk: Desk) -> None:
    desk.pull.labels += ["urgent", "Wavegate: Tunable"]
    desk.github.state.labels += ["urgent", "Wavegate: Tunable"]
    assert desk.classify("--label") == 0
    assert desk.results == {"class": "security-review", "label": "changed"}
    assert desk.pull.labels == ["urgent", LABELS["security"]]
    assert desk.github.state.label_looks[LABELS["security"]][0] == "d93f0b"
    assert desk.classify("--label") == 0
    assert desk.results["label"] == "unchanged"
    desk.push(TUNED)
    desk.classify("--label")
    # the repository's own spelling of the label is kept
    assert desk.pull.labels == ["urgent", "Wavegate: Tunable"]
    assert desk.results["class"] == "tunable"


def test_the_comment_is_one_and_says_what_the_class_means(desk: Desk) -> None:
    assert desk.classify("--comment") == 0
    assert desk.classify("--comment") == 0
    assert desk.results["comment"] == "unchanged"
    (text,) = desk.comments
    assert "security review" in text
    assert "https://wavegate.github.io/wavegate/how-to/security-review/" in text
    desk.push(TUNED)
    desk.classify("--comment")
    (text,) = desk.comments
    assert "An administrator may make this change alone" in text
    assert desk.results["comment"] == "updated"


def test_nothing_is_written_unless_it_is_asked_for(desk: Desk) -> None:
    assert desk.classify() == 0
    assert not [each for each in desk.github.routes if each.method != "GET"]


def test_a_fork_s_token_reads_only_and_the_class_stands(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for scope in ("issues", "pull-requests"):
        desk.github.permit(scope, "read")
    assert desk.classify("--label", "--comment") == 0
    assert desk.results == {"class": "security-review", "label": "not-permitted", "comment": "not-permitted"}
    shown = capsys.readouterr().out
    assert "No label was written. The token may not label the pull request" in shown
    assert "No comment was written. The token may not" in shown
    assert "Pull requests from forks" in shown


def test_an_outage_keeps_nobody_from_the_class(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with served_in_process([desk.github]):
        desk.github.faults.add("GET .*/labels", times=0, status=500)
        monkeypatch.setattr("wavegate.http.transport.BACKOFF", 0.01)
        assert desk.classify("--label", "--comment") == 0
    assert desk.results == {"class": "security-review", "label": "failed", "comment": "created"}


def test_without_a_pull_request_there_is_nothing_to_write_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    assert desk.classify("--label", "--comment") == 0
    assert desk.results == {"class": "security-review", "label": "none", "comment": "none"}
    assert "belongs to no pull request" in capsys.readouterr().out
    assert desk.classify("--require-approval") == 2
    assert "pull_request_review" in capsys.readouterr().out


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request_and_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: When) -> None:
    options = ("--label", "--comment", "--require-approval")
    for number in range(1, 40):
        folder = tmp_path / str(number)
        folder.mkdir()
        github = GitHubDouble(folder / "github")
        with served_in_process([github]):
            desk = open_desk(folder, github, monkeypatch)
            desk.pull.labels.append(LABELS["tunable"])
            try:
                with killed_at(Kill(request=number, when=when)):
                    desk.classify(*options)
            except KilledError:
                ended = False
            else:
                ended = True
            assert desk.classify(*options) == 1
        assert desk.pull.labels == [LABELS["security"]]
        assert len(desk.comments) == 1
        assert (desk.pull.reviewers, desk.pull.team_reviewers) == (["dev"], ["builders", "security"])
        github.stop()
        assert github.violations == []
        if ended:
            assert number > 8
            return
    pytest.fail("it was never left alone")


def approved(desk: Desk, *logins: str, state: str = "APPROVED") -> None:
    for login in logins:
        desk.github.review(1, login, state)


def verdict(desk: Desk) -> str:
    code = desk.classify("--require-approval")
    result = desk.results["verdict"]
    assert code == {"pass": 0, "fail": 1, "inconclusive": 5}[result]
    return result


def test_every_role_has_to_approve_the_newest_commit(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(desk) == "fail"
    assert desk.pull.reviewers == ["dev"]
    assert desk.pull.team_reviewers == ["builders", "security"]
    approved(desk, "dev")
    assert verdict(desk) == "fail"
    assert "needs the approval of security" in capsys.readouterr().out
    approved(desk, "sec")
    assert verdict(desk) == "pass"
    asked = [each for each in desk.github.routes if each.template.endswith("requested_reviewers")]
    assert len(asked) == 1, "people are asked once"
    desk.push(weakened().replace("Be friendly", "Be brief"))
    assert verdict(desk) == "fail"
    assert "it is about an earlier commit" in capsys.readouterr().out


@pytest.mark.parametrize("by", ["bo", "dev"])
def test_a_team_s_member_and_a_user_count(desk: Desk, by: str) -> None:
    approved(desk, by, "sec")
    assert verdict(desk) == "pass"


def test_the_author_an_app_and_an_outsider_do_not_count(desk: Desk) -> None:
    approved(desk, "dev", "ada", "helper[bot]", "eve")
    assert verdict(desk) == "fail"


@pytest.mark.parametrize("later", ["CHANGES_REQUESTED", "DISMISSED"])
def test_the_latest_word_counts_and_a_comment_is_none(desk: Desk, later: str) -> None:
    approved(desk, "dev", "sec")
    approved(desk, "sec", state="COMMENTED")
    assert verdict(desk) == "pass"
    approved(desk, "sec", state=later)
    assert verdict(desk) == "fail"


@pytest.mark.parametrize("event", ["head_ref_force_pushed", "base_ref_changed"])
def test_an_approval_from_before_the_branch_was_rewritten_does_not_count(desk: Desk, event: str) -> None:
    approved(desk, "dev", "sec")
    desk.github.state.happened(desk.pull, event, "ada")
    desk.pull.events[-1].created_at += timedelta(seconds=2)
    assert verdict(desk) == "fail"


def test_a_team_that_cannot_be_read_is_never_a_pass(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TEAMS_TOKEN", "")
    approved(desk, "dev", "sec")
    assert verdict(desk) == "inconclusive"
    shown = capsys.readouterr().out
    assert "Whether sec is in @acme/security cannot be read" in shown
    assert "members: read" in shown


def test_reviews_that_cannot_be_read_are_never_a_pass(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    approved(desk, "dev", "sec")
    for scope in ("issues", "pull-requests"):
        desk.github.permit(scope, "none")
    assert verdict(desk) == "inconclusive"
    assert "pull-requests: read" in capsys.readouterr().out


def test_the_approval_of_a_newer_commit_says_nothing_about_the_classified_one(desk: Desk) -> None:
    old = desk.pull.head_sha
    desk.push(weakened().replace("Be friendly", "Be brief"))
    approved(desk, "dev", "sec")
    assert verdict(desk) == "pass"
    desk.check_out(old)
    assert verdict(desk) == "inconclusive"


def test_an_administrator_s_class_of_another_commit_says_nothing_either(desk: Desk) -> None:
    """As in a run on `pull_request_target`, which checks out the base."""
    git(desk.checkout, "checkout", "--quiet", "--detach", desk.base)
    assert verdict(desk) == "inconclusive"
    assert desk.results["class"] == "tunable"


def test_github_s_merge_of_the_newest_commit_is_classified_too(desk: Desk) -> None:
    approved(desk, "dev", "sec")
    git(desk.checkout, "checkout", "--quiet", "--detach", desk.base)
    git(desk.checkout, "merge", "--quiet", "--no-ff", "-m", "Merge", desk.pull.head_sha)
    assert verdict(desk) == "pass"


def test_the_change_does_not_say_who_approves_it(desk: Desk) -> None:
    own = ROLES.replace('"@acme/security"', '"@eve"')
    desk.push(weakened(), **{MANIFEST: own.encode()})
    approved(desk, "dev", "eve")
    assert verdict(desk) == "fail"


def test_what_an_administrator_may_do_alone_needs_nobody(desk: Desk) -> None:
    desk.push(TUNED)
    assert verdict(desk) == "pass"


def test_a_manifest_without_the_role_is_one_clear_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.base = desk.github.seed({MANIFEST: b"release: a\nenvironments: [{name: uat, prompts: [a]}]\n"})
    git(desk.checkout, "fetch", "--quiet", "origin", "main")
    assert desk.classify("--require-approval") == 2
    shown = capsys.readouterr().out
    assert "needs the approval of `security`" in shown
    assert "roles.security.owner" in shown
    assert not desk.outputs.exists()
