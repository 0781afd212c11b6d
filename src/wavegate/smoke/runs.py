"""Plans the runs of a smoke run, and judges their cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_fields
from datetime import date

from msgspec.structs import replace

from wavegate.census.values import EVALUATION, TESTING, definition_of
from wavegate.components.component import COPY_SUFFIX
from wavegate.evidence.checks import by_kind, confirmed, none_counts
from wavegate.evidence.observation import MAX_QUOTE, Observation, Outcome, Violation
from wavegate.redaction.personal_data import quote, redact
from wavegate.release.check_kinds import POLICIES
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack, PackTest, Policy
from wavegate.release.required_packs import named_packs
from wavegate.smoke.policies import Breach, Search, UncheckedPolicy, check
from wavegate.smoke.values import CaseResult, PlannedRun, Runner
from wavegate.statistics.power import ONE_EACH, planned_runs
from wavegate.text import clip, join_names

_RUNNERS = {EVALUATION: Runner.TESTING_CENTER, TESTING: Runner.AGENTFORCE_STUDIO}


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The runs of a pack to execute.

    tests: names; empty for all. runs: run numbers; None for the runs of the pack's first stage.
    shard, shards: which part of the runs, from 1, and the number of equal parts.
    """

    tests: tuple[str, ...] = ()
    runs: range | None = None
    shard: int = 1
    shards: int = 1


def packs_to_run(
    manifest: Manifest, environment: Environment, packs: Sequence[Pack], *, verify: bool
) -> tuple[Pack, ...]:
    """The packs to run in an environment.

    They show whether the release may enter the next environment. In the last environment, or to verify a deployment,
    they show whether the environment itself works. InputError: the manifest names a pack that does not exist.
    """
    following = manifest.environments[manifest.environments.index(environment) + 1 :]
    gate = environment.verify if verify or not following else following[0].gate
    return named_packs(gate, packs, manifest=manifest)


def plan_runs(
    pack: Pack,
    selection: Selection,
    *,
    runner: Runner,
    cases: Mapping[str, int] = ONE_EACH,
    today: date | None = None,
) -> tuple[PlannedRun, ...]:
    """The selected runs of a pack, in the pack's order.

    runner: for tests whose definition does not specify one. A definition specifies it by its metadata type:
    `AiTestingDefinition:Order_Status`. cases, today: as for `power_of`.
    """
    runs = planned_runs(pack, cases, today)
    planned = [
        _planned(pack, test, run, runner)
        for test in pack.tests
        if not selection.tests or test.name in selection.tests
        for run in selection.runs or range(1, runs[test.name] + 1)
    ]
    return tuple(planned[selection.shard - 1 :: selection.shards])


def _planned(pack: Pack, test: PackTest, run: int, runner: Runner) -> PlannedRun:
    definition = definition_of(test)
    named = _RUNNERS.get(definition.type)
    # a program cannot run an org's definition, so there the requested runner wins
    in_org = runner in _RUNNERS.values()
    return PlannedRun(
        suite=pack.suite,
        test=test.name,
        run=run,
        definition=definition.name,
        runner=named if named and in_org else runner,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedCase:
    """An observation after the pack's policies were checked. problems: in the order of the checks."""

    observation: Observation
    problems: tuple[Breach | UncheckedPolicy, ...] = ()


def judge_case(case: CaseResult, test: PackTest, policies: Iterable[Policy], search: Search) -> JudgedCase:
    """Judge a case by the policies of its test, and by the expectations in its transcript.

    A breach makes it a failure, with a violation of the test's severity. A policy that cannot be checked makes it an
    error, unless it failed already. A case without a rating, or without a check that counts for its test, passes only
    if a policy was checked.
    """
    applicable = _policies(case, test, policies)
    problems = tuple(problem for policy in applicable for problem in _problems(case, policy, search))
    breaches: dict[str, str] = {}
    for problem in problems:
        if isinstance(problem, Breach):
            breaches.setdefault(problem.policy, clip(redact(problem.message), MAX_QUOTE))
    stated, checks = case.observation.outcome, case.observation.checks
    is_rated = case.rated and not (checks and none_counts(checks, test))
    outcome = stated
    if breaches:
        outcome = Outcome.FAIL
    elif problems and outcome is Outcome.PASS:
        outcome = Outcome.ERROR
    elif applicable and not problems and not is_rated:
        outcome = Outcome.PASS
    if applicable:
        by_policies = Outcome.FAIL if breaches else Outcome.ERROR if problems else Outcome.PASS
        checks = by_kind([(POLICIES, by_policies), *checks.items()])
    elif not case.rated or none_counts(checks, test):
        problems = (_unjudged(case),)
    violations = tuple(
        Violation(policy=policy, severity=test.severity, detail=detail) for policy, detail in breaches.items()
    )
    outcome = confirmed(outcome, checks, test)
    return JudgedCase(
        observation=replace(
            case.observation,
            outcome=outcome,
            quote=_quote(case) if outcome is Outcome.FAIL else "",
            checks=checks,
            violations=(*case.observation.violations, *violations),
        ),
        problems=problems,
    )


def _quote(case: CaseResult) -> str:
    """What the agent said in a case that failed; '' if nobody recorded it."""
    return quote((case.transcript.answer if case.transcript else case.observation.quote) or "")


def _unjudged(case: CaseResult) -> UncheckedPolicy:
    if case.rated:
        held = join_names(sorted(case.observation.checks)) or "it has none"
        return UncheckedPolicy(policy="checks", message=f"no check of this case counts for its test: {held}")
    message = "nothing judges this case: it has no rating, and no policy applies"
    return UncheckedPolicy(policy="rating", message=message)


def _policies(case: CaseResult, test: PackTest, policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies that apply to a case, without empty ones."""
    own = case.transcript.expect.policy if case.transcript and case.transcript.expect else None
    named = (*(policy for policy in policies if policy.name in test.policies), *([own] if own else []))
    return tuple(policy for policy in named if policy != Policy(name=policy.name))


def _problems(case: CaseResult, policy: Policy, search: Search) -> tuple[Breach | UncheckedPolicy, ...]:
    if case.transcript is None:
        return (UncheckedPolicy(policy=policy.name, message="there is no transcript"),)
    return check(case.transcript, policy, search)


def runs_of_copies(planned: Iterable[PlannedRun]) -> tuple[PlannedRun, ...]:
    """The runs with the definitions that were copied with a pilot's agents, whose subject is the copy."""
    return tuple(with_fields(each, definition=each.definition + COPY_SUFFIX) for each in planned)
