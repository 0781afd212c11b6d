"""`wavegate guardrails mutate`: do the smoke packs notice if a guardrail is gone?"""

import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from wavegate.census.read import census_of_folder
from wavegate.cli import actions
from wavegate.cli.options import (
    Duration,
    Many,
    ReportFormat,
    format_option,
    program_options,
    root_option,
    takes,
    timeout_option,
)
from wavegate.cli.report import print_report
from wavegate.components.project import read_project
from wavegate.errors import ExitCode, InputError
from wavegate.evidence.source import TestKey
from wavegate.files.folder import FolderSource
from wavegate.files.pattern_search import PatternSearch
from wavegate.guardrails.mutate.aims import read_aims
from wavegate.guardrails.mutate.as_json import mutation_json
from wavegate.guardrails.mutate.as_markdown import mutation_markdown
from wavegate.guardrails.mutate.as_text import headline, mutation_text
from wavegate.guardrails.mutate.engine import BASELINE, MutationTesting
from wavegate.guardrails.mutate.plan import MutationPlan, mutable_agents, plan_mutations
from wavegate.guardrails.mutate.propose import propose
from wavegate.guardrails.mutate.report import MutationReport, Survivor, surviving
from wavegate.guardrails.mutate.runs import MutatedCopies, RecordedTests, write_mutants
from wavegate.guardrails.mutate.values import Judgement, MutantVerdict
from wavegate.guardrails.read import read_guardrails
from wavegate.release.pack import Pack
from wavegate.release.reading import load_packs
from wavegate.smoke.variants.allowance import RunAllowance
from wavegate.smoke.variants.checkout_copy import content_digest, remove_copy
from wavegate.smoke.variants.journal import VariantJournal
from wavegate.smoke.variants.judged import JudgedRuns
from wavegate.smoke.variants.program import ProgramTests
from wavegate.text import one_line, pluralize


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailsMutateOptions:
    """The command's options, as click reads them."""

    root: Path
    agent: tuple[str, ...]
    pack: tuple[str, ...]
    environment: str
    runner: str
    command: tuple[str, ...]
    pass_env: tuple[str, ...]
    recorded: Path | None
    budget: int
    runs: int
    deterministic: bool
    timeout: timedelta
    run_timeout: timedelta
    write: Path | None
    format: ReportFormat


_EXIT = {"pass": ExitCode.OK, "fail": ExitCode.FAIL, "inconclusive": ExitCode.INCONCLUSIVE}
_RENDERINGS = {"text": mutation_text, "markdown": mutation_markdown, "json": mutation_json}


@click.command(name="guardrails-mutate")
@root_option()
@click.option("--agent", cls=Many, metavar="NAME", show_default="all with an Agent Script", help="Agent to mutate.")
@click.option(
    "--pack", cls=Many, metavar="FILE", show_default="all of agentforce/packs/", help="A smoke pack to judge."
)
@click.option("--environment", metavar="NAME", default="local", help="Environment's name that the program gets.")
@click.option(
    "--runner",
    type=click.Choice(["command", "replay"]),
    default="command",
    help="What runs a test on a mutant: a program in a copy of the checkout, or recorded transcripts.",
)
@program_options
@click.option(
    "--recorded",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Transcripts of the replay runner: a folder for each mutant that --write wrote, and `baseline`.",
)
@click.option(
    "--budget",
    type=click.IntRange(0, 100_000),
    metavar="NUMBER",
    default=200,
    help="Maximum runs of tests in all. With 0, only show what no test could reach.",
)
@click.option(
    "--runs",
    type=click.IntRange(1, 100),
    metavar="NUMBER",
    default=1,
    help="Runs of each test on each mutant before it counts as not noticed.",
)
@click.option(
    "--deterministic/--no-deterministic",
    default=False,
    help="The program always answers the same, so that one failed run is enough.",
)
@timeout_option("60m", "Maximum time for everything. The next call with the same files resumes it.")
@click.option("--run-timeout", type=Duration(at_most="2h"), default="5m", help="Maximum time for one run of a test.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    show_default="not written",
    help="Folder to write the script of each mutant to, such as for a preview in an org.",
)
@format_option
@takes(GuardrailsMutateOptions)
def command(options: GuardrailsMutateOptions) -> int:
    """Remove or weaken each guardrail of an agent in turn, and check that the smoke packs notice.

    The checkout is not touched. What survives is named with its place, and with a test to add. After a crash or a
    timeout, run it again: it resumes.
    """
    end = time.monotonic() + options.timeout.total_seconds()
    _check(options)
    packs = load_packs(options.root, options.pack)
    plan = _plan(options, packs, end)
    if options.write:
        write_mutants(plan.mutants, options.root / options.write)
    report = _run(options, packs, plan, end)
    print_report(_RENDERINGS[options.format](report), options.format)
    _report_to_runner(report)
    return int(_EXIT[report.verdict])


def _check(options: GuardrailsMutateOptions) -> None:
    if options.budget and options.runner == "command" and not options.command:
        raise InputError(
            "The command runner has no program.",
            fix="Pass the program, then its arguments, with --command, one value each, or --budget 0.",
        )
    if options.budget and options.runner == "replay" and not options.recorded:
        raise InputError("The replay runner has no transcripts.", fix="Pass their folder with --recorded.")


def _plan(options: GuardrailsMutateOptions, packs: Sequence[Pack], end: float) -> MutationPlan:
    source = FolderSource(options.root)
    guardrails = read_guardrails(source, agents=options.agent or None)
    paths = mutable_agents(guardrails)
    known = {name.casefold() for name in paths}
    for name in options.agent:
        if name.casefold() not in known:
            message = f"There is no agent `{one_line(name, 100)}` with an Agent Script."
            raise InputError(message, fix="Name an agent with a file NAME.agent in aiAuthoringBundles.")
    if not paths:
        raise InputError(
            "The project has no Agent Script.", fix="Run the command in a project with aiAuthoringBundles."
        )
    contents = source.read(paths.values())
    scripts = {
        name: contents[path].decode("utf-8", "surrogateescape") for name, path in paths.items() if path in contents
    }
    aims = read_aims(packs, read_project(source), source)
    return plan_mutations(guardrails, scripts, aims, lambda: time.monotonic() >= end)


def _run(options: GuardrailsMutateOptions, packs: Sequence[Pack], plan: MutationPlan, end: float) -> MutationReport:
    allowance = RunAllowance(runs=options.budget, is_over=lambda: time.monotonic() >= end)
    with ExitStack() as stack:
        path = _journal_path(options, packs)
        journal = stack.enter_context(
            VariantJournal(path, work="runs on mutants", process="process with the same mutants")
        )
        for folder in journal.copies:
            remove_copy(Path(folder))
        search = stack.enter_context(PatternSearch())
        tests = (
            RecordedTests(options.root / options.recorded)
            if options.recorded and options.runner == "replay"
            else stack.enter_context(_program(options, plan, journal, end))
        )
        runs = JudgedRuns(tests, packs, census_of_folder(options.root, packs).checked(), search, journal)
        testing = MutationTesting(runs.run, allowance, runs=options.runs, deterministic=options.deterministic)
        judgements = _judged(testing, plan, allowance)
        report = _report(options, packs, plan, judgements, testing, runs.problems, allowance)
        if not report.undecided:
            journal.remove()
    return report


def _program(
    options: GuardrailsMutateOptions, plan: MutationPlan, journal: VariantJournal, end: float
) -> ProgramTests:
    return ProgramTests(
        options.command,
        root=options.root,
        environment=options.environment,
        pass_env=options.pass_env,
        run_limit=options.run_timeout.total_seconds(),
        end=end,
        journal=journal,
        prepare=MutatedCopies(plan.mutants).prepare,
        kept=(BASELINE,),
    )


def _judged(testing: MutationTesting, plan: MutationPlan, allowance: RunAllowance) -> tuple[Judgement, ...]:
    found: list[Judgement] = []
    for number, mutant in enumerate(plan.mutants, start=1):
        judgement = testing.judge(mutant, plan.tests[mutant.bound.id])
        found.append(judgement)
        killer = f" by {judgement.killer}" if judgement.killer else ""
        if allowance.runs:
            _say(
                f"[{number}/{len(plan.mutants)}] {judgement.verdict.value}{killer}: {mutant.id} "
                f"({allowance.spent} of {pluralize(allowance.runs, 'run')})"
            )
    return tuple(found)


def _say(line: str) -> None:
    """Print one line of progress; the report is on standard output."""
    print(one_line(line), file=sys.stderr, flush=True)


def _report(
    options: GuardrailsMutateOptions,
    packs: Sequence[Pack],
    plan: MutationPlan,
    judgements: tuple[Judgement, ...],
    testing: MutationTesting,
    problems: Mapping[TestKey, str],
    allowance: RunAllowance,
) -> MutationReport:
    survivors = tuple(
        Survivor(
            bound=open_[0].mutant.bound,
            judgements=tuple(open_),
            proposed=propose(open_[0].mutant, plan.models[open_[0].mutant.bound.agent]),
        )
        for open_ in surviving(judgements).values()
    )
    return MutationReport(
        agents=tuple(plan.models),
        packs=tuple(pack.suite for pack in packs),
        judgements=judgements,
        sorted_out=plan.sorted_out,
        survivors=survivors,
        runs=allowance.spent,
        budget=options.budget,
        unusable=tuple(name for _, name in testing.unusable),
        errors=tuple(f"{name}: {reason}" for (_, name), reason in problems.items()),
        unchanged=plan.unchanged,
    )


def _journal_path(options: GuardrailsMutateOptions, packs: Sequence[Pack]) -> Path:
    """One journal for the same files, tests and program."""
    about = [content_digest(options.root), *sorted(pack.suite for pack in packs), options.runner, *options.command]
    digest = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
    return actions.work_folder(options.root) / f"mutate-{digest}.jsonl"


def _report_to_runner(report: MutationReport) -> None:
    actions.add_summary(mutation_markdown(report))
    if actions.in_actions():
        for survivor in report.survivors[:10]:
            place = survivor.bound.location
            message = f"No test of the smoke packs holds this {survivor.bound.kind.value}: {survivor.bound.text}"
            print(
                actions.workflow_command(
                    "warning", message, file=place.file, line=place.line, title="wavegate guardrails mutate"
                ),
                flush=True,
            )
    actions.set_outputs(
        {
            "verdict": report.verdict,
            "score": "" if report.score is None else f"{report.score:.4f}",
            "survivors": str(len(report.survivors)),
            "undecided": str(report.count(MutantVerdict.UNDECIDED)),
            "runs": str(report.runs),
        }
    )
    _say(headline(report))
