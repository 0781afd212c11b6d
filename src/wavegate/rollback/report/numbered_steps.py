"""What people do in a rollback, in order: stop, check, merge, approve, restart, and what the promotion does not do.

The same sentences for Markdown and for a log.
"""

from collections.abc import Iterator, Sequence
from shlex import quote

from wavegate.rollback.report.situation import Words, command_line, named, split_stops
from wavegate.rollback.values import Rollback


def numbered_steps(
    rollback: Rollback, say: Words, *, proposal: str = "this pull request", checks_run: bool = True
) -> list[str]:
    """One line for each step, beginning with its number. proposal: what has to be merged, in words.

    checks_run: whether opening the pull request started workflows.
    """
    steps = [
        *_stop(rollback, say),
        *([] if checks_run else [_start_checks(say)]),
        _merge(rollback, say, proposal=proposal),
        _approve(rollback, say),
        *_restart(rollback, say),
    ]
    if rollback.checklist:
        steps.append(f"{say.strong('Do what the promotion does not do')}, as listed below.")
    return [f"{number}. {step}" for number, step in enumerate(steps, start=1)]


def running(rollback: Rollback) -> Sequence[str]:
    """The agents of the bad release that no stop covers."""
    stopped = {each.agent.casefold() for each in split_stops(rollback)[1]}
    answering = rollback.bad.copies or tuple(rollback.bad.agents)
    return [each for each in answering if each.casefold() not in stopped]


def _stop(rollback: Rollback, say: Words) -> Iterator[str]:
    """How to stop the agents that answer; nothing if all of them are stopped."""
    _, stopped = split_stops(rollback)
    agents = running(rollback)
    if stopped and not agents:
        return
    names = named([say.text(each) for each in agents])
    still = "the agents that are still on" if stopped else "the agents"
    lead = say.strong(f"Stop {still}{f' ({names})' if names else ''}")
    line = say.code(command_line("disable", rollback.environment, "--reason"))
    page = rollback.pages.kill_switch
    ways = f"{say.link('open the kill switch form', page)}, or {line}" if page else line
    yield f"{lead} if they must not answer until then: {ways}."


def _start_checks(say: Words) -> str:
    return (
        f"{say.strong('Start the checks')}, if the branch requires them: approve the workflow run on this page, or "
        "push an empty commit, as below."
    )


def _merge(rollback: Rollback, say: Words, *, proposal: str) -> str:
    where, pages = say.text(rollback.environment), rollback.pages
    lead = say.strong(f"Merge {proposal}")
    if pages.promotion or not pages.repository:
        starts = f"{lead}. That starts {say.link('the promotion', pages.promotion)} to {where}"
    else:
        starts = f"{lead}, and promote the merge commit to {where}"
    if rollback.fast_lane:
        return f"{starts}, in the fast lane: no new smoke tests and no gate decision, as it was live there before."
    return f"{starts}, with smoke tests and gate as for every release."


def _approve(rollback: Rollback, say: Words) -> str:
    then = "after the restart" if split_stops(rollback)[1] else "after the deployment"
    lead = say.strong("Approve the deployment")
    return f"{lead} if {say.text(rollback.environment)} asks for it. It is verified {then}."


def _restart(rollback: Rollback, say: Words) -> Iterator[str]:
    """How the agents come back that a stop holds: the promotion leaves them as they are."""
    _, stopped = split_stops(rollback)
    if not stopped:
        return
    names = named([say.text(each.agent) for each in stopped])
    agents = " ".join(f"--agent {quote(each.agent)}" for each in stopped)
    line = say.code(command_line("enable", rollback.environment, f"{agents} --reason"))
    page = rollback.pages.restart
    ways = f"{say.link('open the restart form', page)}, or {line}" if page else line
    yield f"{say.strong(f'Restart {names}')} once the promotion is done: {ways}. Then re-run its deploy job."
