"""The two sides of one agent, with what is followed over renames."""

from dataclasses import dataclass, field

from wavegate.guardrails.diff.change import ChangeSubject
from wavegate.guardrails.diff.view import AgentView
from wavegate.guardrails.model import Topic, Variable


@dataclass(frozen=True, kw_only=True)
class AgentPair:
    """One agent in both commits. renamed: the new name of each topic whose name changed, by its old name."""

    before: AgentView
    after: AgentView
    topics: tuple[tuple[Topic, Topic], ...] = ()
    removed: tuple[Topic, ...] = ()
    added: tuple[Topic, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The agent's name in the later commit."""
        return self.after.model.name

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that conditions are compared over: those of the later commit, then those that are gone."""
        names = {each.name for each in self.after.model.variables}
        gone = (each for each in self.before.model.variables if each.name not in names)
        return (*self.after.model.variables, *gone)

    def subject(self, topic: Topic | None = None, tool: str = "") -> ChangeSubject:
        """A subject within the agent."""
        return ChangeSubject(agent=self.name, topic=topic.name if topic else "", tool=tool)

    def old_name(self, topic: str) -> str:
        """The name in the earlier commit of a topic of the later one."""
        return next((old for old, new in self.renamed.items() if new == topic), topic)

    def new_name(self, topic: str) -> str:
        """The name in the later commit of a topic of the earlier one."""
        return self.renamed.get(topic, topic)


@dataclass(frozen=True, kw_only=True)
class TopicPair:
    """One topic in both commits."""

    agent: AgentPair
    before: Topic
    after: Topic

    def subject(self, tool: str = "") -> ChangeSubject:
        """A subject within the topic."""
        return self.agent.subject(self.after, tool)
