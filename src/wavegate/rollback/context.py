"""What the reader of a rollback has to know beside its plan: what is stopped, and where things are on GitHub."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from wavegate.cli.actions import Run
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import Tree
from wavegate.ledger.acts.act import release_id
from wavegate.ledger.acts.holds import OpenStop
from wavegate.rollback.choice import ReleaseChoice
from wavegate.rollback.pages import WORKFLOWS, kill_switch_workflow, promotion_workflow, restart_workflow
from wavegate.rollback.prepare import Prepared
from wavegate.rollback.values import Pages, Rollback


def with_situation(
    prepared: Prepared, choice: ReleaseChoice, run: Run, git: Git, *, activating: bool = False
) -> Rollback:
    """The rollback with what its reader has to know beside the plan.

    activating: whether another job of this run activates the agent versions of the good release.
    """
    bad, good, plan = choice.bad, choice.good, prepared.rollback.plan
    content = good.release.content if good.release else ""
    pilot = bad.release.pilot if bad.release else None
    return replace(
        prepared.rollback,
        was_live=bad.succeeded,
        stops=tuple(_own_stops(choice.holds.stops, {**bad.live, **good.live})),
        fast_lane=bool(content) and not plan.conflicts and not good.differs,
        activating=activating and bool(good.agents),
        copies=tuple(pilot.copies.values()) if pilot else (),
        cohorts=pilot.cohorts if pilot else (),
        pages=_pages(run, _opening_run(choice, run), _workflows(git, prepared.base)),
    )


def _own_stops(stops: Iterable[OpenStop], agents: Mapping[str, object]) -> Iterable[OpenStop]:
    names = {each.casefold() for each in agents}
    return (each for each in stops if not names or each.agent.casefold() in names)


def _workflows(git: Git, tree: Tree) -> dict[str, str]:
    source = CommitSource(git, tree)
    paths = [each for each in source.paths() if each.startswith(WORKFLOWS) and each.endswith((".yml", ".yaml"))]
    return {path: data.decode("utf-8", "replace") for path, data in source.read(paths).items()}


def _opening_run(choice: ReleaseChoice, run: Run) -> str:
    """URL of the run that opened this rollback, '' if laptops alone did; a later run does not change it."""
    opened = choice.holds.rollback
    known = opened.run if opened and opened.release == release_id(choice.bad) else ""
    return known or run.attempt_url


def _pages(run: Run, opening: str, workflows: Mapping[str, str]) -> Pages:
    repository = f"{run.server_url}/{run.repository}"

    def page(find: Callable[[Mapping[str, str]], str]) -> str:
        name = find(workflows)
        return f"{repository}/actions/workflows/{name}" if name else ""

    return Pages(
        repository=repository,
        run=opening,
        kill_switch=page(kill_switch_workflow),
        restart=page(restart_workflow),
        promotion=page(promotion_workflow),
    )
