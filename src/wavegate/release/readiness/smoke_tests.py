"""Whether each agent and each high-impact action has smoke tests of both kinds."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack, PackTest, TestKind
from wavegate.release.readiness.acceptance import high_impact_actions, linked_tests
from wavegate.release.readiness.values import AreaScore, ReadinessArea, Shipped


def smoke_test_score(manifest: Manifest, shipped: Shipped, packs: Sequence[Pack]) -> AreaScore:
    """How many of the two kinds of tests each subject has.

    For an action, a test counts that its acceptance criteria name, or one with a policy that names the action. For
    one of several agents, a test whose definition is about it, or that its criteria name; for the only agent, and
    for a release without agents, every test.
    """
    tests = [(test, pack) for pack in packs for test in pack.tests]
    met, missing = 0, []
    for subject, found in _subjects(manifest, shipped, tests):
        kinds = {each.kind for each in found}
        met += len(kinds)
        missing += [f"{subject}: {each}" for each in TestKind if each not in kinds]
    return AreaScore(area=ReadinessArea.SMOKE_TESTS, met=met, missing=tuple(missing), urgent=True)


def _subjects(
    manifest: Manifest, shipped: Shipped, tests: Sequence[tuple[PackTest, Pack]]
) -> Iterator[tuple[str, list[PackTest]]]:
    everything = [test for test, _ in tests]
    if not shipped.agents and (shipped.kinds or shipped.actions):
        yield "release", everything
    for agent in shipped.agents:
        linked = linked_tests(manifest, "agents", agent)
        alone = len(shipped.agents) == 1
        yield agent, [each for each in everything if alone or _is_about(agent, each, linked, shipped)]
    for action in high_impact_actions(manifest):
        linked = linked_tests(manifest, "actions", action)
        yield action, [test for test, pack in tests if test.name in linked or _polices(test, pack, action)]


def _is_about(agent: str, test: PackTest, linked: AbstractSet[str], shipped: Shipped) -> bool:
    return test.name in linked or agent in shipped.tested.get(test.name, ())


def _polices(test: PackTest, pack: Pack, action: str) -> bool:
    """Whether a policy of the test requires or forbids the action."""
    named = {
        name.casefold()
        for policy in pack.policies
        if policy.name in test.policies
        for name in (*policy.required_actions, *policy.forbidden_actions)
    }
    return action.casefold() in named
