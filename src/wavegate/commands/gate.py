"""`wavegate gate ENV`: may the release enter the environment?"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from wavegate.adapters.evidence.files import (
    LINES,
    RESULTS,
    EvidenceFile,
    digests,
    find_files,
    names_of_tests,
    read_observations,
    read_results,
)
from wavegate.adapters.evidence.source import TestKey
from wavegate.adapters.release_files import load_manifest, load_packs
from wavegate.adapters.runner import add_summary, current_run, in_actions, set_outputs, workflow_command
from wavegate.commands.options import Many
from wavegate.core.gate import Question, judge
from wavegate.core.gate_packs import asked_packs, observed_in
from wavegate.core.power import power_of
from wavegate.core.tally import Tally, empty_tally
from wavegate.errors import ExitCode, InputError
from wavegate.model.decision import Decision, Verdict, to_json
from wavegate.model.manifest import Environment, Manifest
from wavegate.model.observation import Subject
from wavegate.model.pack import Pack
from wavegate.report.decision_markdown import decision_markdown
from wavegate.report.decision_text import decision_annotations, decision_text
from wavegate.report.power_report import power_json, power_markdown, power_text
from wavegate.text import logged_json, one_line

_EXIT = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FAIL, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    observations: tuple[str, ...]
    results: tuple[str, ...]
    baseline: tuple[str, ...]
    commit: str | None
    org: str | None
    verify: bool
    plan: bool
    true_rate: float | None
    output: Path
    format: Literal["text", "markdown", "json"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Files:
    """The evidence that was named."""

    observations: tuple[EvidenceFile, ...]
    results: tuple[EvidenceFile, ...]
    baseline: tuple[EvidenceFile, ...]


@click.command(name="gate")
@click.argument("environment", envvar="WAVEGATE_GATE_ENVIRONMENT", metavar="ENV")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    show_default=True,
    help="Folder of the checkout; the files of the release and of the evidence are relative to it.",
)
@click.option("--manifest", help="The release's manifest. Default: the only one under agentforce/.")
@click.option("--pack", cls=Many, help="File of a pack to judge. Default: the packs that the manifest asks for.")
@click.option("--observations", cls=Many, help="Observations: JSON Lines files, or folders of them.")
@click.option(
    "--results",
    cls=Many,
    metavar="[TEST=]PATH",
    help="Result files of Testing Center, Agentforce Studio, JUnit or promptfoo, or folders of them. "
    "A file belongs to the test that it is named after; name.2.json holds its second run.",
)
@click.option("--baseline", cls=Many, help="Observations of the release before, for noRegressionAgainst.")
@click.option("--commit", help="Commit that the evidence must be about. Default: the workflow run's.")
@click.option("--org", help="Id of the org that the evidence must come from.")
@click.option("--verify/--no-verify", default=False, help="Judge a deployment, by the packs of `verify`.")
@click.option("--plan/--no-plan", default=False, help="Only say what the packs can show, before they are run.")
@click.option(
    "--true-rate",
    type=click.FloatRange(0, 1),
    help="With --plan, the pass rate of an agent that ought to pass. Default: a fifth of the failures allowed.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="wavegate-decision.json",
    show_default=True,
    help="File to write the decision to.",
)
@click.option(
    "--format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
def command(**given: Any) -> int:
    """Decide whether the release may enter ENV, from the observations of its smoke packs."""
    options = Options(**given)
    manifest = load_manifest(options.root, options.manifest)
    environment = _environment(manifest, options.environment)
    packs = _packs(options, manifest, environment)
    if options.plan:
        return _print_plan(options, packs)
    files = _Files(
        observations=find_files(options.observations, suffixes=LINES, root=options.root),
        results=_result_files(options, names_of_tests(packs)),
        baseline=find_files(options.baseline, suffixes=LINES, root=options.root),
    )
    question = _question(options, manifest, environment, packs, files)
    decision = judge(question, _tally(question, environment, files), baseline=_baseline(question, files))
    _tell(decision, options)
    return _EXIT[decision.verdict]


def _environment(manifest: Manifest, name: str) -> Environment:
    environment = manifest.environment(name)
    if environment is None:
        known = ", ".join(each.name for each in manifest.environments)
        raise InputError(f"The manifest has no environment {name}.", fix=f"It has {known}.", file=manifest.path)
    return environment


def _packs(options: Options, manifest: Manifest, environment: Environment) -> tuple[Pack, ...]:
    packs = load_packs(options.root, options.pack)
    if options.pack:
        return packs
    has_evidence = bool(options.observations or options.results or options.plan)
    return asked_packs(manifest, environment, packs, verify=options.verify, has_evidence=has_evidence)


def _print_plan(options: Options, packs: Sequence[Pack]) -> int:
    powers = [power_of(pack, true_rate=options.true_rate) for pack in packs]
    render = {"text": power_text, "markdown": power_markdown, "json": power_json}[options.format]
    click.echo(logged_json(render(powers)) if options.format == "json" else render(powers))
    add_summary(power_markdown(powers))
    return ExitCode.OK


def _result_files(options: Options, names: dict[str, TestKey]) -> tuple[EvidenceFile, ...]:
    files = []
    for text in options.results:
        name, named, path = text.partition("=")
        if named and name not in names:
            raise InputError(f"--results names a test {name} that no pack has.", fix=f"Tests: {', '.join(names)}.")
        found = find_files((path if named else text,), suffixes=RESULTS, root=options.root)
        files += [EvidenceFile(path=each.path, name=each.name, test=names.get(name)) for each in found]
    return tuple(files)


def _question(
    options: Options, manifest: Manifest, environment: Environment, packs: tuple[Pack, ...], files: _Files
) -> Question:
    run = current_run()
    return Question(
        stage="verify" if options.verify else "gate",
        manifest=manifest,
        environment=environment.name,
        observed_in=observed_in(manifest, environment, verify=options.verify),
        packs=packs,
        now=datetime.now(UTC).replace(microsecond=0),
        commit=options.commit or run.sha or None,
        org=options.org,
        inputs=digests((*files.observations, *files.results, *files.baseline)),
        run=run.url or None,
    )


def _tally(question: Question, environment: Environment, files: _Files) -> Tally:
    gate = (environment.verify or environment.gate) if question.stage == "verify" else environment.gate
    tally = empty_tally(
        question.packs,
        subjects={pack.suite: question.subject(pack) for pack in question.packs},
        now=question.now,
        max_age=gate.max_evidence_age,
    )
    names = names_of_tests(question.packs)
    # a runner's file has no subject of its own: who names it vouches that it is about the commit that is judged
    vouched = Subject(commit=question.commit)
    for file in files.observations:
        tally.add_all(read_observations(file))
    for file in files.results:
        tally.add_all(read_results(file, names=names, subject=vouched))
    return tally


def _baseline(question: Question, files: _Files) -> Tally | None:
    if not files.baseline:
        return None
    tally = empty_tally(question.packs, subjects={pack.suite: Subject() for pack in question.packs}, now=question.now)
    for file in files.baseline:
        tally.add_all(read_observations(file))
    return tally


def _tell(decision: Decision, options: Options) -> None:
    data = to_json(decision)
    _write(options.output, data)
    if options.format == "json":
        click.echo(logged_json(data.decode()), nl=False)
    else:
        click.echo(decision_text(decision) if options.format == "text" else decision_markdown(decision))
        _annotate(decision_annotations(decision))
    add_summary(decision_markdown(decision))
    set_outputs(
        {
            "verdict": decision.verdict,
            "decision": str(options.output),
            "decision-digest": hashlib.sha256(data).hexdigest(),
            "claim": decision.claim,
            "reasons": "\n".join(one_line(f"{each.code}: {each.text}", 1000) for each in decision.reasons),
        }
    )


def _annotate(annotations: Iterable[tuple[str, str]]) -> None:
    if in_actions():
        for level, message in annotations:
            click.echo(workflow_command(level, message, title="wavegate gate"))


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        fix = "Name another file with --output."
        raise InputError(f"The decision cannot be written: {error.strerror}.", fix=fix, file=str(path)) from error
