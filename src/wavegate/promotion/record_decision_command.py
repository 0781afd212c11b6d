"""`wavegate record-decision FILE`: write a gate's decision to the ledger, so that a later attempt shows it."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from wavegate.cli.actions import Run, acting_user, set_outputs
from wavegate.cli.options import root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.gate.decision import Decision, from_json
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.events import NewEvent, write_event
from wavegate.ledger.gate_entry import (
    GateEntry,
    digest_of,
    gate_payload,
    gate_task,
    listed,
    parse_gate_entry,
    question_digest,
)
from wavegate.promotion.decision.file import plain_digest, read_evidence
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordDecisionOptions:
    """The command's options, as click reads them."""

    root: Path
    decision: Path
    digest: str


@click.command(name="record-decision")
@click.argument(
    "decision",
    envvar="WAVEGATE_RECORD_DECISION_DECISION",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
)
@root_option()
@click.option(
    "--digest",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest that the file must have: the gate's output decision-digest.",
)
@takes(RecordDecisionOptions)
def command(options: RecordDecisionOptions) -> int:
    """Record the gate's decision in FILE in GitHub's deployments, whatever its verdict.

    A later gate about the same content names it and counts it as an attempt. Recording it again changes nothing.
    """
    data, path = read_evidence(options.decision), str(options.decision)
    digest = hashlib.sha256(data).hexdigest()
    if options.digest and plain_digest(options.digest) != digest:
        raise InputError(
            f"The decision was changed: its digest is {digest}, not {one_line(options.digest, 80)}.",
            fix="Use the unchanged file that `wavegate gate` wrote, and the digest of the same job.",
            file=path,
        )
    decision = from_json(data, path=path)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("record the decision", permission="deployments: write")
    entry = entry_of(decision, digest, actor=acting_user())
    event = _event(decision, entry, access.run)
    is_new = write_event(github, access.run.repository, event, is_this=partial(_is_entry, entry))
    click.echo(one_line(f"{event.description}: {'recorded' if is_new else 'already recorded'}"))
    set_outputs({"result": "recorded" if is_new else "unchanged"})
    return int(ExitCode.OK)


def entry_of(decision: Decision, digest: str, *, actor: str) -> GateEntry:
    """A decision as an entry of the ledger. digest: of the decision file. actor: login.

    InputError: the decision does not say what the release ships, so no later gate could find it.
    """
    if not decision.content:
        raise InputError(
            "The decision does not say what the release ships: the gate knew no commit with a Salesforce project.",
            fix="Run the gate in a checkout of the release's commit.",
        )
    evidence = [each.digest["sha256"] for each in decision.inputs]
    return GateEntry(
        stage=decision.stage,
        release=decision.release,
        content=decision.content,
        question=question_digest(
            stage=decision.stage,
            environment=decision.environment,
            content=decision.content,
            packs=(pack.digest["sha256"] for pack in decision.packs),
            census=decision.census,
        ),
        verdict=decision.verdict.value,
        attempt=decision.attempt,
        decision=digest,
        time=decision.time,
        run=decision.run or "",
        actor=actor,
        evidence=listed(evidence),
        evidence_digest=digest_of(evidence),
    )


def _event(decision: Decision, entry: GateEntry, run: Run) -> NewEvent:
    return NewEvent(
        environment=decision.environment,
        task=gate_task(entry.stage, entry.content),
        commit=decision.commit or run.sha,
        payload=gate_payload(entry),
        description=f"{entry.verdict}: {entry.stage} of {entry.release}, attempt {entry.attempt}",
    )


def _is_entry(entry: GateEntry, payload: object) -> bool:
    found = parse_gate_entry(payload, stage=entry.stage, content=entry.content)
    return found is not None and found.decision == entry.decision
