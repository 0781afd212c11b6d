"""What the stand-in for the CLI makes of a project and a manifest: the files of a package.

It has the CLI's habits that matter: it looks for files in the package directories only, lists a member without a
file, puts an agent together from every version file beside it, and lists each of those versions.
Source: what the CLI wrote of the same projects; tests/integration/staging holds the real one to the same results.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.doubles.salesforce.package import FOLDERS, Key

_META = "-meta.xml"
_WITH_META = {"ApexClass", "ApexTrigger", "LightningComponentBundle", "StaticResource"}
"""Types whose components have a file of metadata beside their content, also in a package."""
_BUNDLES = {
    "AiAgentDefinitionVersion", "AiAuthoringBundle", "GenAiFunction", "GenAiPlannerBundle",
    "LightningComponentBundle", "LightningTypeBundle",
}  # fmt: skip
"""Types whose components are a folder, also in a package."""
_SUFFIXES = {"ApexClass": "cls", "ApexTrigger": "trigger", "GenAiPromptTemplateActv": "genAiPromptTemplateActivation"}


def converted(manifest: str, project: Path) -> tuple[str, dict[str, bytes]]:
    """The package manifest and the other files, by path. manifest: its text. project: the project's folder."""
    members = set(_members(manifest))
    sources = dict(_sources(project))
    files: dict[str, bytes] = {}
    for agent in sorted({name.split(".")[0] for kind, name in members if kind in ("Bot", "BotVersion")}):
        bot, versions = _bot(agent, sources)
        files |= bot
        members |= {("BotVersion", f"{agent}.{version}") for version in versions}
    for key in sorted(members):
        if key[0] not in ("Bot", "BotVersion"):
            files |= _files(key, sources)
    return _written(members, manifest), files


def _members(manifest: str) -> Iterator[Key]:
    for types in re.findall(r"<types>(.*?)</types>", manifest, re.DOTALL):
        kind = re.findall(r"<name>(.*?)</name>", types)[0]
        yield from ((kind, member) for member in re.findall(r"<members>(.*?)</members>", types))


def _sources(project: Path) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """The files of the package directories: the parts of their paths, and their contents."""
    settings = json.loads((project / "sfdx-project.json").read_text())
    for entry in settings["packageDirectories"]:
        directory = project / entry["path"]
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                yield path.relative_to(directory).parts, path.read_bytes()


def _bot(agent: str, sources: Mapping[tuple[str, ...], bytes]) -> tuple[dict[str, bytes], list[str]]:
    own, versions = b"", {}
    for parts, data in sources.items():
        if parts[-3:-1] == ("bots", agent):
            if parts[-1] == f"{agent}.bot{_META}":
                own = data
            elif parts[-1].endswith(f".botVersion{_META}"):
                versions[parts[-1].split(".")[0]] = data
    if not own and not versions:
        return {}, []
    inner = b"".join(b"<botVersions>%s</botVersions>" % _inner(data) for _, data in sorted(versions.items()))
    namespace = b'xmlns="http://soap.sforce.com/2006/04/metadata"'
    return {f"bots/{agent}.bot": b"<Bot %s>%s%s</Bot>" % (namespace, _inner(own), inner)}, list(versions)


def _inner(data: bytes) -> bytes:
    """What is inside the root element of a metadata file."""
    found = re.search(rb"<\w+[^>]*xmlns[^>]*[^/]>(.*)</\w+>", data, re.DOTALL)
    return found[1] if found else b""


def _files(key: Key, sources: Mapping[tuple[str, ...], bytes]) -> dict[str, bytes]:
    kind, name = key
    folder = FOLDERS[kind]
    own = [(parts, data) for parts, data in sources.items() if _belongs(parts, key)]
    if kind in _BUNDLES:
        return {"/".join((folder, name, *_below(parts, name))): data for parts, data in own}
    if kind in _WITH_META:
        return {f"{folder}/{parts[-1]}": data for parts, data in own}
    if not own:
        return {}
    # the parts of a decomposed component are put together
    suffix = own[0][0][-1].removesuffix(_META).rpartition(".")[2] if len(own) == 1 else _suffix(kind)
    return {f"{folder}/{name}.{suffix}": b"".join(data for _, data in sorted(own))}


def _belongs(parts: tuple[str, ...], key: Key) -> bool:
    kind, name = key
    inside = FOLDERS[kind] in parts[:-2] and parts[parts.index(FOLDERS[kind]) + 1] == name
    stem, _, suffix = parts[-1].removesuffix(_META).rpartition(".")
    return inside or (kind not in _BUNDLES and stem == name and suffix == _suffix(kind))


def _below(parts: tuple[str, ...], name: str) -> Iterable[str]:
    return parts[parts.index(name) + 1 :]


def _suffix(kind: str) -> str:
    if kind in _SUFFIXES:
        return _SUFFIXES[kind]
    return kind.lower() if kind.startswith("PermissionSet") else kind[0].lower() + kind[1:]


def _written(members: Iterable[Key], manifest: str) -> str:
    version = re.findall(r"<version>(.*?)</version>", manifest)
    kinds: dict[str, list[str]] = {}
    for kind, name in sorted(members):
        kinds.setdefault(kind, []).append(name)
    types = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in names)}<name>{kind}</name></types>"
        for kind, names in kinds.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata">'
    return f"{head}{types}<version>{version[0] if version else '66.0'}</version></Package>\n"
