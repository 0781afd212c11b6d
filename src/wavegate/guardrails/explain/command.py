"""`wavegate guardrails explain`: what may an agent do?"""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli import actions
from wavegate.cli.options import CommitId, ReportFormat, format_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.findings.suggestions import suggestion
from wavegate.guardrails.explain.as_json import explanation_json
from wavegate.guardrails.explain.as_markdown import explanation_markdown
from wavegate.guardrails.explain.as_text import explanation_text
from wavegate.guardrails.explain.describe import explain
from wavegate.guardrails.metadata.planned import NO_AGENT
from wavegate.guardrails.read import read_guardrails
from wavegate.guardrails.source import source_of
from wavegate.text import join_names, one_line

_RENDERINGS = {"text": explanation_text, "markdown": explanation_markdown, "json": explanation_json}


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailsExplainOptions:
    """The command's options, as click reads them."""

    agent: str
    root: Path
    commit: str | None
    format: ReportFormat
    diagram: bool


@click.command(name="guardrails-explain")
@click.argument("agent", envvar="WAVEGATE_GUARDRAILS_EXPLAIN_AGENT", metavar="AGENT")
@root_option()
@click.option("--commit", type=CommitId(), show_default="the checked-out files", help="Commit to read. Its full SHA.")
@format_option
@click.option("--diagram/--no-diagram", default=False, help="Print only the Mermaid diagram.")
@takes(GuardrailsExplainOptions)
def command(options: GuardrailsExplainOptions) -> int:
    """Explain what an agent may do: topics, actions and their conditions, variables, hand-offs and prohibitions.

    It describes what takes effect, and names where that differs from what is written.
    """
    guardrails = read_guardrails(source_of(options.root, options.commit))
    names = {name.casefold(): name for name in guardrails.agents}
    name = names.get(options.agent.casefold())
    if name is None:
        known = join_names([each for each in guardrails.agents if each != NO_AGENT], most=20) or "none"
        message = f"There is no agent `{one_line(options.agent, 100)}`."
        raise InputError(message, fix=f"The project's agents: {known}.{suggestion(options.agent, guardrails.agents)}")
    explanation = explain(guardrails.agents[name], guardrails)
    text = explanation.diagram if options.diagram else _RENDERINGS[options.format](explanation)
    print_report(text, "text" if options.diagram else options.format)
    actions.add_summary(explanation_markdown(explanation))
    return int(ExitCode.OK)
