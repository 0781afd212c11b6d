"""`wavegate bisect TEST`: which change made a smoke test fail?"""

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from wavegate.bisect.as_json import bisect_json
from wavegate.bisect.as_markdown import bisect_markdown
from wavegate.bisect.as_text import bisect_text
from wavegate.bisect.prepare import SearchRequest, begin_search
from wavegate.bisect.read import SubsetFiles
from wavegate.bisect.sentences import headline
from wavegate.bisect.trial import BAD, GOOD, SubsetVariants, run_search, say
from wavegate.bisect.values import BisectReport, BisectSide
from wavegate.census.read import census_of_folder
from wavegate.cli import actions
from wavegate.cli.options import (
    Duration,
    Many,
    ReportFormat,
    format_option,
    manifest_option,
    program_options,
    root_option,
    takes,
    timeout_option,
)
from wavegate.cli.report import print_report
from wavegate.errors import ExitCode, InputError
from wavegate.files.pattern_search import PatternSearch
from wavegate.findings.suggestions import suggestion
from wavegate.gate.decision import Decision
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess
from wavegate.notes.regression import since_good
from wavegate.release.manifest import environment_of
from wavegate.release.pack import Pack
from wavegate.release.reading import load_manifest, load_packs
from wavegate.report.evidence import read_decisions
from wavegate.smoke.variants.allowance import RunAllowance
from wavegate.smoke.variants.checkout_copy import content_digest, remove_copy
from wavegate.smoke.variants.journal import VariantJournal
from wavegate.smoke.variants.judged import JudgedRuns
from wavegate.smoke.variants.program import ProgramTests
from wavegate.text import one_line

_EXIT = {"found": ExitCode.OK, "inconclusive": ExitCode.INCONCLUSIVE}
_RENDERINGS = {"text": bisect_text, "markdown": bisect_markdown, "json": bisect_json}


@dataclass(frozen=True, kw_only=True, slots=True)
class BisectOptions:
    """The command's options, as click reads them."""

    test: str
    root: Path
    manifest: str | None
    good: str
    bad: str
    decision: tuple[str, ...]
    environment: str
    pack: tuple[str, ...]
    command: tuple[str, ...]
    pass_env: tuple[str, ...]
    max_runs: int
    confidence: float
    deterministic: bool
    timeout: timedelta
    run_timeout: timedelta
    format: ReportFormat


@click.command(name="bisect")
@click.argument("test", envvar="WAVEGATE_BISECT_TEST", metavar="TEST")
@root_option()
@manifest_option()
@click.option("--good", metavar="COMMIT", default="", show_default="by --decision", help="Release that passes TEST.")
@click.option("--bad", metavar="COMMIT", default="", show_default="by --decision", help="Release that fails it.")
@click.option(
    "--decision",
    cls=Many,
    metavar="PATH",
    show_default="none",
    help="A decision file of `gate`, or a folder of them: good is the last release that passed TEST.",
)
@click.option(
    "--environment",
    metavar="NAME",
    default="",
    show_default="the manifest's last one",
    help="Environment whose release is replayed. The program gets its name.",
)
@click.option(
    "--pack", cls=Many, metavar="FILE", show_default="all of agentforce/packs/", help="The smoke pack that has TEST."
)
@program_options
@click.option(
    "--max-runs",
    type=click.IntRange(1, 1_000_000),
    metavar="NUMBER",
    default=2000,
    help="Maximum runs of TEST in all.",
)
@click.option(
    "--confidence",
    metavar="NUMBER",
    type=click.FloatRange(0.5, 0.999),
    default=0.95,
    help="How sure the whole answer has to be, as a fraction.",
)
@click.option(
    "--deterministic/--no-deterministic",
    default=False,
    help="The program always answers the same, so that one run of each release is enough.",
)
@timeout_option("6h", "Maximum time for everything. The next call with the same files resumes it.")
@click.option("--run-timeout", type=Duration(at_most="2h"), default="5m", help="Maximum time for one run of TEST.")
@format_option
@takes(BisectOptions)
def command(options: BisectOptions) -> int:
    """Find the change that made TEST fail, by replaying subsets of the changes between a good and a bad release.

    TEST is a test of a pack, or SUITE/TEST. The program of --command runs it in copies of the checkout that have the
    project of the good release, with some changes of the bad one. After a crash or a timeout, run it again: it
    resumes.
    """
    end = time.monotonic() + options.timeout.total_seconds()
    if not options.command:
        raise InputError(
            "There is no program that runs the test.",
            fix="Pass the program, then its arguments, with --command, one value each.",
        )
    packs = load_packs(options.root, options.pack)
    pack, test = _test(packs, options.test)
    manifest = load_manifest(options.root, options.manifest)
    environment = options.environment or manifest.environments[-1].name
    environment_of(manifest, environment)
    git = Git(options.root, credentials=GitHubAccess.from_environment(options.root).credentials())
    good, bad = _ends(options, git)
    report, files = begin_search(
        git,
        options.root,
        SearchRequest(
            pack=pack,
            test=test,
            manifest=manifest.path,
            environment=environment,
            good=good,
            bad=bad,
            max_runs=options.max_runs,
            confidence=options.confidence,
            deterministic=options.deterministic,
        ),
    )
    report = _run(options, pack, report, files, end)
    print_report(_RENDERINGS[options.format](report), options.format)
    actions.add_summary(bisect_markdown(report))
    causes = [each for found in report.found for each in found.culprits]
    actions.set_outputs({"verdict": report.verdict, "causes": "\n".join(causes), "runs": str(report.runs)})
    say(headline(report))
    return int(_EXIT[report.verdict])


def _test(packs: Sequence[Pack], name: str) -> tuple[Pack, str]:
    found = [
        (pack, each.name) for pack in packs for each in pack.tests if name in (each.name, f"{pack.suite}/{each.name}")
    ]
    if not found:
        known = [each.name for pack in packs for each in pack.tests]
        message = f"No pack has the test {one_line(name, 100)}."
        raise InputError(message, fix=f"Name a test of the packs.{suggestion(name, known)}")
    if len(found) > 1:
        message = f"Several packs have the test {one_line(name, 100)}."
        suites = ", ".join(one_line(f"{pack.suite}/{test}", 100) for pack, test in found[:5])
        raise InputError(message, fix=f"Write one of {suites}.")
    return found[0]


def _ends(options: BisectOptions, git: Git) -> tuple[BisectSide, BisectSide]:
    if options.decision:
        if options.good or options.bad:
            raise click.UsageError("--decision finds the two releases itself: leave --good and --bad out.")
        files = read_decisions(options.decision, options.root)
        decisions = [each.decision for each in files if isinstance(each.decision, Decision)]
        good, bad = (
            BisectSide(name=each.release, commit=each.commit or "") for each in since_good(decisions, options.test)
        )
    elif options.good and options.bad:
        good, bad = (BisectSide(name=name, commit=git.named(name)) for name in (options.good, options.bad))
    else:
        raise click.UsageError("Name both releases with --good and --bad, or decision files with --decision.")
    git.ensure([good.commit, bad.commit])
    return good, bad


def _run(options: BisectOptions, pack: Pack, report: BisectReport, files: SubsetFiles, end: float) -> BisectReport:
    allowance = RunAllowance(runs=options.max_runs, is_over=lambda: time.monotonic() >= end)
    variants = SubsetVariants(report.units, files)
    with ExitStack() as stack:
        path = _journal_path(options, report)
        work, process = "runs of the search", "process with the same search"
        journal = stack.enter_context(VariantJournal(path, work=work, process=process))
        for folder in journal.copies:
            remove_copy(Path(folder))
        search = stack.enter_context(PatternSearch())
        program = ProgramTests(
            options.command,
            root=options.root,
            environment=report.environment,
            pass_env=options.pass_env,
            run_limit=options.run_timeout.total_seconds(),
            end=end,
            journal=journal,
            prepare=variants.prepare,
            kept=(GOOD, BAD),
        )
        runs = JudgedRuns(
            stack.enter_context(program),
            [pack],
            census_of_folder(options.root, [pack]).checked(),
            search,
            journal,
        )
        found = run_search(report, runs, variants, allowance)
        if found.complete:
            journal.remove()
    return found


def _journal_path(options: BisectOptions, report: BisectReport) -> Path:
    """One journal for the same releases, test, files and program."""
    about = [report.good.commit, report.bad.commit, report.suite, report.test, report.environment, *options.command]
    digest = hashlib.sha256(json.dumps([content_digest(options.root), *about]).encode()).hexdigest()[:16]
    return actions.work_folder(options.root) / f"bisect-{digest}.jsonl"
