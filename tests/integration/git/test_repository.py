"""Git, read and written through the real one, against hostile names, settings and environments."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from wavegate.errors import InputError, ServiceError
from wavegate.git import objects
from wavegate.git import repository as adapter
from wavegate.git.process import Credentials, GitProcess
from wavegate.git.repository import CommitSource, Git, _unreadable
from wavegate.git.tree import TreeChange, TreeEntry

NAMES = [
    b"plain.txt",
    b"with space",
    b"tab\tname",
    b"new\nline",
    b'quo"te\\slash',
    "größe-日本.txt".encode(),
    b"latin-1-\xe4",
    b"-dash",
    b":colon",
    b"*glob?",
    b"deep/er/$(id)/`id`",
]


def run(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)} | identity
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    run(root, "init", "--quiet", "--initial-branch=main")
    for number, name in enumerate(NAMES):
        file = Path(os.fsdecode(os.path.join(os.fsencode(root), name)))  # noqa: PTH118 - bytes
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"content %d" % number)
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("run.sh")
    commit(root)
    return root


def commit(root: Path) -> str:
    run(root, "add", "--all")
    run(root, "commit", "--quiet", "--message", "TreeChange")
    return run(root, "rev-parse", "HEAD")


def test_reads_a_tree_of_hostile_names_and_its_contents(repository: Path) -> None:
    git = Git(repository)
    tree = git.tree(git.resolve("HEAD"))
    assert {os.fsencode(path) for path in tree.files} == {*NAMES, b"run.sh", b"link"}
    assert {path: tree.files[path].mode for path in ("run.sh", "link", "plain.txt")} == {
        "run.sh": "100755",
        "link": "120000",
        "plain.txt": "100644",
    }
    assert set(tree.folders) == {"deep", "deep/er", "deep/er/$(id)"}
    source = CommitSource(git, tree)
    contents = source.read([*source.paths(), "absent"])
    assert set(contents) == set(tree.files) - {"link"}
    assert contents["plain.txt"] == b"content 0"
    assert contents["deep/er/$(id)/`id`"] == b"content 10"
    assert CommitSource(git, tree, prefix="deep/er/").paths() == ["$(id)/`id`"]


def test_a_file_beyond_the_limit_is_left_out_and_the_next_is_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "FILE_LIMIT", 100)
    (repository / "big").write_bytes(b"x" * 101)
    git = Git(repository)
    found = CommitSource(git, git.tree(commit(repository))).read(["big", "plain.txt"])
    assert found == {"plain.txt": b"content 0"}


def test_many_files_are_read_at_once_also_while_others_are(repository: Path) -> None:
    for number in range(450):
        (repository / f"many-{number}").write_bytes(b"%d\n" % number * 300)
    git = Git(repository)
    tree = git.tree(commit(repository))
    shas = [tree.files[f"many-{number}"].sha for number in range(450)]
    several = zip(git.blobs(shas), git.blobs([*shas[1:], "0" * 40]), strict=True)
    assert list(several) == [
        (b"%d\n" % number * 300, b"%d\n" % (number + 1) * 300 if number < 449 else None) for number in range(450)
    ]


def test_a_git_that_dies_while_objects_are_read_is_said_and_replaced(repository: Path) -> None:
    git = Git(repository)
    sha = git.tree(git.resolve("HEAD")).files["plain.txt"].sha
    assert git._objects._idle
    git._objects._idle.process.kill()
    with pytest.raises(ServiceError, match="git cat-file failed"):
        list(git.blobs([sha]))
    assert list(git.blobs([sha])) == [b"content 0"]


def test_objects_that_come_too_slowly_are_not_waited_for(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = Git(repository)
    head = git.resolve("HEAD")
    monkeypatch.setattr(objects, "LOCAL_TIMEOUT", 0.1)
    assert git._objects._idle
    git._objects._idle.process.send_signal(signal.SIGSTOP)
    with pytest.raises(ServiceError, match="took longer than"):
        git.tree(head)


def test_writes_what_git_would_write(repository: Path) -> None:
    git = Git(repository)
    before = git.tree(git.resolve("HEAD"))
    file = before.files["plain.txt"]
    changes = [
        TreeChange(path="deep/er/$(id)", entry=file),
        TreeChange(path="deep/er/$(id)/`id`", entry=None),
        TreeChange(path="with space", entry=None),
        TreeChange(path="with space/now\na folder", entry=TreeEntry(mode="120000", sha=file.sha)),
        TreeChange(path="new\nline", entry=None),
        TreeChange(path="latin-1-\udce4", entry=TreeEntry(mode="100755", sha=file.sha)),
    ]
    after = git.write_tree(before.sha, changes)
    wanted = dict(before.files)
    for change in changes:
        wanted.pop(change.path, None)
    wanted |= {change.path: change.entry for change in changes if change.entry}
    assert after.files == wanted
    assert run(repository, "status", "--porcelain") == ""


def test_a_branch_moves_only_from_where_it_was_read(repository: Path) -> None:
    git = Git(repository)
    head = git.resolve("HEAD")
    tree = git.tree(head)
    made = git.commit_tree(tree.sha, parents=[head], message="Ours\n\nTrailer: x\n")
    git.move_branch("wavegate/x", made, expected=None)
    assert git.branch_head("wavegate/x") == made
    assert git.history("wavegate/x")[0] == (made, "Ours\n\nTrailer: x\n")
    assert git.history("absent") == ()
    for expected in (None, head):
        with pytest.raises(ServiceError):
            git.move_branch("wavegate/x", head, expected=expected)
    assert git.branch_head("wavegate/x") == made


@pytest.mark.parametrize("revision", ["absent", "--help", "", "HEAD:plain.txt", "a..b", "\n", "HEAD\n--all"])
def test_a_revision_that_names_no_commit_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(InputError):
        Git(repository).resolve(revision)


def test_first_parents_are_the_commits_that_change_a_folder_whatever_it_is_named(repository: Path) -> None:
    start = run(repository, "rev-parse", "HEAD")
    run(repository, "checkout", "--quiet", "-b", "side")
    (repository / "deep" / "new").write_text("side")
    commit(repository)
    run(repository, "checkout", "--quiet", "main")
    (repository / "plain.txt").write_text("other")
    commit(repository)
    run(repository, "merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    merge = run(repository, "rev-parse", "HEAD")
    (repository / "*glob?").write_text("changed")
    last = commit(repository)
    git = Git(repository)
    assert git.first_parents("HEAD", ["deep"], 10) == (merge, start)
    assert git.first_parents("HEAD", ["*glob?"], 10) == (last, start)
    assert git.first_parents("HEAD", [":colon"], 10) == (start,)
    assert len(git.first_parents("HEAD", [""], 10)) == 4
    assert git.first_parents("HEAD", [""], 1) == (last,)
    assert Git(repository / "deep").first_parents("HEAD", ["er"], 10) == (start,)
    assert not git.is_shallow()


def test_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not in a git repository"):
        Git(tmp_path)


def test_a_folder_of_a_repository_knows_its_own_path(repository: Path) -> None:
    assert Git(repository / "deep/er").prefix == "deep/er/"
    assert Git(repository).prefix == ""


def test_the_callers_variables_and_hooks_change_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = repository / ".git/hooks/reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    git = Git(repository)
    head = git.resolve("HEAD")
    git.move_branch("x", head, expected=None)
    assert git.branch_head("x") == head
    assert not (tmp_path / "hooked").exists()
    assert not (tmp_path / "index").exists()


def test_secrets_are_not_handed_to_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_t0psecret")
    monkeypatch.setenv("SF_AUTH_URL", "force://t0psecret")
    monkeypatch.setenv("UNKNOWN", "t0psecret")
    shown = GitProcess(repository).run("-c", "alias.env=!env", "env").decode()
    assert "t0psecret" not in shown
    assert "GIT_TERMINAL_PROMPT=0" in shown


def test_a_call_that_takes_too_long_is_ended_with_its_children(repository: Path) -> None:
    with pytest.raises(ServiceError, match="longer than"):
        GitProcess(repository).run("-c", "alias.wait=!sleep 600", "wait", timeout=0.2)


def test_a_failure_shows_no_token(repository: Path) -> None:
    secret = Credentials(server_url="https://github.com", token="s3cret")
    with pytest.raises(ServiceError) as raised:
        GitProcess(repository, credentials=secret).run("cat-file", "-t", "s3cret")
    assert "s3cret" not in raised.value.message
    assert "***" in raised.value.message


@pytest.mark.parametrize("shallow", [True, False])
def test_fetches_all_missing_commits_at_once_and_keeps_a_history_whole(
    repository: Path, tmp_path: Path, *, shallow: bool
) -> None:
    origin = tmp_path / "origin.git"
    run(tmp_path, "clone", "--quiet", "--bare", str(repository), str(origin))
    run(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    run(tmp_path, "clone", "--quiet", *(["--depth=1"] if shallow else []), f"file://{origin}", str(clone))
    commits = []
    for text in ("two", "three", "four"):
        (repository / "plain.txt").write_text(text)
        commits.append(commit(repository))
    run(repository, "push", "--quiet", str(origin), "main")
    git = Git(clone)
    git.ensure([*commits, commits[0]])
    assert [git.tree(each).sha for each in commits] == [Git(repository).tree(each).sha for each in commits]
    assert run(clone, "rev-parse", "--is-shallow-repository") == str(shallow).lower()
    assert run(clone, "for-each-ref", "--format=%(refname)", "refs/tags", "refs/wavegate") == ""


def test_a_commit_that_is_nowhere_is_said(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run(tmp_path, "clone", "--quiet", f"file://{repository}", str(clone))
    with pytest.raises(InputError, match="neither in the checkout nor on the server") as caught:
        Git(clone).ensure(["0123456789" * 4])
    assert "--live" in caught.value.fix
    run(clone, "remote", "set-url", "origin", f"file://{tmp_path}/nowhere")
    with pytest.raises(ServiceError, match="cannot be fetched"):
        Git(clone).ensure(["0123456789" * 4])
    for text in ("main", "--all", "0" * 39, ""):
        with pytest.raises(InputError):
            Git(clone).ensure([text])


@pytest.mark.parametrize(
    ("remote", "sent"),
    [
        ("https://github.com/acme/agents.git", True),
        ("https://user@github.com/acme/agents", True),
        ("https://github.com.evil.example/acme/agents", False),
        ("http://github.com/acme/agents", False),
        ("https://github.com:8443/acme/agents", False),
        ("git@github.com:acme/agents.git", False),
        ("ssh://git@github.com/acme/agents.git", False),
        ("/srv/git/agents.git", False),
        ("https://evil.example/?https://github.com/", False),
    ],
)
def test_the_token_goes_to_the_github_server_only(remote: str, repository: Path, *, sent: bool) -> None:
    credentials = Credentials(server_url="https://github.com", token="ghs_x")
    assert "ghs_x" not in str(credentials.configuration())
    asked = ("config", "--get-urlmatch", "http.extraheader", remote)
    try:
        header = GitProcess(repository, credentials=credentials).text(*asked)
    except ServiceError:
        header = ""
    assert header.startswith("AUTHORIZATION: basic ") == sent


def test_a_repository_of_another_user_is_told_apart_from_none(repository: Path) -> None:
    told = _unreadable(repository, ServiceError("git rev-parse failed: fatal: detected dubious ownership in …"))
    assert "belongs to another user" in told.message
    assert f"safe.directory {repository}" in told.fix


def test_a_branch_is_not_taken_for_a_tag_of_its_name(repository: Path) -> None:
    first = run(repository, "rev-parse", "HEAD")
    run(repository, "tag", "main")
    run(repository, "tag", "only-tag")
    run(repository, "commit", "--quiet", "--allow-empty", "--message", "Second")
    second = run(repository, "rev-parse", "HEAD")
    run(repository, "update-ref", "refs/remotes/origin/remote", second)
    git = Git(repository)
    assert git.resolve_branch("main") == git.resolve_branch("refs/heads/main") == second
    assert git.resolve_branch("remote") == git.resolve_branch("origin/remote") == second
    for absent in ("only-tag", second, "nope", "a\nb"):
        with pytest.raises(InputError) as error:
            git.resolve_branch(absent)
        assert "This checkout has no branch" in error.value.message
    with pytest.raises(InputError) as ambiguous:
        git.resolve("main")
    assert "is the name of a branch and of a tag" in ambiguous.value.message
    assert ambiguous.value.fix == "Write refs/heads/main or refs/tags/main."
    assert (git.resolve("refs/heads/main"), git.resolve("refs/tags/main")) == (second, first)
    run(repository, "tag", "--force", "main", second)
    assert git.resolve("main") == second


def test_a_sha_256_repository_is_written(tmp_path: Path) -> None:
    root = tmp_path / "sha256"
    root.mkdir()
    run(root, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    (root / "one.txt").write_text("one")
    (root / "two.txt").write_text("two")
    head = commit(root)
    git = Git(root)
    tree = git.write_tree(git.tree(head).sha, [TreeChange(path="one.txt", entry=None)])
    assert set(tree.files) == {"two.txt"}
    made = git.commit_tree(tree.sha, parents=(head,), message="Without one")
    git.move_branch("fix", made, expected=None)
    assert git.branch_head("fix") == made
    assert len(made) == 64
