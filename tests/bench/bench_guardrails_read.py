"""What bounds 400 agents, read from bundles and from scripts, against parsing the same XML files alone.

    python tests/bench/bench_guardrails_read.py [AGENTS]

Half of the agents are planner bundles, half scripts, each with four topics of four actions whose flows call a class.
The peer parses every XML file with expat and no callback; it does not read the scripts, schemas and classes.
Prints `name | ours | peer | ratio | budget`.
"""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from wavegate.guardrails.model import AgentModel, Guardrails
from wavegate.guardrails.reach import reach_of_action
from wavegate.guardrails.read import read_guardrails

NS = "http://soap.sforce.com/2006/04/metadata"
FOLDER = "force-app/main/default"
TOPICS, ACTIONS = 4, 4
BUDGET = 10
"""Seconds that anybody would wait for a check of so many agents."""


class Memory:
    """Files that are made here."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def write(self, path: str, text: str) -> None:
        self.files[path] = text.encode()

    def xml(self, path: str, tag: str, body: str) -> None:
        head = '<?xml version="1.0" encoding="UTF-8"?>\n'
        self.write(f"{FOLDER}/{path}", f'{head}<{tag} xmlns="{NS}">\n{body}\n</{tag}>\n')


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    source = Memory()
    source.write("sfdx-project.json", '{"packageDirectories": [{"path": "force-app"}]}')
    for number in range(count):
        (write_bundle if number % 2 else write_script)(source, number)
        write_code(source, number)
    started = time.perf_counter()
    rails = read_guardrails(source)
    read = time.perf_counter()
    actions = reached(rails)
    closed = time.perf_counter()
    parsed = [data for path, data in source.files.items() if path.endswith(("-meta.xml", ".genAiPlannerBundle"))]
    for data in parsed:
        expat.ParserCreate().Parse(data, True)
    peer = time.perf_counter() - closed
    if len(rails.agents) != count or actions != count * TOPICS * ACTIONS or rails.unknown:
        sys.exit("The agents are not those that were made.")
    megabytes = sum(map(len, source.files.values())) / 1e6
    print(
        f"guardrails of {count} agents, {len(rails.code):,} flows and classes ({megabytes:.1f} MB) | "
        f"{read - started:.2f} s | {peer:.2f} s (expat alone) | {(read - started) / peer:.1f} | <= {BUDGET} s\n"
        f"reach of their {actions:,} actions | {closed - read:.2f} s | - | - | <= 1 s"
    )


def reached(rails: Guardrails) -> int:
    """The number of actions whose reach was followed."""
    models: list[AgentModel] = [each.emitted for each in rails.agents.values()]
    found = [reach_of_action(action, rails) for each in models for topic in each.topics for action in topic.actions]
    return sum(each.certain and each.may_write for each in found)


def names(number: int) -> list[tuple[str, list[str]]]:
    """The topics of an agent with their actions."""
    return [(f"topic_{t}", [f"Act_{number}_{t}_{a}" for a in range(ACTIONS)]) for t in range(TOPICS)]


def write_bundle(source: Memory, number: int) -> None:
    agent = f"Desk_{number}"
    link = f"<genAiPlannerName>{agent}_v1</genAiPlannerName>"
    source.xml(f"bots/{agent}/{agent}.bot-meta.xml", "Bot", f"<label>{agent}</label>")
    version = f"<conversationDefinitionPlanners>{link}</conversationDefinitionPlanners>"
    source.xml(f"bots/{agent}/v1.botVersion-meta.xml", "BotVersion", version)
    folder = f"genAiPlannerBundles/{agent}_v1"
    body = ""
    for topic, actions in names(number):
        links = "".join(
            f"<localActionLinks><functionName>{each}</functionName></localActionLinks>" for each in actions
        )
        local = "".join(
            f"<localActions><fullName>{each}</fullName><developerName>{each}</developerName>"
            f"<description>Does it.</description><invocationTarget>{each}</invocationTarget>"
            "<invocationTargetType>flow</invocationTargetType><isConfirmationRequired>true</isConfirmationRequired>"
            "</localActions>"
            for each in actions
        )
        texts = "".join(
            f"<genAiPluginInstructions><description>Never do step {n} before the card is checked.</description>"
            "</genAiPluginInstructions>"
            for n in range(8)
        )
        body += (
            f"<localTopicLinks><genAiPluginName>{topic}</genAiPluginName></localTopicLinks>\n<localTopics>"
            f"<fullName>{topic}</fullName><developerName>{topic}</developerName>{links}{local}{texts}</localTopics>\n"
            f"<ruleExpressionAssignments><ruleExpressionName>Known</ruleExpressionName><targetName>{topic}</targetName>"
            "<targetType>Plugin</targetType></ruleExpressionAssignments>\n"
        )
        for each in actions:
            schema = '{"required": ["card"], "properties": {"card": {"lightning:type": "lightning__textType"}}}'
            source.write(f"{FOLDER}/{folder}/localActions/{topic}/{each}/input/schema.json", schema)
    body += (
        "<ruleExpressions><conditions><leftOperand>known</leftOperand><leftOperandType>Variable</leftOperandType>"
        "<operator>equal</operator><rightOperandValue>true</rightOperandValue></conditions>"
        "<expressionName>Known</expressionName></ruleExpressions>"
    )
    source.xml(f"{folder}/{agent}_v1.genAiPlannerBundle", "GenAiPlannerBundle", body)


def write_script(source: Memory, number: int) -> None:
    agent = f"Desk_{number}"
    lines = [f'config:\n    developer_name: "{agent}"', "variables:\n    known: mutable boolean = False"]
    for topic, actions in names(number):
        kind = "start_agent" if topic == "topic_0" else "subagent"
        lines.append(f"{kind} {topic}:\n    reasoning:\n        instructions: ->")
        lines += [f"            | Never do step {n} before the card is checked." for n in range(8)]
        lines.append("        actions:")
        for each in actions:
            lines.append(
                f"            {each}: @actions.{each}\n                available when @variables.known == True"
            )
            lines.append("                with card=...")
        lines.append("    actions:")
        for each in actions:
            lines.append(f'        {each}:\n            description: "Does it."\n            target: "flow://{each}"')
            lines.append(
                "            require_user_confirmation: True\n            inputs:\n                card: string"
            )
    source.write(f"{FOLDER}/aiAuthoringBundles/{agent}/{agent}.agent", "\n".join(lines) + "\n")


def write_code(source: Memory, number: int) -> None:
    for _, actions in names(number):
        for each in actions:
            call = (
                f"<actionCalls><actionName>Service_{number}</actionName><actionType>apex</actionType></actionCalls>"
            )
            lookup = f"<recordLookups><name>find</name><object>Loan_{number}__c</object></recordLookups>"
            source.xml(f"flows/{each}.flow-meta.xml", "Flow", call + lookup + "<status>Active</status>")
    body = f"    void f(List<Loan_{number}__c> loans) {{ update loans; }}\n" + "    // a line of no matter\n" * 40
    name = f"Service_{number}"
    source.write(f"{FOLDER}/classes/{name}.cls", f"public with sharing class {name} {{\n{body}}}\n")
    source.xml(f"classes/{name}.cls-meta.xml", "ApexClass", "<status>Active</status>")
    grant = f"<classAccesses><apexClass>{name}</apexClass><enabled>true</enabled></classAccesses>"
    source.xml(f"permissionsets/Use_{number}.permissionset-meta.xml", "PermissionSet", grant)


if __name__ == "__main__":
    main()
