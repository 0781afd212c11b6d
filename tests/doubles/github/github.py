"""The GitHub double: one real git repository behind GitHub's REST and GraphQL APIs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.doubles.double import Double
from tests.doubles.github import git_http
from tests.doubles.github.git import File, Repository
from tests.doubles.github.graphql import execution
from tests.doubles.github.graphql.execution import schema
from tests.doubles.github.openapi import description
from tests.doubles.github.rest import deployments, pulls, table
from tests.doubles.github.rest.reviews import add_review
from tests.doubles.github.service import Service
from tests.doubles.github.state import DEFAULT_PERMISSIONS, Access, Deployment, Issue, Pull, State, Status, Token
from tests.doubles.github.trees import Entry
from tests.doubles.server import Reply, Request

SEED_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Ops",
    "GIT_AUTHOR_EMAIL": "ada@acme.example",
    "GIT_COMMITTER_NAME": "Ada Ops",
    "GIT_COMMITTER_EMAIL": "ada@acme.example",
}


class GitHubDouble(Double):
    """A GitHub with one repository. Every request and reply is checked against GitHub's own descriptions.

        with GitHubDouble(folder) as github:
            good = github.seed({"agentforce/release.yml": b"…"})
            github.deploy("production", good)
            subprocess.run(command, env={**os.environ, **github.environment()})
            assert [pull.title for pull in github.pulls] == […]

    token: a job's GITHUB_TOKEN. app_token: a GitHub App's. admin_token: a repository administrator's.
    git: opens the repository in a folder, with its default branch.
    """

    token = "ghs_job-token-of-the-double"
    app_token = "ghs_app-token-of-the-double"
    admin_token = "ghp_admin-token-of-the-double"

    def __init__(
        self,
        folder: Path,
        repository: str = "acme/support-agents",
        *,
        branch: str = "main",
        port: int = 0,
        git: Callable[[Path, str], Repository] = Repository,
    ) -> None:
        super().__init__(port)
        # reading both takes seconds, which must not be added to a process's first request
        description()
        schema()
        self.repository = repository
        owner, name = repository.split("/")
        self.git_dir = folder / owner / f"{name}.git"
        self.git_dir.parent.mkdir(parents=True, exist_ok=True)
        administrator = {**DEFAULT_PERMISSIONS, "actions": "write", "workflows": "write"}
        administrator |= dict.fromkeys(("administration", "environments", "secrets", "variables"), "write")
        administrator["members"] = "read"
        self.state = State(
            owner=owner,
            name=name,
            branch=branch,
            url=self.url,
            git=git(self.git_dir, branch),
            tokens={
                self.token: Token(login="github-actions[bot]", permissions=dict(DEFAULT_PERMISSIONS), job=True),
                self.app_token: Token(login="acme-release[bot]", permissions=dict(DEFAULT_PERMISSIONS)),
                self.admin_token: Token(login="ada", permissions=administrator),
            },
            users=["ada", "bo", "chi"],
            teams={"agents": ["ada", "bo"], "observability": ["chi"], "sre": ["ada"], "tier2": ["chi"]},
        )
        self._service = Service(self.state, self.violations)

    def stop(self) -> None:
        """Stop serving, and stop the process that reads the repository."""
        super().stop()
        self.state.git.close()

    @property
    def api_url(self) -> str:
        """GITHUB_API_URL."""
        return self.url

    @property
    def graphql_url(self) -> str:
        """GITHUB_GRAPHQL_URL."""
        return f"{self.url}/graphql"

    @property
    def server_url(self) -> str:
        """GITHUB_SERVER_URL; git URLs start with it."""
        return self.url

    @property
    def clone_url(self) -> str:
        """The URL that git fetches from."""
        return f"{self.url}/{self.repository}.git"

    @property
    def pulls(self) -> list[Pull]:
        """All pull requests, oldest first."""
        return self.state.pulls

    @property
    def issues(self) -> list[Issue]:
        """All issues except pull requests, oldest first."""
        return [issue for issue in self.state.issues if not isinstance(issue, Pull)]

    @property
    def deployments(self) -> list[Deployment]:
        """All deployments in order of creation."""
        return self.state.deployments

    def environment(self, token: str | None = None) -> dict[str, str]:
        """The environment variables that a runner would set for a step."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api_url,
            "GITHUB_GRAPHQL_URL": self.graphql_url,
            "GITHUB_SERVER_URL": self.server_url,
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_ACTOR": "ada",
            "GITHUB_TOKEN": self.token if token is None else token,
        }

    def permit(self, scope: str, access: Access, token: str | None = None) -> None:
        """Set a token's permissions, by default the job token's: `none`, `read` or `write` for a scope."""
        self.state.tokens[token or self.token].permissions[scope] = access

    def seed(self, files: Mapping[str, File | bytes | None], message: str = "Change", *, branch: str = "") -> str:
        """Commit files on a branch, by default the default one, and return the commit. None removes a path."""
        git, name = self.state.git, branch or self.state.branch
        parent = git.commit(f"refs/heads/{name}") or git.commit(f"refs/heads/{self.state.branch}")
        kept = {
            path: File(data=file) if isinstance(file, bytes) else file
            for path, file in files.items()
            if file is not None
        }
        blobs = git.write_blobs([file.data for file in kept.values()])
        entries = {path: Entry(mode="100644", sha=None) for path in files.keys() - kept.keys()}
        entries |= {path: Entry(mode=kept[path].mode, sha=sha) for path, sha in zip(kept, blobs, strict=True)}
        tree = git.write_tree(parent.tree if parent else None, entries)
        made = git.write_commit(tree, [parent.sha] if parent else [], message, SEED_IDENTITY)
        git.set_ref(f"refs/heads/{name}", made)
        self.state.follow(name)
        return made

    def deploy(
        self,
        environment: str,
        sha: str,
        *,
        statuses: Sequence[str] = ("success",),
        payload: Any = "",
        task: str = "wavegate",
        created_at: datetime | None = None,
    ) -> int:
        """Create a deployment with these statuses, as the API would."""
        state, moment = self.state, created_at or self.state.now()
        made = Deployment(
            id=state.next_id(),
            sha=sha,
            ref=sha,
            task=task,
            environment=environment,
            creator="github-actions[bot]",
            created_at=moment,
            payload=payload,
            production=environment == "production",
        )
        state.deployments.append(made)
        for name in statuses:
            status = Status(id=state.next_id(), state=name, creator=made.creator, created_at=moment)
            deployments.add_status(state, made, status)
        return made.id

    def open_pull(
        self,
        sha: str,
        *,
        number: int,
        head: str = "rollback",
        base_sha: str = "",
        creator: str = "bo",
        created_at: datetime | None = None,
    ) -> Pull:
        """Open a pull request of a commit into the default branch, from a branch that need not exist."""
        state, moment = self.state, created_at or self.state.now()
        pull = Pull(
            id=state.next_id(),
            number=number,
            title="Roll back",
            body="",
            creator=creator,
            created_at=moment,
            updated_at=moment,
            head=head,
            base=state.branch,
            head_sha=sha,
            base_sha=base_sha or sha,
        )
        state.issues.append(pull)
        return pull

    def review(self, number: int, login: str, state: str, *, commit: str = "") -> int:
        """Review a pull request as somebody, at a commit, its head by default; returns the review's id."""
        pull = next(each for each in self.pulls if each.number == number)
        return add_review(self.state, pull, login, state, commit).id

    def merge(self, number: int) -> str:
        """Merge a pull request as a person would, and return the merge commit."""
        pull = next(pull for pull in self.pulls if pull.number == number)
        with self.state.lock:
            return pulls.merge(self.state, pull, login="ada")

    def close(self, number: int, *, login: str = "ada") -> None:
        """Close a pull request or an issue as a person would."""
        with self.state.lock:
            issue = next(issue for issue in self.state.issues if issue.number == number)
            issue.change_state("closed", login=login, now=self.state.now())

    def name(self, request: Request) -> str:
        """The template of the request's route."""
        found = table.match(request.method, request.path)
        return found[0].template if found else self.path(request)

    def path(self, request: Request) -> str:
        """The request's path; for GraphQL, followed by the operation: `/graphql#Ledger`."""
        if request.path != "/graphql":
            return request.path
        operation = execution.operation_name(request.body)
        return f"/graphql#{operation}" if operation else request.path

    def answer(self, request: Request) -> Reply:
        """GitHub's reply to a git fetch or an API call."""
        return git_http.serve(self.state, request) or self._service.answer(request)
