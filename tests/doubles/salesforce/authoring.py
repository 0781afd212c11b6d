"""Agent Script in the org double: compiling a script, and publishing it as a new version of its agent.

The CLI sends these requests to `api.salesforce.com`, for every org, with a named-user token; `redirect.cjs` sends
them to the double of the org instead. Shapes: `@salesforce/agents` 2.3.1, `agents/scriptAgent.js`,
`agents/scriptAgentPublisher.js` and `types.d.ts` (public package). What the server itself does is known from public
records only, named at each rule.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.doubles.salesforce.package import Key
from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.salesforce.state import Bot, Records, named_user_jwt
from tests.doubles.server import Reply, Request, json_reply

_SETTING = re.compile(r"^\s+(?P<key>[a-z_]+):\s*\"?(?P<value>[^\"\n]*)\"?\s*$", re.MULTILINE)
_TARGET = re.compile(r"target:\s*\"(?P<scheme>flow|apex)://(?P<name>\w+)\"")
_TYPES = {"flow": "Flow", "apex": "ApexClass"}


class Authoring:
    """The scripts of one org. published: agent and number of each version, with the text that it was published from.

    strict: whether a script may only be published once the flows and classes that it calls are in the org.
    """

    def __init__(self, records: Records, is_deployed: Callable[[Key], bool]) -> None:
        self.published: dict[tuple[str, int], str] = {}
        self.strict = True
        self._records = records
        self._is_deployed = is_deployed

    def compile(self, request: Request) -> Reply:
        """POST …/authoring/scripts. A script that does not compile is answered with 200 and its errors."""
        if not _is_named_user(request):
            return refusal(401, "Unauthorized", "the token is not a named user's")
        text = json_body(request)["assets"][0]["content"]
        errors = list(_errors(text))
        if errors:
            return json_reply(200, {"status": "failure", "compiledArtifact": None, "errors": errors})
        return json_reply(200, {"status": "success", "compiledArtifact": _artifact(text), "errors": []})

    def publish(self, request: Request, bot_id: str, url: str) -> Reply:
        """POST …/authoring/agents for a new agent, …/agents/{id}/versions for a new version of a known one."""
        if not _is_named_user(request):
            return refusal(401, "Unauthorized", "the token is not a named user's")
        body = json_body(request)
        definition = body["agentDefinition"]
        if body["instanceConfig"] != {"endpoint": url}:
            return refusal(400, "BAD_REQUEST", "instanceConfig.endpoint is another org")
        name, text = definition["globalConfiguration"]["developerName"], definition["script"]
        known = self._records.bots.get(name)
        if bot_id and (known is None or known.id != bot_id):
            return refusal(404, "NOT_FOUND", "no such agent")
        problem = "An agent of this name exists" if known and not bot_id else self._problem(definition)
        if problem:
            return json_reply(200, {"botId": None, "botVersionId": None, "errorMessage": problem})
        bot = known or self._records.add_bot(name, versions=0)
        version_id, number = self._add(bot)
        self.published[name, number] = text
        return json_reply(200, {"botId": bot.id, "botVersionId": version_id, "errorMessage": None})

    def _add(self, bot: Bot) -> tuple[str, int]:
        # every org numbers by itself; a published version is inactive (developer.salesforce.com, Agentforce DX guide,
        # "Publish an Authoring Bundle to Your Org")
        number = max((each.number for each in bot.versions), default=0) + 1
        self._records.add_version(bot.name, number)
        return bot.versions[-1].id, number

    def _problem(self, definition: dict[str, Any]) -> str:
        # the user that a service agent runs as must exist (trailheadapps/agent-script-recipes, README, "Setup")
        user = definition["globalConfiguration"]["defaultAgentUser"]
        if user and user not in self._records.users:
            return f"The user {user} does not exist"
        # what the script calls must be in the org first (forcedotcom/afdx-pro-code-testdrive, README)
        for scheme, name in definition["targets"] if self.strict else ():
            if not self._is_deployed((_TYPES[scheme], name)):
                return f"The target {scheme}://{name} was not found"
        return ""


def _is_named_user(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {named_user_jwt()}"


def _errors(text: str) -> Iterator[dict[str, object]]:
    """One error for each line that the tests mark as broken, in the form of the CLI's `CompilationError`."""
    for number, line in enumerate(text.splitlines(), 1):
        if "!!" in line:
            column = line.index("!!") + 1
            place = {"lineStart": number, "lineEnd": number, "colStart": column, "colEnd": column + 2}
            yield {"errorType": "SyntaxError", "description": "Unexpected token '!!'", **place}
    if "developer_name" not in text and "agent_name" not in text:
        place = {"lineStart": 1, "lineEnd": 1, "colStart": 1, "colEnd": 1}
        yield {"errorType": "ValidationError", "description": "config has no developer_name", **place}


def _artifact(text: str) -> dict[str, object]:
    settings = {match["key"]: match["value"] for match in _SETTING.finditer(text)}
    name = settings.get("developer_name") or settings.get("agent_name", "")
    configuration = {
        "developerName": name,
        "label": settings.get("agent_label", name),
        "agentType": settings.get("agent_type", "AgentforceServiceAgent"),
        "defaultAgentUser": settings.get("default_agent_user", ""),
    }
    targets = [[match["scheme"], match["name"]] for match in _TARGET.finditer(text)]
    return {
        "schemaVersion": "2.0.0",
        "globalConfiguration": configuration,
        "agentVersion": {"developerName": "v0", "nodes": []},
        # not part of the real artifact, which the CLI passes on as it is
        "script": text,
        "targets": targets,
    }
