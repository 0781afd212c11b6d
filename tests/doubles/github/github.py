"""The GitHub double: one repository, really in git, behind GitHub's REST and GraphQL APIs."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.doubles.double import Double
from tests.doubles.github.completion import complete
from tests.doubles.github.git import Entry, File, Repository
from tests.doubles.github.graphql import execution
from tests.doubles.github.openapi import description
from tests.doubles.github.rest import deployments, table
from tests.doubles.github.rest.call import Answer, Call, RefusedError
from tests.doubles.github.state import DEFAULT_PERMISSIONS, Access, Deployment, Issue, Pull, State, Status, Token
from tests.doubles.server import Reply, Request, json_reply

SEED_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Ops",
    "GIT_AUTHOR_EMAIL": "ada@acme.example",
    "GIT_COMMITTER_NAME": "Ada Ops",
    "GIT_COMMITTER_EMAIL": "ada@acme.example",
}
NOT_ACCESSIBLE = "Resource not accessible by integration"


class GitHubDouble(Double):
    """A GitHub with one repository. Every request and reply is checked against GitHub's own descriptions.

    token: a job's GITHUB_TOKEN. app_token: a GitHub App's. admin_token: a person's who administers the repository.
    """

    token = "ghs_job0123456789abcdefghijklmnopqrstuvwxyz"
    app_token = "ghs_app0123456789abcdefghijklmnopqrstuvwxyz"
    admin_token = "ghp_adm0123456789abcdefghijklmnopqrstuvwxyz"

    def __init__(
        self, folder: Path, repository: str = "acme/support-agents", *, branch: str = "main", port: int = 0
    ) -> None:
        super().__init__(port)
        self.repository = repository
        owner, name = repository.split("/")
        self.git_dir = folder / owner / f"{name}.git"
        self.git_dir.parent.mkdir(parents=True, exist_ok=True)
        administrator = {**DEFAULT_PERMISSIONS, "actions": "write", "workflows": "write"}
        administrator |= dict.fromkeys(("administration", "environments", "secrets", "variables"), "write")
        self.state = State(
            owner=owner,
            name=name,
            branch=branch,
            url=self.url,
            git=Repository(self.git_dir, branch),
            tokens={
                self.token: Token(login="github-actions[bot]", permissions=dict(DEFAULT_PERMISSIONS), job=True),
                self.app_token: Token(login="acme-release[bot]", permissions=dict(DEFAULT_PERMISSIONS)),
                self.admin_token: Token(login="ada", permissions=administrator),
            },
            users=["ada", "bo", "chi"],
            teams=["agents", "observability", "sre", "tier2"],
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, _)
        finally:
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
        """GITHUB_SERVER_URL; git is below it."""
        return self.url

    @property
    def clone_url(self) -> str:
        """Where git fetches from."""
        return f"{self.url}/{self.repository}.git"

    @property
    def pulls(self) -> list[Pull]:
        """All pull requests, oldest first."""
        return self.state.pulls

    @property
    def issues(self) -> list[Issue]:
        """All issues that are no pull requests, oldest first."""
        return [issue for issue in self.state.issues if not isinstance(issue, Pull)]

    @property
    def deployments(self) -> list[Deployment]:
        """All deployments in the order of their making."""
        return self.state.deployments

    def environment(self, token: str | None = None) -> dict[str, str]:
        """The variables that a runner would give to a step."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api_url,
            "GITHUB_GRAPHQL_URL": self.graphql_url,
            "GITHUB_SERVER_URL": self.server_url,
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_TOKEN": self.token if token is None else token,
        }

    def permit(self, scope: str, access: Access, token: str | None = None) -> None:
        """Set what a token (the job's, unless another is given) may do: `none`, `read` or `write` of a scope."""
        self.state.tokens[token or self.token].permissions[scope] = access

    def seed(self, files: Mapping[str, File | bytes | None], message: str = "Change", *, branch: str = "") -> str:
        """Commit files on a branch (the default one) and give the commit; None removes a path."""
        git, name = self.state.git, branch or self.state.branch
        head = self.state.head(name) or self.state.head(self.state.branch)
        entries = {path: self._entry(file) for path, file in files.items()}
        tree = git.write_tree(head and git.commit(head).tree, entries)  # type: ignore[union-attr]
        made = git.write_commit(tree, [head] if head else [], message, SEED_IDENTITY)
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
        """A deployment with these statuses, as if made over the API."""
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

    def name(self, request: Request) -> str:
        """The template of the request's route."""
        found = table.match(request.method, request.path)
        return found[0].template if found else request.path

    def answer(self, request: Request) -> Reply:
        """Check the request, run it under the lock, check the reply."""
        with self.state.lock:
            try:
                return self._answer(request)
            except RefusedError as refused:
                return json_reply(refused.status, refused.body, self._limits())

    def _answer(self, request: Request) -> Reply:
        token = self._authenticate(request)
        body = self._json(request)
        if (request.method, request.path) == ("POST", "/graphql"):
            reply, unknown = execution.execute(self.state, token, body or {})
            self.violations += [f"GraphQL: {message}" for message in unknown]
            return json_reply(200, reply, self._limits())
        found = table.match(request.method, request.path)
        if found is None:
            raise self._unknown(request)
        route, parameters = found
        if parameters["owner"].lower() != self.state.owner or parameters["repo"].lower() != self.state.name:
            raise RefusedError(404, "Not Found")
        if refusals := route.operation.refusals(parameters, request.query, body):
            self.violations += [f"{request.method} {request.path}: {refusal}" for refusal in refusals]
            raise RefusedError(422, "Invalid request.\n\n" + "\n".join(refusals))
        if not any(token.may(*scope.split(":")) for scope in route.scope.split("|")):
            raise RefusedError(403, NOT_ACCESSIBLE)
        call = Call(
            state=self.state,
            token=token,
            path=request.path,
            parameters=parameters,
            query=request.query,
            body=body if body is not None else {},
        )
        return self._checked(route, call)

    def _checked(self, route: table.Route, call: Call) -> Reply:
        """Run a route; fill in and check its reply, a refusal of it too."""
        try:
            answer = route.run(call)
        except RefusedError as refused:
            answer = Answer(status=refused.status, value=refused.body)
        value = answer.value
        if value is not None and answer.status < 400:
            value = complete(route.operation.reply_schema(answer.status) or {}, value)
        where = f"{route.method} {route.template}"
        self.violations += [f"{where}: {text}" for text in route.operation.deviations(answer.status, value)]
        headers = {**self._limits(), **answer.headers}
        if value is None:
            return Reply(status=answer.status, headers=headers)
        return json_reply(answer.status, value, headers)

    def _authenticate(self, request: Request) -> Token:
        if not request.headers.get("user-agent"):
            text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            raise RefusedError(403, text)
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if not value:
            raise RefusedError(401, "Requires authentication")
        if kind.lower() not in {"bearer", "token"} or value not in self.state.tokens:
            raise RefusedError(401, "Bad credentials")
        return self.state.tokens[value]

    def _json(self, request: Request) -> Any:
        if not request.body:
            return None
        try:
            return json.loads(request.body)
        except ValueError:
            self.violations.append(f"{request.method} {request.path}: the body is no JSON")
            raise RefusedError(400, "Problems parsing JSON") from None

    def _unknown(self, request: Request) -> RefusedError:
        path = request.path.replace(f"/repos/{self.repository}", table.REPOSITORY, 1)
        known = description().operation(request.method, path) is not None
        where = "the double" if known else "GitHub"
        self.violations.append(f"{request.method} {request.path}: {where} has no such route")
        return RefusedError(404, "Not Found")

    def _limits(self) -> dict[str, str]:
        used = len(self.routes)
        return {
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": str(5000 - used),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(int(self.state.now().timestamp()) + 3600),
            "X-RateLimit-Resource": "core",
        }

    def _entry(self, file: File | bytes | None) -> Entry:
        if file is None:
            return Entry(mode="100644", sha=None)
        file = File(data=file) if isinstance(file, bytes) else file
        return Entry(mode=file.mode, sha=self.state.git.write_blob(file.data))
