"""A capture's pull request, and the issue that asks a person to open it."""

from collections.abc import Iterator, Mapping
from shlex import quote

from wavegate.capture.compose import version_number
from wavegate.capture.spec import context_of, recorded_path, spec_path
from wavegate.capture.values import Capture, CapturedTest
from wavegate.components.action_names import folded_action
from wavegate.evidence.observation import Outcome
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposed import Proposal
from wavegate.release.manifest import Kind
from wavegate.rollback.report.pull_request import ISSUE_INTRODUCTION as ROLLBACK_INTRODUCTION
from wavegate.rollback.report.pull_request import NO_CHECKS
from wavegate.text import code, fenced, markdown, pluralize

_PROOF = "Every test fails on its recorded conversation: that was checked when this was written."
_OWNERS = 50
_SHOWN = 10
"""Tests that are shown with their conversation; the files have all of it."""
_LINES, _WIDTH = 12, 240
_LIMIT = 55_000
"""Characters of the section, of the 65,536 that GitHub takes."""
ISSUE_INTRODUCTION = ROLLBACK_INTRODUCTION.replace("to roll back", "to add the tests")


def proposal(capture: Capture, run: str, *, base: str, checks_run: bool) -> Proposal:
    """The pull request of tests. run: URL, '' outside Actions. checks_run: whether opening it starts workflows."""
    key = f"capture:{capture.branch}"
    manual = (body(capture, checks_run=True), brief(capture))
    return Proposal(
        branch=capture.branch,
        base=base,
        title=title(capture),
        body=ManagedSection(key=key, text=body(capture, checks_run=checks_run)),
        manual=tuple(ManagedSection(key=key, text=text) for text in manual),
        footer=f"Opened by [a workflow run]({run})." if run else "",
        reviewers=reviewers(capture),
    )


def title(capture: Capture) -> str:
    """The pull request's title: nothing in it comes from a conversation."""
    if len(capture.tests) == 1:
        return f"Smoke test of a production failure: {capture.tests[0].name}"
    return f"Smoke tests of {len(capture.tests)} production failures"


def reviewers(capture: Capture) -> tuple[str, ...]:
    """Who reviews it: the named owner; else the review's and the actions' owners; else those of the release."""
    manifest = capture.manifest
    if capture.stated.owner:
        return (capture.stated.owner,)
    named = {
        folded_action(each)
        for test in capture.tests
        for policy in test.policies
        for each in (*policy.required_actions, *policy.forbidden_actions)
    }
    of_actions = [
        each.owner
        for each in manifest.details
        if each.kind is Kind.ACTIONS
        and each.owner
        and {folded_action(each.name), folded_action((each.metadata or "").partition(":")[2])} & named
    ]
    own = [each for each in (manifest.review_owner, *of_actions) if each]
    return tuple(dict.fromkeys(own or manifest.owners.release))[:_OWNERS]


def body(capture: Capture, *, checks_run: bool) -> str:
    """The section of the body that wavegate maintains: Markdown within GitHub's limit."""
    after = [
        "\n".join(["**Before this is merged**", "", *(f"- [ ] {each}" for each in checks(capture))]),
        _how_to_run(capture),
        "\n".join(_not_captured(capture)),
        _asked(capture),
        ""
        if checks_run
        else f"> [!NOTE]\n> {NO_CHECKS.replace('rollback workflow', 'workflow')}\n\n{_empty(capture)}",
    ]
    room = _LIMIT - sum(map(len, after))
    parts = [brief(capture)]
    for number, test in enumerate(capture.tests):
        part = _test(test, capture, quoted=number < _SHOWN)
        if sum(map(len, parts)) + len(part) > room:
            parts.append(f"… and {pluralize(len(capture.tests) - number, 'more test')}, in the files of this branch.")
            break
        parts.append(part)
    return "\n\n".join(part for part in (*parts, *after) if part)


def brief(capture: Capture) -> str:
    """A short section: what the tests are, and what merging them does."""
    tests = pluralize(len(capture.tests), "smoke test")
    seen = pluralize(capture.seen, "recorded conversation")
    reason = f"> {markdown(capture.stated.reason, 500)}" if capture.stated.reason else ""
    return "\n\n".join(
        filter(
            None,
            [
                f"## {tests} of failures in {markdown(capture.environment, 100)}",
                reason,
                f"Made from {seen} that failed, redacted by patterns. {_PROOF}",
                f"**Once merged, {code(capture.suite, 100)} fails until the agent is fixed.** {_gates(capture)}",
            ],
        )
    )


def _gates(capture: Capture) -> str:
    """What merging means for the gates, which may not run the pack at all."""
    environments = capture.manifest.environments
    without = [
        each.name for each in environments if each.gate.packs is not None and capture.suite not in each.gate.packs
    ]
    if len(without) == len(environments):
        return "No gate runs this pack yet: add it to `gate.packs` in the manifest, or the tests protect nothing."
    if without:
        names = ", ".join(markdown(each, 60) for each in without)
        return f"The gate of {names} does not run this pack. The other gates do, and let nothing pass until then."
    return "Merge it together with the fix, or add a waiver that expires; otherwise nothing is promoted."


def _test(test: CapturedTest, capture: Capture, *, quoted: bool) -> str:
    violated = "\n".join(f"- {markdown(each, 300)}" for each in test.breaches)
    typical = ", of which this is the most typical one" if test.seen > 1 else ""
    parts = [
        f"### {code(test.name, 200)}",
        f"Seen in {pluralize(test.seen, 'conversation')}{typical}. {test.kind.value}, {test.severity.value}.",
        f"What the recorded conversation violates:\n\n{violated}",
        live_sentence(test, capture),
        rerun_sentence(capture.reruns.get(test.name)),
        *_context(test),
        fenced(list(_quotes(test)), "text", _WIDTH + 20) if quoted else "",
        "Texts were cut, since a test needs no more." if test.shortened else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _context(test: CapturedTest) -> Iterator[str]:
    values, personal = context_of(test)
    if values:
        shown = ", ".join(f"{code(name, 80)} = {code(value, 250)}" for name, value in values.items())
        yield f"The test starts with the session's variables {shown}. Delete those that the agent does not take."
    if personal:
        names = ", ".join(code(each, 80) for each in personal)
        yield f"Variables with a person's value are left out: {names}. If the failure depends on them, add test data."


def _quotes(test: CapturedTest) -> Iterator[str]:
    turns = [each for each in test.conversation.turns if each.text.strip()]
    if len(turns) > _LINES:
        yield f"… {len(turns) - _LINES} turns before"
    for turn in turns[-_LINES:]:
        yield f"{turn.speaker}: {' '.join(turn.text[:_WIDTH].split())}{'…' if len(turn.text) > _WIDTH else ''}"
        for call in turn.actions or ():
            yield f"  → {call.name}{' (error)' if call.error else ''}"


def live_sentence(test: CapturedTest, capture: Capture) -> str:
    """Whether the conversation was with what is live, in words."""
    environment, live = markdown(capture.environment, 100), capture.live
    version = version_number(test.conversation.version)
    agent = code(test.agent, 100)
    named = f"version {version} of {agent}" if version is not None else f"{agent}, in a version that no trace names"
    with_whom = f"The conversation was with {named}"
    if live is None:
        return f"{with_whom}. Whether that is live in {environment} is not known: GitHub records no release there."
    current = _version_in(live.versions, test.agent)
    since = f" since {live.since:%Y-%m-%d}" if live.since else ""
    shown = f"{markdown(live.name, 100)}, live in {environment}{since}"
    pilot = _version_in(live.pilot, test.agent)
    if current is None:
        return f"{with_whom}. Which version {shown} has is not recorded."
    if version is None:
        return f"{with_whom}. {shown}, has version {current}."
    if version == current:
        return f"{with_whom}, **the live version**: {shown}, has version {current}."
    if version == pilot:
        return f"{with_whom}, **the version of the pilot's cohorts**; everybody else has version {current} ({shown})."
    return (
        f"{with_whom}, **which is not the live one**: {shown}, has version {current}. The failure may be fixed "
        "there: run the test before you merge."
    )


def _version_in(versions: Mapping[str, int], agent: str) -> int | None:
    return next((number for name, number in versions.items() if name.casefold() == agent.casefold()), None)


def rerun_sentence(outcome: Outcome | None) -> str:
    """What came of running the test again now; '' if nobody did."""
    return {
        None: "",
        Outcome.FAIL: "Run again now, the test **fails**.",
        Outcome.PASS: "Run again now, the test **passes**: the failure may be fixed, or happens only sometimes.",
        Outcome.ERROR: "It was run again now, but gave no result.",
    }[outcome]


def checks(capture: Capture) -> Iterator[str]:
    """What a person checks before the merge, as Markdown items."""
    yield (
        "**Nobody can be recognized** in the files of this pull request. Redaction finds patterns and the "
        "conversation's own values, not everything: read every line"
    )
    yield "The expectations are what should have happened, not only the opposite of what did"
    yield f"The definitions exist in the org in which {code(capture.suite, 100)} runs (see below)"
    if any(each.has_stand_ins for each in capture.tests):
        yield (
            "The recorded answers disclose published example values, such as `4111 1111 1111 1111`, where they "
            "disclosed a person's"
        )
    if any(each.counts_errors for each in capture.tests):
        yield (
            "An action that ended in an error counts as not called in the recorded conversation. An org's results "
            "do not say whether an action worked: state what the agent should do instead, such as an escalation"
        )


def _how_to_run(capture: Capture) -> str:
    environment = quote(capture.environment)
    first = capture.tests[0]
    create = [
        f"sf agent test create --spec {spec_path(each)} --api-name {each.definition}"
        for each in capture.tests[:_SHOWN]
    ]
    replay = (
        f"wavegate smoke {environment} --pack {quote(capture.pack)} --test {first.name} --runs 1 --runner replay "
        f"--recorded {recorded_path(first)}"
    )
    run = f"wavegate smoke {environment} --pack {quote(capture.pack)} --test {first.name} --runs 1"
    lines = ["# what happened, judged again", replay, "# the agent as it is now", *create, run]
    return f"**How to run it**\n\n{fenced(lines, 'sh', 600)}"


def _not_captured(capture: Capture) -> Iterator[str]:
    for place, count in sorted(capture.known.items()):
        yield f"- {pluralize(count, 'more conversation')} failed in a way that has a test: {code(place, 300)}"
    counts = (
        (capture.postponed, "more test", "left for the next time"),
        (capture.harmless, "selected conversation", "violates nothing that was stated, or does not show it"),
        (capture.unchecked, "conversation", "does not record what would show a failure"),
        (capture.missing, "named session", "not found in the files"),
        (capture.unshown, "failed conversation", "no longer shows the failure without personal data"),
        (capture.nameless, "failed conversation", "left out, because its agent is unknown"),
        (capture.unreadable, "problem", "found in the files of conversations; the log lists them"),
    )
    yield from (f"- {pluralize(count, noun)}: {what}" for count, noun, what in counts if count)


def _asked(capture: Capture) -> str:
    owners = reviewers(capture)
    return f"Reviewers: {', '.join(owners)}" if owners else ""


def _empty(capture: Capture) -> str:
    """The commands that push an empty commit. The branch is made by wavegate, so that a shell needs no quotes."""
    commit = 'git commit --allow-empty -m "Run the checks"'
    return fenced(["git fetch", f"git switch {capture.branch}", commit, "git push"], "sh")
