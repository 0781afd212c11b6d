"""`wavegate verify-decision FILE`: does a gate's decision authorize a promotion of the checkout? Checked offline."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, announce, in_actions, set_outputs
from wavegate.cli.options import ReportFormat, commit_option, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.components.release_at_commit import content_at
from wavegate.errors import ExitCode, InputError
from wavegate.files.json_schema import schema_problems
from wavegate.gate.decision import from_json
from wavegate.git.checkout import commit_of
from wavegate.promotion.decision.file import (
    CheckedDecision,
    check_evidence,
    expected_subject,
    read_evidence,
)
from wavegate.promotion.decision.report import evidence_json, evidence_markdown, evidence_text
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.manifest import environment_of
from wavegate.release.reading import load_manifest, load_packs


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyDecisionOptions:
    """The command's options, as click reads them."""

    decision: Path
    root: Path
    environment: str
    manifest: str | None
    commit: str | None
    digest: str
    format: ReportFormat


@click.command(name="verify-decision")
@click.argument(
    "decision",
    envvar="WAVEGATE_VERIFY_DECISION_DECISION",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
)
@root_option("Folder of the checkout with the manifest and packs.")
@click.option(
    "--environment",
    metavar="ENV",
    default="",
    show_default="the decision's own",
    help="Environment that the release is to enter.",
)
@manifest_option()
@commit_option("Commit that the decision must be about.")
@click.option(
    "--digest",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest that the file must have: the gate's output decision-digest.",
)
@format_option
@takes(VerifyDecisionOptions)
def command(options: VerifyDecisionOptions) -> int:
    """Check the decision in FILE offline: its schema, its numbers, and what it is about.

    To check GitHub's attestation of it, run `gh attestation verify FILE --repo OWNER/NAME`.
    """
    evidence = _check(options)
    reports = {"text": evidence_text, "markdown": evidence_markdown, "json": evidence_json}
    print_report(reports[options.format](evidence.decision, evidence.digest, evidence.refusals), options.format)
    if in_actions():
        for each in evidence.refusals:
            announce(f"{each.message} [{each.rule}]", fix=each.fix, to_log=options.format != "json")
    add_summary(evidence_markdown(evidence.decision, evidence.digest, evidence.refusals))
    set_outputs(
        {
            "verdict": "fail" if evidence.refusals else "pass",
            "digest": evidence.digest,
            "rules": ",".join(dict.fromkeys(each.rule for each in evidence.refusals)),
        }
    )
    return int(ExitCode.FAIL if evidence.refusals else ExitCode.OK)


def _check(options: VerifyDecisionOptions) -> CheckedDecision:
    data, path = read_evidence(options.decision), str(options.decision)
    manifest = load_manifest(options.root, options.manifest)
    name = options.environment or _named_environment(data, path) or manifest.environments[0].name
    commit = options.commit or commit_of(options.root)
    environment = environment_of(manifest, name)
    content = content_at(options.root, commit, manifest, environment.name) if commit else ""
    packs = load_packs(options.root)
    expected = expected_subject(manifest, environment, packs, commit=commit, content=content)
    evidence = check_evidence(data, path=path, digest=options.digest, expected=expected)
    problems = tuple(
        Refusal(
            rule=RefusalRule.SCHEMA,
            message=f"The decision does not match its schema: {problem}",
            fix="Use the unchanged file that `wavegate gate` wrote.",
            final=True,
        )
        for problem in schema_problems(data, "decision")
    )
    return replace(evidence, refusals=(*problems, *evidence.refusals))


def _named_environment(data: bytes, path: str) -> str:
    try:
        return from_json(data, path=path).environment
    except InputError:
        return ""
