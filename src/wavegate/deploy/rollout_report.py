"""The result of a deployment as log lines and step summary."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from shlex import quote

from wavegate.components.component import ComponentId
from wavegate.deploy.rollout_values import AgentChange, DeployJob, HeldAgent, Rollout
from wavegate.errors import ServiceError
from wavegate.ledger.acts.words import acting_person, shown_time
from wavegate.read_back.values import FlowChange, FlowOutcome, TemplateState
from wavegate.text import code, join_names, markdown, one_line, percent, prose

SHOWN = 50
"""Maximum number of problems, and of users per cohort, that are listed."""
MIN_COVERAGE = 0.75
_TITLES = {"deployed": "✅ Deployed", "unchanged": "✅ Nothing to change", "failed": "❌ Not deployed"}


def rollout_lines(rollout: Rollout) -> Iterator[str]:
    """Log lines: what stays stopped, what happened and what is live now."""
    yield from (f"⚠️ {held_words(each)} {restart_hint(rollout.environment)}" for each in rollout.held)
    yield f"{_headline(rollout)}: {one_line(rollout.release, 200)} in {one_line(rollout.environment, 100)}"
    for problem in rollout.problems[:SHOWN]:
        yield f"  {one_line(problem)}"
    yield from (one_line(note) for note in _facts(rollout))
    for agent in rollout.agents:
        yield f"{one_line(agent.name, 100)}: {live_words(agent)}"
    for each in rollout.publications:
        yield f"{one_line(each.agent, 100)}: its script {each.digest} is version {each.version} in this org"
    yield from (f"flow {one_line(each.name, 100)}: {one_line(flow_words(each))}" for each in rollout.flows)
    yield from (
        f"prompt template {one_line(each.name, 100)}: {one_line(template_words(each))}" for each in rollout.templates
    )
    if rollout.unrecorded:
        yield f"The ledger does not show this result: {one_line(rollout.unrecorded.message)}"
    for change in rollout.cohorts:
        counts = f"{len(change.added)} added, {len(change.removed)} removed"
        yield f"pilot users of {one_line(change.permission_set, 100)}: {counts}"


def rollout_markdown(rollout: Rollout, notes: Sequence[str] = ()) -> str:
    """The step summary."""
    return "\n".join(_markdown(rollout, notes)) + "\n"


def live_words(agent: AgentChange) -> str:
    """The live version of an agent, and the one before."""
    now = "inactive, nobody can use it" if agent.live is None else f"version {agent.live} is live"
    if agent.live == agent.before:
        return f"{now} (unchanged)"
    return f"{now} (before: {'inactive' if agent.before is None else f'version {agent.before}'})"


def flow_words(flow: FlowChange) -> str:
    """What a deployment did to a flow, in a few words."""
    detail = f": {flow.detail}" if flow.detail else ""
    match flow.outcome:
        case FlowOutcome.ACTIVE:
            return f"version {flow.live} is active" + (" (unchanged)" if flow.live == flow.before else "")
        case FlowOutcome.NOT_ACTIVE:
            return f"not activated{detail}"
        case FlowOutcome.DELETED:
            return "deleted"
        case FlowOutcome.LEFT:
            return f"stays in the org, inactive{detail}"
        case FlowOutcome.UNREAD:
            return f"not read back{detail}"


def template_words(template: TemplateState) -> str:
    """The active version of a prompt template, in a few words."""
    return template.detail or f"version {template.live} is active"


def _active_before(flow: FlowChange) -> str:
    return "none" if flow.before is None else f"version {flow.before}"


def _left_deployed(rollout: Rollout) -> Iterator[str]:
    """That the components of a failed deployment are in the org, if its jobs succeeded and a later step failed."""
    jobs = rollout.jobs
    if rollout.result == "failed" and jobs and all(each.succeeded for each in jobs):
        names = ", ".join(each.id for each in jobs)
        noun = "deployment" if len(jobs) == 1 else "deployments"
        yield f"The metadata of this release stays in the org: {noun} {names} succeeded."


def held_words(held: HeldAgent) -> str:
    """That an agent stays as a stop left it, and who stopped it when and why; one line."""
    state = "inactive" if held.live is None else f"at version {held.live}"
    name = one_line(held.name, 100)
    if held.stop is None:
        return f"{name} stays {state}: somebody deactivated it in the org during this deployment."
    who = acting_person(held.stop)
    reason = one_line(held.stop.reason, 300) or "no reason is recorded"
    return f"{name} stays {state}: stopped by {who} on {shown_time(held.stop.time)}: {reason}."


def restart_hint(environment: str) -> str:
    """How to turn stopped agents on."""
    return f'To restart: wavegate enable {quote(one_line(environment, 100))} --reason "…"'


def interrupted_markdown(error: ServiceError, release: str, environment: str) -> str:
    """The step summary of a deployment that is neither live nor failed. error: why."""
    title = f"## ⏸️ Not finished: {markdown(release, 200)} in {markdown(environment, 100)}"
    return f"{title}\n\n{prose(error.message, 2000)}\n\n{prose(error.fix, 1500)}\n"


def _facts(rollout: Rollout) -> Iterator[str]:
    yield from rollout.notes
    yield from _left_deployed(rollout)
    if rollout.result != "failed":
        turned_on = [each.name for each in rollout.agents if each.before is None and each.live is not None]
        if turned_on:
            yield f"Inactive before this deployment, and active now: {join_names(turned_on)}."


def _headline(rollout: Rollout) -> str:
    if rollout.held and rollout.result != "failed":
        return f"⚠️ Deployed, but still stopped: {join_names([one_line(each.name, 100) for each in rollout.held])}"
    if rollout.result == "unchanged":
        return f"{_TITLES['unchanged']}, the org is up to date"
    if rollout.confined and rollout.result == "deployed":
        return "✅ Deployed to the pilot"
    return _TITLES[rollout.result]


def _markdown(rollout: Rollout, notes: Sequence[str]) -> Iterator[str]:
    release, environment = markdown(rollout.release, 200), markdown(rollout.environment, 100)
    yield f"## {markdown(_headline(rollout))}: {release} in {environment}"
    yield ""
    yield from _held_markdown(rollout)
    if rollout.problems:
        yield from (f"- {markdown(each)}" for each in rollout.problems[:SHOWN])
        if len(rollout.problems) > SHOWN:
            yield f"- and {len(rollout.problems) - SHOWN} more, in the log"
        yield ""
    facts = tuple(_facts(rollout))
    if facts:
        yield from (f"- {markdown(each)}" for each in facts)
        yield ""
    if rollout.unrecorded:
        message, fix = markdown(rollout.unrecorded.message), markdown(rollout.unrecorded.fix)
        yield f"⚠️ The ledger does not show this result: {message} {fix} Then run this again: it completes the record."
        yield ""
    if rollout.agents:
        yield "| Agent | Live now | Before |"
        yield "|---|---|---|"
        yield from (
            f"| {code(each.name)} | {version_words(each.live)} | {version_words(each.before)} |"
            for each in rollout.agents
        )
        yield ""
    for each in rollout.publications:
        yield f"- The script {code(each.digest)} of {code(each.agent)} is version {each.version} in this org."
    if rollout.flows:
        yield ""
        yield "| Flow | In the org now | Active before |"
        yield "|---|---|---|"
        yield from (
            f"| {code(each.name)} | {markdown(flow_words(each))} | {_active_before(each)} |" for each in rollout.flows
        )
        yield ""
    yield from (
        f"- Prompt template {code(each.name)}: {markdown(template_words(each))}" for each in rollout.templates
    )
    for change in rollout.cohorts:
        people = f"{_people('added', change.added)}, {_people('removed', change.removed)}"
        yield f"- Pilot users of {code(change.permission_set)}: {people}"
    yield from (f"- {markdown(note)}" for note in notes)
    for job in rollout.jobs:
        yield ""
        yield (
            f"Deployment {code(job.id)} on {code(rollout.host)}: {markdown(job.status)}, "
            f"{job.changed} components changed, {job.unchanged} unchanged."
        )


def _held_markdown(rollout: Rollout) -> Iterator[str]:
    if rollout.held:
        yield from (f"- ⚠️ {markdown(held_words(each))}" for each in rollout.held)
        yield ""
        yield f"→ {markdown(restart_hint(rollout.environment))}"
        yield ""


def coverage_notes(job: DeployJob, deployed: AbstractSet[ComponentId]) -> tuple[str, ...]:
    """A note on each deployed class of which the job's tests execute too little for a production org.

    Source of the share: Salesforce's Apex Developer Guide, "Code Coverage Best Practices".
    """
    classes = {each.name for each in deployed if each.type == "ApexClass"}
    low = [
        (each.name, (each.lines - each.missed) / each.lines)
        for each in job.coverage
        if each.name in classes and each.lines and each.lines - each.missed < MIN_COVERAGE * each.lines
    ]
    return tuple(
        f"The tests execute {percent(share, beside=MIN_COVERAGE)} of the class {name}; "
        f"production orgs ask for {percent(MIN_COVERAGE)}."
        for name, share in sorted(low)
    )


def version_words(version: int | None) -> str:
    """A live version in a table."""
    return "inactive" if version is None else f"version {version}"


def _people(action: str, names: tuple[str, ...]) -> str:
    if not names:
        return f"0 {action}"
    listed = ", ".join(code(each) for each in names[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} {action} ({listed}{more})"
