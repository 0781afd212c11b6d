"""Whether a look's decision, or a person, permits the next step."""

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.expand.options import ExpandOptions
from wavegate.canary.given_decision import read_look
from wavegate.canary.values import CanaryVerdict
from wavegate.cli.actions import is_dispatched
from wavegate.errors import InputError
from wavegate.release.manifest import Manifest
from wavegate.text import one_line


def given_decision(options: ExpandOptions, manifest: Manifest) -> CanaryDecision | None:
    """The decision that is named, checked; None if a person expands without one. InputError: neither is there."""
    if options.reason and not is_dispatched():
        raise InputError(
            "--reason counts only in a run that a person started with the workflow's form.",
            fix="Start the workflow with `Run workflow`, and give the reason there; do not commit it.",
        )
    if not options.decision:
        if options.reason:
            return None
        raise InputError(
            "Nothing says that the canary may be expanded.",
            fix="Name the decision of `wavegate watch` with --decision, or say with --reason why none is needed.",
        )
    decision, _ = read_look(
        options.decision, digest=options.digest, environment=options.environment, manifest=manifest.path
    )
    return permitting(decision, path=options.decision, overridden=bool(options.reason))


def permitting(decision: CanaryDecision, *, path: str, overridden: bool) -> CanaryDecision:
    """The decision, if it is to expand a canary.

    path: of its file. overridden: a person expands in spite of it, so that it is only shown. InputError: it is about
    something else, or decides otherwise.
    """
    if decision.stage != "canary":
        raise InputError(
            "The decision is about the health of a release that everybody has.",
            fix="There is no canary to expand.",
            file=path,
        )
    if (problem := _problem(decision)) and not overridden:
        message, fix = problem
        raise InputError(message, fix=fix, file=path)
    return decision


def _problem(decision: CanaryDecision) -> tuple[str, str] | None:
    override = "A person may expand in spite of it with --reason, in a run that they start."
    if decision.verdict is not CanaryVerdict.EXPAND:
        return f"The decision is {decision.verdict}, not expand: {one_line(decision.claim, 300)}", override
    if decision.dry_run:
        return (
            "The decision is a dry run, from which nothing follows.",
            f"Delete `dryRun` from the canary. {override}",
        )
    return None
