"""What a repository's workflows do, as far as doctor asks: their triggers, jobs, and what these use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wavegate.files.document import MappingEntry, Node
from wavegate.setup.doctor.triggers import FILTERS, Trigger
from wavegate.setup.local.generated import ACTIONS, FOLDER

_USES = re.compile(r"(?:[.$](?=/)|(?P<repository>\w[\w.-]*/[\w.-]+))(?P<path>/[^@\s]*)?(?:@(?P<ref>\S+))?")
_CALLED = "workflow_call"
_NEVER = re.compile(r"(?:\$\{\{\s*)?false(?:\s*\}\})?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """An action or a workflow that a job uses.

    repository: `OWNER/REPO`; '' for the workflow's own. path: in that repository, such as
    `/.github/actions/deploy`; '' for its root. ref: '' in the workflow's own repository. inputs: under `with:`.
    condition: of the step, as written; '' without one. may_fail: whether the job goes on without it.
    """

    repository: str
    path: str
    ref: str
    inputs: Mapping[str, str]
    condition: str = ""
    may_fail: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowJob:
    """A job. call: the workflow that it calls. steps: what its steps use.

    environment, runner, condition: as written, '' without one. needs: ids of jobs that it waits for.
    """

    id: str
    name: str
    call: Use | None
    steps: tuple[Use, ...]
    environment: str
    runner: str
    condition: str
    needs: tuple[str, ...]

    @property
    def shown(self) -> str:
        """Its name in the list of checks."""
        return self.name or self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """A workflow file. file: its name. triggers: by event. form: the input `environment` of a dispatch, or None.

    is_read: whether it could be parsed.
    """

    file: str
    triggers: Mapping[str, Trigger]
    jobs: tuple[WorkflowJob, ...]
    form: Node | None
    is_read: bool = True

    @property
    def starts(self) -> bool:
        """Whether something else than another workflow can start it."""
        return not self.triggers.keys() <= {_CALLED}

    @property
    def uses(self) -> tuple[Use, ...]:
        """All that its jobs use."""
        return tuple(use for job in self.jobs for use in (*((job.call,) if job.call else ()), *job.steps))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A use, with the jobs that lead to it.

    workflow: the one that something starts. way: its job first, then those of called workflows; the last one has the
    use. file: of the workflow that has the last job.
    """

    workflow: Workflow
    way: tuple[WorkflowJob, ...]
    file: str
    use: Use


def reached(workflows: Sequence[Workflow]) -> Iterator[Reached]:
    """Everything that is used by a workflow that something starts, through the workflows that it calls."""
    by_path = {f"/{FOLDER}/{each.file}": each for each in workflows}
    for workflow in workflows:
        if workflow.starts:
            yield from _reached((workflow,), (), by_path)


def is_own(use: Use, file: str) -> bool:
    """Whether a use is of wavegate, or of an organization's mirror. file: of the workflow that uses it."""
    if not use.repository:
        return False
    _, _, name = use.repository.casefold().partition("/")
    known = use.path.startswith(("/.github/workflows/", "/.github/actions/"))
    return use.repository.casefold() == ACTIONS or name == "wavegate" or (known and file.startswith("wavegate-"))


def _reached(
    files: tuple[Workflow, ...], way: tuple[WorkflowJob, ...], by_path: Mapping[str, Workflow]
) -> Iterator[Reached]:
    """The uses of the last workflow. files: those that lead to it, and itself. way: the jobs that call them."""
    for job in filter(_runs, files[-1].jobs):
        here = (*way, job)
        for step in filter(_runs, job.steps):
            yield Reached(workflow=files[0], way=here, file=files[-1].file, use=step)
        if job.call:
            yield Reached(workflow=files[0], way=here, file=files[-1].file, use=job.call)
            called = by_path.get(job.call.path) if not job.call.repository else None
            # GitHub allows ten levels of calls, and no circle
            if called and called not in files and len(here) < 10:
                yield from _reached((*files, called), here, by_path)


def _runs(each: WorkflowJob | Use) -> bool:
    """Whether a job or a step is not switched off by `if: false`."""
    return _NEVER.fullmatch(each.condition) is None


def workflow_of(file: str, root: Node | None, *, is_read: bool) -> Workflow:
    """The workflow of a file. root: its value, if it has one."""
    jobs = entries(value_at(root, "jobs"))
    return Workflow(
        file=file,
        triggers=_triggers(value_at(root, "on")),
        jobs=tuple(_job(name, entry.node) for name, entry in jobs.items()),
        form=value_at(root, "on", "workflow_dispatch", "inputs", "environment"),
        is_read=is_read,
    )


def _triggers(node: Node | None) -> dict[str, Trigger]:
    """The events of `on`: one name, a list of names, or a mapping."""
    return {event: _trigger(event, value_at(node, event)) for event in entries(node) or _texts(node)}


def _trigger(event: str, node: Node | None) -> Trigger:
    given = entries(node)
    return Trigger(
        event=event,
        types=_texts(value_at(node, "types")),
        filters={key: _texts(given[key].node) for key in FILTERS if key in given},
    )


def _texts(node: Node | None) -> tuple[str, ...]:
    """One scalar, or those of a list."""
    listed = node.value if node and isinstance(node.value, list) else [node]
    return tuple(filter(None, map(as_text, listed)))


def _job(name: str, node: Node) -> WorkflowJob:
    steps = value_at(node, "steps")
    listed = steps.value if steps and isinstance(steps.value, list) else []
    environment = value_at(node, "environment")
    runner = value_at(node, "runs-on")
    return WorkflowJob(
        id=name,
        name=as_text(value_at(node, "name")),
        call=_use(node),
        steps=tuple(use for each in listed if (use := _use(each))),
        environment=as_text(value_at(environment, "name")) or as_text(environment),
        runner=as_text(runner),
        condition=as_text(value_at(node, "if")),
        needs=_texts(value_at(node, "needs")),
    )


def _use(node: Node) -> Use | None:
    found = _USES.fullmatch(as_text(value_at(node, "uses")))
    if found is None:
        return None
    inputs = {name: as_text(entry.node) for name, entry in entries(value_at(node, "with")).items()}
    return Use(
        repository=found["repository"] or "",
        path=(found["path"] or "").rstrip("/"),
        ref=found["ref"] or "",
        inputs=inputs,
        condition=as_text(value_at(node, "if")),
        may_fail=as_text(value_at(node, "continue-on-error")) not in {"", "false"},
    )


def value_at(node: Node | None, *keys: str) -> Node | None:
    """The value at these keys, or None."""
    for key in keys:
        entry = entries(node).get(key)
        node = entry.node if entry else None
    return node


def entries(node: Node | None) -> Mapping[str, MappingEntry]:
    """The entries of a mapping; none for anything else."""
    return node.value if node and isinstance(node.value, dict) else {}


def as_text(node: Node | None) -> str:
    """A scalar as written; '' for anything else."""
    if node is None or isinstance(node.value, list | dict) or node.value is None:
        return ""
    return node.written or (str(node.value).lower() if isinstance(node.value, bool) else str(node.value))
