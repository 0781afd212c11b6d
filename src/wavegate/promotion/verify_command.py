"""`wavegate verify DECISION`: does a gate's decision authorize the checkout's release? Checked offline."""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, announce, in_actions, set_outputs
from wavegate.cli.options import ReportFormat, format_option, manifest_option, root_option, takes
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.json_schema import schema_problems
from wavegate.gate.decision import from_json
from wavegate.promotion.decision_file import (
    CheckedDecision,
    check_evidence,
    commit_of,
    read_evidence,
    wanted_evidence,
)
from wavegate.promotion.evidence_report import evidence_json, evidence_markdown, evidence_text
from wavegate.promotion.values import Refusal
from wavegate.release.manifest import environment_of
from wavegate.release.reading import load_manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyDecisionOptions:
    """The command's options, as click reads them."""

    decision: Path
    root: Path
    environment: str
    manifest: str | None
    commit: str
    digest: str
    format: ReportFormat


@click.command(name="verify")
@click.argument(
    "decision", envvar="WAVEGATE_VERIFY_DECISION", type=click.Path(path_type=Path, dir_okay=False), metavar="DECISION"
)
@root_option("Folder of the checkout that the decision must be about.")
@click.option("--environment", default="", help="Environment to promote to. Default: the decision's.")
@manifest_option
@click.option("--commit", default="", help="Commit that the decision must be about. Default: HEAD.")
@click.option("--digest", default="", help="The sha256 that the gate reported for its decision.")
@format_option
@takes(VerifyDecisionOptions)
def command(options: VerifyDecisionOptions) -> int:
    """Check a gate's decision offline: its schema, its numbers, and what it is about.

    To check GitHub's attestation of it, run `gh attestation verify DECISION --repo OWNER/NAME`.
    """
    evidence = _verify(options)
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


def _verify(options: VerifyDecisionOptions) -> CheckedDecision:
    data, path = read_evidence(options.decision), str(options.decision)
    manifest = load_manifest(options.root, options.manifest)
    name = options.environment or _named_environment(data, path) or manifest.environments[0].name
    commit = options.commit or commit_of(options.root)
    wanted = wanted_evidence(options.root, manifest, environment_of(manifest, name), commit)
    evidence = check_evidence(data, path=path, digest=options.digest, wanted=wanted)
    problems = tuple(
        Refusal(
            rule="evidence/schema",
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
