"""Projects with agents that are written down in a test, and what is read of them."""

from collections.abc import Mapping

from tests.support.sources import WrittenFiles, xml

from wavegate.guardrails.model import AgentModel, Guardrails, Tool
from wavegate.guardrails.read import read_guardrails

PLANNER = "genAiPlannerBundles/Desk_v1/Desk_v1.genAiPlannerBundle"
LINK = "<conversationDefinitionPlanners><genAiPlannerName>Desk_v1</genAiPlannerName></conversationDefinitionPlanners>"
"""How a version of the agent names its planner."""
Files = Mapping[str, bytes | str]


def rails_of(files: Files, agents: list[str] | None = None) -> Guardrails:
    """What is read of a project with these files."""
    return read_guardrails(WrittenFiles(files), agents=agents)


def planner(body: str, **files: bytes | str) -> dict[str, bytes | str]:
    """An agent `Desk` whose first version has this planner. files: more of them, by path."""
    return {
        "bots/Desk/Desk.bot-meta.xml": xml("Bot", "<label>Desk</label>"),
        "bots/Desk/v1.botVersion-meta.xml": xml("BotVersion", LINK),
        PLANNER: xml("GenAiPlannerBundle", body),
        **files,
    }


def topic(name: str, body: str, *actions: str) -> str:
    """A topic inside of a planner that is linked, with these actions."""
    links = "".join(f"<localActionLinks><functionName>{each}</functionName></localActionLinks>" for each in actions)
    return (
        f"<localTopicLinks><genAiPluginName>{name}</genAiPluginName></localTopicLinks>"
        f"<localTopics><fullName>{name}</fullName><developerName>{name}</developerName>{links}{body}</localTopics>"
    )


def action(name: str, target: str = "flow://Waive_Fine", body: str = "") -> str:
    """An action inside of a topic."""
    kind, _, called = target.partition("://")
    return (
        f"<localActions><fullName>{name}</fullName><developerName>{name}</developerName>"
        f"<invocationTarget>{called}</invocationTarget><invocationTargetType>{kind}</invocationTargetType>{body}"
        "</localActions>"
    )


def desk_of(files: Files) -> AgentModel:
    """The agent `Desk` of a project with these files."""
    return rails_of(files).agents["Desk"].emitted


def tool_of(model: AgentModel, topic_name: str, name: str) -> Tool:
    """The tool of that name in a topic."""
    found = {(each.name, tool.name): tool for each in model.topics for tool in each.tools}
    return found[topic_name, name]
