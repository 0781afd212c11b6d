"""The least class of a changed file by its kind, whatever its content."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from wavegate.components.component import kind_of
from wavegate.components.types import classify
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.release.manifest import Kind


class KindClass(NamedTuple):
    """The least class of a kind of file. message: why, a sentence."""

    change_class: ChangeClass
    message: str


MODELLED = frozenset(
    {"AiAuthoringBundle", "Bot", "BotVersion", "GenAiPlanner", "GenAiPlannerBundle", "GenAiPlugin", "GenAiFunction",
     "GenAiPromptTemplate"}
)  # fmt: skip
"""Types whose content is compared: their class is that of the guardrail changes in them."""
_TRUST = frozenset(
    {"AuthProvider", "RemoteSiteSetting", "CspTrustedSite", "CorsWhitelistOrigin", "ExternalDataSource", "Settings",
     "McpServerDefinition", "ExternalServiceRegistration", "ApiNamedQuery"}
)  # fmt: skip
_ACCESS = frozenset({"SharingRules", "Role", "Group", "Queue"})
_PROOF = frozenset({"AiEvaluationDefinition", "AiTestingDefinition", "AiAgentScorerDefinition", "FlowTest"})

_RELEASE = "agentforce"
"""The folder of the release's own files."""
_SECURITY, _CODE, _TUNABLE = ChangeClass.SECURITY_REVIEW, ChangeClass.CODE_REVIEW, ChangeClass.TUNABLE
_PATHS: tuple[tuple[str, KindClass], ...] = (
    (".github/*.md", KindClass(_TUNABLE, "It is documentation.")),
    (".github/*", KindClass(_SECURITY, "It decides what runs with the repository's permissions and secrets.")),
    ("CODEOWNERS", KindClass(_SECURITY, "It decides who has to review a change.")),
    ("docs/CODEOWNERS", KindClass(_SECURITY, "It decides who has to review a change.")),
    (f"{_RELEASE}/guardrails.y*ml", KindClass(_SECURITY, "It is the policy that the agents are checked against.")),
    (f"{_RELEASE}/*.guardrails.y*ml", KindClass(_SECURITY, "It is the policy that the agents are checked against.")),
    (f"{_RELEASE}/packs/*", KindClass(_CODE, "It decides what a release must prove.")),
    (f"{_RELEASE}/*.md", KindClass(_TUNABLE, "It is documentation.")),
    (f"{_RELEASE}/*", KindClass(_SECURITY, "It decides how releases are made.")),
    ("sfdx-project.json", KindClass(_CODE, "It decides what is deployed.")),
    (".forceignore", KindClass(_CODE, "It decides what is deployed.")),
    (".gitignore", KindClass(_CODE, "It decides what is committed.")),
    (".gitattributes", KindClass(_CODE, "It decides how files are committed.")),
    ("*.md", KindClass(_TUNABLE, "It is documentation.")),
    ("docs/*", KindClass(_TUNABLE, "It is documentation.")),
    ("LICENSE*", KindClass(_TUNABLE, "It is documentation.")),
)
"""Patterns of paths in order: the first that matches counts. `*` matches folders too."""
_UNKNOWN = KindClass(_SECURITY, "What it does is unknown to wavegate.")


def metadata_type(path: str) -> str:
    """The metadata type of a file in a Salesforce project; '' if it is not metadata of a known type."""
    found = classify(path.split("/"))
    return found[0].type if found else ""


def class_by_kind(path: str) -> KindClass:
    """The least class of a file. An unknown kind is a security review."""
    outside = next((rule for pattern, rule in _PATHS if fnmatchcase(path, pattern)), None)
    if outside:
        return outside
    type_ = metadata_type(path)
    return _of_type(type_) if type_ else _UNKNOWN


def _of_type(type_: str) -> KindClass:
    kind = kind_of(type_)
    if kind is Kind.PERMISSIONS or type_ in _ACCESS:
        return KindClass(_SECURITY, f"{type_} decides who may do what.")
    if kind is Kind.CREDENTIALS or type_ in _TRUST:
        return KindClass(_SECURITY, f"{type_} decides which systems are trusted, and how they are reached.")
    if type_ in MODELLED:
        return KindClass(_TUNABLE, "Nothing in it that bounds an agent changes.")
    if type_ in ("AiAgentDefinition", "AiAgentDefinitionVersion"):
        return KindClass(_SECURITY, f"What {type_} says is unknown to wavegate.")
    if kind is Kind.APEX or kind is Kind.FLOWS:
        return KindClass(_CODE, f"{type_} is code that runs by itself or for an agent.")
    if type_ in _PROOF:
        return KindClass(_CODE, f"{type_} decides what a release must prove.")
    return KindClass(_CODE, f"{type_} is metadata that agents, code or people depend on.")
