"""Hold our reader of Agent Script against what orgs compiled, where projects keep it.

    python tests/corpus/graphs.py PROJECT …

A planner bundle may hold `agentGraph/*_graph.json`, in Base64: what an org compiled from the agent's script. For each
agent with a script, the newest graph is compared with our emitted reading, node by node: tools with their targets,
guards and inputs, state updates, actions and hand-offs. A script that was changed since it was published differs
rightly, so differences are printed and are not failures. Returns 1 if no agent could be compared.
"""

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.script_facts import Facts, compiled_facts, model_facts  # noqa: E402

from wavegate.components.agent_versions import agent_version  # noqa: E402
from wavegate.files.folder import FolderSource  # noqa: E402
from wavegate.guardrails.metadata.files import MetadataFiles  # noqa: E402
from wavegate.guardrails.model import AgentSource  # noqa: E402
from wavegate.guardrails.read import read_guardrails  # noqa: E402

_LISTS = {
    "beforeReasoning": "before_reasoning",
    "beforeReasoningIteration": "before_reasoning_iteration",
    "afterReasoning": "after_reasoning",
    "postToolCall": "post_tool_call",
    "afterAllToolCalls": "after_all_tool_calls",
}
_KEYS = {"stateUpdates": "state_updates", "boundInputs": "bound_inputs", "llmInputs": "llm_inputs"}
ASPECTS = ("tools", "inputs", "updates", "actions", "hand-offs")


def newest_graphs(files: MetadataFiles) -> Mapping[str, tuple[int, Any]]:
    """Version and graph of each agent that has one, by its name."""
    found: dict[str, tuple[int, Any]] = {}
    for bundle in files.of_type("GenAiPlannerBundle"):
        for _, data in files.contents(path for path in bundle.paths if "/agentGraph/" in path):
            name, number = agent_version(bundle.id.name) or (bundle.id.name, 0)
            if number >= found.get(name, (-1, None))[0]:
                found[name] = number, json.loads(base64.b64decode(data))
    return found


def graph_facts(graph: Mapping[str, Any]) -> Facts:
    """A graph's nodes as the facts of a compiled script."""
    return {
        name: {aspect: facts[aspect] for aspect in ASPECTS}
        for name, facts in compiled_facts(map(_node, graph["agentVersion"]["nodes"])).items()
    }


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "developer_name": node["developerName"],
        "type": node["type"],
        "tools": [_step(each) for each in node.get("tools", ())],
        **{ours: [_step(each) for each in node.get(theirs, ())] for theirs, ours in _LISTS.items()},
        "action_definitions": [
            {
                "developer_name": each["developerName"],
                "invocation_target_type": "",
                "invocation_target_name": "",
                "require_user_confirmation": False,
            }
            for each in node.get("actionDefinitions", ())
        ],
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {_KEYS.get(key, key): value for key, value in step.items()}
    return {**renamed, **({"actions": [_step(each) for each in step["actions"]]} if "actions" in step else {})}


def _comparable(facts: Facts) -> Facts:
    """Without what a graph does not hold: it has the names of actions only. Sorted, since orgs keep no order."""
    return {
        name: {
            aspect: sorted({each[0] for each in values} if aspect == "actions" else map(str, values))
            for aspect, values in node.items()
            if aspect in ASPECTS
        }
        for name, node in facts.items()
    }


def differences(ours: Facts, theirs: Facts) -> Iterator[str]:
    """What differs between two sets of comparable facts, as lines."""
    if ours.keys() != theirs.keys():
        yield f"topics: ours {sorted(ours)}, the org's {sorted(theirs)}"
    for name in sorted(ours.keys() & theirs.keys()):
        for aspect in ASPECTS:
            one, other = ours[name][aspect], theirs[name][aspect]
            if one != other:
                only = [each for each in one if each not in other], [each for each in other if each not in one]
                yield f"{name}, {aspect}:\n      ours      {only[0]}\n      the org's {only[1]}"


def main(folders: list[Path]) -> int:
    """Compare in each project, and print what was found."""
    compared = same = 0
    for folder in folders:
        source = FolderSource(folder)
        graphs = newest_graphs(MetadataFiles(source))
        agents = read_guardrails(source, agents=graphs).agents if graphs else {}
        for name, (number, graph) in sorted(graphs.items()):
            reading = agents.get(name)
            if reading is None or reading.emitted.source is not AgentSource.SCRIPT:
                print(f"{folder.name}, {name} v{number}: no script")
                continue
            ours, theirs = _comparable(model_facts(reading.emitted)), _comparable(graph_facts(graph))
            found = list(differences(ours, theirs))
            compared, same = compared + 1, same + (not found)
            tools = sum(len(node["tools"]) for node in theirs.values())
            print(f"{folder.name}, {name} v{number}: {len(theirs)} nodes, {tools} tools, {len(found)} differences")
            for line in found:
                print(f"    {line}")
    print(f"{compared} agents compared, {same} the same")
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main([Path(each) for each in sys.argv[1:]]))
