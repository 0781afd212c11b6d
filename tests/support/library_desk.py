"""The library desk: an agent with one bound of each kind."""

from pathlib import Path

from wavegate.guardrails.model import AgentModel
from wavegate.guardrails.script.read import read_script_model

PROJECT = Path(__file__).resolve().parents[1] / "fixtures" / "guardrails" / "mutate" / "project"
PATH = "force-app/main/default/aiAuthoringBundles/Library_Desk/Library_Desk.agent"
SCRIPT = (PROJECT / PATH).read_text("utf-8")


def library_desk() -> AgentModel:
    """The agent as it is emitted."""
    return read_script_model(SCRIPT, PATH).emitted
