"""Rules across the files of a release: manifests, packs and other files of the checkout."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from wavegate.findings.finding import Finding, Locate, Location, error, notice, warning
from wavegate.findings.suggestions import repeated, suggestion
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack


def unknown_packs(manifest: Manifest, locate: Locate, suites: Collection[str]) -> Iterator[Finding]:
    """The packs that environments require but no file defines. suites: names of all existing packs."""
    for index, environment in enumerate(manifest.environments):
        for key, names in _required(environment):
            for position, name in enumerate(names):
                if name not in suites:
                    yield error(
                        f"{key}/unknown-pack",
                        locate("environments", index, key, "packs", position),
                        f"Unknown smoke pack `{name}`.",
                        f"Add a pack with `suite: {name}` to agentforce/packs/.{suggestion(name, suites)}",
                    )
    if not suites and len(manifest.environments) > 1 and not any(_required(each) for each in manifest.environments):
        yield warning(
            "gate/no-packs",
            locate("environments", 1, "name"),
            f"There is no smoke pack, so the gate of `{manifest.environments[1].name}` can never pass.",
            "Add a pack to agentforce/packs/.",
        )


def _required(environment: Environment) -> list[tuple[str, tuple[str, ...]]]:
    gate, verify = environment.gate.packs, environment.verify.packs
    required = [("gate", gate)] if gate else []
    if verify and verify != gate:
        required.append(("verify", verify))
    return [(key, names) for key, names in required if names]


def missing_runbooks(manifest: Manifest, locate: Locate, exists: Callable[[str], bool]) -> Iterator[Finding]:
    """The runbooks that do not exist. exists: whether a path is a file within the checkout."""
    for procedure in manifest.rollback:
        if procedure.runbook is not None and not exists(procedure.runbook):
            yield error(
                "rollback/runbook-missing",
                locate("rollback", procedure.kind, "runbook"),
                f"The checkout has no file `{procedure.runbook}`.",
                "Write the runbook, or fix the path. It is relative to the root of the checkout.",
            )


def repeated_suites(packs: Sequence[tuple[Pack, Location]]) -> Iterator[Finding]:
    """The packs with a duplicate name. packs: with the location of their names."""
    for index, name, first in repeated(pack.suite for pack, _ in packs):
        yield error(
            "pack/duplicate-suite",
            packs[index][1],
            f"Duplicate smoke pack `{name}`; first defined in `{packs[first][0].path}`.",
            "Rename one of them.",
        )


def unpriced_budgets(manifest: Manifest, packs: Iterable[tuple[Pack, Locate]]) -> Iterator[Finding]:
    """The packs that limit their cost, if the manifest does not say what a conversation costs."""
    for pack, locate in packs:
        if pack.budget.max_cost is not None and manifest.price_per_conversation is None:
            yield error(
                "pack/no-price",
                locate("budget", "maxCost"),
                f"This pack limits its cost, but `{manifest.path}` does not say what a conversation costs.",
                "Add `pricePerConversation` to the manifest, or delete `maxCost`.",
            )


def no_project(manifest: Manifest) -> Finding:
    """A notice that the names in a manifest were not checked."""
    message = "There is no sfdx-project.json, so the manifest's prompts and actions were not checked."
    fix = "To check them, keep the Salesforce project in this repository."
    return notice("component/no-project", Location(file=manifest.path), message, fix)
