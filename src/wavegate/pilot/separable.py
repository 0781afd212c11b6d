"""What no copy can keep from everybody: by its type, by how it starts, and by who else calls it."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from wavegate.components.component import ApexRole, ComponentId
from wavegate.components.metadata import Element
from wavegate.guardrails.metadata.apex_tokens import END, tokens_of

COPYABLE = frozenset({
    "AiAuthoringBundle", "ApexClass", "Bot", "BotVersion", "Flow", "GenAiFunction", "GenAiPlanner",
    "GenAiPlannerBundle", "GenAiPlugin", "GenAiPromptTemplate", "GenAiPromptTemplateActv", "LightningTypeBundle",
})  # fmt: skip
"""The types whose components can have a copy beside them that nobody else reaches."""

TESTING = frozenset({"AiEvaluationDefinition", "AiTestingDefinition"})
"""Test definitions of agents. Those of a copied agent are copied, and no others matter to a pilot."""

_SHAREABLE = COPYABLE | {
    "ApiNamedQuery", "CustomObject", "CustomPermission", "ExternalCredential", "ExternalServiceRegistration",
    "GlobalValueSet", "LightningComponentBundle", "McpServerDefinition", "NamedCredential", "PermissionSet",
    "StaticResource",
}  # fmt: skip
"""The types whose new components do nothing until something uses them."""

_WHY = {
    "AiAgentDefinition": "is an agent of a kind that wavegate cannot copy",
    "AiAgentDefinitionVersion": "is a version of an agent of a kind that wavegate cannot copy",
    "ApexTrigger": "is a trigger, which runs for everybody",
    "CustomField": "is a field, which every user and flow of the object shares",
    "CustomLabels": "holds labels, which everybody shares",
    "CustomMetadata": "is custom metadata, which everything that reads it shares",
    "CustomObject": "is an object, which everybody shares",
    "ExternalCredential": "is a credential, which every callout to its service shares",
    "ExternalServiceRegistration": "is an external service, which every flow and action that calls it shares",
    "FlowDefinition": "decides which version of a live flow is active",
    "LightningComponentBundle": "is a Lightning web component, which every page that shows it shares",
    "NamedCredential": "is a credential, which every callout to its service shares",
    "PermissionSet": "is a permission set, which everybody who has it shares",
    "Settings": "holds settings of the whole org",
    "ValidationRule": "is a validation rule, which checks every record",
}
_ELSE = "has a type that cannot be copied, so that a change reaches everybody"
_INVOCABLE_FLOWS = ("", "AutoLaunchedFlow", "Flow", "PromptFlow")
"""Values of `processType`. Others start by themselves, or belong to another feature of the platform."""
_INVOCABLE_TRIGGERS = ("", "None", "Capability")
_ASYNCHRONOUS = {"batchable": "a batch job", "schedulable": "a scheduled job"}
"""A queueable class is no such class: only code that names it enqueues it, and of that, a copy names the copy."""
_REQUIRED = re.compile(rb"<required>\s*true\s*</required>")


def why_never(component: ComponentId) -> str:
    """Why a component cannot be copied because of its type; '' if it can be."""
    return "" if component.type in COPYABLE else _WHY.get(component.type, _ELSE)


def why_not_shared(component: ComponentId, data: bytes) -> str:
    """Why a new component reaches everybody under its own name; '' if nothing live uses it. data: of its file."""
    if component.type == "CustomField":
        return "is a required field, which every new record needs" if _REQUIRED.search(data) else ""
    return "" if component.type in _SHAREABLE else _WHY.get(component.type, _ELSE)


def why_not_flow(root: Element) -> str:
    """Why a flow cannot be copied because of how it starts; '' if something has to call it."""
    process = root.value("processType")
    if process == "RoutingFlow":
        return "is a routing flow, which decides for every conversation where it goes"
    if process not in _INVOCABLE_FLOWS:
        return f"is a flow of the kind {process}, which starts by itself"
    for start in root.all("start"):
        trigger = start.value("triggerType")
        if trigger not in _INVOCABLE_TRIGGERS or start.value("recordTriggerType") or any(start.all("schedule")):
            return f"is a flow that starts by itself ({trigger or 'scheduled'}), so that a copy would run as well"
    return ""


def why_not_class(text: str, role: ApexRole | None, namespace: str) -> str:
    """Why a class cannot be copied because of who else calls it; '' if only what names it does."""
    if role in (ApexRole.TEST, ApexRole.SUPPORT):
        return ""
    reasons = (_entry(token.folded, before.folded, namespace) for before, token in pairwise((END, *tokens_of(text))))
    return next((each for each in reasons if each), "")


def _entry(name: str, before: str, namespace: str) -> str:
    """What an identifier after another token says about who calls the class."""
    if name == "restresource" and before == "@":
        return "is a REST resource, whose address only one class can have"
    if name == "global" and namespace:
        return "is global in a namespaced package, so that other packages may use it"
    if name == "forname" and before == ".":
        return "finds classes by their name as text (`Type.forName`)"
    if name in _ASYNCHRONOUS and before in ("implements", ",", "."):
        return f"is {_ASYNCHRONOUS[name]}, which runs on its own"
    return ""


def only_schemas(paths: AbstractSet[str]) -> bool:
    """Whether a change of an action is one of its schemas alone."""
    return bool(paths) and all(path.endswith("/schema.json") for path in paths)


def unreadable(paths: Mapping[str, bytes], expected: tuple[str, ...]) -> str:
    """Half a sentence about a file that was not read; '' if all were."""
    missing = next((path for path in expected if path not in paths), None)
    return f"has a file that cannot be read, or is larger than 10 MiB: {missing}" if missing else ""
