"""Plans a smoke run from its options, the manifest and the packs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wavegate.census.read import census_of_folder
from wavegate.census.values import Census
from wavegate.errors import InputError
from wavegate.evidence.observation import Subject
from wavegate.findings.suggestions import suggestion
from wavegate.git.checkout import commit_of
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.pack import Pack
from wavegate.release.reading import load_manifest, load_packs
from wavegate.smoke.runs import Selection, packs_to_run, plan_runs
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class SmokeOptions:
    """The options of the command, as its help describes them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    post_deploy: bool
    test: tuple[str, ...]
    shard: tuple[int, int]
    runs: range | None
    runner: str
    command: tuple[str, ...]
    recorded: tuple[Path, ...]
    output: Path
    transcripts: Path | None
    commit: str | None
    timeout: timedelta
    poll_interval: timedelta
    in_flight: int
    state: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """The work of one smoke run.

    packs, subjects: by suite; the subjects lack what only the org knows. census: the expected cases.
    """

    options: SmokeOptions
    manifest: Manifest
    environment: Environment
    packs: dict[str, Pack]
    subjects: dict[str, Subject]
    planned: tuple[PlannedRun, ...]
    census: Census


def prepare_job(options: SmokeOptions) -> Job:
    """The job for these options. Raises InputError if there is nothing to run."""
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    packs = load_packs(options.root, options.pack)
    if not options.pack:
        packs = packs_to_run(manifest, environment, packs, verify=options.post_deploy)
    census = census_of_folder(options.root, packs).checked()
    commit = options.commit or commit_of(options.root) or None
    return Job(
        options=options,
        manifest=manifest,
        environment=environment,
        packs={pack.suite: pack for pack in packs},
        subjects={
            pack.suite: Subject(
                commit=commit, manifest=manifest.digest, pack=pack.digest, environment=environment.name
            )
            for pack in packs
        },
        planned=_plan(options, packs, census),
        census=census,
    )


def _plan(options: SmokeOptions, packs: Sequence[Pack], census: Census) -> tuple[PlannedRun, ...]:
    names = {test.name for pack in packs for test in pack.tests}
    for name in options.test:
        if name not in names:
            hint = suggestion(name, names)
            message = f"There is no test named {one_line(name, 100)}."
            raise InputError(message, fix=f"Choose one of the packs' tests.{hint}")
    index, total = options.shard
    selection = Selection(tests=options.test, runs=options.runs, shard=index, shards=total)
    today, runner = datetime.now(UTC).date(), Runner(options.runner)
    planned = tuple(
        run
        for pack in packs
        for run in plan_runs(pack, selection, runner=runner, cases=census.counts(pack.suite), today=today)
    )
    if not planned:
        raise InputError("There is nothing to run.", fix="Add packs to agentforce/packs/, or use fewer shards.")
    return planned
