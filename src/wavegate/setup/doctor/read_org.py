"""Reads what doctor checks in an environment's org."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from wavegate.components.agent_versions import agent_names
from wavegate.components.component import Project
from wavegate.errors import InputError, ServiceError, WavegateError
from wavegate.release.manifest import Environment, Manifest
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.login import kept_session, open_org
from wavegate.salesforce.org import Org
from wavegate.salesforce.preflight import check_permissions
from wavegate.salesforce.probes import may_run_tests, traced_sessions
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.doctor.org_checks import agent_checks, api_check, missing, smoke_check, tracing_check
from wavegate.text import one_line

T = TypeVar("T")
_CREDENTIALS = ("SF_ACCESS_TOKEN", "SF_AUTH_URL", "SF_JWT_KEY")


def org_checks(manifest: Manifest, project: Project, chosen: str, root: Path) -> Iterator[Check]:
    """Checks of the orgs. root: of the checkout.

    chosen: the environment whose org is checked, with the credentials that the variables hold; '' for all of them,
    each with its own login.
    """
    has_credentials = any(os.environ.get(name) for name in _CREDENTIALS)
    alone = len(manifest.environments) == 1
    for environment in manifest.environments:
        if chosen and environment.name != chosen:
            continue
        if kept_session(environment.org, root=root) or (has_credentials and (alone or chosen)):
            yield from _checks(environment, manifest, project, root)
        else:
            yield from missing([environment.name])


def _checks(environment: Environment, manifest: Manifest, project: Project, root: Path) -> Iterator[Check]:
    name = environment.name
    try:
        org = open_org(environment.org, root=root)
        identity = org.identity()
    except InputError as refused:
        yield problem("org/login", name, refused.message, refused.fix)
        return
    except ServiceError as failed:
        yield unknown("org/login", name, Unavailable(message=failed.message, fix=failed.fix))
        return
    yield ok("org/login", name, f"{one_line(identity.username or identity.user_id, 100)} logs in to {org.host}.")
    yield api_check(name, ask(org.newest_api_version), project.api_version)
    yield _permissions(org, name)
    agents = ask(lambda: find_agents(org, [each.name for each in manifest.agents]))
    shipped = frozenset(each.casefold() for each in agent_names(project))
    yield from agent_checks(name, manifest.agents_in(name), agents, shipped)
    yield smoke_check(name, ask(lambda: may_run_tests(org)))
    if environment.canary:
        yield tracing_check(name, ask(lambda: traced_sessions(org)))


def _permissions(org: Org, environment: str) -> Check:
    rule = "org/deploy"
    try:
        note = check_permissions(org)
    except InputError as refused:
        return problem(rule, environment, refused.message, refused.fix)
    if note:
        return unknown(rule, environment, Unavailable(message=note, fix="Check the login user's permission sets."))
    return ok(rule, environment, "The login user may deploy metadata.")


def ask(question: Callable[[], T]) -> T | Unavailable:
    """The answer, or why there is none."""
    try:
        return question()
    except WavegateError as error:
        return Unavailable(message=error.message, fix=error.fix)
