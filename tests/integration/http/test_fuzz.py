"""Some of the damaged, slow and endless replies of `tests/fuzz_transport.py`, and what it has found."""

from pathlib import Path

import pytest
from tests.doubles.server import Server, json_reply
from tests.fuzz_transport import fuzz

from wavegate.errors import ServiceError
from wavegate.github.client import GitHub
from wavegate.ledger.reader import read_newest
from wavegate.salesforce.agents import find_agents, set_active
from wavegate.salesforce.flows import read_flows
from wavegate.salesforce.org import Org, Session
from wavegate.salesforce.org_values import AgentVersion


def test_damaged_slow_and_endless_replies_end_in_one_clear_error(tmp_path: Path) -> None:
    report = fuzz(300, 7, tmp_path)
    assert report.problems == []
    assert set(report.ends) >= {"a value", "ServiceError", "RefusedError", "UncertainError"}


TOKEN = "00D000000000001!token"
VERSION = AgentVersion(id="0X9000000000001AAA", number=1, active=False)


def answering(reply: object) -> Server:
    server = Server(lambda _: json_reply(200, reply))
    server.start()
    return server


@pytest.mark.parametrize("record", [7, "x", None, [], True])
def test_a_record_of_another_shape_is_the_orgs_error(record: object) -> None:
    server = answering({"records": [record], "done": True})
    org = Org(Session(instance_url=server.url, access_token=TOKEN))
    for read in (lambda: read_flows(org, ["Route_Case"]), lambda: find_agents(org, ["Support_Agent"])):
        with pytest.raises(ServiceError):
            read()
    server.stop()


def test_a_token_that_comes_back_in_a_refusal_is_not_shown() -> None:
    server = answering({"success": False, "messages": [f"session {TOKEN} is odd"]})
    org = Org(Session(instance_url=server.url, access_token=TOKEN))
    with pytest.raises(ServiceError, match=r"session \*\*\* is odd"):
        set_active(org, VERSION, active=True)
    server.stop()


def test_an_environment_that_githubs_reply_leaves_out_is_an_error() -> None:
    server = answering({"data": {"repository": {}}})
    github = GitHub(api_url=server.url, graphql_url=f"{server.url}/graphql", token="t")
    with pytest.raises(ServiceError, match="leaves some environments out"):
        read_newest(github, "acme/agents", ["uat"])
    server.stop()
