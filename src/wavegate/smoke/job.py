"""Plans a smoke run from its options, the manifest and the packs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wavegate.census.read import census_of_folder
from wavegate.census.values import NOTHING_KNOWN, Census
from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Subject
from wavegate.findings.suggestions import suggestion
from wavegate.git.checkout import commit_of
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.pack import Pack
from wavegate.release.reading import load_manifest, load_packs
from wavegate.smoke.earlier import check_subjects, read_earlier
from wavegate.smoke.runs import Selection, packs_to_run, plan_runs
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.smoke.waves import Waves
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
    pass_env: tuple[str, ...]
    recorded: tuple[Path, ...]
    earlier: tuple[str, ...]
    output: Path
    transcripts: Path | None
    quotes: bool
    commit: str | None
    timeout: timedelta
    poll_interval: timedelta
    in_flight: int
    state: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """The work of one smoke run. packs, subjects: by suite; the subjects lack what only the org knows.

    planned: runs of the packs whose number of runs is fixed. waves: the other packs. earlier: their observations of
    earlier attempts. census: the expected cases.
    """

    options: SmokeOptions
    manifest: Manifest
    environment: Environment
    packs: dict[str, Pack]
    subjects: dict[str, Subject]
    planned: tuple[PlannedRun, ...]
    census: Census = NOTHING_KNOWN
    waves: tuple[Waves, ...] = ()
    earlier: tuple[Observation, ...] = ()

    def next_wave(self, minutes: float, recorded: int | None) -> tuple[PlannedRun, ...]:
        """The runs of the next wave of every pack that is not settled.

        minutes: since the first wave started. recorded: highest run number of a replay; None if runs are made.
        """
        return tuple(run for waves in self.waves for run in waves.next(minutes, recorded))


def prepare_job(options: SmokeOptions) -> Job:
    """The job for these options. Raises InputError if there is nothing to run."""
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    packs = load_packs(options.root, options.pack)
    if not options.pack:
        packs = packs_to_run(manifest, environment, packs, verify=options.post_deploy)
    census = census_of_folder(options.root, packs).checked()
    commit = options.commit or commit_of(options.root) or None
    subjects = {
        pack.suite: Subject(commit=commit, manifest=manifest.digest, pack=pack.digest, environment=environment.name)
        for pack in packs
    }
    _check_tests(options, packs)
    settling = [pack for pack in packs if pack.runs == "until-settled" and _tests_of(pack, options)]
    fixed = [pack for pack in packs if pack.runs != "until-settled"]
    earlier = read_earlier(
        options.earlier, [pack.suite for pack in settling], root=options.root, output=options.output
    )
    check_subjects(earlier, subjects)
    waves = _waves(options, manifest, settling, earlier, census)
    return Job(
        options=options,
        manifest=manifest,
        environment=environment,
        packs={pack.suite: pack for pack in packs},
        subjects=subjects,
        planned=_plan(options, fixed, census, has_waves=bool(waves)),
        census=census,
        waves=waves,
        earlier=earlier,
    )


def _check_tests(options: SmokeOptions, packs: Sequence[Pack]) -> None:
    names = {test.name for pack in packs for test in pack.tests}
    for name in options.test:
        if name not in names:
            hint = suggestion(name, names)
            message = f"There is no test named {one_line(name, 100)}."
            raise InputError(message, fix=f"Choose one of the packs' tests.{hint}")


def _tests_of(pack: Pack, options: SmokeOptions) -> tuple[str, ...]:
    """Names of the pack's tests that are to run."""
    return tuple(test.name for test in pack.tests if not options.test or test.name in options.test)


def _waves(
    options: SmokeOptions,
    manifest: Manifest,
    packs: Sequence[Pack],
    earlier: Sequence[Observation],
    census: Census,
) -> tuple[Waves, ...]:
    """The packs that run until they are settled. InputError: the options or the manifest do not fit such a pack."""
    price = manifest.price_per_conversation
    for pack in packs:
        if options.runs or options.shard != (1, 1):
            message = f"Pack {one_line(pack.suite, 100)} runs until it is settled, in one job."
            raise InputError(message, fix="Leave out --runs and --shard for it.", file=pack.path)
        if pack.budget.max_cost is not None and price is None:
            message = "The pack limits its cost, but the manifest does not say what a conversation costs."
            raise InputError(message, fix="Add `pricePerConversation` to the manifest.", file=pack.path)
    today = datetime.now(UTC).date()
    return tuple(
        Waves(
            pack,
            runner=Runner(options.runner),
            today=today,
            tests=_tests_of(pack, options),
            price=price,
            earlier=earlier,
            cases=census.counts(pack.suite),
        )
        for pack in packs
    )


def _plan(options: SmokeOptions, packs: Sequence[Pack], census: Census, *, has_waves: bool) -> tuple[PlannedRun, ...]:
    index, total = options.shard
    selection = Selection(tests=options.test, runs=options.runs, shard=index, shards=total)
    today, runner = datetime.now(UTC).date(), Runner(options.runner)
    planned = tuple(
        run
        for pack in packs
        for run in plan_runs(pack, selection, runner=runner, cases=census.counts(pack.suite), today=today)
    )
    if not planned and not has_waves:
        raise InputError("There is nothing to run.", fix="Add packs to agentforce/packs/, or use fewer shards.")
    return planned
