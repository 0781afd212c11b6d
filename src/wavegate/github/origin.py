"""Which repository on which GitHub server the remote `origin` names, and the addresses of that server."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from wavegate.text import one_line

GITHUB = "https://github.com"
_NAME = r"(?P<owner>[A-Za-z0-9_][A-Za-z0-9_-]*)/(?P<name>[A-Za-z0-9_.-]+?)(?:\.git)?/?"
_USER = r"(?:[^@/\s]*@)?"
_HOST = r"(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)"
_WEB = re.compile(rf"(?P<scheme>https?)://{_USER}{_HOST}(?P<port>:\d{{1,5}})?/{_NAME}", re.IGNORECASE)
_OTHER = re.compile(rf"(?:ssh|git)://{_USER}{_HOST}(?::\d{{1,5}})?/{_NAME}", re.IGNORECASE)
_SCP = re.compile(rf"(?:[^@/:\s]+@)?{_HOST}:/?{_NAME}")
_ALIASES = {"ssh.github.com": "github.com", "www.github.com": "github.com"}
_DEFAULT_PORTS = {":80": "http", ":443": "https"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """host: in lower case, with the port of a web address that has another one than its scheme's default.

    repository: `owner/name`.
    """

    host: str
    repository: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """The addresses of a GitHub server, without a slash at the end."""

    server_url: str
    api_url: str
    graphql_url: str


def parse_origin(url: str) -> Origin | None:
    """What a remote's URL names, in any form that git knows; None for a local path and for anything else."""
    match = _WEB.fullmatch(url) or _OTHER.fullmatch(url) or _SCP.fullmatch(url)
    if match is None or match["name"] in {".", ".."}:
        return None
    found = match.groupdict()
    host, port = found["host"].lower(), found.get("port") or ""
    if _DEFAULT_PORTS.get(port) == (found.get("scheme") or "").lower():
        port = ""
    return Origin(host=_ALIASES.get(host, host) + port, repository=f"{found['owner']}/{found['name']}")


def server_at(server_url: str) -> Server:
    """The addresses of the GitHub server with that web address.

    Source: docs.github.com "Using the REST API", "Forming calls with GraphQL" and "About GHE.com".
    """
    parts = urlsplit(server_url)
    host = parts.netloc.lower()
    base = server_url.rstrip("/")
    if host == "github.com" or _is_data_residency(host):
        api = f"{parts.scheme}://api.{host}"
        return Server(server_url=base, api_url=api, graphql_url=f"{api}/graphql")
    return Server(server_url=base, api_url=f"{base}/api/v3", graphql_url=f"{base}/api/graphql")


def is_enterprise_server(url: str) -> bool:
    """Whether the address of a server is that of a GitHub Enterprise Server; False for '' and an alias of SSH's."""
    host = urlsplit(url).netloc.lower()
    on_github = _ALIASES.get(host, host) == "github.com" or _is_data_residency(host)
    # `Host github.com-work` in a configuration of SSH is a usual name for github.com with another key
    return "." in host and not on_github and not host.startswith("github.com-")


def server_of(origin: Origin, known: str) -> str:
    """Web address of the server that an origin is on; '' if it may not get the token.

    known: the server that the user named, as a URL; it is then the only one. Without it, the origin must be on a host
    of GitHub's: a token is never sent to a host only because a checkout's configuration names it.
    """
    if known:
        return known if urlsplit(known).netloc.lower() == origin.host else ""
    return f"https://{origin.host}" if origin.host == "github.com" or _is_data_residency(origin.host) else ""


def why_not(url: str, known: str) -> str:
    """Why a remote's URL does not give the repository, in words; '' if it does. known: as in `server_of`."""
    origin = parse_origin(url)
    if origin is None:
        return "the checkout's origin is not on a GitHub server" if url else "the checkout has no remote `origin`"
    if server_of(origin, known):
        return ""
    host = one_line(origin.host, 100)
    if known:
        return f"origin is on {host}, but GITHUB_SERVER_URL is {one_line(known, 100)}"
    return f"origin is on {host}, which is not github.com"


def why_elsewhere(url: str, repository: str) -> str:
    """Why the token may belong to a server that nobody named, in words; '' if a remote's URL does not say so.

    repository: as the user named it, or ''.
    """
    origin = parse_origin(url)
    # `Host github.com-work` in a configuration of SSH is a usual name for github.com with another key
    if origin is None or server_of(origin, "") or (repository and origin.host.startswith("github.com-")):
        return ""
    host = one_line(origin.host, 100)
    where = f", and GITHUB_SERVER_URL does not say where {one_line(repository, 100)} is" if repository else ""
    return f"origin is on {host}{where or ', which is not github.com'}"


def _is_data_residency(host: str) -> bool:
    return host.endswith(".ghe.com") and host.count(".") == 2
