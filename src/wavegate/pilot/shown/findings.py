"""What a plan finds wrong with the copies of a pilot, or has a person look at."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from wavegate.components.component import ApexRole, ComponentId, Project
from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.pilot.selection import NO_USER
from wavegate.pilot.values import NotSeparable, PilotCopy, Residue
from wavegate.release.manifest import Strategy
from wavegate.text import join_names, pluralize

_COMPILED = "is compiled from a script"
_CALL = "If one of the project's agents should use it, let it call it and list it under `agents`. "
_NAMED = 15


def not_separable_findings(found: Iterable[NotSeparable], project: Project, file: str) -> Iterator[Finding]:
    """An error for each change that no copy keeps from everybody, and for each agent that has none.

    file: for a component without a file of its own.
    """
    for each in found:
        component = project.find(each.component)
        place = Location(file=component.path if component else file)
        if each.why.startswith(_COMPILED):
            yield error(
                "pilot/compiled-graph",
                place,
                f"{each.component} {each.why}, so its agent cannot be copied.",
                "Keep the agent's script in git and release that: publishing compiles the copy. Or choose the "
                f"strategy `{Strategy.PILOT_ORG}` or `{Strategy.TIME_BOXED}`: everybody gets the release then.",
            )
        else:
            yield error(
                "pilot/not-separable",
                place,
                f"{each.component} {each.why}: its change would reach everybody, not only the pilot.",
                f"{_CALL if each.why == NO_USER else ''}Release it by itself before, or set "
                "`canary: {reachesEveryone: accept}` if it is harmless to everybody.",
            )


def accepted_findings(accepted: Sequence[NotSeparable], file: str) -> Iterator[Finding]:
    """A warning that lists what reaches everybody because the manifest accepts that. file: the manifest's."""
    if accepted:
        names = join_names([f"{each.component} ({each.why})" for each in accepted], _NAMED)
        yield warning(
            "pilot/not-separable",
            Location(file=file),
            f"Not limited to the pilot: {pluralize(len(accepted), 'change')} reach{_es(accepted)} everybody with "
            f"this deployment: {names}.",
            "Approve only if they are harmless to everybody.",
        )


def _es(items: Collection[object]) -> str:
    return "es" if len(items) == 1 else ""


def copied_classes(copy: PilotCopy, project: Project) -> tuple[ComponentId, ...]:
    """The Apex classes that a pilot copies, sorted, without those that serve tests."""
    classes = [each for each in project.of_type("ApexClass") if each.id in copy.names]
    contents = project.read(classes)
    return tuple(each.id for each in classes if contents[each.id].apex not in (ApexRole.TEST, ApexRole.SUPPORT))


def too_many_findings(classes: Sequence[ComponentId], maximum: int, place: Location) -> Iterator[Finding]:
    """An error if a pilot would copy more Apex classes than the manifest allows. place: of that number."""
    if len(classes) > maximum:
        names = join_names([each.name for each in classes], _NAMED)
        yield error(
            "pilot/too-many-copies",
            place,
            f"The pilot's copy needs copies of {len(classes)} Apex classes, more than {maximum}: {names}.",
            "Release a change of shared classes by itself, raise `maximumCopiedClasses`, or choose the strategy "
            f"`{Strategy.PILOT_ORG}` or `{Strategy.TIME_BOXED}`: everybody gets the release then.",
        )


def residue_findings(copy: PilotCopy) -> Iterator[Finding]:
    """A warning for each copied file that still names an original in data or words, at its place in the release."""
    by_file: dict[str, list[Residue]] = {}
    for each in copy.residues:
        by_file.setdefault(copy.originals.get(each.path, each.path), []).append(each)
    for path, residues in sorted(by_file.items()):
        yield warning(
            "pilot/residue",
            Location(file=path, line=min(each.line for each in residues)),
            f"The pilot's copy of this file still says {join_names(list(_named(residues)), _NAMED)}: names in data "
            "and in words are not rewritten.",
            "Read these lines, and check that the copy must behave there as the live agent does.",
        )


def _named(residues: Sequence[Residue]) -> Iterator[str]:
    """Each name with the lines that it is in."""
    lines: dict[str, set[int]] = {}
    for each in residues:
        lines.setdefault(each.name, set()).add(each.line)
    for name, numbers in sorted(lines.items()):
        shown = ", ".join(map(str, sorted(numbers)[:_NAMED]))
        yield f"{name} (line{'s' if len(numbers) > 1 else ''} {shown})"


def undone_findings(differing: Sequence[str]) -> Iterator[Finding]:
    """An error for each copied file from which the copies' names cannot be taken out again."""
    for path in differing:
        yield error(
            "pilot/not-undone",
            Location(file=path),
            "Taking the pilot's names out of the copy of this file does not give the file back, so the copy is not "
            "what everybody would get.",
            "Report this to wavegate's maintainers; until then, choose another strategy for the cohorts.",
        )
