"""Run the smoke tests of a release in an environment's org, and record the observations."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from wavegate.census.values import NOTHING_KNOWN
from wavegate.cli.actions import work_folder
from wavegate.cli.options import (
    Duration,
    Many,
    commit_option,
    environment_argument,
    manifest_option,
    program_options,
    root_option,
    takes,
    timeout_option,
)
from wavegate.errors import InputError, WavegateError
from wavegate.evidence.files import tests_by_key
from wavegate.evidence.observation import Subject
from wavegate.evidence.write import LinesFile
from wavegate.files.pattern_search import PatternSearch
from wavegate.redaction.personal_data import redact
from wavegate.release.manifest import Manifest
from wavegate.salesforce.agents import read_agents
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.salesforce.preflight import check_org_id
from wavegate.smoke.earlier import check_subjects
from wavegate.smoke.job import Job, SmokeOptions, prepare_job
from wavegate.smoke.journal import SmokeJournal
from wavegate.smoke.live_check import other_release, tested_copies
from wavegate.smoke.recorder import SmokeRunRecorder, say
from wavegate.smoke.replay import Replay
from wavegate.smoke.results import ResultsReader
from wavegate.smoke.runner_command import Command
from wavegate.smoke.runs import runs_of_copies
from wavegate.smoke.testing import MAX_IN_FLIGHT, Pace, TestingApi
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.smoke.versions import under_own_names, with_active


def _shard(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:  # noqa: ARG001
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter("use INDEX/TOTAL, such as 2/5")
    return int(match[1]), int(match[2])


def _runs(ctx: click.Context, param: click.Parameter, value: str | None) -> range | None:  # noqa: ARG001
    if not value:
        return None
    match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", value)
    if not match or not 1 <= int(match[1]) <= int(match[2] or match[1]):
        raise click.BadParameter("use FIRST-LAST, such as 1-15, or one number")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


@click.command(name="smoke")
@environment_argument("SMOKE")
@root_option()
@manifest_option()
@click.option(
    "--pack",
    cls=Many,
    metavar="FILE",
    show_default="the packs of the next environment's gate",
    help="A smoke pack to run.",
)
@click.option(
    "--post-deploy/--no-post-deploy",
    default=False,
    help="Test the release in ENV after its deployment, with the environment's `verify` packs.",
)
@click.option("--test", cls=Many, metavar="NAME", show_default="all tests of the packs", help="A test to run.")
@click.option("--shard", metavar="INDEX/TOTAL", default="1/1", callback=_shard, help="Part of the runs.")
@click.option(
    "--runs",
    metavar="FIRST-LAST",
    callback=_runs,
    show_default="the runs of the pack's first stage",
    help="Numbers of the runs.",
)
@click.option(
    "--runner",
    type=click.Choice([each.value for each in Runner]),
    default=Runner.TESTING_CENTER.value,
    help="Runner of the tests whose definition does not name one.",
)
@program_options
@click.option(
    "--recorded",
    cls=Many,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Transcripts of the replay runner: a JSON Lines file, or a folder of such files.",
)
@click.option(
    "--earlier",
    cls=Many,
    metavar="PATH",
    help="Observations of earlier attempts for packs that run until they are settled: a file, or a folder of files. "
    "They count, and run numbers continue after theirs.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="observations.jsonl",
    help="File to write the observations to, JSON Lines.",
)
@click.option(
    "--transcripts",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    show_default="not kept",
    help="File to write the redacted transcripts to: what the agent said and did.",
)
@click.option(
    "--quotes/--no-quotes",
    default=True,
    help="Keep what the agent said where a test failed, shortened and redacted, so that the brief shows it.",
)
@commit_option("Commit that is tested.")
@timeout_option(
    "60m",
    "Maximum time for all runs together. Unfinished runs continue in the org, and the next smoke run resumes them.",
)
@click.option(
    "--poll-interval",
    type=Duration(at_most="1m"),
    default="2s",
    help="Time before a run is first polled. The interval then grows.",
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, MAX_IN_FLIGHT),
    metavar="NUMBER",
    default=MAX_IN_FLIGHT,
    help="Maximum concurrent runs.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    show_default=".wavegate in RUNNER_TEMP, or else in the checkout",
    help="Folder that keeps track of runs in progress.",
)
@takes(SmokeOptions)
def command(options: SmokeOptions) -> int:
    """Run the release's smoke tests in ENV's org, and record observations for the gate to judge.

    After a crash or a timeout, run it again: it resumes the runs in progress and never starts a run twice.
    """
    job = prepare_job(options)
    for waves in job.waves if job.earlier else ():
        say(waves.progress())
    with ExitStack() as stack:
        search = stack.enter_context(PatternSearch())
        path = job.options.transcripts
        transcripts = stack.enter_context(LinesFile(path, private=True)) if path else None
        recorder = SmokeRunRecorder(job, search, transcripts)
        local = _local_runner(job)
        if local is None:
            _run_in_org(job, recorder)
        else:
            recorded = local.most_runs if isinstance(local, Replay) else None
            for planned in _waves(job, recorder, recorded):
                recorder.follow(planned, local.run(planned))
                recorder.write(job.subjects)
    return recorder.finish()


def _waves(job: Job, recorder: SmokeRunRecorder, recorded: int | None = None) -> Iterator[tuple[PlannedRun, ...]]:
    """All planned runs at once, or in waves until the packs are settled or their budgets spent.

    After each, its observations must be recorded. What is not complete, or not about one release, ends this.
    """
    started = time.monotonic()
    planned = (*job.planned, *job.next_wave(0, recorded))
    while planned:
        yield planned
        if recorder.unsettled or not recorder.is_complete:
            return
        observed = list(recorder.newest())
        for waves in job.waves:
            waves.add(observed)
        suites = {run.suite for run in planned}
        planned = job.next_wave((time.monotonic() - started) / 60, recorded)
        for waves in job.waves:
            if waves.suite in suites:
                say(waves.progress())


def _local_runner(job: Job) -> Command | Replay | None:
    """The runner that needs no org; None if the org runs the tests."""
    options = job.options
    if options.runner == Runner.REPLAY:
        if not options.recorded:
            raise InputError("The replay runner has no transcripts.", fix="Pass them with --recorded.")
        return Replay([options.root / path for path in options.recorded])
    if options.runner != Runner.COMMAND:
        return None
    if not options.command:
        message = "The command runner has no program."
        raise InputError(message, fix="Pass the program, then its arguments, with --command, one value each.")
    return Command(
        options.command,
        folder=options.root,
        environment_name=job.environment.name,
        time_limit=options.timeout.total_seconds(),
        redact=redact,
        pass_env=options.pass_env,
    )


def _run_in_org(job: Job, recorder: SmokeRunRecorder) -> None:
    options = job.options
    if other := other_release(job):
        raise InputError(f"{other}.", fix="Deploy the commit first, then test it.")
    copies = tested_copies(job)
    if copies:
        say(f"Testing the pilot's copies: {', '.join(sorted(copies.values()))}")
    org = open_org(job.environment.org, root=options.root)
    org_id = org.identity().org_id
    check_org_id(org, org_id, job.environment.expected_org)
    subjects = {suite: replace(subject, org=org_id) for suite, subject in job.subjects.items()}
    check_subjects(job.earlier, subjects)
    end = time.monotonic() + options.timeout.total_seconds()
    with SmokeJournal(_journal_path(options, subjects)) as journal:
        if journal.agents is None:
            journal.observe(_active_versions(org, job.manifest, copies))
        agents = journal.agents or {}
        subjects = {suite: with_active(subject, agents) for suite, subject in subjects.items()}
        # the copy of a definition pins no version
        census = NOTHING_KNOWN if copies else job.census
        check_subjects(job.earlier, subjects, census)
        for planned in _waves(job, recorder):
            pace = Pace(
                time_limit=max(0.0, end - time.monotonic()),
                interval=options.poll_interval.total_seconds(),
                in_flight=options.in_flight,
            )
            api = TestingApi(org, journal, pace=pace, say=say, reader=_results_reader(job, copies))
            recorder.follow(planned, api.run(runs_of_copies(planned) if copies else planned))
            _settle(recorder, agents, org, job, copies)
            recorder.write(subjects, census)
        if recorder.is_complete:
            journal.remove()


def _results_reader(job: Job, copies: Mapping[str, str]) -> ResultsReader:
    names = copies.values() or [agent.name for agent in job.manifest.agents]
    agents = frozenset(name.casefold() for name in names)
    return ResultsReader(agents=agents, tests=tests_by_key(tuple(job.packs.values())), of_copies=bool(copies))


def _settle(
    recorder: SmokeRunRecorder, before: dict[str, int], org: Org, job: Job, copies: Mapping[str, str]
) -> None:
    """Check again what is live: observations of one release or version say nothing about another."""
    try:
        after = _active_versions(org, job.manifest, copies)
        recorder.unsettled = other_release(job)
    except WavegateError as error:
        recorder.error = recorder.error or error
        recorder.unsettled = "the release and agent versions that were live at the end are unknown"
        return
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        recorder.unsettled = f"the active version changed during the run: {', '.join(changed)}"


def _active_versions(org: Org, manifest: Manifest, copies: Mapping[str, str]) -> dict[str, int]:
    names = list(copies.values()) or [agent.name for agent in manifest.agents]
    states = read_agents(org, names) if names else ()
    return under_own_names({state.name: state.active.number for state in states if state.active}, copies)


def _journal_path(options: SmokeOptions, subjects: dict[str, Subject]) -> Path:
    """The path of the journal, one for each shard of each release in each org."""
    about = [sorted(subjects.items()), options.runner, options.shard, options.test, str(options.runs)]
    digest = hashlib.sha256(msgspec.json.encode(about)).hexdigest()[:16]
    folder = options.state or work_folder(options.root)
    return folder / f"smoke-{digest}.jsonl"
