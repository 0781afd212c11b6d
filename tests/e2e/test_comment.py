"""The sticky comment as a process against the GitHub double: one, whatever happens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from tests.doubles.faults import When
from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Comment
from tests.support.outputs import read_outputs

ROOT = Path(__file__).resolve().parents[2]


@dataclass(kw_only=True)
class Desk:
    """A repository with one pull request, and the command beside it."""

    folder: Path
    github: GitHubDouble
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def comments(self) -> list[Comment]:
        return self.github.pulls[0].comments

    def start(self, text: str, *arguments: str, marker: str = "production") -> "subprocess.Popen[str]":
        body = self.folder / "body.md"
        body.write_text(text)
        (self.folder / "output").unlink(missing_ok=True)
        command = [sys.executable, "-m", "wavegate", "comment", "--marker", marker, "--body-file", str(body)]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            **self.github.environment(),
            "GITHUB_REF": "refs/pull/1/merge",
            **self.extra,
        }
        self.github.client = subprocess.Popen(
            [*command, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return self.github.client

    def run(self, text: str, *arguments: str, marker: str = "production") -> tuple[int, str]:
        process = self.start(text, *arguments, marker=marker)
        log, _ = process.communicate(timeout=60)
        return process.returncode, log

    def outputs(self) -> dict[str, str]:
        return read_outputs(self.folder / "output")

    def others(self, count: int, text: str = "Looks good.") -> None:
        """Comments that somebody else writes."""
        for _ in range(count):
            state = self.github.state
            now = state.now()
            self.comments.append(Comment(id=state.next_id(), body=text, creator="bo", created_at=now, updated_at=now))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GitHubDouble(tmp_path / "github") as github:
        yield open_desk(tmp_path, github)


def open_desk(folder: Path, github: GitHubDouble) -> Desk:
    github.seed({"README.md": b"one\n"})
    github.seed({"README.md": b"two\n"}, branch="topic")
    asked = {"title": "Wave 4", "head": "topic", "base": "main"}
    url = f"{github.api_url}/repos/{github.repository}/pulls"
    requests.post(url, json=asked, headers={"Authorization": f"Bearer {github.admin_token}"}, timeout=20)
    return Desk(folder=folder, github=github)


def texts(desk: Desk) -> list[str]:
    """What our comments say, without their markers."""
    ours = (each.body for each in desk.comments if each.creator == "github-actions[bot]")
    return ["\n".join(body.splitlines()[1:-1]) for body in ours]


def test_it_is_made_once_and_kept_up_to_date(desk: Desk) -> None:
    for text, result in (("first", "created"), ("first", "unchanged"), ("second\n\n**bold**", "updated")):
        code, log = desk.run(text)
        assert code == 0, log
        assert desk.outputs()["result"] == result
        assert texts(desk) == [text]
    assert desk.outputs()["pull-request"] == "1"
    assert desk.outputs()["comment-url"].endswith(f"#issuecomment-{desk.comments[0].id}")


def test_it_is_found_behind_any_number_of_others_and_each_marker_has_its_own(desk: Desk) -> None:
    desk.others(150)
    desk.run("first")
    desk.others(150)
    assert desk.run("second")[0] == 0
    assert desk.outputs()["result"] == "updated"
    desk.run("uat", marker="uat")
    assert texts(desk) == ["second", "uat"]


def test_a_comment_of_others_is_never_touched_even_with_our_marker(desk: Desk) -> None:
    desk.run("ours")
    marked = desk.comments[0].body
    desk.comments.clear()
    desk.others(1, text=marked)
    desk.others(1, text=f"> quoting\n{marked}")
    desk.run("new")
    assert texts(desk) == ["new"]
    assert [each.body for each in desk.comments][:2] == [marked, f"> quoting\n{marked}"]


def test_a_token_that_may_only_read_ends_in_a_notice(desk: Desk) -> None:
    for scope in ("issues", "pull-requests"):
        desk.github.permit(scope, "read")
    code, log = desk.run("text")
    assert code == 0, log
    assert "::notice title=wavegate comment::No comment was written. The token may not" in log
    assert desk.outputs() == {"result": "not-permitted", "pull-request": "", "comment-url": ""}
    assert desk.comments == []


def test_a_commit_on_a_branch_belongs_to_the_pull_request_that_brought_it(desk: Desk) -> None:
    merged = desk.github.merge(1)
    desk.extra |= {"GITHUB_REF": "refs/heads/main", "GITHUB_SHA": merged}
    assert desk.run("text")[0] == 0
    assert texts(desk) == ["text"]
    alone = desk.github.seed({"README.md": b"three\n"})
    desk.extra["GITHUB_SHA"] = alone
    code, log = desk.run("text")
    assert (code, desk.outputs()["result"]) == (0, "none")
    assert "This commit belongs to no pull request" in log


def test_a_text_that_github_finds_too_long_is_cut_at_a_line(desk: Desk) -> None:
    code, log = desk.run("0123456789\n" * 7000)
    assert code == 0, log
    (text,) = texts(desk)
    assert len(desk.comments[0].body) <= 65_536
    assert "0123456789\n\n*Truncated; see" in text


@pytest.mark.parametrize("known", [False, True], ids=["new", "there"])
def test_killed_at_any_request_and_run_again(tmp_path: Path, known: bool) -> None:
    def prepared(name: str) -> Desk:
        folder = tmp_path / name
        folder.mkdir()
        github = GitHubDouble(folder / "github")
        github.__enter__()
        desk = open_desk(folder, github)
        if known:
            desk.run("before")
        return desk

    whole = prepared("whole")
    before = len(whole.github.routes)
    assert whole.run("after")[0] == 0
    requests_made = len(whole.github.routes) - before
    assert requests_made == (2 if known else 3)
    whens: tuple[When, When] = ("before", "after")
    for k in range(1, requests_made + 1):
        for when in whens:
            desk = prepared(f"{when}-{k}")
            desk.github.crash_at(k, when=when)
            assert desk.run("after")[0] == -9
            code, log = desk.run("after")
            assert code == 0, log
            assert texts(desk) == ["after"], f"{when} request {k}"
            desk.github.stop()
            assert desk.github.violations == []
    whole.github.stop()


def test_a_lost_answer_makes_no_second_comment(desk: Desk) -> None:
    desk.github.faults.add("POST .*/comments", when="after", drop=True)
    assert desk.run("text")[0] == 0
    assert texts(desk) == ["text"]


def test_two_at_once_leave_one(desk: Desk) -> None:
    desk.github.hold("POST .*/comments")
    processes = [desk.start("text"), desk.start("text")]
    for process in processes:
        log, _ = process.communicate(timeout=60)
        assert process.returncode == 0, log
    assert texts(desk) == ["text"]


def test_a_file_that_is_not_there_is_one_clear_error(desk: Desk) -> None:
    code, log = desk.run("text", "--body-file", "nowhere.md")
    assert code == 2
    assert "::error file=nowhere.md,title=wavegate::The text cannot be read" in log
