"""10,000 components indexed, and closed over from one agent, against reading and parsing the same files alone.

    python tests/bench/bench_components.py [COMPONENTS]

All of the components are in the agent's closure. The peer parses every XML file of it with expat and no callback.
Prints `name | ours | peer | ratio | budget`.
"""

import sys
import tempfile
import time
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.releases import environment

from wavegate.components.closure import release_scope
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.release.manifest import Agent, Manifest

MANIFEST = Manifest(release="r", environments=(environment("uat"),), agents=(Agent(name="Big", version=1),))
FOLDER = "force-app/main/default"
BUDGET = 10
"""Seconds that anybody would wait for a check of so large a project."""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, count)
        started = time.perf_counter()
        project = read_project(FolderSource(root))
        indexed = time.perf_counter()
        scope = release_scope(MANIFEST, "uat", project)
        closed = time.perf_counter()
        files = [root / path for path in scope.paths if path.endswith(("-meta.xml", ".genAiPlannerBundle"))]
        parse_started = time.perf_counter()
        for path in files:
            expat.ParserCreate().Parse(path.read_bytes(), True)
        peer = time.perf_counter() - parse_started
        megabytes = sum(path.stat().st_size for path in files) / 1e6
    ours = closed - started
    if scope.findings or len(scope.components) < count * 0.9:
        sys.exit("The closure is not the one that was made.")
    print(
        f"index of {len(project.components):,} components | {indexed - started:.2f} s | - | - | <= {BUDGET} s\n"
        f"index and closure over {len(scope.components):,} of them ({megabytes:.1f} MB) | {ours:.2f} s | "
        f"{peer:.2f} s (expat alone) | {ours / peer:.1f} | <= {BUDGET} s"
    )


def write_project(root: Path, count: int) -> None:
    """An agent with topics, each with four actions that call a flow, which calls a class; and permission sets."""
    write(root, "sfdx-project.json", '{"packageDirectories": [{"path": "force-app"}]}')
    folder = f"{FOLDER}/bots/Big"
    xml(root, f"{folder}/Big.bot-meta.xml", "Bot", "<label>Big</label>")
    planner = (
        "<fullName>v1</fullName>"
        "<conversationDefinitionPlanners><genAiPlannerName>Big_v1</genAiPlannerName></conversationDefinitionPlanners>"
    )
    xml(root, f"{folder}/v1.botVersion-meta.xml", "BotVersion", planner)
    topics = count // 13
    links = "".join(f"<genAiPlugins><genAiPluginName>T{n}</genAiPluginName></genAiPlugins>" for n in range(topics))
    xml(root, f"{FOLDER}/genAiPlannerBundles/Big_v1/Big_v1.genAiPlannerBundle", "GenAiPlannerBundle", links)
    for number in range(topics):
        write_topic(root, number)
    for number in range(count // 100):
        agent = "Big" if number % 2 else "Other"
        grants = f"<agentAccesses><agentName>{agent}</agentName><enabled>true</enabled></agentAccesses>"
        xml(root, f"{FOLDER}/permissionsets/P{number}.permissionset-meta.xml", "PermissionSet", grants)


def write_topic(root: Path, number: int) -> None:
    names = [f"T{number}A{action}" for action in range(4)]
    links = "".join(f"<genAiFunctions><functionName>{name}</functionName></genAiFunctions>" for name in names)
    xml(root, f"{FOLDER}/genAiPlugins/T{number}.genAiPlugin-meta.xml", "GenAiPlugin", links)
    for name in names:
        call = f"<invocationTarget>{name}</invocationTarget><invocationTargetType>flow</invocationTargetType>"
        xml(root, f"{FOLDER}/genAiFunctions/{name}/{name}.genAiFunction-meta.xml", "GenAiFunction", call)
        lookups = "".join(
            f"<assignments><name>Step{n}</name><label>Step {n}</label></assignments>" for n in range(20)
        )
        apex = f"<actionCalls><actionName>{name}</actionName><actionType>apex</actionType></actionCalls>"
        xml(root, f"{FOLDER}/flows/{name}.flow-meta.xml", "Flow", apex + lookups)
        write(root, f"{FOLDER}/classes/{name}.cls", f"public class {name} {{\n" + "    // body\n" * 50 + "}\n")
        xml(root, f"{FOLDER}/classes/{name}.cls-meta.xml", "ApexClass", "<status>Active</status>")


def xml(root: Path, path: str, tag: str, body: str) -> None:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    write(root, path, f'{head}<{tag} xmlns="http://soap.sforce.com/2006/04/metadata">\n{body}\n</{tag}>\n')


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
