import pytest

from wavegate.child_environment import for_any_program, for_git, for_salesforce_cli, for_test_program


@pytest.mark.parametrize(
    "name",
    [
        # without it, the CLI looks for its key in a keychain that a headless Linux does not have
        "SF_USE_GENERIC_UNIX_KEYCHAIN",
        "SFDX_USE_GENERIC_UNIX_KEYCHAIN",
        "SF_CRYPTO_V2",
        "SF_CONTAINER_MODE",
        # how Node.js trusts the certificates of the system, and uses HTTPS_PROXY
        "NODE_USE_SYSTEM_CA",
        "NODE_USE_ENV_PROXY",
        "NODE_EXTRA_CA_CERTS",
    ],
)
def test_the_salesforce_cli_gets_what_it_needs_to_read_its_key_and_reach_an_org(name: str) -> None:
    assert for_salesforce_cli({name: "true"}) == {name: "true"}


@pytest.mark.parametrize(
    "name", ["SF_ACCESS_TOKEN", "SF_JWT_KEY", "SF_USE_KEY", "XDG_SECRET", "SF_AUTH_URL", "NODE_AUTH_TOKEN"]
)
def test_a_listed_name_that_looks_like_a_secret_is_withheld(name: str) -> None:
    given = {name: "x"}
    assert for_any_program(given) == for_git(given) == for_salesforce_cli(given) == for_test_program(given, []) == {}
