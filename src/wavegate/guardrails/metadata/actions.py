"""Actions of planners and topics, with what a planner binds to their inputs and takes from their outputs.

Source: GenAiFunction and GenAiPlannerBundle in Salesforce's Metadata API guide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wavegate.components.component import without_org_suffix
from wavegate.components.metadata import Element
from wavegate.guardrails.conditions.expression import AtReference, Chosen, Expression, Opaque
from wavegate.guardrails.conditions.expression import Literal as Constant
from wavegate.guardrails.metadata.rules import bare, literal
from wavegate.guardrails.metadata.settings import is_true, location
from wavegate.guardrails.model import Action, Binding, Guard, Parameter, SetStep, Tool, ToolKind

Schemas = Mapping[str, tuple[Parameter, ...]]
"""The parameters of each schema, by the path of its file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinedAction:
    """An action and its definition. attributes: parameter and whether it is an input, by the name that maps it."""

    action: Action
    element: Element
    path: str
    attributes: Mapping[str, tuple[str, bool]] = field(default_factory=dict)


def own_name(element: Element) -> str:
    """The name of a topic or action without the id that an org appends."""
    names = (element.value(tag) for tag in ("localDeveloperName", "developerName", "fullName", "name"))
    return without_org_suffix(next(filter(None, names), ""))


def read_action(element: Element, path: str, name: str, folder: str, schemas: Schemas) -> DefinedAction:
    """An action. folder: where its schemas are, ending in a slash."""
    kind, target = element.value("invocationTargetType"), element.value("invocationTarget")
    confirmation = next(element.all("isConfirmationRequired"), None)
    action = Action(
        name=name,
        target=f"{kind}://{target}" if kind or target else "",
        confirmed=is_true(element, "isConfirmationRequired"),
        inputs=schemas.get(f"{folder}input/schema.json", ()),
        outputs=schemas.get(f"{folder}output/schema.json", ()),
        description=element.value("description"),
        location=location(element, path),
        confirmed_at=location(confirmation, path) if confirmation else None,
    )
    mapped = {
        each.value("name"): (each.value("parameterName"), each.value("parameterType") == "input")
        for each in element.all("mappingAttributes")
    }
    return DefinedAction(action=action, element=element, path=path, attributes=mapped)


class Mappings:
    """The attribute mappings of a planner. types: data type of each variable, by name."""

    def __init__(self, planner: Element, path: str, types: Mapping[str, str]) -> None:
        self._path = path
        self._types = types
        self._by_action: dict[tuple[str, str], list[tuple[str, Element]]] = {}
        for each in planner.all("attributeMappings"):
            owner, _, attribute = each.value("attributeName").rpartition(".")
            topic, _, action = bare(owner).rpartition(".")
            self._by_action.setdefault((topic, action), []).append((attribute, each))

    def tool(self, defined: DefinedAction, topic: str, guard: Guard | None, *, certain: bool = True) -> Tool:
        """The tool that offers an action. topic: its name, '' for one that every topic offers."""
        name = defined.action.name
        inputs: dict[str, Binding] = {}
        outputs: list[SetStep] = []
        for attribute, element in self._by_action.get((topic, name), ()):
            parameter, is_input = _parameter(attribute, element, defined)
            place = location(element, self._path)
            if is_input:
                inputs[parameter] = Binding(name=parameter, value=self._value(element), location=place)
            else:
                value = AtReference(space="outputs", name=parameter)
                outputs.append(SetStep(variable=element.value("mappingTargetName"), value=value, location=place))
        return Tool(
            name=name,
            kind=ToolKind.ACTION,
            target=name,
            guard=guard,
            bindings=(*inputs.values(), *_chosen(defined.action, inputs)),
            then=tuple(outputs),
            description=defined.action.description,
            location=defined.action.location,
            certain=certain,
        )

    def _value(self, element: Element) -> Expression:
        target = element.value("mappingTargetName")
        match element.value("mappingType"):
            case "Variable" | "ContextVariable":
                return AtReference(space="variables", name=target)
            case "Constant":
                return Constant(value=literal(element.value("constantValue") or target, ""))
            case "ActionAttribute":
                return AtReference(space="outputs", name=target.rpartition(".")[2])
            case kind:
                return Opaque(text=target, reason=f"The mapping type `{kind}` is not documented.")


def _parameter(attribute: str, element: Element, defined: DefinedAction) -> tuple[str, bool]:
    """The parameter that a mapping means, and whether it is an input."""
    if attribute in defined.attributes:
        return defined.attributes[attribute]
    kind = element.value("attributeType")
    if kind.endswith(("Input", "Output")):
        return attribute, kind.endswith("Input")
    # a retrieved planner names an attribute after its direction
    direction, _, name = attribute.partition("_")
    return (name, direction == "input") if direction in ("input", "output") and name else (attribute, True)


def _chosen(action: Action, bound: Mapping[str, Binding]) -> Iterator[Binding]:
    """The inputs that nothing binds, so that the model fills them in."""
    for each in action.inputs:
        if each.name not in bound:
            yield Binding(name=each.name, value=Chosen(), location=each.location)
