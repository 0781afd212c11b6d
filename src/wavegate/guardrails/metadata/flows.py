"""What a flow does: records that it reads and changes, what it calls, and as whom.

Source: Flow in Salesforce's Metadata API guide.
"""

from collections.abc import Iterator, Mapping

from wavegate.components.metadata import Element
from wavegate.guardrails.metadata.settings import location
from wavegate.guardrails.model import Code, Effect

_RECORDS: Mapping[str, Effect] = {
    "recordLookups": Effect.READS,
    "recordCreates": Effect.WRITES,
    "recordUpdates": Effect.WRITES,
    "recordDeletes": Effect.DELETES,
}
_ADDRESSED: Mapping[str, str] = {"apex": "apex", "flow": "flow", "generatePromptResponse": "generatePromptResponse"}
_CALLS_OUT = frozenset({"externalService", "httpCallout", "mcpTool", "api", "externalConnector"})


def read_flow(root: Element, name: str, path: str) -> Code:
    """A flow. Its effects are those of its own elements; what it calls has effects of its own."""
    objects = {(effect, each.value("object")) for effect, each in _records(root) if each.value("object")}
    effects = {effect for effect, _ in _records(root)}
    return Code(
        id=f"flow://{name}",
        effects=frozenset(effects),
        objects=frozenset(objects | set(_variable_objects(root))),
        mode=root.value("runInMode"),
        calls=frozenset(_calls(root)),
        dynamic=False,
        location=location(root, path),
    )


def _records(root: Element) -> Iterator[tuple[Effect, Element]]:
    for each in root.children:
        if each.tag in _RECORDS:
            yield _RECORDS[each.tag], each


def _variable_objects(root: Element) -> Iterator[tuple[Effect, str]]:
    """The objects of records that are changed by a variable, or as the record that started the flow."""
    types = {each.value("name"): each.value("objectType") for each in root.all("variables")}
    for tag in ("recordLookups", "recordCreates"):
        types.update({each.value("name"): each.value("object") for each in root.all(tag)})
    types["$Record"] = next((each.value("object") for each in root.all("start")), "")
    for effect, each in _records(root):
        reference = each.value("inputReference")
        if reference and (object_ := types.get(reference) or types.get(reference.partition(".")[0])):
            yield effect, object_


def _calls(root: Element) -> Iterator[str]:
    """The address of everything that the flow runs, wherever it is named: actions, subflows, plug-ins, stages."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if kind := element.value("actionType"):
            yield f"{_scheme(kind)}://{element.value('actionName')}"
        if element.tag == "subflows":
            yield f"flow://{element.value('flowName')}"
        if element.tag == "apexPluginCalls":
            yield f"apex://{element.value('apexClass')}"
        waiting += (each for each in element.children if each.children)


def _scheme(kind: str) -> str:
    """The scheme of an action's type. A type of its own, such as `emailSimple`, is a standard action."""
    if kind in _ADDRESSED or kind in _CALLS_OUT or kind in ("quickAction", "emailAlert"):
        return kind
    return "standardInvocableAction"
