"""The active versions of an org's prompt templates, by the Metadata API's SOAP call `readMetadata`.

No documented REST resource shows them. The call takes the access token as its session; a token in JWT form is refused
below API version 68 (jsforce/jsforce pull request 1817). Not verified in a real org: that the call answers for
GenAiPromptTemplate, as it does for other types.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from wavegate.errors import RefusedError
from wavegate.http.values import NoReplyError, Reply
from wavegate.salesforce.org import Org
from wavegate.salesforce.rest import answer_words, check_failure

_TYPE = "GenAiPromptTemplate"
_BATCH = 10
"""Components in one call. Source: Metadata API, readMetadata."""
_SPACE = "{http://soap.sforce.com/2006/04/metadata}"
_JWT_VERSION = 68.0


def read_active_templates(org: Org, names: Iterable[str], *, api_version: str) -> dict[str, str]:
    """Identifier of the active version of each named template, where the org shows one.

    RefusedError: the org refused the call, or would refuse this token. ServiceError: it did not answer.
    """
    if org.session.access_token.count(".") == 2 and float(api_version) < _JWT_VERSION:
        message = f"{org.host} takes no access token in JWT form for this below API version {_JWT_VERSION:g}."
        raise RefusedError(message, status=401, fix="Raise sourceApiVersion, or turn the app's JWT tokens off.")
    asked = tuple(dict.fromkeys(names))
    found: dict[str, str] = {}
    for start in range(0, len(asked), _BATCH):
        found |= _read(org, asked[start : start + _BATCH], api_version)
    folded = {name.casefold(): identifier for name, identifier in found.items()}
    return {name: folded[name.casefold()] for name in asked if name.casefold() in folded}


def _read(org: Org, names: Iterable[str], api_version: str) -> Mapping[str, str]:
    listed = "".join(f"<fullNames>{escape(name)}</fullNames>" for name in names)
    call = f"<readMetadata><type>{_TYPE}</type>{listed}</readMetadata>"
    return org.soap(
        f"/services/Soap/m/{api_version}", _envelope(org.session.access_token, call), partial(_answer, org.clean)
    )


def _envelope(token: str, call: str) -> bytes:
    header = f"<SessionHeader><sessionId>{escape(token)}</sessionId></SessionHeader>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns="{_SPACE[1:-1]}"><s:Header>{header}</s:Header><s:Body>{call}</s:Body></s:Envelope>'
    ).encode()


def _answer(clean: Callable[[str, int], str], task: str, reply: Reply) -> Mapping[str, str]:
    """Active identifier by name. clean: removes the token from the org's text.

    RefusedError: the org refused the call. NoReplyError: the reply is unusable.
    """
    root = _parse(reply.body)
    if root is not None and (fault := root.find(".//faultcode")) is not None:
        code = clean((fault.text or "").rpartition(":")[2], 60)
        detail = clean(root.findtext(".//faultstring", ""), 300).rstrip(". ")
        fix = "Check that the login user has the permission Prompt Template Manager."
        raise RefusedError(f"{task}: {detail or code}.", status=reply.status, code=code, detail=detail, fix=fix)
    check_failure(reply, "", "")
    if not reply.is_success:
        words = answer_words(reply.status, "", "")
        raise RefusedError(f"{task}: {words}.", status=reply.status, fix="Check the login user's permissions.")
    if root is None:
        raise NoReplyError("its reply is not XML in UTF-8")
    records = ((each.findtext(f"{_SPACE}fullName"), each) for each in root.iter(f"{_SPACE}records"))
    identifiers = ((name, each.findtext(f"{_SPACE}activeVersionIdentifier")) for name, each in records)
    return {name: identifier for name, identifier in identifiers if name and identifier}


def _parse(data: bytes) -> ElementTree.Element | None:
    """The reply's XML; None if it is none that a service would send. A DOCTYPE could pull in entities."""
    try:
        text = data.decode("utf-8-sig")
        return None if "<!DOCTYPE" in text else ElementTree.fromstring(text)  # noqa: S314 - entities need a DOCTYPE
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError):
        return None
