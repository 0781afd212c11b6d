"""Handles a request as GitHub does: authentication, routing, permission and reply; checks both request and reply."""

import json
from typing import Any

from tests.doubles.github.completion import complete
from tests.doubles.github.graphql import execution
from tests.doubles.github.openapi import description
from tests.doubles.github.rest import table
from tests.doubles.github.rest.call import Answer, Call, RefusedError, not_found
from tests.doubles.github.state import State, Token
from tests.doubles.server import Reply, Request, json_reply

NO_AGENT = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
NOT_ACCESSIBLE = "Resource not accessible by integration"
LIMIT = 5000


class Service:
    """Answers requests one at a time. violations: collects breaches of the contract."""

    def __init__(self, state: State, violations: list[str]) -> None:
        self._state = state
        self._violations = violations
        self._served = 0

    def answer(self, request: Request) -> Reply:
        """Carry out a request and return the reply."""
        with self._state.lock:
            self._served += 1
            try:
                answer = self._answer(request)
            except RefusedError as refused:
                answer = Answer(status=refused.status, value=refused.body)
        headers = {**self._limits(), **answer.headers}
        if answer.value is None:
            return Reply(status=answer.status, headers=headers)
        return json_reply(answer.status, answer.value, headers)

    def _answer(self, request: Request) -> Answer:
        token = self._authenticate(request)
        body = self._body(request)
        if (request.method, request.path) == ("POST", "/graphql"):
            reply, unknown = execution.execute(self._state, token, body or {}, request.headers.get("accept", ""))
            self._violations += [f"GraphQL: {message}" for message in unknown]
            return Answer(value=reply)
        found = table.match(request.method, request.path)
        if found is None:
            raise self._unknown(request)
        route, parameters = found
        call = Call(
            state=self._state,
            token=token,
            path=request.path,
            parameters=parameters,
            query=request.query,
            body={} if body is None else body,
        )
        self._check_request(route, call, body)
        answer = self._run(route, call)
        self._check_reply(route, answer)
        return answer

    def _check_request(self, route: table.Route, call: Call, body: Any) -> None:
        if refusals := route.operation.refusals(call.parameters, call.query, body):
            self._violations += [f"{route.method} {call.path}: {refusal}" for refusal in refusals]
            raise RefusedError(422, "Invalid request.\n\n" + "\n".join(refusals))
        full = f"{call.parameters.get('owner', self._state.owner)}/{call.parameters.get('repo', self._state.name)}"
        if full.lower() != f"{self._state.owner}/{self._state.name}".lower():
            raise not_found()
        if not any(call.token.may(*scope.split(":")) for scope in route.scope.split("|")):
            raise RefusedError(403, NOT_ACCESSIBLE)

    def _run(self, route: table.Route, call: Call) -> Answer:
        try:
            answer = route.run(call)
        except RefusedError as refused:
            return Answer(status=refused.status, value=refused.body)
        if answer.value is None:
            return answer
        schema = route.operation.reply_schema(answer.status)
        return Answer(status=answer.status, value=complete(schema or {}, answer.value), headers=answer.headers)

    def _check_reply(self, route: table.Route, answer: Answer) -> None:
        deviations = route.operation.deviations(answer.status, answer.value)
        self._violations += [f"{route.method} {route.template}: {text}" for text in deviations]

    def _authenticate(self, request: Request) -> Token:
        if not request.headers.get("user-agent"):
            raise RefusedError(403, NO_AGENT)
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if not value:
            raise RefusedError(401, "Requires authentication")
        if kind.lower() not in {"bearer", "token"} or value not in self._state.tokens:
            raise RefusedError(401, "Bad credentials")
        return self._state.tokens[value]

    def _body(self, request: Request) -> Any:
        if not request.body:
            return None
        try:
            return json.loads(request.body)
        except ValueError:
            self._violations.append(f"{request.method} {request.path}: the body is not JSON")
            raise RefusedError(400, "Problems parsing JSON") from None

    def _unknown(self, request: Request) -> RefusedError:
        who = "the double" if description().has(request.method, request.path) else "GitHub"
        self._violations.append(f"{request.method} {request.path}: {who} has no such route")
        return not_found()

    def _limits(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(LIMIT - self._served),
            "X-RateLimit-Used": str(self._served),
            "X-RateLimit-Reset": str(int(self._state.now().timestamp()) + 3600),
            "X-RateLimit-Resource": "core",
        }
