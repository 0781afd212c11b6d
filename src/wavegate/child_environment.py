"""What a program that wavegate starts gets of its environment: an allow-list, and no secret of a workflow.

A variable that is not listed is left out, whatever its name. So is a listed one whose name looks like a secret's.
"""

import re
from collections.abc import Iterable, Mapping

_ANY = r"""
    PATH | HOME | USER | LOGNAME | SHELL | TERM | TZ | LANG | LANGUAGE | LC_\w+ | TMPDIR | TMP | TEMP | XDG_\w+
    | LD_LIBRARY_PATH | DYLD_LIBRARY_PATH | DEVELOPER_DIR | NO_COLOR
    | (https? | ftp | all | no)_proxy | (HTTPS? | FTP | ALL | NO)_PROXY
    | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE | NODE_EXTRA_CA_CERTS
    | NODE_USE_(SYSTEM_CA | ENV_PROXY)
"""
_GIT = r"""
    | GIT_CONFIG_(GLOBAL | NOSYSTEM | SYSTEM) | GIT_EXEC_PATH | GIT_ALLOW_PROTOCOL
    | GIT_SSH | GIT_SSH_COMMAND | GIT_SSL_(CAINFO | CAPATH) | GIT_(AUTHOR | COMMITTER)_(NAME | EMAIL)
    | SSH_AUTH_SOCK | SSH_AGENT_PID | KRB5CCNAME | KRB5_CONFIG | DBUS_SESSION_BUS_ADDRESS
    | GH_CONFIG_DIR | GH_HOST | GCM_\w+
"""
_NODE = r"""
    | NODE_OPTIONS | NODE_PATH | N_PREFIX | (NVM | FNM | VOLTA | ASDF | MISE | NODENV)_\w+
"""
_CLI = r"""
    | FORCE_SFDC_LOGIN_URL
    | SF(DX)?_(ORG_(API_VERSION | MAX_QUERY_LIMIT | CAPITALIZE_RECORD_TYPES) | API_VERSION | MAX_QUERY_LIMIT
        | CAPITALIZE_RECORD_TYPES | CONTENT_TYPE | DATA_DIR | DISABLE_\w+ | DNS_TIMEOUT | DOMAIN_RETRY
        | AUDIENCE_URL | CODE_COVERAGE_REQUIREMENT | CONTAINER_MODE | CRYPTO_V2 | IMPROVED_CODE_COVERAGE
        | HIDE_\w+ | JSON_\w+ | PRECOMPILE_\w+
        | PROJECT_\w+ | REST_DEPLOY | SKIP_\w+ | UPDATE_\w+ | AUTOUPDATE_\w+
        | LAZY_LOAD_MODULES | LOG_\w+ | MDAPI_\w+ | NPM_REGISTRY | S3_HOST | SOURCE_\w+ | USE_\w+)
"""
_TOOLS = r"""
    | PYTHON(PATH | UTF8 | IOENCODING | UNBUFFERED | DONTWRITEBYTECODE) | VIRTUAL_ENV | PYENV_\w+
    | pythonLocation | Python3?_ROOT_DIR | PKG_CONFIG_PATH | NODE_ENV
    | JAVA_HOME(_\w+)? | GEM_HOME | RBENV_\w+ | GOROOT | GOPATH | CARGO_HOME | RUSTUP_HOME | DOTNET_ROOT
    | CI | RUNNER_(OS | ARCH | TEMP | TOOL_CACHE | NAME | ENVIRONMENT | DEBUG) | AGENT_TOOLSDIRECTORY
    | GITHUB_(ACTIONS | ACTOR | API_URL | BASE_REF | EVENT_NAME | GRAPHQL_URL | HEAD_REF | JOB | REF | REF_NAME
        | REF_TYPE | REPOSITORY | REPOSITORY_OWNER | RUN_ATTEMPT | RUN_ID | RUN_NUMBER | SERVER_URL | SHA
        | TRIGGERING_ACTOR | WORKFLOW | WORKSPACE)
"""


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.VERBOSE)


_FOR_ANY, _FOR_GIT = _pattern(_ANY), _pattern(_ANY, _GIT)
_FOR_CLI, _FOR_TEST = _pattern(_ANY, _NODE, _CLI), _pattern(_ANY, _NODE, _TOOLS)
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSPHRASE|JWT|AUTH_URL|PRIVATE|(API|ACCESS|_)KEY(?!CHAIN)", re.IGNORECASE
)
_WITHHELD = re.compile(r"(ACTIONS|INPUT)_\w*|GITHUB_(TOKEN|OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)", re.IGNORECASE)


def for_any_program(environment: Mapping[str, str]) -> dict[str, str]:
    """What every program gets: where it finds programs, files and the network, and the language."""
    return _kept(environment, _FOR_ANY)


def for_git(environment: Mapping[str, str]) -> dict[str, str]:
    """What git gets besides: its configuration, identity, and access to agents and stores of credentials."""
    return _kept(environment, _FOR_GIT)


def for_salesforce_cli(environment: Mapping[str, str]) -> dict[str, str]:
    """What the Salesforce CLI gets besides: settings of Node.js and its own, without any org's credentials."""
    return _kept(environment, _FOR_CLI)


def for_test_program(environment: Mapping[str, str], named: Iterable[str]) -> dict[str, str]:
    """What a test program gets besides: settings of interpreters, facts of the run, and the named variables."""
    return _kept(environment, _FOR_TEST) | {name: environment[name] for name in named if name in environment}


def is_withheld(name: str) -> bool:
    """Whether a variable never reaches a test program: with it, the program could act as wavegate in the workflow."""
    return bool(_WITHHELD.fullmatch(name))


def _kept(environment: Mapping[str, str], pattern: re.Pattern[str]) -> dict[str, str]:
    return {
        name: value for name, value in environment.items() if pattern.fullmatch(name) and not _SECRET.search(name)
    }
