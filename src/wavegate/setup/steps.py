"""The manual setup steps on GitHub and in the org, in order. `doctor` checks every one of them."""

from collections.abc import Iterator, Sequence

REPOSITORY = "repository"
"""What doctor calls the repository, beside the names of environments."""

CHECK = "check / Manifest and packs"
"""Name of the pull request check: the template's job, then the job of check.yml."""


def setup_steps(environments: Sequence[str], *, branch: str) -> Iterator[str]:
    """The steps, plain text. environments: in the order of promotion."""
    later = ", ".join(environments[1:])
    yield f"Settings → Environments: create {', '.join(environments)}. Allow deployments only from {branch}."
    if later:
        yield f"There, for {later}: add required reviewers and prevent self-review."
    yield (
        "There, for every environment: add the secret SF_JWT_KEY with the variables SF_CLIENT_ID, SF_USERNAME and "
        "SF_LOGIN_URL (the org's My Domain), or the secret SF_AUTH_URL."
    )
    yield (
        "Settings → Actions → General → Workflow permissions: choose read access, and "
        "allow GitHub Actions to create and approve pull requests."
    )
    yield f"Settings → Rules → Rulesets, for {branch}: require a pull request and the status check “{CHECK}”."
    yield f"The kill switch must not wait for a reviewer. {stop_fix(*environments)}"


def stop_fix(*environments: str) -> str:
    """How to give the kill switch of these environments GitHub environments without reviewers."""
    stops = ", ".join(f"{each}-stop" for each in environments)
    return (
        f"Settings → Environments: create {stops} with the same secrets and branches, but no reviewers. Then add "
        "`github-environment: ${{ inputs.environment }}-stop` under `with:` in wavegate-disable.yml, and in "
        "wavegate-rollback.yml, which activates the good versions at once."
    )
