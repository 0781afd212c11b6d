"""What no rule compares is not harmless: structure of metadata, and the condition under which a text is said."""

import pytest
from tests.support.classified import Anywhere, classified
from tests.support.refund_desk import SCRIPT_FILE, desk_files

from wavegate.guardrails.classes.beyond_rules import differing_parts
from wavegate.guardrails.classes.values import strictest
from wavegate.guardrails.diff.rules import ChangeClass

DESK = {path: data.decode() for path, data in desk_files().items()}
TEXT = "            | Help with the refund.\n              Always ask for the order number first.\n"
IF, ELSE = "            if @variables.account:\n", "            else:\n"
SAY, NEVER = "                | Name the balance.\n", "                | Never name the balance.\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{TEXT}              Never name the balance.\n", f"{TEXT}{IF}{NEVER}"),
        (f"{TEXT}{IF}{NEVER}", f"{TEXT}{IF.replace('account', 'known')}{NEVER}"),
        (f"{TEXT}{IF}{SAY}{ELSE}{NEVER}", f"{TEXT}{IF}{NEVER}{ELSE}{SAY}"),
        (f"{TEXT}{IF}{SAY}{ELSE}{NEVER}", f"{TEXT}{IF}{SAY}{NEVER}"),
        (f"{TEXT}{IF}{SAY}            | Be warm.\n", f"{TEXT}{IF}                | Be warm.\n{SAY[4:]}"),
        (f"{TEXT}              Never name the balance.\n", f"{TEXT}{IF}{NEVER.replace('Never', 'Please never')}"),
    ],
    ids=["put under one", "another", "exchanged", "otherwise", "out of it", "put under one in other words"],
)
def test_the_condition_of_a_text_is_not_for_an_administrator_alone(before: str, after: str) -> None:
    script = DESK[SCRIPT_FILE].replace("    verified: mut", "    known: mutable boolean = False\n    verified: mut")
    sides = [{**DESK, SCRIPT_FILE: script.replace(TEXT, text)} for text in (before, after)]
    found = classified(Anywhere(sides[0]), Anywhere(sides[1]), [SCRIPT_FILE])
    assert strictest(found) is not ChangeClass.TUNABLE


def planner(*blocks: str) -> bytes:
    space = "http://soap.sforce.com/2006/04/metadata"
    return f'<GenAiPlannerBundle xmlns="{space}">{"".join(blocks)}</GenAiPlannerBundle>'.encode()


def mapping(source: str, target: str) -> str:
    return f"<attributeMappings><attributeName>{source}</attributeName><target>{target}</target></attributeMappings>"


PLUGIN = "<localTopics><masterLabel>Refunds</masterLabel>{}</localTopics>"
RULE = "<genAiPluginInstructions><description>{}</description><sortOrder>{}</sortOrder></genAiPluginInstructions>"


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (planner(mapping("a", "key")), planner(mapping("b", "key")), True),
        (planner(mapping("a", "key"), mapping("b", "id")), planner(mapping("a", "id"), mapping("b", "key")), True),
        (planner(mapping("a", "key"), mapping("b", "id")), planner(mapping("b", "id"), mapping("a", "key")), False),
        (planner(mapping("a", "key")), planner(), True),
        (planner(PLUGIN.format("")), planner(PLUGIN.format(RULE.format("Never lie.", 1))), False),
        (planner(PLUGIN.format("")), planner(PLUGIN.format("<throttle>1</throttle>")), True),
        (planner(), b"<html>", True),
    ],
)
def test_the_structure_of_metadata(before: bytes, after: bytes, differs: bool) -> None:
    assert bool(differing_parts("a.genAiPlannerBundle", before, after, [])) is differs


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ('{"properties": {"a": {"type": "x"}}}', '{"properties": {"a": {"type": "y"}}}', True),
        ('{"properties": {"a": {"const": 1}}}', '{"properties": {"a": {}}}', True),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', False),
        ('{"title": "The customer"}', '{"title": "A customer"}', False),
        ("{}", "[" * 100_000, True),
        ("{}", "{", True),
    ],
)
def test_a_schema_of_inputs(before: str, after: str, differs: bool) -> None:
    assert bool(differing_parts("schema.json", before.encode(), after.encode(), [])) is differs
