"""Rules for a smoke pack that its schema cannot express."""

import re
import warnings
from collections.abc import Iterator
from datetime import date

from wavegate.findings.finding import Finding, Locate, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.check_kinds import KNOWN, is_known
from wavegate.release.criteria_rules import idle_findings
from wavegate.release.duplicates import duplicates
from wavegate.release.pack import Pack, RunBudget


def pack_findings(pack: Pack, locate: Locate) -> Iterator[Finding]:
    """All problems of a pack that do not depend on other files or the date."""
    yield from _tests(pack, locate)
    yield from _policies(pack, locate)
    yield from _checks(pack, locate)
    yield from _patterns(pack, locate)
    yield from _stages(pack, locate)
    yield from _until_settled(pack, locate)
    yield from _waived(pack, locate)
    yield from idle_findings(pack, locate)
    if pack.criteria.confidence is not None and pack.criteria.minimum_success_rate == 1:
        yield error(
            "pack/unprovable",
            locate("passCriteria", "minimumSuccessRate"),
            "No number of runs can prove a success rate of 1 at any confidence.",
            "Require less than 1, such as 0.99, or judge the rate as observed: a number of `runs`, no `confidence`.",
        )


def expired_waivers(pack: Pack, locate: Locate, *, today: date) -> Iterator[Finding]:
    """The expired waivers. today: in UTC; a waiver is valid through its `expires` day."""
    for index, waiver in enumerate(pack.waivers):
        if waiver.expires < today:
            yield error(
                "waiver/expired",
                locate("waivers", index, "expires"),
                f"The waiver of `{waiver.test}` expired on {waiver.expires}.",
                f"Delete it, or have {waiver.owner} extend it.",
            )


def _tests(pack: Pack, locate: Locate) -> Iterator[Finding]:
    return duplicates(
        (each.name for each in pack.tests),
        lambda index: locate("tests", index, "name"),
        rule="pack/duplicate-test",
        noun="test",
        fix="Rename or delete one of them. To run a test more often, set `runs`.",
    )


def _policies(pack: Pack, locate: Locate) -> Iterator[Finding]:
    known = [each.name for each in pack.policies]
    for index, test in enumerate(pack.tests):
        for position, name in enumerate(test.policies):
            if known and name not in known:
                yield error(
                    "pack/unknown-policy",
                    locate("tests", index, "policies", position),
                    f"Unknown policy `{name}`.",
                    f"Add it to `policies`.{suggestion(name, known)}",
                )


def _checks(pack: Pack, locate: Locate) -> Iterator[Finding]:
    for index, test in enumerate(pack.tests):
        for position, kind in enumerate(test.checks or ()):
            if not is_known(kind):
                yield error(
                    "pack/unknown-check",
                    locate("tests", index, "checks", position),
                    f"Unknown check `{kind}`: no result has one, so it would judge nothing.",
                    f"Name the checks that count, such as `topic` or `actions`.{suggestion(kind, KNOWN)}",
                )


def _patterns(pack: Pack, locate: Locate) -> Iterator[Finding]:
    for policy in pack.policies:
        for key, patterns in (("mustMatch", policy.must_match), ("mustNotMatch", policy.must_not_match)):
            for index, pattern in enumerate(patterns):
                if problem := _pattern_error(pattern):
                    yield error(
                        "policy/broken-pattern",
                        locate("policies", policy.name, key, index),
                        f"Invalid regular expression: {problem}.",
                        "Use the syntax of Python's `re`. To match `.`, `*` or `(` literally, write `\\` before it.",
                    )


def _pattern_error(pattern: str) -> str | None:
    with warnings.catch_warnings(action="ignore"):  # a pattern that only a later Python rejects is valid today
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as problem:
            return str(problem)
    return None


def _stages(pack: Pack, locate: Locate) -> Iterator[Finding]:
    if not isinstance(pack.runs, tuple):
        return
    for index, stage in enumerate(pack.runs):
        before = pack.runs[index - 1] if index else None
        if before and stage.n <= before.n:
            message = f"This stage ends at {stage.n:,} observations, but the stage before it ends at {before.n:,}."
            fix = "Increase `n` from stage to stage. It counts all observations from the first."
            yield error("pack/stages-not-increasing", locate("runs", "stages", index, "n"), message, fix)
        elif stage.max_failures >= stage.n:
            message = f"This stage allows {stage.max_failures:,} failures in {stage.n:,} observations."
            place = locate("runs", "stages", index, "maxFailures")
            yield error("pack/stage-failures", place, message, f"Allow fewer than {stage.n:,}.")
        elif before and stage.max_failures < before.max_failures:
            message = f"This stage allows {stage.max_failures:,} failures, fewer than the stage before it."
            place = locate("runs", "stages", index, "maxFailures")
            yield error("pack/stage-failures", place, message, f"Allow at least {before.max_failures:,}.")


def _until_settled(pack: Pack, locate: Locate) -> Iterator[Finding]:
    if pack.runs != "until-settled":
        if pack.budget != RunBudget():
            yield error(
                "pack/unused-budget",
                locate("budget"),
                "Only a pack with `runs: until-settled` has a budget.",
                "Set `runs` to `until-settled`, or delete `budget`.",
            )
        return
    for index, test in enumerate(pack.tests):
        if test.runs is not None:
            yield error(
                "pack/runs-of-test",
                locate("tests", index, "runs"),
                "All tests of a pack that runs until it is settled run equally often.",
                "Delete `runs` here, or move the test to a pack of its own.",
            )


def _waived(pack: Pack, locate: Locate) -> Iterator[Finding]:
    known = [each.name for each in pack.tests]
    for index, waiver in enumerate(pack.waivers):
        if waiver.test not in known:
            yield error(
                "waiver/unknown-test",
                locate("waivers", index, "test"),
                f"Unknown test `{waiver.test}`.",
                f"Name a test of this pack, or delete the waiver.{suggestion(waiver.test, known)}",
            )
    yield from duplicates(
        (each.test for each in pack.waivers),
        lambda index: locate("waivers", index, "test"),
        rule="waiver/duplicate",
        noun="waiver of",
        fix="Keep one of them.",
    )
