"""The rules that a pack's schema cannot express."""

import re
import warnings
from collections.abc import Iterator
from datetime import date

from wavegate.findings.finding import Finding, Locate, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.duplicates import duplicates
from wavegate.release.pack import Pack
from wavegate.text import pluralize


def pack_findings(pack: Pack, locate: Locate) -> Iterator[Finding]:
    """Everything that is wrong with a pack by itself, on any day."""
    yield from _tests(pack, locate)
    yield from _policies(pack, locate)
    yield from _patterns(pack, locate)
    yield from _stages(pack, locate)
    yield from _waived(pack, locate)
    if pack.criteria.confidence is not None and pack.criteria.minimum_success_rate == 1:
        yield error(
            "pack/unprovable",
            locate("passCriteria", "minimumSuccessRate"),
            "No number of runs proves a success rate of 1 at any confidence.",
            "Use a rate below 1, such as 0.99, or delete `confidence` to judge the rate as observed.",
        )


def expired_waivers(pack: Pack, locate: Locate, *, today: date) -> Iterator[Finding]:
    """The waivers that have expired. today: in UTC; a waiver still applies on the day on which it expires."""
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
        fix="Rename or delete one of them; to run a test more often, use `runs`.",
    )


def _policies(pack: Pack, locate: Locate) -> Iterator[Finding]:
    known = [each.name for each in pack.policies]
    for index, test in enumerate(pack.tests):
        for position, name in enumerate(test.policies):
            if known and name not in known:
                yield error(
                    "pack/unknown-policy",
                    locate("tests", index, "policies", position),
                    f"The pack has no policy `{name}`.",
                    f"Add it to `policies`.{suggestion(name, known)}",
                )


def _patterns(pack: Pack, locate: Locate) -> Iterator[Finding]:
    for policy in pack.policies:
        for key, patterns in (("mustMatch", policy.must_match), ("mustNotMatch", policy.must_not_match)):
            for index, pattern in enumerate(patterns):
                if problem := _broken(pattern):
                    yield error(
                        "policy/broken-pattern",
                        locate("policies", policy.name, key, index),
                        f"Invalid regular expression: {problem}.",
                        "Use the syntax of Python's `re`; escape `.`, `*`, `(` and the like with a backslash.",
                    )


def _broken(pattern: str) -> str | None:
    with warnings.catch_warnings(action="ignore"):  # a deprecation warning is not an error in the pack
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
            message = f"This stage ends at {stage.n:,} observations, but the one before it at {before.n:,}."
            fix = "Make `n` strictly increasing; it counts from the first observation."
            yield error("pack/stages-not-increasing", locate("runs", "stages", index, "n"), message, fix)
        elif stage.max_failures >= stage.n or (before and stage.max_failures < before.max_failures):
            limit = f"fewer than {stage.n:,}" if stage.max_failures >= stage.n else "no fewer than the stage before"
            message = f"This stage cannot allow {pluralize(stage.max_failures, 'failure')}."
            place = locate("runs", "stages", index, "maxFailures")
            yield error("pack/stage-failures", place, message, f"Allow {limit}.")


def _waived(pack: Pack, locate: Locate) -> Iterator[Finding]:
    known = [each.name for each in pack.tests]
    for index, waiver in enumerate(pack.waivers):
        if waiver.test not in known:
            yield error(
                "waiver/unknown-test",
                locate("waivers", index, "test"),
                f"The pack has no test `{waiver.test}`.",
                f"Name one of its tests, or delete the waiver.{suggestion(waiver.test, known)}",
            )
    yield from duplicates(
        (each.test for each in pack.waivers),
        lambda index: locate("waivers", index, "test"),
        rule="waiver/duplicate",
        noun="waiver of",
        fix="Keep the one that applies.",
    )
