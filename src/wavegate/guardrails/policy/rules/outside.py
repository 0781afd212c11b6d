"""Agents that a check does not see: none in the project, or scripts that the project does not include."""

from collections.abc import Sequence

from wavegate.files.source import PROJECT_FILE
from wavegate.findings.finding import Location
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFindings
from wavegate.text import pluralize


def not_checked(paths: Sequence[str], guardrails: Guardrails) -> ScopedFindings:
    """That there is no agent, or that Agent Scripts are outside of the project. paths: of all files."""
    read = {reading.emitted.location.file for reading in guardrails.agents.values()}
    read |= {each.file for places in guardrails.others.values() for each in places}
    read |= {each.location.file for each in guardrails.unknown}
    outside = [path for path in paths if path.endswith(".agent") and path not in read]
    if outside:
        report = RuleScope().notice if guardrails.agents else RuleScope().warning
        scripts = pluralize(len(outside), "Agent Script")
        message = f"Not checked: {scripts} outside of the project's package directories, such as this one."
        fix = "Move what is released into a package directory of sfdx-project.json; ignore this for the rest."
        yield report("agent/outside-project", Location(outside[0]), message, fix)
    yield from _other_scripts(guardrails)
    if not outside and not guardrails.agents:
        project = (path for path in paths if path.rpartition("/")[2] == PROJECT_FILE)
        fix = "Keep the agents' scripts or planner bundles in the project, if there are any."
        place = Location(next(project, PROJECT_FILE))
        yield RuleScope().notice("agent/none", place, "The project has no agent.", fix)


def _other_scripts(guardrails: Guardrails) -> ScopedFindings:
    """Scripts of an agent of which another one counts."""
    for name, places in guardrails.others.items():
        others = [each for each in places if each.file.endswith(".agent")]
        if others and name in guardrails.agents:
            counts = guardrails.agents[name].emitted.location.file
            scripts = pluralize(len(others), "more script")
            message = f"`{name}` has {scripts}, such as this one, which was not checked: {counts} counts."
            fix = "Delete the versions that are no longer released, or give another agent its own `developer_name`."
            yield RuleScope(agent=name).notice("agent/other-script", others[0], message, fix)
