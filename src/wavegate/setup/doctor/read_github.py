"""Reads what doctor checks on GitHub. Each setting needs its own permission, so any of them may be unknown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from wavegate.github import settings
from wavegate.github.client import GitHub
from wavegate.github.repository_settings import BranchRules, EnvironmentSettings, Names, RepositoryFacts
from wavegate.github.teams import owner_access
from wavegate.release.notify_settings import NotifySettings
from wavegate.setup.doctor.environment_checks import (
    custom_rule_checks,
    environment_checks,
    kill_switch_checks,
    login_checks,
)
from wavegate.setup.doctor.health import Check, Unavailable, ok, unknown
from wavegate.setup.doctor.input_checks import value_checks
from wavegate.setup.doctor.notify_checks import notify_checks
from wavegate.setup.doctor.owner_access import MAX_OWNERS, owner_access_checks
from wavegate.setup.doctor.pull_request_checks import OwnedRelease, pull_request_checks
from wavegate.setup.doctor.read_org import ask
from wavegate.setup.doctor.repository_checks import (
    actions_checks,
    attestation_check,
    branch_checks,
    release_branch_checks,
    runner_versions,
    server_checks,
    workflow_checks,
)
from wavegate.setup.doctor.trigger_checks import release_trigger_checks, reported_checks, trigger_checks
from wavegate.setup.doctor.workflow_checks import (
    action_repositories,
    asks_for_attestation,
    owner_checks,
    release_branch,
    stop_environments,
)
from wavegate.setup.doctor.workflows import Workflow
from wavegate.setup.steps import REPOSITORY
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubPlace:
    """Where doctor looks. names: the manifest's environments, in order. notify: what the manifest asks for.

    release: the manifest's owners. owners: all whom it names anywhere. variables: that replacements always insert.
    for_server: see `server_checks`.
    """

    github: GitHub
    repository: str
    names: Sequence[str]
    notify: NotifySettings | None
    release: OwnedRelease
    owners: Sequence[str]
    variables: Sequence[str]
    workflows: Sequence[Workflow]
    for_server: bool
    is_server: bool


def github_checks(place: GitHubPlace) -> Iterator[Check]:
    """The checks of a repository's settings."""
    github, repository = place.github, place.repository
    facts = ask(lambda: settings.repository_facts(github, repository))
    if isinstance(facts, Unavailable):
        yield unknown("github/token", REPOSITORY, facts)
        return
    yield ok("github/token", REPOSITORY, f"The token reads {one_line(repository, 200)}.")
    version = ask(lambda: settings.server_version(github)) if place.is_server else ""
    yield from server_checks(version, are_for_server=place.for_server)
    yield from owner_checks(place.workflows, facts.owner)
    actions = ask(lambda: settings.actions_settings(github, repository))
    yield from actions_checks(actions, action_repositories(place.workflows))
    yield from workflow_checks(ask(lambda: settings.workflow_settings(github, repository)))
    yield from runner_versions(ask(lambda: settings.self_hosted_runners(github, repository)))
    branch = release_branch(place.workflows, facts.branch)
    exists = branch == facts.branch or ask(lambda: settings.has_branch(github, repository, branch))
    yield from release_branch_checks(branch, facts.branch, exists=exists)
    yield from release_trigger_checks(place.workflows, branch)
    ruled = branch if exists is True else facts.branch
    rules = ask(lambda: settings.branch_rules(github, repository, ruled))
    yield from branch_checks(ruled, rules, list(reported_checks(place.workflows)))
    protection = partial(ask, partial(settings.protection_pulls, github, repository, ruled))
    yield from pull_request_checks(ruled, rules, protection, place.release)
    has_queue = rules if isinstance(rules, Unavailable) else rules.has_queue
    yield from trigger_checks(place.workflows, branch=branch, has_queue=has_queue)
    if asks_for_attestation(place.workflows):
        yield from attestation_check(facts, _plan(github, facts))
    yield from _owners(place)
    yield from _environments(place, facts, branch, rules)


def _owners(place: GitHubPlace) -> Iterator[Check]:
    asked = place.owners[:MAX_OWNERS]
    found = {each: ask(partial(owner_access, place.github, place.repository, each)) for each in asked}
    yield from owner_access_checks(found, not_asked=len(place.owners) - len(asked))


def _plan(github: GitHub, facts: RepositoryFacts) -> str | Unavailable:
    """The plan of the owner; only an organization's can be read."""
    return ask(lambda: settings.plan_name(github, facts.owner)) if facts.is_organization and facts.private else ""


def _environments(
    place: GitHubPlace, facts: RepositoryFacts, branch: str, rules: BranchRules | Unavailable
) -> Iterator[Check]:
    github, repository, names = place.github, place.repository, place.names
    environments = ask(lambda: settings.environments(github, repository))
    yield from environment_checks(names, environments, branch=branch, rules=rules, private=facts.private)
    if isinstance(environments, Unavailable):
        return
    stops = stop_environments(place.workflows, names)
    yield from kill_switch_checks(stops, environments, branch=branch, rules=rules)
    existing = _existing(environments, [*names, *(each for each in stops.values() if isinstance(each, str))])
    custom = {each: ask(partial(settings.custom_rules, github, repository, each)) for each in existing}
    # smoke tests run in the environment before, without a deployment; so does the kill switch in its own
    without_deployment = frozenset({*names[:-1], *(each for each in existing if each not in names)})
    yield from custom_rule_checks(custom, without_deployment=without_deployment)
    names_in = {each: ask(partial(settings.environment_names, github, repository, each)) for each in existing}
    own = ask(lambda: settings.repository_names(github, repository))
    shared = _organization_names(github, repository, facts)
    yield from login_checks(names_in, own, shared)
    yield from notify_checks(place.notify, names_in, own, lambda: shared)
    yield from value_checks(place.variables, place.workflows, names_in, own, lambda: shared)


def _existing(environments: Sequence[EnvironmentSettings], names: Sequence[str]) -> list[str]:
    known: Mapping[str, EnvironmentSettings] = {each.name.casefold(): each for each in environments}
    return [each for each in dict.fromkeys(names) if each.casefold() in known]


def _organization_names(github: GitHub, repository: str, facts: RepositoryFacts) -> Names | Unavailable:
    if not facts.is_organization:
        return Names(secrets=frozenset(), variables=frozenset())
    return ask(lambda: settings.organization_names(github, repository))
