"""A repository on the GitHub double with a bad release in production, and a checkout for rolling it back."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.doubles.github.git import File
from tests.doubles.github.github import GitHubDouble
from tests.support.forked import Forked
from tests.support.outputs import read_outputs

from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.record import read_acts

ROOT = Path(__file__).parents[2]
GIVEN = ROOT / "tests/examples/valid/given"
BUNDLE = "force-app/main/default/genAiFunctions/Update_Case_Status"
PROMPTS = "force-app/main/default/genAiPromptTemplates"
XML = "http://soap.sforce.com/2006/04/metadata"
IN_SCOPE = (f"{BUNDLE}/", f"{PROMPTS}/", "agentforce/release.yml", "agentforce/packs/")

Files = Mapping[str, File | bytes | None]


def prompt(text: str) -> bytes:
    """A prompt template's metadata."""
    return f'<GenAiPromptTemplate xmlns="{XML}"><masterLabel>{text}</masterLabel></GenAiPromptTemplate>'.encode()


def function(label: str) -> bytes:
    """An action's metadata."""
    return f'<GenAiFunction xmlns="{XML}"><masterLabel>{label}</masterLabel></GenAiFunction>'.encode()


GOOD: Files = {
    "sfdx-project.json": b'{"packageDirectories": [{"path": "force-app", "default": true}]}',
    "agentforce/release.yml": b'owners: {release: ["@ada", "@acme/agents"]}\n' + (GIVEN / "release.yml").read_bytes(),
    "agentforce/packs/production-readiness.json": (GIVEN / "packs/production-readiness.json").read_bytes(),
    "agentforce/packs/with space.json": b"good",
    "agentforce/packs/tab\tand\nnewline.json": b"good",
    'agentforce/packs/quo"te\\slash$(x).json': b"good",
    "agentforce/packs/größe-日本語.json": b"good",
    f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": prompt("good"),
    f"{PROMPTS}/escalation_summary_v3.genAiPromptTemplate-meta.xml": prompt("same"),
    f"{BUNDLE}/Update_Case_Status.genAiFunction-meta.xml": function("good"),
    f"{BUNDLE}/input/schema.json": b'{"good": true}',
    f"{BUNDLE}/binary.bin": bytes(range(256)),
    f"{BUNDLE}/run.sh": File(data=b"#!/bin/sh\n", mode="100755"),
    f"{BUNDLE}/link": File(data=b"input/schema.json", mode="120000"),
    f"{BUNDLE}/deleted.json": b"comes back",
    f"{BUNDLE}/old-name.json": b"a long enough text to be seen as renamed\n" * 5,
    f"{BUNDLE}/file-then-link": b"a file",
    f"{BUNDLE}/link-then-file": File(data=b"run.sh", mode="120000"),
    f"{BUNDLE}/file-then-folder": b"a file",
    f"{BUNDLE}/folder-then-file/inner.json": b"inside",
    "force-app/main/default/classes/Unrelated.cls": b"class Unrelated {}",
    "README.md": b"one\n",
}
"""The last known good release, and files that do not belong to it."""

BAD: Files = {
    "agentforce/packs/with space.json": b"bad",
    "agentforce/packs/tab\tand\nnewline.json": None,
    'agentforce/packs/quo"te\\slash$(x).json': b"bad",
    "agentforce/packs/größe-日本語.json": b"bad",
    "agentforce/packs/added\nby the bad\tone.json": b"bad",
    f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": prompt("bad"),
    f"{BUNDLE}/Update_Case_Status.genAiFunction-meta.xml": function("bad"),
    f"{BUNDLE}/input/schema.json": b'{"good": false}',
    f"{BUNDLE}/output/schema.json": b'{"added": true}',
    f"{BUNDLE}/binary.bin": bytes(range(255, -1, -1)),
    f"{BUNDLE}/run.sh": File(data=b"#!/bin/sh\n", mode="100644"),
    f"{BUNDLE}/link": File(data=b"binary.bin", mode="120000"),
    f"{BUNDLE}/deleted.json": None,
    f"{BUNDLE}/old-name.json": None,
    f"{BUNDLE}/new-name.json": b"a long enough text to be seen as renamed\n" * 5,
    f"{BUNDLE}/file-then-link": File(data=b"run.sh", mode="120000"),
    f"{BUNDLE}/link-then-file": b"a file",
    f"{BUNDLE}/file-then-folder/inner.json": b"inside",
    f"{BUNDLE}/file-then-folder": None,
    f"{BUNDLE}/folder-then-file/inner.json": None,
    f"{BUNDLE}/folder-then-file": b"a file",
}
"""The changes of the bad release."""

SMALL: Files = {f"{BUNDLE}/input/schema.json": b'{"good": false}', f"{BUNDLE}/added.json": b"bad"}
"""A bad release that changes one file and adds one, for tests that are not about the restored contents."""

GOOD_CONTENT, BAD_CONTENT = "a" * 64, "b" * 64
"""Stand-ins for the digests of what the two releases ship."""

LATER: Files = {
    "README.md": b"two\n",
    "force-app/main/default/classes/Unrelated.cls": b"class Unrelated { Integer later; }",
    "docs/new.md": b"new\n",
}
"""Changes to the base branch after the bad release, all outside it."""


class World:
    """The double, a checkout, and the commits of the scenario. Close it at the end."""

    def __init__(self, folder: Path, *, good: Files = GOOD, bad: Files = BAD, later: Files = LATER) -> None:
        self.folder = folder
        self.github = GitHubDouble(folder / "github")
        self.github.__enter__()
        self.good = self.github.seed(good, "Good")
        self.release(self.good, "agentforce-wave-2", content=GOOD_CONTENT)
        for changes in _without_clash(bad):
            self.bad = self.github.seed(changes, "Bad")
        self.bad_deployment = self.release(self.bad, "agentforce-wave-3", content=BAD_CONTENT)
        if later:
            self.github.seed(later, "Later")
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", self.github.clone_url)

    def release(
        self,
        sha: str,
        name: str,
        *,
        environment: str = "production",
        statuses: tuple[str, ...] = ("success",),
        content: str = "",
    ) -> int:
        """Record a deployment as wavegate does."""
        payload = {
            "schema": 1,
            "release": name,
            "manifest": "agentforce/release.yml",
            "content": content,
            "agents": {"Support_Agent": "v2"},
        }
        return self.github.deploy(environment, sha, payload=payload, statuses=statuses)

    def close(self, *, check: bool = True) -> None:
        """Stop; fail if the double's contract was broken."""
        self.github.__exit__(None if check else RuntimeError, None if check else RuntimeError(), None)

    def start(self, *arguments: str, token: str | None = None, **more: str) -> Forked:
        """Start a rollback as a job's step would. more: additional environment variables."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self.github.environment(token),
            "WAVEGATE_ROLLBACK_ENVIRONMENT": "production",
            "WAVEGATE_ROLLBACK_ROOT": str(self.checkout),
            **more,
        }
        made = Forked(["rollback", *arguments], environment)
        self.github.client = made
        return made

    def run(self, *arguments: str, token: str | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a rollback and wait for it."""
        process = self.start(*arguments, token=token, **more)
        output, _ = process.communicate()
        assert process.returncode is not None
        return subprocess.CompletedProcess(process.args, process.returncode, output, "")

    def acts(self, environment: str = "production") -> tuple[Act, ...]:
        """The acts of an environment, newest first."""
        return read_acts(self.client(), self.github.repository, environment)

    def client(self) -> GitHub:
        """A client with the job's token."""
        github = self.github
        return GitHub(
            api_url=github.api_url, graphql_url=github.graphql_url, token=github.token, sleep=lambda _: None
        )

    def branches(self) -> list[str]:
        """The branches that wavegate created on the double."""
        return git(self.github.git_dir, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/").split()

    def differing(self, one: str, other: str) -> set[str]:
        """The paths that differ between two commits, according to git."""
        output = git(self.github.git_dir, "diff", "--no-renames", "--name-only", "-z", one, other)
        return set(output.split("\0")) - {""}

    def tree(self, name: str) -> str:
        """The id of the tree of a commit."""
        return git(self.github.git_dir, "rev-parse", f"{name}^{{tree}}").strip()

    def outputs(self) -> dict[str, str]:
        """The step outputs of the last run that wrote any."""
        return read_outputs(self.folder / "output")

    def assert_restored(self, branch: str, *, base: str = "main", but: frozenset[str] = frozenset()) -> None:
        """Assert that the branch equals the good release inside the scope, and the base outside. but: exceptions."""
        inside = {path for path in self.differing(self.good, branch) if path.startswith(IN_SCOPE)}
        assert inside == but
        assert all(path.startswith(IN_SCOPE) for path in self.differing(base, branch))


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return its output."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    identity = {
        f"GIT_{who}_{what}": "ada@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        env=environment | identity,
    )
    return done.stdout.decode("utf-8", "surrogateescape")


def _without_clash(changes: Files) -> list[Files]:
    """The changes as two commits, removals first, so that a folder may take a file's name."""
    removed = {path: data for path, data in changes.items() if data is None}
    return [removed, {path: data for path, data in changes.items() if data is not None}]
