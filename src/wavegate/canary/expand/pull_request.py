"""An expansion's pull request, and the issue that asks a person to open it."""

from collections.abc import Iterator

from wavegate.canary.as_markdown import canary_markdown
from wavegate.canary.decision import CanaryDecision
from wavegate.canary.expand.values import Expansion, FlowEdit
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposed import Proposal
from wavegate.pilot.cohorts import PilotCohort
from wavegate.promotion.expansion.support_box import support_box
from wavegate.release.manifest import Manifest, Strategy
from wavegate.rollback.report.pull_request import ISSUE_INTRODUCTION as ROLLBACK_INTRODUCTION
from wavegate.text import code, fenced, join_names, markdown, plain, pluralize

_OWNERS = 50
_ROWS = 50
_EVIDENCE = 40_000
"""Maximum characters of a look in the body, of which GitHub takes 65,536."""
ISSUE_INTRODUCTION = ROLLBACK_INTRODUCTION.replace("to roll back", "to expand the canary")
_NO_CHECKS = (
    "> [!NOTE]\n> No checks run on this pull request, because it was opened with `GITHUB_TOKEN`. With a GitHub App "
    "token for the canary workflow, they start automatically. To start them now, push an empty commit:"
)


def proposal(expansion: Expansion, run: str, *, checks_run: bool) -> Proposal:
    """The pull request of a step. run: URL, '' outside Actions. checks_run: whether opening it starts workflows."""
    key = f"expand:{expansion.branch}"
    started = f"Opened by [a workflow run]({run})." if run else ""
    manual = (body(expansion, checks_run=True), brief(expansion))
    return Proposal(
        branch=expansion.branch,
        base=expansion.base,
        title=title(expansion),
        body=ManagedSection(key=key, text=body(expansion, checks_run=checks_run)),
        manual=tuple(ManagedSection(key=key, text=text) for text in manual),
        footer=started,
        reviewers=expansion.manifest.owners.release,
    )


def title(expansion: Expansion) -> str:
    """The pull request's title: plain text on one line, without mentions or references."""
    release, step = plain(expansion.manifest.release, 80), expansion.step
    whom = "everybody" if step.joining is None else f"step {step.number} of {step.steps}"
    return f"Expand {release} in {plain(expansion.environment, 60)} to {whom}"


def body(expansion: Expansion, *, checks_run: bool) -> str:
    """The section of the body that wavegate maintains: Markdown within GitHub's limit."""
    parts = [
        _introduction(expansion),
        _pause(expansion),
        "\n".join(
            [
                "**Before this is merged**",
                "",
                support(expansion.manifest),
                *(f"- [ ] {each}" for each in checks(expansion)),
            ]
        ),
        "\n".join(["**What the pull request changes**", "", *_changes(expansion)]),
        _reviewers(expansion.manifest),
        _evidence(expansion.decision),
        "Closing this pull request without merging it keeps the pilot as it is: the step is not proposed again.",
        "" if checks_run else f"{_NO_CHECKS}\n\n{_empty_commit(expansion.branch)}",
    ]
    return "\n\n".join(part for part in parts if part)


def brief(expansion: Expansion) -> str:
    """A short section for a link: who joins, why, and the box for support, without which it cannot be promoted."""
    return f"{_introduction(expansion)}\n\n{support(expansion.manifest)}"


def _introduction(expansion: Expansion) -> str:
    """Who joins, and why."""
    decision = expansion.decision
    claim = f"> **{decision.verdict}** — {markdown(decision.claim, 1500)}" if decision else ""
    return "\n\n".join(
        filter(None, [_heading(expansion), _override(expansion), claim, "\n".join(_joining(expansion))])
    )


def _heading(expansion: Expansion) -> str:
    step = expansion.step
    where = f"**{markdown(expansion.manifest.release, 100)}** in **{markdown(expansion.environment, 100)}**"
    return f"## Step {step.number} of {step.steps} of the canary of {where}"


def _override(expansion: Expansion) -> str:
    """Who expands the canary without or in spite of a look, and why; '' if nobody does."""
    if not expansion.override:
        return ""
    who = f" by {code(expansion.actor)}" if expansion.actor else ""
    look = "in spite of the latest look" if expansion.decision else "without a look at the canary"
    return f"> [!WARNING]\n> **Expanded{who} {look}:** {markdown(expansion.override, 1000)}"


def _evidence(decision: CanaryDecision | None) -> str:
    """The look as its own report shows it; left to that report if it is very long."""
    text = canary_markdown(decision) if decision else ""
    return text if len(text) <= _EVIDENCE else ""


def support(manifest: Manifest) -> str:
    """The box that a person ticks once support is ready, a Markdown item; a promotion asks for the tick."""
    people = ", ".join(manifest.owners.escalations[:_OWNERS]) or "nobody is named in `owners.escalations`"
    ready = manifest.support
    trained = markdown(ready.trained, 300) if ready.trained else "nobody is named in `support.trained`"
    runbook = code(ready.runbook, 200) if ready.runbook else "none is named in `support.runbook`"
    return support_box(
        f"**Support is ready** for more people, and takes their escalations: {people}. Trained: {trained}. "
        f"Runbook: {runbook}. _The promotion waits for this tick._"
    )


def checks(expansion: Expansion) -> Iterator[str]:
    """What else a person checks before the step, as Markdown."""
    manifest, last = expansion.manifest, expansion.step.joining is None
    stops = ", ".join(manifest.owners.kill_switch[:_OWNERS])
    yield f"Somebody who may stop the agents can be reached: {stops or 'whoever may start the workflow'}"
    runbooks = dict.fromkeys(each.runbook for each in manifest.rollback if each.runbook)
    if runbooks:
        yield f"The runbooks are current: {', '.join(code(each, 200) for each in runbooks)}"
    for cohort in expansion.cohorts[:_ROWS]:
        if not cohort.is_resolved:
            yield f"Give {code(cohort.name)} access manually: neither `cohorts` nor the project says who it is"
    if last and any(each.strategy is Strategy.ROUTING_FLOW for each in manifest.cohorts) and not expansion.flows:
        yield "The routing flow leads everybody back to the live agent: its earlier value is unknown, so set it here"


def outdated_comment(why: str) -> str:
    """The comment on a pull request that is closed because its step is no longer the next one."""
    return f"**Outdated:** this step is no longer the next one: {markdown(why)}. Do not merge it."


def _pause(expansion: Expansion) -> str:
    if expansion.step.pause == "approval":
        return (
            "> [!IMPORTANT]\n> **This step waits for a person:** the manifest says `pause: approval`. Nothing merges "
            "this pull request automatically; whoever merges it approves the step."
        )
    return "Nothing merges this pull request automatically. The step is taken once it is merged and promoted."


def _joining(expansion: Expansion) -> Iterator[str]:
    if expansion.step.joining is None:
        yield (
            "**Everybody** gets the release: `promote` deploys it under the agents' own names. A pilot copy is taken "
            "out of use afterwards."
        )
        return
    yield "| Cohort that joins | How it gets the release |"
    yield "|---|---|"
    for cohort in expansion.cohorts[:_ROWS]:
        yield f"| {markdown(cohort.name, 100)} | {_how(cohort)} |"
    if len(expansion.cohorts) > _ROWS:
        yield f"| … and {len(expansion.cohorts) - _ROWS:,} more | |"


def _how(cohort: PilotCohort) -> str:
    who = [
        f"members of the group {code(cohort.group)}" if cohort.group else "",
        f"users with {code(cohort.holders_of)}" if cohort.holders_of else "",
        pluralize(len(cohort.users), "user") if cohort.users else "",
    ]
    how = {
        Strategy.PILOT_COPY: "a copy of the agent beside the live one",
        Strategy.ROUTING_FLOW: f"the flow {code(cohort.flow or '')} leads conversations to the copy",
        Strategy.FIRST_LAUNCH: f"the permission set {code(cohort.permission_set or '')}"
        if cohort.permission_set
        else "access to the agent",
        Strategy.PILOT_ORG: "an org of its own",
        Strategy.TIME_BOXED: "with everybody, for a limited time",
    }[cohort.strategy]
    return "; ".join(filter(None, [f"`{cohort.strategy}`: {how}", ", ".join(filter(None, who))]))


def _changes(expansion: Expansion) -> Iterator[str]:
    joining, manifest = expansion.step.joining, code(expansion.manifest.path, 200)
    if joining is None:
        yield f"- {manifest}: `rollout: all-at-once`"
    else:
        yield f"- {manifest}: {join_names([plain(each, 100) for each in joining], 10)} in `pilotUsers`"
    yield from (_flow_change(each) for each in expansion.flows)


def _flow_change(edit: FlowEdit) -> str:
    return f"- flow {code(edit.flow)}: the constant {code(edit.constant)} is {code(str(edit.value), 100)}"


def _reviewers(manifest: Manifest) -> str:
    owners = manifest.owners.release[:_OWNERS]
    return f"Reviewers: {', '.join(owners)}" if owners else ""


def _empty_commit(branch: str) -> str:
    """The commands that push an empty commit. branch: made by wavegate, so that a shell needs no quotes."""
    return fenced(
        ["git fetch", f"git switch {branch}", 'git commit --allow-empty -m "Run the checks"', "git push"], "sh"
    )
