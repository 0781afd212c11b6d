"""What an org refuses to delete in a deployment, and its words.

Sources. Flows: forcedotcom/cli issue 3401 and scolladon/sfdx-git-delta issue 366. Published agents, and classes that
their scripts use: a public record of Agentforce DX experiments in a scratch org ("Published NGA agents CANNOT be
deleted via the Metadata API", "Authoring Bundle Version Content Dependency"). Classes that actions use: a public
project's notes have the same words with "Generative AI Function Definition". For flows and prompt templates, the
label is made up.
"""

import re
from collections.abc import Container, Iterator, Mapping

Key = tuple[str, str]

_USED = "is referenced elsewhere in Salesforce. Remove the usage and try again. :"
_LABELS = {
    "AiAuthoringBundle": "Authoring Bundle Version Content Dependency",
    "Flow": "Flow Version",
    "GenAiFunction": "Generative AI Function Definition",
    "GenAiPromptTemplate": "Prompt Template Version",
}
"""The types that hold an Apex class by its name."""


def refused(
    key: Key, staying: Mapping[Key, bytes], *, published: Container[Key], planners: Container[str]
) -> str | None:
    """Why the org does not delete a component; None if it does.

    staying: contents of the components that are in the org after the deployment. published: agents, and versions of
    agents, that were published from a script. planners: names of the planners of the versions that the org has.
    """
    kind, name = key
    match kind:
        case "Flow" | "FlowDefinition":
            return "insufficient access rights on cross-reference id"
        case "AiAuthoringBundle" if ("Bot", name) in published:
            return "Published bundle versions cannot be deleted. : Authoring Bundle Definition Versions."
        case "Bot" if key in published:
            return "setup object in use"
        case "BotVersion" if key in published:
            return f"This bot version {_USED} Authoring Bundle Definition Version - {name.replace('.v', '_')}."
        case "GenAiPlannerBundle" if name in planners:
            return f"This generative ai planner definition {_USED} Generative AI Conversation Definition Planner."
        case "ApexClass":
            user = next(_users(name, staying), None)
            return f"This apex class {_USED} {_LABELS[user[0]]} - {user[1]}." if user else None
    return None


def _users(apex: str, staying: Mapping[Key, bytes]) -> Iterator[Key]:
    # `.` between a service and its operation is no part of a class's name
    named = re.compile(rb"(?:apex://|>)" + re.escape(apex.encode()) + rb"(?:[<\".]|\Z)")
    return (key for key, content in staying.items() if key[0] in _LABELS and named.search(content))
