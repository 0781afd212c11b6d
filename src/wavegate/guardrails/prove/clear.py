"""What is clear about a property from the names in an agent, without its conversations."""

from wavegate.guardrails.model import AgentModel, AgentSource, Variable
from wavegate.guardrails.properties import Property, Reachable, SetOnlyBy
from wavegate.guardrails.prove.meanings import NameMeanings
from wavegate.guardrails.prove.proof import ProofVerdict
from wavegate.guardrails.prove.relevance import tools_of


def clear_from_names(model: AgentModel, watched: Property) -> tuple[ProofVerdict, str] | None:
    """The verdict and its reason; None if it takes an exploration."""
    if model.source is AgentSource.OPAQUE:
        return ProofVerdict.UNKNOWN, "The agent's metadata is not modelled."
    if isinstance(watched, Reachable):
        missing = {*watched.topics, watched.target} - {topic.name for topic in model.topics} - {""}
        return (ProofVerdict.VACUOUS, f"There is no topic `{min(missing)}`.") if missing else None
    if isinstance(watched, SetOnlyBy):
        return _about_variable(model, watched)
    if watched.action not in _actions(model):
        return ProofVerdict.VACUOUS, f"No topic offers or runs an action `{watched.action}`."
    return None


def _about_variable(model: AgentModel, watched: SetOnlyBy) -> tuple[ProofVerdict, str] | None:
    variable = next((each for each in model.variables if each.name == watched.variable), None)
    if variable is None:
        return ProofVerdict.VACUOUS, f"There is no variable `{watched.variable}`."
    return _about_outside(variable)


def _about_outside(variable: Variable) -> tuple[ProofVerdict, str] | None:
    if variable.external:
        return ProofVerdict.REFUTED, f"The caller of the agent may set `{variable.name}`: its visibility is External."
    return None


def _actions(model: AgentModel) -> set[str]:
    meanings = NameMeanings(model)
    tools = {name for topic in model.topics for tool in tools_of(model, topic) for name in meanings.of_tool(tool)}
    return tools | meanings.actions
