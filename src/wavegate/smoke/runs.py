"""What a smoke run runs, and what it makes of what it saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from wavegate.evidence.observation import Observation, Outcome, Violation
from wavegate.release.asked_packs import named_packs
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack, PackTest, Policy
from wavegate.smoke.policies import Breach, Search, UncheckedPolicy, check
from wavegate.smoke.values import CaseResult, PlannedRun, Runner
from wavegate.statistics.power import planned_runs

_METADATA_TYPES = {
    "aievaluationdefinition": Runner.TESTING_CENTER,
    "aitestingdefinition": Runner.AGENTFORCE_STUDIO,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What to run of a pack.

    tests: names; empty: all. runs: numbers of the runs; None: as many as the pack asks for before its first look.
    shard, shards: one of so many equal parts, from 1.
    """

    tests: tuple[str, ...] = ()
    runs: range | None = None
    shard: int = 1
    shards: int = 1


def packs_to_run(
    manifest: Manifest, environment: Environment, packs: Sequence[Pack], *, verify: bool
) -> tuple[Pack, ...]:
    """The packs that are run in an environment.

    They prove that the release may enter the next environment; in the last one, or to verify a deployment, that the
    environment itself works. InputError: the manifest asks for a pack that there is not.
    """
    following = manifest.environments[manifest.environments.index(environment) + 1 :]
    gate = environment.verify if verify or not following else following[0].gate
    return named_packs(gate, packs, manifest=manifest)


def plan_runs(pack: Pack, selection: Selection, *, runner: Runner) -> tuple[PlannedRun, ...]:
    """The selected runs of a pack, in the pack's order.

    runner: of tests whose definition does not say. A definition says it by its metadata type:
    `AiTestingDefinition:Order_Status`.
    """
    planned = [
        _planned(pack, test, run, runner)
        for test in pack.tests
        if not selection.tests or test.name in selection.tests
        for run in selection.runs or range(1, planned_runs(pack, test) + 1)
    ]
    return tuple(planned[selection.shard - 1 :: selection.shards])


def _planned(pack: Pack, test: PackTest, run: int, runner: Runner) -> PlannedRun:
    prefix, colon, name = (test.definition or "").partition(":")
    named = _METADATA_TYPES.get(prefix.lower()) if colon else None
    definition = name if named else test.definition or test.name
    # an org's definition cannot be run by a program: the runner that was asked for wins there
    in_org = runner in _METADATA_TYPES.values()
    return PlannedRun(
        suite=pack.suite,
        test=test.name,
        run=run,
        definition=definition,
        runner=named if named and in_org else runner,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedCase:
    """An observation after the pack's policies were checked. found: what the checks found, in the order found."""

    observation: Observation
    found: tuple[Breach | UncheckedPolicy, ...] = ()


def judge_case(case: CaseResult, test: PackTest, policies: Iterable[Policy], search: Search) -> JudgedCase:
    """The observation of a case, after the policies that its test names, and those of its transcript.

    A breach makes it a failure, and a violation of the test's severity. A policy that cannot be checked makes it an
    error, unless it failed already. A case that nobody rated passes only if something was checked.
    """
    wanted = _policies(case, test, policies)
    found = tuple(each for policy in wanted for each in _found(case, policy, search))
    breaches = dict.fromkeys(each.policy for each in found if isinstance(each, Breach))
    outcome = case.observation.outcome
    if breaches:
        outcome = Outcome.FAIL
    elif found and outcome is Outcome.PASS:
        outcome = Outcome.ERROR
    elif wanted and not found and not case.rated:
        outcome = Outcome.PASS
    if not wanted and not case.rated:
        found = (
            UncheckedPolicy(
                policy="rating", message="nothing judges this case: it has no rating, and no policy applies"
            ),
        )
    violations = tuple(Violation(policy=policy, severity=test.severity) for policy in breaches)
    observation = replace(case.observation, outcome=outcome, violations=(*case.observation.violations, *violations))
    return JudgedCase(observation=observation, found=found)


def _policies(case: CaseResult, test: PackTest, policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Policies that apply to a case and check anything."""
    own = case.transcript.expect.policy if case.transcript and case.transcript.expect else None
    wanted = (*(policy for policy in policies if policy.name in test.policies), *([own] if own else []))
    return tuple(policy for policy in wanted if policy != Policy(name=policy.name))


def _found(case: CaseResult, policy: Policy, search: Search) -> tuple[Breach | UncheckedPolicy, ...]:
    if case.transcript is None:
        return (UncheckedPolicy(policy=policy.name, message="there is no transcript"),)
    return check(case.transcript, policy, search)
