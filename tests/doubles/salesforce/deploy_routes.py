"""The two ways to deploy: the REST resource and the SOAP calls of the Metadata API."""

import base64
import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.doubles.salesforce.deploys import Deployments, options_of
from tests.doubles.salesforce.package import PackageError
from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.salesforce.retrieves import Retrievals, members_of
from tests.doubles.server import Reply, Request, json_reply


def start(deployments: Deployments, request: Request) -> Reply:
    """POST …/metadata/deployRequest: the package and its options as multipart, or the id of a validation as JSON."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return _start_quick(deployments, request)
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    parts = {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()
    }
    try:
        job = deployments.start(_bytes(parts.get("file")), options_of(_bytes(parts.get("entity_content")).decode()))
    except (PackageError, ValueError, KeyError) as error:
        return refusal(400, "INVALID_INPUT", str(error))
    return json_reply(201, {"id": job.id, "deployResult": {"id": job.id, "done": False, "status": "Pending"}})


def _start_quick(deployments: Deployments, request: Request) -> Reply:
    """Source of the code that the CLI takes for such a refusal: the CLI's plugin-deploy-retrieve, `quick`."""
    try:
        job = deployments.start_quick(str(json_body(request)["validatedDeployRequestId"]))
    except PackageError as error:
        return refusal(400, "INVALID_ID_FIELD", str(error))
    return json_reply(201, {"id": job.id, "validatedDeployRequestId": job.options["validation"]})


def poll(deployments: Deployments, job_id: str) -> Reply:
    """GET …/metadata/deployRequest/{id}."""
    job = deployments.jobs.get(job_id)
    if job is None:
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return json_reply(200, {"id": job.id, "deployResult": deployments.poll(job)})


def soap(deployments: Deployments, request: Request, token: str) -> Reply:
    """POST …/Soap/m/XX.0: deploy and retrieve with their statuses, readMetadata of templates, empty listMetadata.

    Source for tokens in JWT form, which it takes from version 68 on: jsforce/jsforce pull request 1817.
    """
    root = ElementTree.fromstring(request.body)
    session = next((each.text for each in root.iter() if each.tag.endswith("sessionId")), "")
    body = next(each for each in root if each.tag.endswith("Body"))
    call = body[0]
    name = call.tag.rpartition("}")[2]
    if session != token or (token.count(".") == 2 and float(request.path.rpartition("/")[2]) < 68):
        return _fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    if name == "deploy":
        chosen = next(each for each in call if each.tag.endswith("DeployOptions"))
        options = {each.tag.rpartition("}")[2]: each.text == "true" for each in chosen}
        try:
            job = deployments.start(base64.b64decode(_text(call, "ZipFile")), options)
        except PackageError as error:
            return _fault("INVALID_INPUT", str(error))
        return _envelope("deployResponse", {"id": job.id, "done": False, "state": "Queued"})
    if name == "checkDeployStatus":
        job_or_none = deployments.jobs.get(_text(call, "asyncProcessId"))
        if job_or_none is None:
            return _fault("INVALID_CROSS_REFERENCE_KEY", "no such deployment")
        return _envelope("checkDeployStatusResponse", deployments.poll(job_or_none))
    if name in ("retrieve", "checkRetrieveStatus"):
        return _retrieval(deployments.retrievals, call, name)
    if name == "readMetadata" and _text(call, "type") == "GenAiPromptTemplate":
        names = [each.text or "" for each in call if each.tag.endswith("fullNames")]
        return _envelope("readMetadataResponse", {"records": deployments.read_templates(names)})
    if name == "listMetadata":
        return _envelope("listMetadataResponse", None)
    return _fault("UNKNOWN_METHOD", name)


def _retrieval(retrievals: Retrievals, call: ElementTree.Element, name: str) -> Reply:
    if name == "retrieve":
        return _envelope(
            "retrieveResponse", {"done": False, "id": retrievals.start(members_of(call)), "state": "Queued"}
        )
    job = _text(call, "asyncProcessId")
    if job not in retrievals.jobs:
        return _fault("INVALID_CROSS_REFERENCE_KEY", "no such retrieval")
    return _envelope("checkRetrieveStatusResponse", retrievals.result(job))


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise PackageError("the multipart form lacks a part")
    return value


def _text(call: ElementTree.Element, name: str) -> str:
    return next((each.text or "" for each in call.iter() if each.tag.rpartition("}")[2] == name), "")


def _xml(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_xml(name, each) for each in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(key, each) for key, each in value.items())}</{name}>"
    return f"<{name}>{escape(json.dumps(value) if isinstance(value, bool) else str(value))}</{name}>"


def _envelope(response: str, result: Any, status: int = 200) -> Reply:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<soapenv:Body><{response}>{_xml('result', result)}</{response}></soapenv:Body></soapenv:Envelope>"
    )
    return Reply(status=status, body=text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})


def _fault(code: str, message: str) -> Reply:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata">'
        f"<soapenv:Body><soapenv:Fault><faultcode>sf:{escape(code)}</faultcode>"
        f"<faultstring>{escape(code)}: {escape(message)}</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Reply(status=500, body=text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})
