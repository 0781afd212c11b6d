"""Where the files of each metadata type are in a package that the CLI has written.

Source: the metadata registry of Salesforce's source-deploy-retrieve (`directoryName`), and packages that it wrote.
"""

import re
from collections.abc import Mapping

from wavegate.components.component import ComponentId

_OBJECT_PARTS = (
    "BusinessProcess", "CompactLayout", "CustomField", "CustomObject", "FieldSet", "Index", "ListView", "RecordType",
    "SharingReason", "ValidationRule", "WebLink",
)  # fmt: skip
FOLDERS: Mapping[str, str] = {
    "AiAgentDefinition": "aiAgents",
    "AiAgentDefinitionVersion": "aiAgentDefinitionVersions",
    "AiAgentScorerDefinition": "aiAgentScorerDefinitions",
    "AiAuthoringBundle": "aiAuthoringBundles",
    "AiEvaluationDefinition": "aiEvaluationDefinitions",
    "AiSurface": "aiSurfaces",
    "AiTestingDefinition": "aiTestingDefinitions",
    "ApexClass": "classes",
    "ApexTrigger": "triggers",
    "Bot": "bots",
    "BotVersion": "bots",
    "CustomLabel": "labels",
    "CustomLabels": "labels",
    "CustomMetadata": "customMetadata",
    "CustomPermission": "customPermissions",
    "EmbeddedServiceConfig": "EmbeddedServiceConfig",
    "ExternalCredential": "externalCredentials",
    "ExternalServiceRegistration": "externalServiceRegistrations",
    "Flow": "flows",
    "FlowDefinition": "flowDefinitions",
    "GenAiFunction": "genAiFunctions",
    "GenAiPlanner": "genAiPlanners",
    "GenAiPlannerBundle": "genAiPlannerBundles",
    "GenAiPlugin": "genAiPlugins",
    "GenAiPromptTemplate": "genAiPromptTemplates",
    "GenAiPromptTemplateActv": "genAiPromptTemplateActivations",
    "LightningComponentBundle": "lwc",
    "LightningTypeBundle": "lightningTypes",
    "McpServerDefinition": "mcpServerDefinitions",
    "MessagingChannel": "messagingChannels",
    "NamedCredential": "namedCredentials",
    "PermissionSet": "permissionsets",
    "PermissionSetGroup": "permissionsetgroups",
    "StaticResource": "staticresources",
    **dict.fromkeys(_OBJECT_PARTS, "objects"),
}
"""Metadata type to its folder in a package. A type that is not here may be in any folder."""

PlaceKey = tuple[str, str]
"""The folder of a type in a package, '' for any, and the name of a component in it."""


def places_of(component: ComponentId) -> set[PlaceKey]:
    """Where a component's files can be. A part of another component, such as a field, is in that one's file."""
    folder = FOLDERS.get(component.type, "")
    if folder == "labels":
        return {(folder, "")}
    return {(folder, component.name), (folder, component.name.partition(".")[0])}


def places_in(path: str) -> set[PlaceKey]:
    """What a file of a package can be of: `flows/A.flow` of `A`, `lwc/a/b/c.js` of `a` and of `a/b`."""
    folder, _, below = path.partition("/")
    file = below.removesuffix("-meta.xml")
    parts = below.split("/")
    names = {file, file.rpartition(".")[0] or file, *("/".join(parts[:count]) for count in range(1, len(parts)))}
    if folder == "labels":
        names = {""}
    return {(each, name) for name in names for each in (folder, "")}


def wholes_of(component: ComponentId) -> set[str]:
    """The names of the components that the CLI may list this one as a part of: of a field, its object.

    Not of a BotVersion: which versions are sent is what a release decides.
    """
    if component.type == "BotVersion":
        return set()
    name = component.name
    wholes = {name[: mark.start()] for mark in re.finditer(r"[./]", name)}
    return wholes | {"CustomLabels"} if component.type == "CustomLabel" else wholes
