"""No program that a checkout names is run: each trap works with plain git, and stays shut with ours.

A checkout's `.git` comes from outside where a person unpacks an archive, or where an earlier step wrote to it.
"""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.git import commit, git, start

from wavegate.errors import InputError, ServiceError, WavegateError
from wavegate.git import repository as adapter
from wavegate.git.checkout import read_work_tree
from wavegate.git.process import Credentials, GitProcess
from wavegate.git.repository import Git

ABSENT = "0123456789" * 4


@dataclass(frozen=True)
class Trap:
    """A setting of a checkout, and what makes plain git fall for it.

    settings: `{program}` is a program that leaves a mark, `{folder}` a folder with files of the checkout's owner.
    attributes: of every file. origin: URL. control: a git command.
    """

    settings: Mapping[str, str]
    control: tuple[str, ...] = ("status",)
    attributes: str = ""
    origin: str = "ssh://127.0.0.1:1/x"
    files: Mapping[str, str] = field(default_factory=dict)


FETCH, PUSH = ("fetch", "origin", ABSENT), ("push", "origin", "HEAD")
TRAPS = {
    "clean filter": Trap({"filter.x.clean": "{program}"}, attributes="filter=x"),
    "process filter": Trap({"filter.x.process": "{program}", "filter.x.required": "true"}, attributes="filter=x"),
    "smudge filter": Trap({"filter.x.smudge": "{program}"}, ("checkout", "--", "a.txt"), attributes="filter=x"),
    "filter with the name of LFS": Trap({"filter.lfs.clean": "{program}"}, attributes="filter=lfs"),
    "fsmonitor": Trap({"core.fsmonitor": "{program}"}),
    "hooks": Trap({"core.hooksPath": "{folder}"}, ("update-ref", "refs/heads/new", "HEAD")),
    "external diff": Trap({"diff.external": "{program}"}, ("diff",)),
    "diff command": Trap({"diff.x.command": "{program}"}, ("diff",), attributes="diff=x"),
    "text conversion": Trap({"diff.x.textconv": "{program}"}, ("diff",), attributes="diff=x"),
    "merge driver": Trap({"merge.x.driver": "{program}"}, ("merge", "side"), attributes="merge=x"),
    "ssh command": Trap({"core.sshCommand": "{program}"}, FETCH),
    "git proxy": Trap({"core.gitProxy": "{program}"}, FETCH, origin="git://127.0.0.1:1/x"),
    "credential helper": Trap({"credential.helper": "!{program}"}, FETCH, origin="{server}/x.git"),
    "helper of a server": Trap({"credential.{server}.helper": "!{program}"}, FETCH, origin="{server}/x.git"),
    "password program": Trap({"core.askPass": "{program}"}, FETCH, origin="{server}/x.git"),
    "upload program": Trap({"remote.origin.uploadpack": "{program}"}, FETCH, origin="{folder}"),
    "receive program": Trap({"remote.origin.receivepack": "{program}"}, PUSH, origin="{folder}"),
    "program as a URL": Trap({"protocol.ext.allow": "always"}, FETCH, origin="ext::{program} x"),
    "URL instead of another": Trap(
        {"protocol.ext.allow": "always", "url.ext::{program} .insteadOf": "ssh://127.0.0.1:1/"}, FETCH
    ),
    "push URL instead of another": Trap(
        {"protocol.ext.allow": "always", "url.ext::{program} .pushInsteadOf": "ssh://127.0.0.1:1/"},
        PUSH,
    ),
    "lazy fetch": Trap(
        {
            "core.repositoryformatversion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "core.sshCommand": "{program}",
        },
        ("cat-file", "-p", ABSENT),
    ),
    "signature program": Trap({"gpg.program": "{program}", "log.showSignature": "true"}, ("log", "signed")),
    "pager": Trap({"core.pager": "{program}"}, ("--paginate", "log")),
    "pager of a command": Trap({"pager.log": "{program}"}, ("log",)),
    "editor": Trap({"core.editor": "{program}"}, ("commit", "--amend")),
    "alias": Trap({"alias.x": "!{program}"}, ("x",)),
    "included file": Trap({"include.path": "{folder}/included"}, attributes="filter=x"),
    "file included for the folder": Trap({"includeIf.gitdir:/**.path": "{folder}/included"}, attributes="filter=x"),
    "file of attributes": Trap({"core.attributesFile": "{folder}/attributes", "filter.x.clean": "{program}"}),
    "configuration of the work tree": Trap(
        {"extensions.worktreeConfig": "true"}, attributes="filter=x", files={".git/config.worktree": "{included}"}
    ),
    "refs of alternates": Trap(
        {"core.alternateRefsCommand": "{program}"},
        ("fetch", "{folder}/origin"),
        origin="{folder}/origin",
        files={".git/objects/info/alternates": "{folder}/origin/objects\n"},
    ),
}


@dataclass
class Checkout:
    """A checkout with an unpacked `.git`. marks: what the program leaves."""

    root: Path
    folder: Path
    marks: Path
    server: str

    def filled(self, text: str) -> str:
        """A text of a trap with its places filled in."""
        included = f'[filter "x"]\n\tclean = {self.folder}/program\n'
        values = {"program": f"{self.folder}/program", "folder": str(self.folder), "server": self.server}
        return text.format(included=included, **values)

    def spring(self, trap: Trap) -> None:
        """Set a trap in this checkout."""
        if trap.attributes:
            (self.root / ".gitattributes").write_text(f"* {trap.attributes}\n")
        for name, text in trap.files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(self.filled(text))
        git(self.root, "config", "remote.origin.url", self.filled(trap.origin))
        for key, value in trap.settings.items():
            git(self.root, "config", self.filled(key), self.filled(value))

    def plainly(self, *arguments: str) -> None:
        """Run plain git, however it ends."""
        identity = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb"), os.fdopen(theirs, "wb") as terminal:
            command = ["git", "-C", str(self.root), *arguments]
            environment = {**os.environ, **identity, "GIT_TERMINAL_PROMPT": "0", "TERM": "xterm"}
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
            )
            process.wait(timeout=30)

    def is_marked(self) -> bool:
        """Whether the program ran."""
        return self.marks.exists()


@pytest.fixture
def server() -> Iterator[str]:
    """A server that wants to know who asks."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), Closed)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    Closed.asked.clear()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


class Closed(BaseHTTPRequestHandler):
    """Answers 401 to everything."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def checkout(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout with a changed file, a branch to merge, a signed commit and an origin beside it."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    root, folder, marks = tmp_path / "checkout", tmp_path / "theirs", tmp_path / "marks"
    start(root, {"a.txt": b"one\n", "b.txt": b"b\n"})
    git(root, "checkout", "--quiet", "-b", "side")
    commit(root, {"a.txt": b"side\n"}, "Side")
    git(root, "checkout", "--quiet", "main")
    commit(root, {"a.txt": b"two\n"}, "Main")
    sign(root)
    folder.mkdir()
    git(root, "clone", "--quiet", "--bare", ".", str(folder / "origin"))
    program = f"#!/bin/sh\ntouch {marks}\nexit 1\n"
    for name in ("program", "reference-transaction"):
        (folder / name).write_text(program)
        (folder / name).chmod(0o755)
    (folder / "included").write_text(f'[filter "x"]\n\tclean = {folder}/program\n')
    (folder / "attributes").write_text("* filter=x\n")
    return Checkout(root=root, folder=folder, marks=marks, server=server)


def sign(root: Path) -> None:
    """Make a branch `signed` whose commit says that it is signed."""
    text = git(root, "cat-file", "commit", "HEAD").decode()
    head, message = text.split("\n\n", 1)
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    data = f"{head}\n{signature}\n\n{message}".encode()
    signed = git(root, "hash-object", "-t", "commit", "-w", "--stdin", stdin=data)
    git(root, "branch", "signed", signed.decode().strip())


def use_everything(root: Path) -> None:
    """Everything that wavegate does with a checkout."""
    # of the same size, so that git has to read it
    (root / "a.txt").write_text("TWO\n")
    assert "a.txt" in read_work_tree(root, prefix="").changed
    repository = Git(root)
    head = repository.resolve("HEAD")
    tree = repository.tree(head)
    assert list(repository.blobs([tree.files["a.txt"].sha])) == [b"two\n"]
    made = repository.commit_tree(repository.write_tree(tree.sha, []).sha, parents=[head], message="Ours\n")
    repository.move_branch("wavegate/x", made, expected=None)
    assert repository.branch_head("wavegate/x") == made
    assert repository.history("signed")[0][1] == "Main\n"
    assert len(repository.first_parents("HEAD", [""], 10)) == 2
    assert repository.current_branch() == "main"
    assert repository.origin()
    assert repository.default_branch() is None
    with pytest.raises(WavegateError):
        repository.ensure([ABSENT])


@pytest.mark.parametrize("name", TRAPS)
def test_no_program_of_a_checkout_is_run(checkout: Checkout, name: str) -> None:
    checkout.spring(TRAPS[name])
    use_everything(checkout.root)
    assert not checkout.is_marked()
    (checkout.root / "a.txt").write_text("two\n" if "merge" in name else "tWo\n")
    checkout.plainly(*(checkout.filled(part) for part in TRAPS[name].control))
    assert checkout.is_marked(), "plain git does not fall for it either, so this shows nothing"


@pytest.mark.parametrize(
    "settings",
    [
        {"http.proxy": "{server}"},
        {"remote.origin.proxy": "{server}"},
        {"http.http://127.0.0.1:1/.proxy": "{server}"},
        {"url.{server}/.insteadOf": "http://127.0.0.1:1/"},
    ],
)
def test_no_server_of_a_checkout_but_its_origin_is_asked(checkout: Checkout, settings: dict[str, str]) -> None:
    checkout.spring(Trap(settings, origin="http://127.0.0.1:1/x.git"))
    with pytest.raises(ServiceError, match="cannot be fetched"):
        Git(checkout.root).ensure([ABSENT])
    assert Closed.asked == []
    checkout.plainly(*FETCH)
    assert Closed.asked != []


def test_a_submodule_has_no_say_either(checkout: Checkout, tmp_path: Path) -> None:
    start(tmp_path / "part", {"a.txt": b"one\n"})
    allowed = ("-c", "protocol.file.allow=always")
    git(checkout.root, *allowed, "submodule", "--quiet", "add", str(tmp_path / "part"), "part")
    commit(checkout.root, {}, "Add a part")
    part = checkout.root / "part"
    git(part, "config", "filter.x.clean", f"{checkout.folder}/program")
    (part / ".gitattributes").write_text("* filter=x\n")
    (part / "a.txt").write_text("ONE\n")
    assert read_work_tree(checkout.root, prefix="").changed == ()
    assert Git(part).prefix == ""
    assert read_work_tree(part, prefix="").changed == (".gitattributes", "a.txt")
    assert not checkout.is_marked()
    checkout.plainly("status")
    assert checkout.is_marked()


def test_another_folder_is_not_the_work_tree_whatever_the_checkout_says(checkout: Checkout) -> None:
    git(checkout.root, "config", "core.worktree", str(checkout.folder))
    (checkout.root / "inner").mkdir()
    assert Git(checkout.root / "inner").prefix == "inner/"
    changes = read_work_tree(checkout.root, prefix="")
    assert (changes.changed, changes.missing) == ((), ())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_a_checkout_does_not_vouch_for_itself(checkout: Checkout) -> None:
    git(checkout.root, "config", "safe.directory", "*")
    os.chown(checkout.root, 12345, 12345)
    os.chown(checkout.root / ".git", 12345, 12345)
    with pytest.raises(InputError, match="belongs to another user"):
        Git(checkout.root)


def test_an_origin_on_this_machine_runs_nothing_of_its_own(checkout: Checkout) -> None:
    origin = checkout.folder / "origin"
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.url": "ssh://127.0.0.1:1/x",
        "remote.evil.promisor": "true",
        "core.sshCommand": f"{checkout.folder}/program",
        "uploadpack.packObjectsHook": f"{checkout.folder}/program",
        "uploadpack.allowAnySHA1InWant": "true",
    }.items():
        git(origin, "config", key, value)
    wanted = commit(checkout.root, {"a.txt": b"three\n"}, "Three")
    git(checkout.root, "push", "--quiet", str(origin), "main")
    git(checkout.root, "clone", "--quiet", "--no-local", str(origin), str(checkout.root / "clone"))
    with pytest.raises(WavegateError):
        Git(checkout.root / "clone").ensure([ABSENT])
    assert Git(checkout.root / "clone").resolve(wanted) == wanted
    assert not checkout.is_marked()


def test_the_header_that_actions_checkout_leaves_is_sent_to_its_server(checkout: Checkout) -> None:
    git(checkout.root, "config", "remote.origin.url", f"{checkout.server}/x.git")
    git(checkout.root, "config", f"http.{checkout.server}/.extraheader", "AUTHORIZATION: basic bGVmdA==")
    git(checkout.root, "config", "http.extraheader", "X-Theirs: 1")
    with pytest.raises(ServiceError):
        Git(checkout.root).ensure([ABSENT])
    assert {header for _, header in Closed.asked} == {"basic bGVmdA=="}
    Closed.asked.clear()
    own = Credentials(server_url=checkout.server, token="ghs_x")
    with pytest.raises(ServiceError):
        Git(checkout.root, credentials=own).ensure([ABSENT])
    assert {header for _, header in Closed.asked} == {"basic eC1hY2Nlc3MtdG9rZW46Z2hzX3g="}


def test_the_header_that_actions_checkout_keeps_in_a_file_of_its_own_is_sent(checkout: Checkout) -> None:
    kept = checkout.folder / "git-credentials.config"
    git(
        checkout.folder,
        "config",
        "--file",
        str(kept),
        f"http.{checkout.server}/.extraheader",
        "AUTHORIZATION: basic bGVmdA==",
    )
    git(checkout.folder, "config", "--file", str(kept), "filter.x.clean", f"{checkout.folder}/program")
    git(checkout.root, "config", "remote.origin.url", f"{checkout.server}/x.git")
    git(checkout.root, "config", f"includeIf.gitdir:{checkout.root}/.git.path", str(kept))
    # for a step in a container, where this is the folder
    git(checkout.root, "config", "includeIf.gitdir:/github/workspace/.git.path", "/github/runner_temp/x.config")
    with pytest.raises(ServiceError):
        Git(checkout.root).ensure([ABSENT])
    assert {header for _, header in Closed.asked} == {"basic bGVmdA=="}
    assert not checkout.is_marked()


@pytest.mark.parametrize("key", ["core.sshCommand", "credential.helper", "core.askPass"])
def test_the_users_own_programs_still_run(checkout: Checkout, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = checkout.folder / "own"
    prefix = "!" if key == "credential.helper" else ""
    git(checkout.folder, "config", "--file", str(own), key, f"{prefix}{checkout.folder}/program")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    url = "ssh://127.0.0.1:1/x" if key == "core.sshCommand" else f"{checkout.server}/x.git"
    git(checkout.root, "config", "remote.origin.url", url)
    with pytest.raises(ServiceError):
        Git(checkout.root).ensure([ABSENT])
    assert checkout.is_marked()


def test_facts_of_the_repository_still_count(checkout: Checkout) -> None:
    awkward = 'Jo "the\\one"\t; # é\nnext'
    for key, value in {
        "user.name": awkward,
        'remote.my "or\\igin.url': "https://github.com/acme/agents",
        "filter.lfs.process": "git-lfs filter-process",
        "core.ignorecase": "true",
    }.items():
        git(checkout.root, "config", key, value)
    with (checkout.root / ".git" / "config").open("a") as stream:
        stream.write("[core]\n\tfilemode\n")
    ours = GitProcess(checkout.root)
    expected = ours.run("config", "--list", "-z", "--local").decode().split("\0")
    assert f"user.name\n{awkward}" in expected
    assert 'remote.my "or\\igin.url\nhttps://github.com/acme/agents' in expected
    assert "filter.lfs.process\ngit-lfs filter-process" in expected
    assert "core.ignorecase\ntrue" in expected
    assert "core.filemode" in expected


@pytest.mark.parametrize("kind", ["linked work tree", "sparse", "sha256", "bare", "detached"])
def test_unusual_repositories_are_read_as_git_reads_them(tmp_path: Path, kind: str) -> None:
    root, options = tmp_path / "root", ["--object-format=sha256"] if kind == "sha256" else []
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main", *options)
    head = commit(root, {"a/a.txt": b"a\n", "b/b.txt": b"b\n"}, "Start")
    place, inner = root, "a"
    match kind:
        case "linked work tree":
            place = tmp_path / "linked"
            git(root, "worktree", "add", "--quiet", "-b", "other", str(place))
            head = commit(place, {"a/new.txt": b"new\n"}, "In the other")
        case "sparse":
            git(root, "config", "extensions.worktreeConfig", "true")
            git(root, "sparse-checkout", "set", "--no-cone", "/a/")
        case "bare":
            place, inner = tmp_path / "bare", ""
            git(root, "clone", "--quiet", "--bare", ".", str(place))
        case "detached":
            git(root, "checkout", "--quiet", "--detach")
    repository = Git(place / inner)
    assert repository.resolve("HEAD") == head
    assert repository.prefix == (f"{inner}/" if inner else "")
    assert set(repository.tree(head).files) >= {"a/a.txt", "b/b.txt"}
    repository.move_branch("ours", head, expected=None)
    assert git(place, "rev-parse", "ours").decode().strip() == head
    if kind != "bare":
        (place / "a" / "a.txt").write_text("changed\n")
        changes = read_work_tree(place, prefix="")
        assert changes.changed == ("a/a.txt",)
        assert changes.missing == (("b/b.txt",) if kind == "sparse" else ())


def test_a_cancelled_job_leaves_settings_only_where_the_runner_cleans_up(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = checkout.folder / "runner"
    runner.mkdir()
    monkeypatch.setenv("RUNNER_TEMP", str(runner))
    repository = Git(checkout.root)
    assert len(list(runner.iterdir())) == 1
    del repository
    monkeypatch.setenv("RUNNER_TEMP", str(checkout.folder / "none"))
    assert Git(checkout.root).resolve("HEAD")


def test_nothing_is_left_in_the_temporary_folder(checkout: Checkout) -> None:
    temporary = checkout.folder / "tmp"
    temporary.mkdir()
    code = "from pathlib import Path; from wavegate.git.repository import Git; Git(Path()).resolve('HEAD')"
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(adapter.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], cwd=checkout.root, env=environment, check=True)
    assert list(temporary.iterdir()) == []
