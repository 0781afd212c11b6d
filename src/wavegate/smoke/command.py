"""Run the smoke tests of a release in an environment's org, and write down what was observed."""

import hashlib
import re
from contextlib import ExitStack
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from wavegate.cli.actions import work_folder
from wavegate.cli.options import Many, manifest_option, root_option, takes
from wavegate.errors import InputError, WavegateError
from wavegate.evidence.observation import Subject
from wavegate.evidence.write import LinesFile
from wavegate.files.pattern_search import PatternSearch
from wavegate.release.manifest import Manifest
from wavegate.salesforce.agents import read_agents
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.smoke.job import Job, SmokeOptions, prepare_job
from wavegate.smoke.journal import SmokeJournal
from wavegate.smoke.live_check import other_release
from wavegate.smoke.personal_data import redact
from wavegate.smoke.recorder import SmokeRunRecorder, say
from wavegate.smoke.replay import Replay
from wavegate.smoke.runner_command import Command
from wavegate.smoke.testing import MAX_IN_FLIGHT, Pace, TestingApi
from wavegate.smoke.values import Runner


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
@click.argument("environment", envvar="WAVEGATE_SMOKE_ENVIRONMENT", metavar="ENV")
@root_option()
@manifest_option
@click.option("--pack", cls=Many, help="File of a pack to run. Default: the packs of the next environment's gate.")
@click.option("--verify/--no-verify", help="Verify a deployment, by the packs of `verify`.")
@click.option("--test", cls=Many, help="Name of a test to run. Default: all of the packs.")
@click.option("--shard", default="1/1", show_default=True, callback=_shard, help="Part of the runs, INDEX/TOTAL.")
@click.option(
    "--runs", callback=_runs, help="Numbers of the runs, FIRST-LAST. Default: what the pack asks for first."
)
@click.option(
    "--runner",
    type=click.Choice([each.value for each in Runner]),
    default=Runner.TESTING_CENTER.value,
    show_default=True,
    help="What runs the tests whose definition does not say it.",
)
@click.option("--command", cls=Many, help="Program of the command runner, then its arguments, one value each.")
@click.option(
    "--recorded",
    cls=Many,
    type=click.Path(path_type=Path),
    help="Transcripts of the replay runner: JSON Lines files, or folders of them.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="observations.jsonl",
    show_default=True,
    help="File to write the observations to, JSON Lines.",
)
@click.option(
    "--transcripts",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to what the agent said and did, redacted. Default: it is not kept.",
)
@click.option("--commit", help="Commit that is tested. Default: the workflow run's.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, 1440),
    default=60.0,
    show_default=True,
    help="Minutes for all runs together. After them the runs go on, and the next smoke run waits for the same ones.",
)
@click.option(
    "--poll-interval",
    type=click.FloatRange(0.01, 60),
    default=2.0,
    show_default=True,
    help="Seconds before the first look at a run; later looks come more slowly.",
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, MAX_IN_FLIGHT),
    default=MAX_IN_FLIGHT,
    show_default=True,
    help="Most runs in progress at once.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that remembers runs in progress. Default: .wavegate in RUNNER_TEMP, else in the checkout.",
)
@takes(SmokeOptions)
def command(options: SmokeOptions) -> int:
    """Run the smoke tests of the release in ENV's org, and write what was observed for the gate to judge.

    Run it again after a crash or a time-out: it takes up the runs that it started, and starts none twice.
    """
    job = prepare_job(options)
    with ExitStack() as stack:
        search = stack.enter_context(PatternSearch())
        path = job.options.transcripts
        transcripts = stack.enter_context(LinesFile(path, private=True)) if path else None
        evidence = SmokeRunRecorder(job, search, transcripts)
        local = _local_runner(job)
        if local is None:
            _run_in_org(job, evidence)
        else:
            evidence.follow(local.run(job.planned))
            evidence.write(job.subjects)
    return evidence.finish()


def _local_runner(job: Job) -> Command | Replay | None:
    """The runner that needs no org; None where the org runs the tests."""
    options = job.options
    if options.runner == Runner.REPLAY:
        if not options.recorded:
            raise InputError("The replay runner has no transcripts.", fix="Name them with --recorded.")
        return Replay([options.root / path for path in options.recorded])
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


def _run_in_org(job: Job, evidence: SmokeRunRecorder) -> None:
    options = job.options
    if other := other_release(job):
        raise InputError(f"{other}.", fix="Deploy the commit there first, then test it.")
    org = open_org(job.environment.org)
    org_id = org.identity().org_id
    subjects = {suite: replace(subject, org=org_id) for suite, subject in job.subjects.items()}
    pace = Pace(time_limit=60 * options.time_limit, interval=options.poll_interval, in_flight=options.in_flight)
    with SmokeJournal(_journal_path(options, subjects)) as journal:
        if journal.agents is None:
            journal.observe(_active_versions(org, job.manifest))
        agents = journal.agents or {}
        evidence.follow(TestingApi(org, journal, pace=pace, say=say).run(job.planned))
        _settle(evidence, agents, org, job)
        evidence.write({suite: replace(subject, agents=agents) for suite, subject in subjects.items()})
        if evidence.is_complete:
            journal.remove()


def _settle(evidence: SmokeRunRecorder, before: dict[str, int], org: Org, job: Job) -> None:
    """Look once more at what is live: what was observed on one version or release says nothing about another."""
    try:
        after = _active_versions(org, job.manifest)
        evidence.unsettled = other_release(job)
    except WavegateError as error:
        evidence.error = evidence.error or error
        evidence.unsettled = "which release and versions of the agents were live at the end is not known"
        return
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        evidence.unsettled = f"another version became active during the run: {', '.join(changed)}"


def _active_versions(org: Org, manifest: Manifest) -> dict[str, int]:
    states = read_agents(org, [agent.name for agent in manifest.agents]) if manifest.agents else ()
    return {state.name: state.active.number for state in states if state.active}


def _journal_path(options: SmokeOptions, subjects: dict[str, Subject]) -> Path:
    """One journal for each shard of each release in each org."""
    about = [sorted(subjects.items()), options.runner, options.shard, options.test, str(options.runs)]
    digest = hashlib.sha256(msgspec.json.encode(about)).hexdigest()[:16]
    folder = options.state or work_folder(options.root)
    return folder / f"smoke-{digest}.jsonl"
