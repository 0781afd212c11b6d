"""Which layer a failure belongs to, and which files of a release are in that layer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wavegate.components.component import Component
from wavegate.components.scope import ReleaseScope


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A layer of an agent. symptom: what people notice. look: what to look at first. types: metadata types of it."""

    name: str
    symptom: str
    look: str
    types: frozenset[str]


LAYERS = (
    Layer(
        name="Grounding",
        symptom="It answers wrongly, or from outdated facts",
        look="What the answer was taken from: data library, retriever, the record that the prompt merged.",
        types=frozenset({
            "AiRetriever", "DataKitObjectTemplate", "DataSource", "KnowledgeSettings", "MktDataTranObject",
            "ObjectSourceTargetMap", "RetrieverDefinition", "CustomField", "CustomObject",
        }),
    ),
    Layer(
        name="Permission and validation",
        symptom="It does something that it must not do, or refuses what it should do",
        look="What the action may touch, and what checks its input: permissions, the guard, the flow or class.",
        types=frozenset({
            "ApexClass", "ApexTrigger", "CustomPermission", "Flow", "GenAiFunction", "MutingPermissionSet",
            "PermissionSet", "PermissionSetGroup", "Profile", "ValidationRule",
        }),
    ),
    Layer(
        name="Prompt",
        symptom="It is verbose, off topic, in the wrong tone, or asks too often",
        look="The instructions that it followed: of the agent, of the topic, and of the prompt template.",
        types=frozenset({
            "AiAuthoringBundle", "Bot", "BotVersion", "GenAiPlanner", "GenAiPlannerBundle", "GenAiPlugin",
            "GenAiPromptTemplate",
        }),
    ),
    Layer(
        name="Connection",
        symptom="It is slow, or says that a system is not available",
        look="The system behind the action, and the credential that it is called with.",
        types=frozenset({
            "ExternalCredential", "ExternalServiceRegistration", "McpServerDefinition", "NamedCredential",
            "RemoteSiteSetting",
        }),
    ),
)  # fmt: skip
"""Source: the layers of the release guide: grounding, permission or validation, prompting; and what they call."""


def layer_files(scopes: Iterable[ReleaseScope]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By layer, the components that the release ships, as `Type:Name` with the path of the first file, sorted."""
    components = {each.id: each for scope in scopes for each in scope.components}
    return {layer.name: tuple(sorted(_of(layer, components.values()))) for layer in LAYERS}


def _of(layer: Layer, components: Iterable[Component]) -> Iterator[tuple[str, str]]:
    return ((str(each.id), min(each.paths)) for each in components if each.id.type in layer.types and each.paths)
