"""`wavegate rollback --withdraw`: a person decides that a release which was rolled back is good after all."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import click

from wavegate.cli.actions import acting_user, add_summary, set_outputs
from wavegate.errors import ExitCode, InputError
from wavegate.github.client import GitHub
from wavegate.github.comments import comment_once
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.github.pulls import close, read_state
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId, release_id
from wavegate.ledger.acts.holds import holds_of, same_release
from wavegate.ledger.acts.record import complete_act, read_acts
from wavegate.ledger.acts.withdrawal import (
    Withdrawal,
    find_reopened,
    follows_a_pull,
    record_reopened,
    record_withdrawal,
)
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.reader import Page, read_ledger
from wavegate.rollback.prepare import RollbackOptions
from wavegate.rollback.report.comments import withdrawn_comment
from wavegate.text import code, join_names, link, markdown, one_line

_KINDS = (ActKind.ROLLBACK, ActKind.ROLLBACK_DONE, ActKind.ROLLBACK_WITHDRAWN)

_DONE = {"withdrawn": "was withdrawn", "unchanged": "was withdrawn before", "dry-run": "would be withdrawn"}


def withdraw(options: RollbackOptions, access: GitHubAccess, github: GitHub) -> int:
    """Close the rollback's pull request, mark its release as good again, and record who decided that and why.

    A rerun after an interrupted one completes it; after a complete one it changes nothing.
    """
    if not options.reason:
        raise InputError("--withdraw needs --reason.", fix='Say why the release is good: --reason "…"')
    repository, environment = access.run.repository, options.environment
    page: Page = next(read_ledger(github, repository, environment))
    acts = read_acts(github, repository, environment)
    manifests = dict.fromkeys(each.manifest for each in acts)
    reopened = [find_reopened(github, repository, acts, manifest=each) for each in manifests]
    found = list(_rollbacks([*filter(None, reopened), *acts], page.deployments, options))
    if not found:
        return _nothing(github, acts, page.deployments, options)
    rollback = _only(found)
    withdrawal = Withdrawal(
        actor=acting_user() or page.viewer,
        time=datetime.now(UTC),
        reason=options.reason,
        run=access.run.attempt_url,
    )
    if options.dry_run:
        return _report_result("dry-run", environment, rollback, withdrawal, "Nothing was changed.")
    if rollback in reopened:
        # once its pull request is closed, nothing else would show a rerun that it was open again
        record_reopened(github, repository, environment, rollback, acts=acts)
        acts = read_acts(github, repository, environment)
    elif follows_a_pull(acts):
        # an interrupted run may have written it without its status
        complete_act(github, acts[0])
    notes = []
    for each in (rollback, *_of_other_manifests(acts, rollback, options)):
        notes.append(_close(github, repository, environment, each, withdrawal))
        known = acts if each is rollback else read_acts(github, repository, environment)
        record_withdrawal(github, repository, environment, each, withdrawal, acts=known)
    return _report_result("withdrawn", environment, rollback, withdrawal, " ".join(filter(None, notes)))


def _rollbacks(acts: Sequence[Act], deployments: Iterable[Deployment], options: RollbackOptions) -> Iterator[Act]:
    """The rollbacks to choose from, one per release.

    Without a target, the open ones only: a rerun must not go on with an older rollback.
    """
    holds = [holds_of(acts, manifest=each) for each in sorted({each.manifest for each in acts})]
    found = [act for each in holds for act in (each.rolled_back if options.target else [each.rollback]) if act]
    if options.target:
        # an older ledger has no acts: the deployment alone says that its release was rolled back
        found += [_act_of(each) for each in deployments if each.rolled_back]
    own = (each for each in found if options.manifest in (None, each.manifest))
    yield from _one_per_release(each for each in own if each.release and _is_named(each.release, options.target))


def _of_other_manifests(acts: Sequence[Act], rollback: Act, options: RollbackOptions) -> Iterator[Act]:
    """The rollbacks of the same content by other manifests, which would keep it out as well."""
    content = release_of(rollback).content
    others = sorted({each.manifest for each in acts} - {rollback.manifest})
    for manifest in others if content and not options.manifest else ():
        kept = holds_of(acts, manifest=manifest).rolled_back
        yield from [each for each in kept if each.release and each.release.content == content][:1]


def release_of(rollback: Act) -> ReleaseId:
    """The release that was rolled back."""
    if rollback.release is None:
        raise ValueError("the act names no release")
    return rollback.release


def _is_named(release: ReleaseId, target: str) -> bool:
    by_commit = len(target) >= 7 and release.commit.startswith(target.lower())
    return not target or by_commit or release.name.casefold() == target.casefold()


def _one_per_release(rollbacks: Iterable[Act]) -> Iterator[Act]:
    seen: list[Act] = []
    for rollback in rollbacks:
        if not any(same_release(each, rollback) for each in seen):
            seen.append(rollback)
            yield rollback


def _act_of(deployment: Deployment) -> Act:
    """The rollback of a deployment that was marked by a version of wavegate that recorded no acts."""
    failed = [each for each in deployment.statuses if each.state is State.FAILURE]
    return Act(
        kind=ActKind.ROLLBACK,
        time=failed[-1].created_at if failed else deployment.created_at,
        actor="",
        reason="",
        manifest=deployment.release.manifest if deployment.release else "",
        release=release_id(deployment),
        page=failed[-1].log_url if failed else "",
    )


def _only(found: Sequence[Act]) -> Act:
    if len(found) == 1:
        return found[0]
    shown = join_names([_title(each) for each in found])
    raise InputError(
        f"Several releases were rolled back: {shown}.", fix="Name the good one with --target, or its --manifest."
    )


def _nothing(github: GitHub, acts: Iterable[Act], deployments: Iterable[Deployment], options: RollbackOptions) -> int:
    """There is no rollback to withdraw: because it was withdrawn before, or because none is open."""
    where, target = one_line(options.environment, 100), options.target
    newest = next(
        (each for each in acts if each.kind in _KINDS and each.release and _is_named(each.release, target)), None
    )
    if newest and newest.kind is ActKind.ROLLBACK_WITHDRAWN:
        if not options.dry_run:
            complete_act(github, newest)
        withdrawal = Withdrawal(actor=newest.actor, time=newest.time, reason=newest.reason)
        return _report_result("unchanged", options.environment, newest, withdrawal, "")
    if target:
        message = f"{where} has no rollback of {one_line(target, 100)} to withdraw."
        raise InputError(message, fix="`wavegate status` shows the rollbacks of each environment.")
    banned = [*holds_of(acts).rolled_back, *(_act_of(each) for each in deployments if each.rolled_back)]
    known = join_names([_title(each) for each in _one_per_release(each for each in banned if each.release)])
    fix = f"Name the release that is good with --target: {known}." if known else "Nothing is refused because of one."
    raise InputError(f"{where} has no open rollback.", fix=fix)


def _title(rollback: Act) -> str:
    release = release_of(rollback)
    return f"{one_line(release.name, 60)} ({release.commit[:12]})"


def _close(github: GitHub, repository: str, environment: str, rollback: Act, withdrawal: Withdrawal) -> str:
    """Close the rollback's pull request, and return what is left to do about it, '' for nothing."""
    if not rollback.number:
        return ""
    found = read_state(github, repository, rollback.number)
    if found.merged:
        return (
            f"Pull request #{rollback.number} is merged: revert its merge, to have the release on the branch again."
        )
    if not found.closed_at:
        text = withdrawn_comment(environment, actor=withdrawal.actor, reason=withdrawal.reason)
        section = ManagedSection(key=f"rollback-withdrawn:{rollback.number}", text=text)
        comment_once(github, repository, rollback.number, section)
        close(github, repository, rollback.number)
    return ""


def _report_result(result: str, environment: str, rollback: Act, withdrawal: Withdrawal, note: str) -> int:
    release = release_of(rollback)
    by = f" by {withdrawal.actor}" if withdrawal.actor else ""
    done = f"{_DONE[result]}{by}"
    where = one_line(environment, 100)
    click.echo(f"{where}: the rollback of {_title(rollback)} {one_line(done)}: {one_line(withdrawal.reason)}")
    if result != "dry-run":
        click.echo("The release may be promoted again, under any commit.")
    if note:
        click.echo(f"note: {note}")
    page = f" Its page: {link(rollback.page, rollback.page)}." if rollback.page else ""
    what = f"The rollback of {markdown(release.name, 100)} (`{release.commit[:12]}`) {markdown(done)}"
    free = " The release may be promoted again." if result != "dry-run" else ""
    text = f"{what}: {markdown(withdrawal.reason, 1000)}.{free}{page}"
    lines = [f"## Rollback of {code(environment)}: {result}", text, note]
    add_summary("\n\n".join(filter(None, lines)))
    set_outputs({"result": result, "live": release.commit})
    return int(ExitCode.OK)
