"""What one transaction of the Metadata API cannot deploy together, or before the org has something else.

Source: trailheadapps/coral-cloud, commit b8d5bd0 (2026-07-08), "stage employee-app deploy to satisfy prompt-template
dependencies", and the log of its continuous integration: the two messages below, although the class, the template and
the flow were in one package.
"""

import re
from collections.abc import Container, Iterator, Mapping
from pathlib import PurePosixPath

Key = tuple[str, str]

_PROVIDER = re.compile(rb"<definition>\s*(apex|flow)://(\w+)\s*</definition>")
_PROMPT_CALL = re.compile(rb"<actionName>\s*(\w+)\s*</actionName>\s*<actionType>\s*generatePromptResponse\s*<")
GRANT = re.compile(rb"<agentAccesses>\s*<agentName>([^<]+)</agentName>\s*<enabled>true</enabled>")
"""An agent that a permission set grants."""
_TYPES = {b"apex": "ApexClass", b"flow": "Flow"}


def unmet(files: Mapping[str, bytes], deployed: Container[Key]) -> Iterator[tuple[Key, str]]:
    """The components of a package that need another one which is not in the org before, and the org's words.

    files: by path in the package. deployed: the components of the org.
    """
    for path, content in files.items():
        folder, name = PurePosixPath(path).parts[0], PurePosixPath(path).name.split(".")[0]
        if folder == "genAiPromptTemplates":
            for scheme, provider in _PROVIDER.findall(content):
                if (_TYPES[scheme], provider.decode()) not in deployed:
                    address = f"{scheme.decode()}://{provider.decode()}"
                    problem = f"We can't find the related records for the prompt template [{address}]"
                    yield ("GenAiPromptTemplate", name), problem
        if folder == "flows":
            for template in _PROMPT_CALL.findall(content):
                if ("GenAiPromptTemplate", template.decode()) not in deployed:
                    yield ("Flow", name), f"invalid reference to {template.decode()}.promptResponse"


def unknown_agents(files: Mapping[str, bytes], agents: Container[str]) -> Iterator[tuple[Key, str]]:
    """The permission sets that grant an agent which neither the org nor the package has, and the org's words.

    agents: names of those. Source of the rule: public projects deploy such a permission set only once the agent is
    published, and trailheadapps/coral-cloud issue 172, where it fails with the agent missing. The words are those of
    the Metadata API for other references of a permission set (`In field: apexClass - no ApexClass named X found`).
    """
    for path, content in files.items():
        if PurePosixPath(path).parts[0] == "permissionsets":
            for agent in GRANT.findall(content):
                if agent.decode() not in agents:
                    problem = f"In field: agentName - no BotDefinition named {agent.decode()} found"
                    yield ("PermissionSet", PurePosixPath(path).stem), problem
