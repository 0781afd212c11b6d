"""How the org's REST API reports errors and reads request bodies."""

import json
from typing import Any

from tests.doubles.server import Reply, Request, json_reply


def refusal(status: int, code: str, message: str) -> Reply:
    """An error reply: a list of one, with code and message."""
    return json_reply(status, [{"errorCode": code, "message": message}])


def json_body(request: Request) -> Any:
    """The request's body. json.JSONDecodeError if it is not JSON."""
    return json.loads(request.body.decode("utf-8", "replace"))
