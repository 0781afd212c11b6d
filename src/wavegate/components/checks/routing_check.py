"""Checks that a cohort's routing flow has the constant that expanding the canary sets."""

from collections.abc import Iterator

from wavegate.components.component import ComponentId, Contents, Project
from wavegate.components.manifest_names.names import at_file
from wavegate.findings.finding import Finding, Locate, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Cohort, Manifest, Strategy
from wavegate.text import join_names

_RULE = "cohort/unknown-flow-constant"


def routing_findings(manifest: Manifest, project: Project, locate: Locate | None = None) -> Iterator[Finding]:
    """One error for each cohort whose routing flow cannot be changed as the manifest says."""
    places = locate or at_file(manifest.path)
    for cohort in manifest.cohorts:
        if cohort.strategy is Strategy.ROUTING_FLOW and (found := _problem(cohort, project)):
            key, message, fix = found
            yield error(_RULE, places("cohorts", cohort.name, key), message, fix)


def _problem(cohort: Cohort, project: Project) -> tuple[str, str, str] | None:
    """The key that is wrong, with a message and a fix; None if the flow can be changed."""
    given = {"flow": cohort.flow, "constant": cohort.constant, "value": cohort.value}
    if missing := [key for key, value in given.items() if value is None]:
        message = f"The cohort `{cohort.name}` has the strategy `routing-flow`, but not {join_names(missing)}."
        return "strategy", message, "Name the flow, its constant, and the constant's value from this cohort on."
    flow = project.find(ComponentId(type="Flow", name=cohort.flow or ""))
    if flow is None:
        known = [each.id.name for each in project.of_type("Flow")]
        message = f"The project has no flow `{cohort.flow}`, which leads the cohort `{cohort.name}` to the copy."
        return "flow", message, f"Add the flow, or correct its name.{suggestion(cohort.flow or '', known)}"
    return _constant_problem(cohort, project.read([flow])[flow.id])


def _constant_problem(cohort: Cohort, contents: Contents) -> tuple[str, str, str] | None:
    name = cohort.constant or ""
    kinds = {each.casefold(): kind for each, kind in contents.constants.items()}
    expected = "text" if isinstance(cohort.value, str) else "number"
    if name.casefold() not in kinds:
        message = f"The flow `{cohort.flow}` has no constant `{name}`."
        return "constant", message, f"Add it to the flow, or correct its name.{suggestion(name, contents.constants)}"
    kind = kinds[name.casefold()]
    if kind != expected:
        has = f"has a {kind}" if kind else "has neither a number nor a text"
        message = f"The constant `{name}` of the flow `{cohort.flow}` {has}, but `value` is a {expected}."
        return "value", message, "Write `value` with quotes for a text, and without for a number."
    return None
