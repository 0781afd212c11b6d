"""Who approved a deployment, among the approvals of its workflow run."""

from collections.abc import Iterable, Sequence

from wavegate.github.approved import RunApproval
from wavegate.ledger.status.values import Approver


def approvers_of(approvals: Sequence[RunApproval], environment: str, others: Iterable[str]) -> tuple[Approver, ...]:
    """The approvers of a run's deployment to an environment, each person once.

    others: the manifest's other environments. The job may have used a GitHub environment of another name, which the
    ledger does not know. So if nobody approved the environment of the same name, the approvals of the run count that
    are not another environment's, and each one says which GitHub environment it was for.
    """
    own = [each.login for each in approvals if _is(each, environment)]
    if own:
        return tuple(Approver(login=each) for each in dict.fromkeys(own))
    names = tuple(others)
    unnamed = [each for each in approvals if not any(_is(each, name) for name in names)]
    return tuple(dict.fromkeys(Approver(login=each.login, through=", ".join(each.environments)) for each in unnamed))


def _is(approval: RunApproval, environment: str) -> bool:
    # GitHub compares the names of environments without regard to case
    return environment.casefold() in {each.casefold() for each in approval.environments}
