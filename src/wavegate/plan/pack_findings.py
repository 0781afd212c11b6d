"""What a promotion's smoke packs say without effect; `validate` says the same of the work tree."""

from collections.abc import Callable, Iterable, Iterator

from wavegate.components.checks.definition_check import definition_findings
from wavegate.components.checks.policy_check import policy_findings
from wavegate.components.component import Project
from wavegate.findings.finding import Finding, Locate, Severity
from wavegate.release.criteria_rules import idle_findings
from wavegate.release.pack import Pack


def pack_findings_of(
    packs: Iterable[Pack], locate_in: Callable[[Pack], Locate], project: Project
) -> Iterator[Finding]:
    """The warnings about packs of the commit. Errors have stopped the plan, and notices are for the author."""
    for pack in packs:
        locate = locate_in(pack)
        found = (
            *idle_findings(pack, locate),
            *definition_findings(pack, locate, project),
            *policy_findings(pack, locate, project),
        )
        yield from (each for each in found if each.severity is not Severity.NOTICE)
