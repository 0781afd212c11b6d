"""Where each metadata type's components are in a package directory.

Source: the metadata registry of Salesforce's source-deploy-retrieve, and its rules for decomposed components.
"""

from collections.abc import Mapping, Sequence

from wavegate.components.component import ComponentId

SUFFIXES: Mapping[str, str] = {
    "bot": "Bot",
    "genAiPlanner": "GenAiPlanner",
    "genAiPlugin": "GenAiPlugin",
    "genAiFunction": "GenAiFunction",
    "genAiPromptTemplate": "GenAiPromptTemplate",
    "genAiPromptTemplateActivation": "GenAiPromptTemplateActv",
    "aiEvaluationDefinition": "AiEvaluationDefinition",
    "aiTestingDefinition": "AiTestingDefinition",
    "aiAgentDefinition": "AiAgentDefinition",
    "aiAgentDefinitionVersion": "AiAgentDefinitionVersion",
    "flow": "Flow",
    "flowDefinition": "FlowDefinition",
    "cls": "ApexClass",
    "permissionset": "PermissionSet",
    "namedCredential": "NamedCredential",
    "externalCredential": "ExternalCredential",
    "externalServiceRegistration": "ExternalServiceRegistration",
    "genAiPlannerBundle": "GenAiPlannerBundle",
    "bundle": "AiAuthoringBundle",
}
"""File suffix, without `-meta.xml`, to the type that the file defines."""

_FOLDERS: Mapping[str, str] = {
    "bots": "Bot",
    "genAiPlannerBundles": "GenAiPlannerBundle",
    "genAiFunctions": "GenAiFunction",
    "aiAuthoringBundles": "AiAuthoringBundle",
    "aiAgentDefinitionVersions": "AiAgentDefinitionVersion",
    "permissionsets": "PermissionSet",
    "externalServiceRegistrations": "ExternalServiceRegistration",
}
"""Folders whose subfolders are one component each, with everything inside."""

_LOOSE = {"PermissionSet", "ExternalServiceRegistration"}
"""Types whose components may also be single files, in any folder."""

_META = "-meta.xml"


def classify(parts: Sequence[str]) -> tuple[ComponentId, bool] | None:
    """The component that a file in a package directory belongs to, and whether the file defines it.

    parts: the segments of its path below the package directory. None: the file's type is unknown to wavegate.
    """
    stem, _, suffix = parts[-1].removesuffix(_META).rpartition(".")
    type_ = SUFFIXES.get(suffix)
    for index, folder in enumerate(parts[:-2]):
        owner = _FOLDERS.get(folder)
        if owner is None or (owner in _LOOSE and type_ == owner):
            continue
        name = parts[index + 1]
        if suffix == "botVersion":
            return ComponentId(type="BotVersion", name=f"{name}.{stem}"), True
        return ComponentId(type=owner, name=name), type_ == owner and len(parts) == index + 3
    if type_ is None or not stem:
        return None
    return ComponentId(type=type_, name=stem), type_ != "ApexClass" or not parts[-1].endswith(_META)
