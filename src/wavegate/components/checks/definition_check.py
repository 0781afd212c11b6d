"""Checks the test definitions of smoke packs against the Salesforce project."""

from collections.abc import Iterator

from wavegate.components.component import Project
from wavegate.findings.finding import Finding, Locate, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.pack import Pack

_TYPES = ("AiEvaluationDefinition", "AiTestingDefinition")


def definition_findings(pack: Pack, locate: Locate, project: Project) -> Iterator[Finding]:
    """A warning for each definition that the project does not have; an org may have it nevertheless.

    A project without any test definition keeps them in the org alone, so only names with a metadata type are checked.
    """
    folded = {each.casefold(): each for each in _TYPES}
    for index, test in enumerate(pack.tests):
        prefix, _, rest = (test.definition or "").partition(":")
        type_ = folded.get(prefix.casefold())
        known = [each.id.name for each in project.of_type(*((type_,) if type_ else _TYPES))]
        name = rest if type_ else test.definition or ""
        if name and (known or type_) and name.casefold() not in {each.casefold() for each in known}:
            yield warning(
                "pack/unknown-definition",
                locate("tests", index, "definition"),
                f"The project has no test definition `{test.definition}`.",
                f"Correct the name, unless every org has the definition.{suggestion(name, known)}",
            )
