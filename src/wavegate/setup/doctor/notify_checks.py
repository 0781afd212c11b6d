"""Check whether the secrets that `notify` names exist. What they hold nobody can read."""

from collections.abc import Callable, Iterator, Mapping

from wavegate.github.repository_settings import Names
from wavegate.release.notify_settings import NotifySettings
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names

_FIX = (
    "Settings → Secrets and variables → Actions: add it as a repository secret, and pass it under `secrets` of each "
    "workflow that calls wavegate, as https://wavegate.github.io/wavegate/how-to/notify/ shows."
)


def notify_checks(
    settings: NotifySettings | None,
    environments: Mapping[str, Names | Unavailable],
    repository: Names | Unavailable,
    organization: Callable[[], Names | Unavailable],
) -> Iterator[Check]:
    """Whether each secret is one of the repository or of the organization; one of an environment is not enough.

    environments: by name. organization: reads what the organization shares with the repository; it is only called if
    the repository does not have a secret.
    """
    rule, wanted = "notify/secret", _secrets(settings) if settings else []
    missing = [each for each in wanted if not _has(repository, each)]
    shared = organization() if missing else repository
    missing = [each for each in missing if not _has(shared, each)]
    unread = [each for each in (repository, shared) if isinstance(each, Unavailable)]
    if missing and unread:
        yield unknown(rule, REPOSITORY, unread[0])
        return
    for name in missing:
        holders = [environment for environment, names in environments.items() if _has(names, name)]
        why = "which does not exist"
        if holders:
            why = f"which only {join_names(holders, 4)} has, and the job of the gate runs in no environment"
        yield problem(rule, REPOSITORY, f"`notify` names the secret {name}, {why}.", _FIX)
    if wanted and not missing:
        yield ok(rule, REPOSITORY, f"The secrets of `notify` exist: {join_names(wanted, 4)}.")


def _secrets(settings: NotifySettings) -> list[str]:
    webhook = (settings.webhook.url, settings.webhook.secret) if settings.webhook else ()
    return [each for each in (settings.slack, settings.teams, *webhook) if each]


def _has(names: Names | Unavailable, secret: str) -> bool:
    # GitHub keeps the names of secrets in capitals
    return not isinstance(names, Unavailable) and secret.upper() in {each.upper() for each in names.secrets}
