"""Rules for a manifest that its schema cannot express. Every rule generates findings from the parsed manifest."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from wavegate.findings.finding import Finding, Locate, error, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.canary_rules import canary_findings
from wavegate.release.duplicates import duplicates
from wavegate.release.freeze_rules import freeze_findings
from wavegate.release.manifest import AgentByEnvironment, Environment, Kind, Manifest, RollbackStrategy, Strategy
from wavegate.text import join_names


def manifest_findings(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    """All problems of a manifest that can be found without other files."""
    yield from _environment_names(manifest, locate)
    yield from _shipped(manifest, locate)
    yield from _first_gate(manifest, locate)
    yield from _agents(manifest, locate)
    yield from _details(manifest, locate)
    yield from _included(manifest, locate)
    yield from _procedures(manifest, locate)
    yield from _cohorts(manifest, locate)
    yield from _classes(manifest, locate)
    yield from freeze_findings(manifest, locate)
    yield from _notify(manifest, locate)
    for index, environment in enumerate(manifest.environments):
        yield from canary_findings(environment, manifest, _below(locate, index))


def _below(locate: Locate, index: int) -> Locate:
    return lambda *parts, key=False: locate("environments", index, *parts, key=key)


def _environment_names(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    return duplicates(
        (each.name for each in manifest.environments),
        lambda index: locate("environments", index, "name"),
        rule="environment/duplicate-name",
        noun="environment",
        fix="Rename one of them. GitHub ignores case in environment names.",
    )


def _shipped(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    before: Environment | None = None
    for index, environment in enumerate(manifest.environments):
        ships = environment.prompts or environment.actions or manifest.agents or manifest.include
        if not ships and (before is None or before.prompts or before.actions):
            yield error(
                "environment/ships-nothing",
                locate("environments", index),
                f"Nothing ships to `{environment.name}`: no prompts, actions, agents or included metadata.",
                "List `prompts` or `actions` here, or `agents` or `include` at the top level.",
            )
        if before is not None:
            yield from _unproven(environment, before, _below(locate, index))
        before = environment


def _unproven(environment: Environment, before: Environment, locate: Locate) -> Iterator[Finding]:
    for kind, names, proven in (
        ("prompts", environment.prompts, before.prompts),
        ("actions", environment.actions, before.actions),
    ):
        for index, name in enumerate(names):
            if name not in proven:
                yield warning(
                    "environment/unproven-component",
                    locate(kind, index),
                    f"`{name}` ships to `{environment.name}` but not to `{before.name}`, the environment before.",
                    f"List it under `{before.name}` too, so that it is tested there first.{suggestion(name, proven)}",
                )


def _first_gate(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    gate = manifest.environments[0].gate
    if gate.packs is not None or gate.max_evidence_age is not None:
        yield error(
            "environment/gate-without-source",
            locate("environments", 0, "gate", key=True),
            "The first environment has a gate, but there is no earlier environment in which its packs could run.",
            "Move the packs to `verify`, or list the environment in which they run before this one.",
        )


def _agents(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    known = [each.name for each in manifest.environments]
    for index, agent in enumerate(manifest.agents):
        for name in agent.versions if isinstance(agent, AgentByEnvironment) else ():
            if name not in known:
                yield error(
                    "agent/unknown-environment",
                    locate("agents", index, "version", name, key=True),
                    f"Agent `{agent.name}` pins a version for `{name}`, which is not an environment of the manifest.",
                    f"Use the name of an environment: {join_names(known)}.{suggestion(name, known)}",
                )
    yield from duplicates(
        (each.name for each in manifest.agents),
        lambda index: locate("agents", index, "name"),
        rule="agent/duplicate-name",
        noun="agent",
        fix="Keep one of them, with the version to activate.",
    )


def _details(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    shipped = {
        Kind.PROMPTS: {name for each in manifest.environments for name in each.prompts},
        Kind.ACTIONS: {name for each in manifest.environments for name in each.actions},
    }
    for detail in manifest.details:
        place = locate("components", detail.kind, detail.name, key=True)
        # an action that an agent calls need not be listed; the check of the project knows those
        if detail.name not in shipped[detail.kind] and not (manifest.agents and detail.kind is Kind.ACTIONS):
            yield warning(
                "component/unused",
                place,
                f"No environment lists `{detail.name}` under `{detail.kind}`.",
                f"List it, or delete this entry.{suggestion(detail.name, shipped[detail.kind])}",
            )
        if detail.impact == "high" and detail.owner is None:
            yield error(
                "component/high-impact-without-owner",
                place,
                f"The high-impact action `{detail.name}` has no owner.",
                'Name who is responsible for what it does, such as `owner: "@organization/team"`.',
            )


def _included(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    for index, included in enumerate(manifest.include):
        path = PurePosixPath(included.path or "")
        if path.is_absolute() or ".." in path.parts:
            yield error(
                "include/path-outside",
                locate("include", index),
                f"`{included.path}` may be outside the checkout.",
                "Use a path relative to the root of the checkout, without `..`.",
            )


def _procedures(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    for procedure in manifest.rollback:
        if procedure.strategy is RollbackStrategy.MANUAL and procedure.runbook is None:
            yield error(
                "rollback/manual-without-runbook",
                locate("rollback", procedure.kind, "strategy"),
                f"The rollback of {procedure.kind} is manual, but has no runbook.",
                "Add `runbook:` with the path of a file that describes the steps.",
            )
        if procedure.runbook is not None and ".." in PurePosixPath(procedure.runbook).parts:
            yield error(
                "rollback/runbook-outside",
                locate("rollback", procedure.kind, "runbook"),
                f"The runbook `{procedure.runbook}` may be outside the checkout.",
                "Use a path relative to the root of the checkout, without `..`.",
            )


def _cohorts(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    used = [name for each in manifest.environments for name in cohorts_of(each)]
    for cohort in manifest.cohorts:
        if cohort.strategy is Strategy.FIRST_LAUNCH and cohort.permission_set is None:
            yield error(
                "cohort/no-permission-set",
                locate("cohorts", cohort.name, "strategy"),
                f"The cohort `{cohort.name}` uses the strategy `first-launch`, but names no permission set.",
                "Add `permissionSet:` with its API name.",
            )
        if cohort.name not in used:
            yield warning(
                "cohort/unused",
                locate("cohorts", cohort.name, key=True),
                f"The cohort `{cohort.name}` is unused: no `pilotUsers` or canary step names it.",
                f"Add it to one of them, or delete this entry.{suggestion(cohort.name, used)}",
            )


def _notify(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    if manifest.notify and not manifest.notify.has_channel:
        yield error(
            "notify/no-channel",
            locate("notify", key=True),
            "`notify` has no channel, so nobody is notified.",
            "Add `slack`, `teams`, `webhook`, `issue` or `discussion`, or delete `notify`.",
        )


def cohorts_of(environment: Environment) -> tuple[str, ...]:
    """Names of all cohorts in an environment's pilot users and canary steps."""
    steps = environment.canary.steps if environment.canary else ()
    return (*environment.pilot_users, *(name for step in steps for name in step.cohorts or ()))


def _classes(manifest: Manifest, locate: Locate) -> Iterator[Finding]:
    filled = [each.name for each in manifest.roles]
    for approval in manifest.classes:
        for index, role in enumerate(approval.roles):
            if role not in filled:
                yield error(
                    "class/unfilled-role",
                    locate("classes", approval.name, "approval", index),
                    f"A change of the class `{approval.name}` needs the approval of `{role}`, which nobody fills.",
                    f"Name a user or a team under `roles.{role}.owner`, or leave the role out.",
                )
