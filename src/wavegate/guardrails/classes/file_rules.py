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
_REVIEWERS = KindClass(_SECURITY, "It decides who has to review a change.")
_POLICY = KindClass(_SECURITY, "It is the policy that the agents are checked against.")
_DEPLOYED = KindClass(_CODE, "It decides what is deployed.")
_DOCUMENTATION = KindClass(_TUNABLE, "It is documentation.")
_DEFINES = KindClass(_SECURITY, "It decides what runs with the repository's permissions and secrets.")
_INSTRUCTS = KindClass(_SECURITY, "Programs that write or review code may follow it.")
_PATHS: tuple[tuple[str, KindClass], ...] = (
    (".github/*_TEMPLATE/*.md", _DOCUMENTATION),
    (".github/*/*", _DEFINES),
    (".github/*instructions.md", _INSTRUCTS),
    (".github/*.md", _DOCUMENTATION),
    (".github/*", _DEFINES),
    ("CODEOWNERS", _REVIEWERS),
    ("docs/CODEOWNERS", _REVIEWERS),
    (f"{_RELEASE}/guardrails.y*ml", _POLICY),
    (f"{_RELEASE}/*.guardrails.y*ml", _POLICY),
    (f"{_RELEASE}/packs/*", KindClass(_CODE, "It decides what a release must prove.")),
    (f"{_RELEASE}/*.md", _DOCUMENTATION),
    (f"{_RELEASE}/*", KindClass(_SECURITY, "It decides how releases are made.")),
    ("sfdx-project.json", _DEPLOYED),
    (".forceignore", _DEPLOYED),
    (".gitignore", KindClass(_CODE, "It decides what is committed.")),
    (".gitattributes", KindClass(_CODE, "It decides how files are committed.")),
)
"""Patterns of paths in order: the first that matches counts. `*` matches folders too."""
_DOCUMENTS = ("*.md", "LICENSE", "LICENSE.txt", *(f"docs/*.{end}" for end in
    ("txt", "rst", "adoc", "png", "jpg", "jpeg", "gif", "webp", "svg", "pdf")))  # fmt: skip
"""Patterns of documents, which people read and nothing runs. Metadata may have such a name, too."""
_TRANSLATIONS = tuple(
    f".{each}ranslation-meta.xml" for each in ("t", "objectT", "fieldT", "globalValueSetT", "standardValueSetT")
)
_FOR_PROGRAMS = frozenset({"agents.md", "claude.md", "gemini.md", "skill.md"})
_UNKNOWN = KindClass(_SECURITY, "What it does is unknown to wavegate.")


def metadata_type(path: str) -> str:
    """The metadata type of a file in a Salesforce project; '' if it is not metadata of a known type."""
    found = classify(path.split("/"))
    return found[0].type if found else ""


def class_by_kind(path: str) -> KindClass:
    """The least class of a file. An unknown kind is a security review."""
    if found := next((rule for pattern, rule in _PATHS if fnmatchcase(path, pattern)), None):
        return found
    if type_ := metadata_type(path):
        return _of_type(type_)
    if not any(fnmatchcase(path, pattern) for pattern in _DOCUMENTS):
        return _translation(path) or _UNKNOWN
    *folders, name = path.split("/")
    hidden = any(each.startswith(".") for each in folders)
    return _INSTRUCTS if hidden or name.casefold() in _FOR_PROGRAMS else _DOCUMENTATION


def _translation(path: str) -> KindClass | None:
    return KindClass(_CODE, "It is what people read in another language.") if path.endswith(_TRANSLATIONS) else None


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
