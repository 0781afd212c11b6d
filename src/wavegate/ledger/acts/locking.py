"""Lock an environment, or unlock it: an act of the ledger that names who did it and why."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.cli.actions import Run, acting_user, add_summary, set_outputs
from wavegate.errors import ExitCode, InputError
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.former import environment_with_holds
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import read_all_acts, write_act
from wavegate.ledger.acts.words import acting_person, shown_time
from wavegate.ledger.reader import read_ledger
from wavegate.release.manifest import environment_of
from wavegate.release.reading import load_manifest
from wavegate.text import markdown, one_line


def change_lock(kind: ActKind, root: Path, manifest: str | None, *, environment: str, reason: str) -> int:
    """Lock or unlock an environment of the manifest, and report it. kind: LOCK or UNLOCK. Raises InputError.

    One that is in that state already is left as it is: whoever locked it first stays named.
    """
    if not reason:
        raise InputError("The reason is empty.", fix="Give one with --reason; everybody who is refused reads it.")
    release = load_manifest(root, manifest)
    if kind is ActKind.LOCK:
        environment_of(release, environment)
    access = GitHubAccess.from_environment(root)
    doing = f"{kind} {one_line(environment, 100)}"
    github = access.required_client(doing, permission="deployments: write, contents: read")
    known = read_all_acts(github, access.run.repository)
    name = environment_with_holds(release, environment, known).name
    acts = known.of(name).acts
    lock = holds_of(acts).lock
    is_new = (lock is None) is (kind is ActKind.LOCK)
    if acts and acts[0].kind is kind:
        # already so; an earlier try may have been interrupted before the act was complete
        act = replace(acts[0], id="", after="")
    else:
        act = Act(
            kind=kind,
            time=datetime.now(UTC),
            actor=acting_user(),
            reason=reason,
            run=access.run.attempt_url,
            manifest=release.path,
        )
    if is_new or (acts[:1] and acts[0].kind is kind):
        write_act(github, access.run.repository, name, act, commit=_commit(github, access.run, name), known=acts)
    _report(kind, name, reason, lock, is_new=is_new)
    return int(ExitCode.OK)


def _commit(github: GitHub, run: Run, environment: str) -> str:
    """A commit that GitHub has: the run's, else the head of the default branch. A local one may not be pushed."""
    return run.sha or next(read_ledger(github, run.repository, environment)).base_sha


def _report(kind: ActKind, environment: str, reason: str, lock: Act | None, *, is_new: bool) -> None:
    where = one_line(environment, 100)
    locked = kind is ActKind.LOCK
    if is_new:
        text = f"{where} is {kind}ed: {reason}" if locked else f"{where} is {kind}ed. It was locked{_by(lock)}"
    else:
        text = f"{where} is already locked{_by(lock)}" if locked else f"{where} is not locked"
    text = f"{text.rstrip('.')}." + ("" if is_new else " Nothing was changed.")
    click.echo(one_line(text))
    add_summary(f"{'🔒' if locked else '🔓'} {markdown(text, 600)}\n")
    set_outputs({"result": f"{kind}ed" if is_new else "unchanged"})


def _by(lock: Act | None) -> str:
    """Who locked it, when and why: the end of a sentence."""
    if lock is None:
        return ""
    return f" by {acting_person(lock)} on {shown_time(lock.time)}: {one_line(lock.reason, 300)}"
