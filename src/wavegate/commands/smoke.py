"""Run the smoke tests of a release in an environment's org, and write down what was observed."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.structs import replace

from wavegate.adapters import runner as actions
from wavegate.adapters.evidence.write import LinesFile
from wavegate.adapters.pattern_search import PatternSearch
from wavegate.adapters.release_files import load_manifest, load_packs
from wavegate.adapters.runners.command import Command
from wavegate.adapters.runners.replay import Replay
from wavegate.adapters.salesforce.agents import read_agents
from wavegate.adapters.salesforce.journal import Journal
from wavegate.adapters.salesforce.login import open_org
from wavegate.adapters.salesforce.org import Org
from wavegate.adapters.salesforce.testing import MOST_IN_FLIGHT, Pace, TestingApi
from wavegate.commands.options import Many
from wavegate.core.personal_data import redact
from wavegate.core.smoke import Selection, check_policies, packs_to_run, plan_runs
from wavegate.core.smoke_report import RunReport, count_tests, observations, remarks, report_run
from wavegate.errors import ExitCode, InputError, ServiceError, WavegateError
from wavegate.model.manifest import Environment, Manifest
from wavegate.model.observation import Observation, Subject
from wavegate.model.pack import Pack
from wavegate.model.smoke import Ended, PlannedRun, Runner
from wavegate.model.transcript import Transcript
from wavegate.report.smoke_summary import markdown_summary, text_lines
from wavegate.text import one_line
from wavegate.words import suggestion

ANNOTATIONS = 10
"""Warnings that GitHub shows for a step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The options of the command, as the help describes them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    verify: bool
    test: tuple[str, ...]
    shard: tuple[int, int]
    runs: range | None
    runner: str
    command: tuple[str, ...]
    recorded: tuple[Path, ...]
    output: Path
    transcripts: Path | None
    commit: str | None
    time_limit: float
    poll_interval: float
    in_flight: int
    state: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What is to be run. subjects: by suite, without what only the org can tell."""

    options: Options
    manifest: Manifest
    environment: Environment
    packs: dict[str, Pack]
    planned: tuple[PlannedRun, ...]
    subjects: dict[str, Subject]


@dataclass(kw_only=True, slots=True)
class Record:
    """What came of it so far. error: what ended it early. unsettled: why nothing that was observed may pass."""

    reports: list[RunReport] = field(default_factory=list)
    error: WavegateError | None = None
    unsettled: str = ""

    @property
    def open_runs(self) -> int:
        """Runs whose result may still be had."""
        return sum(report.resumable for report in self.reports)


def _shard(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:  # noqa: ARG001
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise click.BadParameter("give it as INDEX/TOTAL, such as 2/5")
    return int(match[1]), int(match[2])


def _runs(ctx: click.Context, param: click.Parameter, value: str | None) -> range | None:  # noqa: ARG001
    if not value:
        return None
    match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", value)
    if not match or not 1 <= int(match[1]) <= int(match[2] or match[1]):
        raise click.BadParameter("give it as FIRST-LAST, such as 1-15, or as one number")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


@click.command(name="smoke")
@click.argument("environment", envvar="WAVEGATE_SMOKE_ENVIRONMENT")
@click.option("--root", type=click.Path(path_type=Path), default=".", help="Folder of the checkout.")
@click.option("--manifest", help="Manifest of the release. Default: the only one under agentforce/.")
@click.option("--pack", cls=Many, help="Smoke pack file. Default: what the next environment's gate names.")
@click.option("--verify", is_flag=True, help="Run the packs that verify this environment after a deployment.")
@click.option("--test", cls=Many, help="Name of a test to run. Default: all of the packs.")
@click.option("--shard", default="1/1", callback=_shard, help="Part of the runs, INDEX/TOTAL.")
@click.option(
    "--runs", callback=_runs, help="Numbers of the runs, FIRST-LAST. Default: what the pack asks for first."
)
@click.option(
    "--runner",
    type=click.Choice([each.value for each in Runner]),
    default=Runner.TESTING_CENTER.value,
    help="What runs the tests.",
)
@click.option("--command", cls=Many, help="Program of the command runner, then its arguments, one value each.")
@click.option(
    "--recorded", cls=Many, type=click.Path(path_type=Path), help="Transcripts of the replay runner: file or folder."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="observations.jsonl",
    help="File for the observations, JSON Lines.",
)
@click.option(
    "--transcripts",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for what the agent said and did, redacted. Default: it is not kept.",
)
@click.option("--commit", help="Commit that is tested. Default: the commit of this workflow run.")
@click.option("--time-limit", type=click.FloatRange(0, 1440), default=60.0, help="Minutes for all runs together.")
@click.option(
    "--poll-interval", type=click.FloatRange(0.01, 60), default=2.0, help="Seconds before the first look at a run."
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, MOST_IN_FLIGHT),
    default=MOST_IN_FLIGHT,
    help="Most runs in progress at once.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that remembers runs in progress. Default: .wavegate in the checkout.",
)
def command(**values: Any) -> int:
    """Run smoke tests in the org of ENVIRONMENT and write what was observed.

    Run it again after a crash or a time-out: it takes up the runs that it started, and starts none twice.
    """
    job = _prepare(Options(**values))
    record = Record()
    with ExitStack() as stack:
        search = stack.enter_context(PatternSearch())
        transcripts = job.options.transcripts
        kept = stack.enter_context(LinesFile(transcripts, private=True)) if transcripts else None
        follow = _Follower(job, record, search, kept)
        local = _local_runner(job)
        if local is None:
            _run_in_org(job, record, follow)
        else:
            follow(local.run(job.planned))
            _write(job, record, job.subjects)
    return _end(record)


def _prepare(options: Options) -> Job:
    manifest = load_manifest(options.root, options.manifest)
    environment = manifest.environment(options.environment)
    if environment is None:
        raise InputError(
            f"The manifest has no environment named {options.environment}.",
            fix="Name one that it lists." + suggestion(options.environment, [e.name for e in manifest.environments]),
            file=manifest.path,
        )
    packs = load_packs(options.root, options.pack)
    if not options.pack:
        packs = packs_to_run(manifest, environment, packs, verify=options.verify)
    for pack in packs:
        check_policies(pack)
    return Job(
        options=options,
        manifest=manifest,
        environment=environment,
        packs={pack.suite: pack for pack in packs},
        planned=_plan(options, packs),
        subjects={
            pack.suite: Subject(
                commit=options.commit or actions.current_run().sha or None,
                manifest=manifest.digest,
                pack=pack.digest,
                environment=environment.name,
            )
            for pack in packs
        },
    )


def _plan(options: Options, packs: Sequence[Pack]) -> tuple[PlannedRun, ...]:
    names = {test.name for pack in packs for test in pack.tests}
    for name in options.test:
        if name not in names:
            raise InputError(f"No test is named {name}.", fix=f"Name a test of the packs.{suggestion(name, names)}")
    index, total = options.shard
    selection = Selection(tests=options.test, runs=options.runs, shard=index, shards=total)
    planned = tuple(run for pack in packs for run in plan_runs(pack, selection, runner=Runner(options.runner)))
    if not planned:
        raise InputError("There is nothing to run.", fix="Add packs to agentforce/packs/, or use fewer shards.")
    return planned


def _local_runner(job: Job) -> Command | Replay | None:
    """The runner that needs no org; None where the org runs the tests."""
    options = job.options
    if options.runner == Runner.REPLAY:
        if not options.recorded:
            raise InputError("The replay runner has no transcripts.", fix="Name them with --recorded.")
        return Replay(options.recorded)
    if options.runner != Runner.COMMAND:
        return None
    if not options.command:
        raise InputError("The command runner has no program.", fix="Name it with --command, one argument each.")
    return Command(
        options.command,
        folder=options.root,
        environment_name=job.environment.name,
        time_limit=60 * options.time_limit,
        redact=redact,
    )


class _Follower:
    """Judges runs as they end, and says so on the log."""

    def __init__(self, job: Job, record: Record, search: PatternSearch, transcripts: LinesFile | None) -> None:
        self._job = job
        self._record = record
        self._search = search
        self._transcripts = transcripts

    def __call__(self, runs: Iterator[Ended]) -> None:
        """Take in every run; an error ends it early, and is kept for when all that is known is written."""
        try:
            for ended in runs:
                self._take(ended)
        except WavegateError as error:
            self._record.error = error
            known = {report.planned for report in self._record.reports}
            for planned in self._job.planned:
                if planned not in known:
                    self._take(Ended(planned=planned, problem=error.message, resumable=True))

    def _take(self, ended: Ended) -> None:
        pack = self._job.packs[ended.planned.suite]
        report = report_run(ended, pack, self._search, time=datetime.now(UTC))
        self._record.reports.append(report)
        outcomes = [judged.observation.outcome.value for judged in report.judged]
        counts = ", ".join(f"{outcomes.count(each)} {each}" for each in dict.fromkeys(outcomes))
        _say(f"[{len(self._record.reports)}/{len(self._job.planned)}] {ended.planned}: {counts}")
        for remark in remarks(report):
            _say(f"  {remark}")
        for case in ended.cases if self._transcripts else ():
            if case.transcript and self._transcripts:
                self._transcripts.write(_redacted(case.transcript))


def _run_in_org(job: Job, record: Record, follow: _Follower) -> None:
    org = open_org(job.environment.org or job.environment.name)
    org_id = org.identity().org_id
    subjects = {suite: replace(subject, org=org_id) for suite, subject in job.subjects.items()}
    pace = Pace(
        time_limit=60 * job.options.time_limit,
        interval=job.options.poll_interval,
        in_flight=job.options.in_flight,
    )
    with Journal(_journal_path(job, subjects)) as journal:
        if journal.agents is None:
            journal.observe(_active_versions(org, job.manifest))
        agents = journal.agents or {}
        follow(TestingApi(org, journal, pace=pace, say=_say).run(job.planned))
        _settle(record, agents, org, job.manifest)
        _write(job, record, {suite: replace(subject, agents=agents) for suite, subject in subjects.items()})
        if not record.error and not record.open_runs:
            journal.remove()


def _settle(record: Record, before: dict[str, int], org: Org, manifest: Manifest) -> None:
    """Look at the agents once more: what was observed on one version says nothing about another."""
    try:
        after = _active_versions(org, manifest)
    except WavegateError as error:
        record.error = record.error or error
        record.unsettled = "which versions of the agents were active at the end is not known"
        return
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        record.unsettled = f"another version became active during the run: {', '.join(changed)}"


def _active_versions(org: Org, manifest: Manifest) -> dict[str, int]:
    states = read_agents(org, [agent.name for agent in manifest.agents]) if manifest.agents else ()
    return {state.name: state.active.number for state in states if state.active}


def _journal_path(job: Job, subjects: dict[str, Subject]) -> Path:
    """One journal for each shard of each release in each org."""
    options = job.options
    about = [sorted(subjects.items()), options.shard, options.test, str(options.runs)]
    digest = hashlib.sha256(msgspec.json.encode(about)).hexdigest()[:16]
    folder = options.state or options.root / ".wavegate"
    return folder / f"smoke-{digest}.jsonl"


def _redacted(transcript: Transcript) -> Transcript:
    turns = tuple(replace(turn, text=redact(turn.text)) for turn in transcript.turns)
    return replace(transcript, turns=turns)


def _write(job: Job, record: Record, subjects: dict[str, Subject]) -> None:
    options = job.options
    seen = list(observations(record.reports, subjects, unsettled=bool(record.unsettled)))
    with LinesFile(options.output) as file:
        for each in seen:
            file.write(each)
    _report(job, record, seen)


def _report(job: Job, record: Record, seen: Sequence[Observation]) -> None:
    told = [*([record.unsettled] if record.unsettled else []), *(r for each in record.reports for r in remarks(each))]
    tests = count_tests(seen)
    for line in text_lines(job.environment.name, tests):
        _say(line)
    if actions.in_actions():
        for remark in told[:ANNOTATIONS]:
            print(actions.workflow_command("warning", one_line(remark), title="wavegate smoke"), flush=True)
    actions.add_summary(markdown_summary(job.environment.name, tests, told))
    actions.set_outputs(
        {
            "observations": str(job.options.output),
            "passed": str(sum(each.passed for each in tests)),
            "failed": str(sum(each.failed for each in tests)),
            "errors": str(sum(each.errors for each in tests)),
            "complete": "false" if record.error or record.open_runs else "true",
        }
    )


def _end(record: Record) -> int:
    if record.error:
        raise record.error
    if record.open_runs:
        raise ServiceError(
            f"{record.open_runs} of {len(record.reports)} runs have not ended.",
            fix="Run the command again: it takes them up and starts none twice.",
        )
    return ExitCode.OK


def _say(line: str) -> None:
    print(one_line(line), flush=True)
