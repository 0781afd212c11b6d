"""What a person asks for with the command's options: which conversations failed, and what should have happened."""

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from wavegate.capture.naming import policy_entry
from wavegate.capture.options import CaptureOptions
from wavegate.capture.recorded import is_action_name, is_topic_name
from wavegate.capture.values import Condition, FailureSelection, Stated
from wavegate.errors import InputError
from wavegate.release.folder import in_packs
from wavegate.release.pack import Pack, Policy, TestKind, ViolationSeverity
from wavegate.text import one_line

DEFAULT_PACK = "agentforce/packs/production-failures.json"
_OWNER = re.compile(r"@[A-Za-z0-9](-?[A-Za-z0-9_])*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
_ENDINGS = (".json", ".yml", ".yaml")


def stated_by(options: CaptureOptions) -> Stated:
    """What the options say should have happened. Raises InputError."""
    for flag, names in (("--expect-action", options.expect_action), ("--forbid-action", options.forbid_action)):
        for each in names:
            if not is_action_name(each):
                raise InputError(
                    f"{flag}: `{one_line(each, 80)}` is not the API name of an action.", fix="Correct it."
                )
    if options.expect_topic and not is_topic_name(options.expect_topic):
        shown = one_line(options.expect_topic, 80)
        raise InputError(f"--expect-topic: `{shown}` is not the name of a topic.", fix="Correct it.")
    for flag, patterns in (("--must-say", options.must_say), ("--must-not-say", options.must_not_say)):
        for each in patterns:
            _check_pattern(flag, each)
    if options.owner and not _OWNER.fullmatch(options.owner):
        raise InputError(
            f"--owner: `{one_line(options.owner, 80)}` is not a user or team.",
            fix="Write @user or @organization/team, such as @acme/agents.",
        )
    if both := set(options.expect_action) & set(options.forbid_action):
        name = one_line(min(both), 80)
        raise InputError(f"The action {name} is both expected and forbidden.", fix="Leave one of the two out.")
    return Stated(
        expected=Policy(
            name="",
            topics=(options.expect_topic,) if options.expect_topic else (),
            required_actions=tuple(dict.fromkeys(options.expect_action)),
            forbidden_actions=tuple(dict.fromkeys(options.forbid_action)),
            must_match=tuple(dict.fromkeys(options.must_say)),
            must_not_match=tuple(dict.fromkeys(options.must_not_say)),
        ),
        reason=options.reason,
        kind=TestKind(options.kind) if options.kind else None,
        severity=ViolationSeverity(options.severity) if options.severity else None,
        owner=options.owner,
    )


def selection_of(options: CaptureOptions, stated: Stated, packs: Sequence[Pack]) -> FailureSelection:
    """Which conversations failed. InputError: nothing says which, or nothing could be checked in them."""
    selection = FailureSelection(
        sessions=tuple(dict.fromkeys(options.session)),
        conditions=tuple(dict.fromkeys(Condition(each) for each in options.condition)),
        policies=tuple(_policy(each, packs) for each in dict.fromkeys(options.policy)),
    )
    expected = stated.expected
    happened = expected.forbidden_actions or expected.must_not_match
    if selection.is_empty and not happened:
        raise InputError(
            "Nothing says which of the conversations failed.",
            fix="Name them with --session; or select them with --condition or --policy, or by what the agent must not"
            " do: --forbid-action, --must-not-say.",
        )
    if set(selection.conditions) == {Condition.ESCALATION} and not (selection.policies or stated.has_expectation):
        raise InputError(
            "An escalation alone says nothing that a test could check.",
            fix="Say what should have happened: --expect-topic, --expect-action, --forbid-action, --must-say or"
            " --must-not-say.",
        )
    return selection


def pack_path(options: CaptureOptions) -> str:
    """The path of the pack that gets the tests. InputError: no command would read a pack from there."""
    path = options.pack or DEFAULT_PACK
    parts = PurePosixPath(path).parts
    is_inside = not path.startswith("/") and ".." not in parts and not any(each.startswith(".") for each in parts)
    if not is_inside or not in_packs(path) or not path.lower().endswith(_ENDINGS) or not path.isprintable():
        raise InputError(
            f"`{one_line(path, 200)}` is not the path of a smoke pack.",
            fix=f"Name a JSON or YAML file in a folder `packs`, relative to the checkout, such as {DEFAULT_PACK}.",
        )
    return str(PurePosixPath(path))


def _policy(name: str, packs: Iterable[Pack]) -> Policy:
    """The policy of that name, or of `SUITE/NAME`."""
    found = [
        (pack.suite, each)
        for pack in packs
        for each in pack.policies
        if name in (each.name, f"{pack.suite}/{each.name}")
    ]
    if not found:
        known = ", ".join(dict.fromkeys(each.name for pack in packs for each in pack.policies))
        raise InputError(
            f"No pack has the policy `{one_line(name, 100)}`.",
            fix=f"Choose one of: {one_line(known, 500)}." if known else "The packs have no policies.",
        )
    if any(policy_entry(each) != policy_entry(found[0][1]) for _, each in found):
        suites = ", ".join(one_line(suite, 80) for suite, _ in found)
        raise InputError(
            f"Several packs have a policy `{one_line(name, 100)}`, and they differ: {suites}.",
            fix="Write SUITE/NAME.",
        )
    return found[0][1]


def _check_pattern(flag: str, pattern: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(
            f"{flag}: invalid regular expression: {one_line(str(error), 100)}.",
            fix="Correct it; Python's `re` reads it.",
        ) from None
