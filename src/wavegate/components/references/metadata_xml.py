"""The references in metadata XML. Source of the element names: Salesforce's Metadata API guide."""

from collections.abc import Mapping

from wavegate.components.component import AGENT_TYPES, ComponentId
from wavegate.components.metadata import Element
from wavegate.components.references.collector import Collector
from wavegate.findings.finding import Location

LINKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Bot", "defaultOutboundFlow"): ("Flow",),
    ("MessagingChannel", "sessionHandlerFlow"): ("Flow",),
    ("conversationDefinitionPlanners", "genAiPlannerName"): ("GenAiPlannerBundle", "GenAiPlanner"),
    ("genAiPlugins", "genAiPluginName"): ("GenAiPlugin",),
    ("localTopicLinks", "genAiPluginName"): ("GenAiPlugin",),
    ("genAiFunctions", "genAiFunctionName"): ("GenAiFunction",),
    ("genAiFunctions", "functionName"): ("GenAiFunction",),
    ("localActionLinks", "genAiFunctionName"): ("GenAiFunction",),
    ("localActionLinks", "functionName"): ("GenAiFunction",),
    ("subflows", "flowName"): ("Flow",),
    ("apexPluginCalls", "apexClass"): ("ApexClass",),
    ("AiEvaluationDefinition", "subjectName"): AGENT_TYPES,
    ("AiTestingDefinition", "subjectName"): AGENT_TYPES,
    ("classAccesses", "apexClass"): ("ApexClass",),
    ("flowAccesses", "flow"): ("Flow",),
    ("PermissionSetGroup", "permissionSets"): ("PermissionSet",),
    ("PermissionSetGroup", "mutingPermissionSets"): ("MutingPermissionSet",),
    ("namedCredentialParameters", "externalCredential"): ("ExternalCredential",),
    ("ExternalServiceRegistration", "namedCredential"): ("NamedCredential",),
    ("ExternalServiceRegistration", "namedCredentialReference"): ("NamedCredential",),
}
"""Parent and child element whose text names a component, to the types that the component may have."""

_USES: Mapping[tuple[str, str], str] = {
    ("objectPermissions", "object"): "CustomObject",
    ("fieldPermissions", "field"): "CustomField",
    ("customPermissions", "name"): "CustomPermission",
}
"""The same for grants of a permission set that are only reported."""

INLINE = {"localTopics": "GenAiPlugin", "localActions": "GenAiFunction", "plannerActions": "GenAiFunction"}
FLEX_TEMPLATE = "FlexTemplate://"


def collect(parent: Element, found: Collector, path: str) -> None:
    """Collect the references under parent. An inline topic or action gets its own collector."""
    _refer_to_calls(parent, found, path)
    for child in parent.children:
        place = Location(file=path, line=child.line, column=child.column)
        types = LINKS.get((parent.tag, child.tag))
        if child.tag in INLINE:
            name = child.value("fullName") or child.value("developerName")
            collect(child, found.inside(INLINE[child.tag], name, path), path)
        elif types and child.text and parent.value("enabled") != "false":
            if parent.tag.startswith("local"):
                found.refer_inside(types[0], child.text, place)
            else:
                found.refer(types, child.text, place)
        elif child.children:
            collect(child, found, path)
        elif child.text:
            _refer_by_text(parent.tag, child, found, place)


def _refer_by_text(parent: str, child: Element, found: Collector, place: Location) -> None:
    """Add the reference of a leaf whose place in the file does not decide, or whose target is only reported."""
    type_ = _USES.get((parent, child.tag))
    if type_:
        found.use((ComponentId(type=type_, name=child.text),), place)
    elif child.tag == "apexClass" and found.owner.type == "Flow":
        found.refer_to_class(child.text, place)
    elif child.text.startswith(FLEX_TEMPLATE):
        # the template's own reference to its provider is followed; this one would close the circle
        target = ComponentId(type="GenAiPromptTemplate", name=child.text.removeprefix(FLEX_TEMPLATE))
        found.use((target,), place)


def _refer_to_calls(element: Element, found: Collector, path: str) -> None:
    """Add the references that span several elements."""
    place = Location(file=path, line=element.line, column=element.column)
    if target := element.value("invocationTarget"):
        found.refer_to_call(element.value("invocationTargetType"), target, place)
    elif element.tag == "actionCalls":
        found.refer_to_call(element.value("actionType"), element.value("actionName"), place)
    elif element.tag == "templateDataProviders":
        found.refer_to_address(element.value("definition"), place)
        kind, _, name = element.value("referenceName").partition(":")
        if kind in ("Apex", "Flow") and name:
            found.refer_to_call(kind.lower(), name, place)
    elif element.tag == "agentAccesses" and element.value("enabled") != "false":
        found.refer(AGENT_TYPES, element.value("agentName"), place)
    elif element.tag == "externalCredentialPrincipalAccesses" and element.value("enabled") != "false":
        # written as `Credential-Principal`; an API name has no hyphen
        credential = element.value("externalCredentialPrincipal").partition("-")[0].strip()
        found.refer(("ExternalCredential",), credential, place)
