"""Where each metadata type's components are in a package directory.

The table has the types that agents use, directly or through what they call. Any other type can be part of a release
by the manifest's `include`. There is no type for an Agentforce data library: orgs create its parts themselves.
Source: the metadata registry of Salesforce's source-deploy-retrieve, and its rules for each kind of folder.
"""

from collections.abc import Mapping, Sequence

from wavegate.components.component import ComponentId

FILES: Mapping[str, tuple[str, str]] = {
    "bot": ("Bot", "bots"),
    "botBlock": ("BotBlock", "botBlocks"),
    "botTemplate": ("BotTemplate", "botTemplates"),
    "mlDomain": ("MlDomain", "mlDomains"),
    "genAiPlanner": ("GenAiPlanner", "genAiPlanners"),
    "genAiPlannerBundle": ("GenAiPlannerBundle", "genAiPlannerBundles"),
    "genAiPlugin": ("GenAiPlugin", "genAiPlugins"),
    "genAiFunction": ("GenAiFunction", "genAiFunctions"),
    "genAiPromptTemplate": ("GenAiPromptTemplate", "genAiPromptTemplates"),
    "genAiPromptTemplateActivation": ("GenAiPromptTemplateActv", "genAiPromptTemplateActivations"),
    "bundle": ("AiAuthoringBundle", "aiAuthoringBundles"),
    "aiAgentDefinition": ("AiAgentDefinition", "aiAgents"),
    "aiAgentDefinitionVersion": ("AiAgentDefinitionVersion", "aiAgentDefinitionVersions"),
    "aiEvaluationDefinition": ("AiEvaluationDefinition", "aiEvaluationDefinitions"),
    "aiTestingDefinition": ("AiTestingDefinition", "aiTestingDefinitions"),
    "aiAgentScorerDefinition": ("AiAgentScorerDefinition", "aiAgentScorerDefinitions"),
    "aiResponseFormat": ("AiResponseFormat", "aiResponseFormats"),
    "aiSurface": ("AiSurface", "aiSurfaces"),
    "mcpServerDefinition": ("McpServerDefinition", "mcpServerDefinitions"),
    "apiNamedQuery": ("ApiNamedQuery", "apiNamedQueries"),
    "externalServiceRegistration": ("ExternalServiceRegistration", "externalServiceRegistrations"),
    "flow": ("Flow", "flows"),
    "flowDefinition": ("FlowDefinition", "flowDefinitions"),
    "flowCategory": ("FlowCategory", "flowCategories"),
    "flowtest": ("FlowTest", "flowtests"),
    "decisionTable": ("DecisionTable", "decisionTables"),
    "expressionSetDefinition": ("ExpressionSetDefinition", "expressionSetDefinition"),
    "cls": ("ApexClass", "classes"),
    "trigger": ("ApexTrigger", "triggers"),
    "page": ("ApexPage", "pages"),
    "component": ("ApexComponent", "components"),
    "permissionset": ("PermissionSet", "permissionsets"),
    "permissionsetgroup": ("PermissionSetGroup", "permissionsetgroups"),
    "mutingpermissionset": ("MutingPermissionSet", "mutingpermissionsets"),
    "customPermission": ("CustomPermission", "customPermissions"),
    "profile": ("Profile", "profiles"),
    "group": ("Group", "groups"),
    "role": ("Role", "roles"),
    "sharingRules": ("SharingRules", "sharingRules"),
    "namedCredential": ("NamedCredential", "namedCredentials"),
    "externalCredential": ("ExternalCredential", "externalCredentials"),
    "authprovider": ("AuthProvider", "authproviders"),
    "remoteSite": ("RemoteSiteSetting", "remoteSiteSettings"),
    "cspTrustedSite": ("CspTrustedSite", "cspTrustedSites"),
    "corsWhitelistOrigin": ("CorsWhitelistOrigin", "corsWhitelistOrigins"),
    "object": ("CustomObject", "objects"),
    "md": ("CustomMetadata", "customMetadata"),
    "globalValueSet": ("GlobalValueSet", "globalValueSets"),
    "standardValueSet": ("StandardValueSet", "standardValueSets"),
    "labels": ("CustomLabels", "labels"),
    "layout": ("Layout", "layouts"),
    "quickAction": ("QuickAction", "quickActions"),
    "flexipage": ("FlexiPage", "flexipages"),
    "tab": ("CustomTab", "tabs"),
    "app": ("CustomApplication", "applications"),
    "notiftype": ("CustomNotificationType", "notificationtypes"),
    "messageChannel": ("LightningMessageChannel", "messageChannels"),
    "platformEventChannel": ("PlatformEventChannel", "platformEventChannels"),
    "platformEventChannelMember": ("PlatformEventChannelMember", "platformEventChannelMembers"),
    "workflow": ("Workflow", "workflows"),
    "settings": ("Settings", "settings"),
    "messagingChannel": ("MessagingChannel", "messagingChannels"),
    "conversationMessageDefinition": ("ConversationMessageDefinition", "conversationMessageDefinitions"),
    "ConversationChannelDefinition": ("ConversationChannelDefinition", "conversationChannelDefinitions"),
    "EmbeddedServiceConfig": ("EmbeddedServiceConfig", "EmbeddedServiceConfig"),
    "EmbeddedServiceBranding": ("EmbeddedServiceBranding", "EmbeddedServiceBranding"),
    "EmbeddedServiceMenuSettings": ("EmbeddedServiceMenuSettings", "EmbeddedServiceMenuSettings"),
    "queue": ("Queue", "queues"),
    "queueRoutingConfig": ("QueueRoutingConfig", "queueRoutingConfigs"),
    "serviceChannel": ("ServiceChannel", "serviceChannels"),
    "servicePresenceStatus": ("ServicePresenceStatus", "servicePresenceStatuses"),
    "presenceUserConfig": ("PresenceUserConfig", "presenceUserConfigs"),
    "skill": ("Skill", "skills"),
    "dataSource": ("ExternalDataSource", "dataSources"),
    "dataObjectSearchIndexConf": ("DataObjectSearchIndexConf", "dataObjectSearchIndexConfs"),
    "RetrievalSummaryDefinition": ("RetrievalSummaryDefinition", "RetrievalSummaryDefinitions"),
    "resource": ("StaticResource", "staticresources"),
}
"""File suffix, without `-meta.xml`, to the type that the file defines and the type's folder."""

BUNDLES: Mapping[str, tuple[str, str]] = {
    "lwc": ("LightningComponentBundle", "js"),
    "aura": ("AuraDefinitionBundle", "cmp"),
    "lightningTypes": ("LightningTypeBundle", "json"),
    "genAiPlannerBundles": ("GenAiPlannerBundle", "genAiPlannerBundle"),
    "genAiFunctions": ("GenAiFunction", "genAiFunction"),
    "aiAuthoringBundles": ("AiAuthoringBundle", "bundle"),
    "aiAgentDefinitionVersions": ("AiAgentDefinitionVersion", "aiAgentDefinitionVersion"),
}
"""Folders whose subfolders are one component each, with everything inside: type, and suffix of the defining file."""

_DECOMPOSED: Mapping[str, tuple[str, str]] = {
    "bots": ("Bot", "bot"),
    "permissionsets": ("PermissionSet", "permissionset"),
    "externalServiceRegistrations": ("ExternalServiceRegistration", "externalServiceRegistration"),
}
"""Folders whose subfolders may be one component each, its definition in several files."""

CHILDREN: Mapping[str, str] = {
    "field": "CustomField",
    "recordType": "RecordType",
    "validationRule": "ValidationRule",
    "compactLayout": "CompactLayout",
    "listView": "ListView",
    "fieldSet": "FieldSet",
    "businessProcess": "BusinessProcess",
    "index": "Index",
    "indexe": "Index",
    "sharingReason": "SharingReason",
    "webLink": "WebLink",
}
"""File suffix in the folder of a custom object to the type of the object's part."""

KNOWN_TYPES = frozenset(
    {*(type_ for type_, _ in (*FILES.values(), *BUNDLES.values())), *CHILDREN.values(), "BotVersion"}
)

_FOLDERS = {**BUNDLES, **_DECOMPOSED}
_LOOSE = {"PermissionSet", "ExternalServiceRegistration"}
"""Types whose components may also be single files, in any folder."""

_STRICT = {"CustomObject", "BotBlock", "BotTemplate"}
"""Types whose files count in the type's own folder only."""

_CONTENT = {"cls", "trigger", "page", "component"}
"""Suffixes of files with a `-meta.xml` of the same name beside them."""

_META = "-meta.xml"
_OBJECTS, _RESOURCES = "objects", "staticresources"


def classify(parts: Sequence[str]) -> tuple[ComponentId, bool] | None:
    """The component that a file in a package directory belongs to, and whether the file defines it.

    parts: the segments of its path below the package directory. None: the file's type is unknown to wavegate.
    """
    stem, _, suffix = parts[-1].removesuffix(_META).rpartition(".")
    for index, folder in enumerate(parts[:-1]):
        if folder == _OBJECTS and (part := _object_part(parts[index + 1 :], stem, suffix)):
            return part
        if folder == _RESOURCES:
            return _resource_part(parts[index + 1 :], suffix)
        rule = _FOLDERS.get(folder)
        if rule and index < len(parts) - 2 and not _is_single_file(rule[0], suffix):
            return _folder_part(rule, parts[index + 1 :], stem, suffix)
    return _single_file(parts, stem, suffix)


def is_metadata_xml(path: str, type_: str) -> bool:
    """Whether a file of a component of that type is metadata XML. Its name may lack the `-meta.xml`."""
    suffix = path.rpartition(".")[2]
    bare = suffix not in _CONTENT and FILES.get(suffix, ("",))[0] == type_
    return type_ in KNOWN_TYPES and (bare or path.endswith(_META))


def _is_single_file(type_: str, suffix: str) -> bool:
    return type_ in _LOOSE and FILES.get(suffix, ("",))[0] == type_


def _folder_part(rule: tuple[str, str], below: Sequence[str], stem: str, suffix: str) -> tuple[ComponentId, bool]:
    if suffix == "botVersion":
        return ComponentId(type="BotVersion", name=f"{below[0]}.{stem}"), True
    type_, defining = rule
    return ComponentId(type=type_, name=below[0]), suffix == defining and len(below) == 2


def _object_part(below: Sequence[str], stem: str, suffix: str) -> tuple[ComponentId, bool] | None:
    """A custom object, or a part of one: a field is `Object__c.Field__c`. Every file is a component of its own."""
    if suffix == "object" and stem:
        return ComponentId(type="CustomObject", name=stem), True
    if suffix in CHILDREN and stem and len(below) > 1:
        return ComponentId(type=CHILDREN[suffix], name=f"{below[0]}.{stem}"), True
    return None


def _resource_part(below: Sequence[str], suffix: str) -> tuple[ComponentId, bool] | None:
    """A static resource: one file, or a folder, with `Name.resource-meta.xml` beside it."""
    name = below[0].partition(".")[0]
    return (ComponentId(type="StaticResource", name=name), len(below) == 1 and suffix == "resource") if name else None


def _single_file(parts: Sequence[str], stem: str, suffix: str) -> tuple[ComponentId, bool] | None:
    type_, folder = FILES.get(suffix, ("", ""))
    if not type_ or not stem or type_ == "StaticResource":
        return None
    described = parts[-1].endswith(_META)
    inside = len(parts) > 1 and parts[-2] == folder
    if not inside and (type_ in _STRICT or not (described or suffix in _CONTENT)):
        return None
    name = "CustomLabels" if type_ == "CustomLabels" else stem
    return ComponentId(type=type_, name=name), suffix not in _CONTENT or not described
