"""Checks the names of test definitions in packs against the project's definitions and test specs."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.census.values import definition_of
from wavegate.findings.finding import Finding, Locate, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.pack import Pack


def definition_findings(pack: Pack, locate: Locate, names: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """A warning for each definition that the project does not have; an org may have it nevertheless.

    names: of the project's definitions and specs, by metadata type; '' for a spec of either type.
    A project without any definition or spec keeps them in the org alone, so only names with a metadata type are
    checked. A test that names no definition may run elsewhere: it is checked only if a definition has the same name
    but for `-`, `_` and spaces.
    """
    for index, test in enumerate(pack.tests):
        definition = definition_of(test)
        known = _known(definition.type, names)
        if definition.name.casefold() in {each.casefold() for each in known} or not (known or definition.type):
            continue
        if test.definition:
            yield warning(
                "pack/unknown-definition",
                locate("tests", index, "definition"),
                f"The project has no test definition `{test.definition}`.",
                f"Correct the name, unless every org has the definition.{suggestion(definition.name, known)}",
            )
        elif meant := next((each for each in known if _plain(each) == _plain(test.name)), None):
            yield warning(
                "pack/unknown-definition",
                locate("tests", index, "name"),
                f"No test definition of the project is named `{test.name}`, as this test is.",
                f'Add "definition": "{meant}", unless the test does not run in the org.',
            )


def _known(type_: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of definitions that may have that type; '' for any."""
    return [name for each, of_type in names.items() if not type_ or each in (type_, "") for name in of_type]


def _plain(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")
