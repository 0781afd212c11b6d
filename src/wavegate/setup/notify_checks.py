"""Check whether the secrets that `notify` names exist. What they hold nobody can read."""

from collections.abc import Callable, Iterator, Mapping

from wavegate.github.repository_settings import Names
from wavegate.release.notify_settings import NotifySettings
from wavegate.setup.github_checks import REPOSITORY, ok, problem, unknown
from wavegate.setup.health import Check, Unavailable
from wavegate.text import join_names

_FIX = (
    "Settings → Secrets and variables → Actions: add it as a repository secret, and pass it under `secrets` of each "
    "workflow that calls wavegate, as docs/notifications.md shows."
)


def notify_checks(
    settings: NotifySettings | None,
    environments: Mapping[str, Names | Unavailable],
    repository: Names | Unavailable,
    organization: Callable[[], Names | Unavailable],
) -> Iterator[Check]:
    """Whether each secret is one of the repository, of an environment or of the organization.

    environments: by name. organization: reads what the organization shares with the repository; it is only called if
    a secret is nowhere else.
    """
    wanted = _secrets(settings) if settings else []
    missing = [
        each for each in wanted if not any(_has(names, each) for names in (repository, *environments.values()))
    ]
    shared = organization() if missing else Names(secrets=frozenset(), variables=frozenset())
    missing = [each for each in missing if not _has(shared, each)]
    unread = [each for each in (repository, *environments.values(), shared) if isinstance(each, Unavailable)]
    for name in missing:
        if unread:
            yield unknown("notify/secret", REPOSITORY, unread[0])
            return
        yield problem("notify/secret", REPOSITORY, f"`notify` names the secret {name}, which does not exist.", _FIX)
    if wanted and not missing:
        yield ok("notify/secret", REPOSITORY, f"The secrets of `notify` exist: {join_names(wanted, 4)}.")


def _secrets(settings: NotifySettings) -> list[str]:
    webhook = (settings.webhook.url, settings.webhook.secret) if settings.webhook else ()
    return [each for each in (settings.slack, settings.teams, *webhook) if each]


def _has(names: Names | Unavailable, secret: str) -> bool:
    # GitHub keeps the names of secrets in capitals
    return not isinstance(names, Unavailable) and secret.upper() in {each.upper() for each in names.secrets}
