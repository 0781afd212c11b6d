"""Rules over the files of a release together: manifests, packs and the rest of the checkout."""

from collections.abc import Callable, Collection, Iterator, Sequence

from wavegate.findings.finding import Finding, Locate, Location, error, notice, warning
from wavegate.findings.suggestions import repeated, suggestion
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack


def unknown_packs(manifest: Manifest, locate: Locate, suites: Collection[str]) -> Iterator[Finding]:
    """The packs that environments ask for and that do not exist. suites: names of all packs."""
    for index, environment in enumerate(manifest.environments):
        for key, names in _asked(environment):
            for position, name in enumerate(names):
                if name not in suites:
                    yield error(
                        f"{key}/unknown-pack",
                        locate("environments", index, key, "packs", position),
                        f"No smoke pack is named `{name}`.",
                        f"Add a pack with `suite: {name}` to agentforce/packs/.{suggestion(name, suites)}",
                    )
    if not suites and len(manifest.environments) > 1 and not any(_asked(each) for each in manifest.environments):
        yield warning(
            "gate/no-packs",
            locate("environments", 1, "name"),
            f"Without a smoke pack, nothing can show that the release may enter `{manifest.environments[1].name}`.",
            "Add a pack to agentforce/packs/.",
        )


def _asked(environment: Environment) -> list[tuple[str, tuple[str, ...]]]:
    gate, verify = environment.gate.packs, environment.verify.packs
    asked = [("gate", gate)] if gate else []
    if verify and verify != gate:
        asked.append(("verify", verify))
    return [(key, names) for key, names in asked if names]


def missing_runbooks(manifest: Manifest, locate: Locate, exists: Callable[[str], bool]) -> Iterator[Finding]:
    """The runbooks that the checkout does not have. exists: whether a path is a file within the checkout."""
    for each in manifest.rollback:
        if each.runbook is not None and not exists(each.runbook):
            yield error(
                "rollback/runbook-missing",
                locate("rollback", each.kind, "runbook"),
                f"The checkout has no file `{each.runbook}`.",
                "Write the runbook, or correct the path, which starts at the root of the checkout.",
            )


def repeated_suites(packs: Sequence[tuple[Pack, Location]]) -> Iterator[Finding]:
    """Packs that share a name with an earlier one. packs: with the location of their names."""
    for index, name, first in repeated(pack.suite for pack, _ in packs):
        yield error(
            "pack/duplicate-suite",
            packs[index][1],
            f"Duplicate smoke pack `{name}`; first defined in `{packs[first][0].path}`.",
            "Rename one of them.",
        )


def no_project(manifest: Manifest) -> Finding:
    """The notice that the names in a manifest were not looked up."""
    message = "There is no sfdx-project.json, so the manifest's prompts and actions were not looked up."
    fix = "Keep the Salesforce project in this repository to have its names checked."
    return notice("component/no-project", Location(file=manifest.path), message, fix)
