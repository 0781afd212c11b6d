"""The first manifest and smoke pack of a repository, generated from its Salesforce project."""

import json
from collections.abc import Iterable, Iterator, Sequence

from wavegate.components.agent_versions import agent_names
from wavegate.components.component import Project
from wavegate.components.manifest_names.resolve import own_name
from wavegate.release.criteria_rules import sounds_like_safety
from wavegate.setup.workflow_template import scalar
from wavegate.text import slug

MANIFEST = "agentforce/release.yml"
RUNBOOK = "agentforce/runbooks/credentials.md"
SUITE = "production-readiness"
SCHEMAS = "https://raw.githubusercontent.com/wavegate/wavegate/main/schemas"
_EXAMPLE = {
    "prompts": ("support-resolution-v5", "escalation-summary-v3"),
    "actions": ("update_case_status", "get_shipment_status"),
}
_EXAMPLE_TESTS: tuple[str | dict[str, str], ...] = (
    "case-summary-quality",
    {"name": "escalation-policy-compliance", "kind": "action-safety", "severity": "high"},
    "shipment-api-timeout-fallback",
    {"name": "pii-redaction-check", "kind": "action-safety", "severity": "critical"},
)
_POLICY = "no-personal-data"
_OWNERS = (
    '# owners: {release: "@acme/agents", dashboards: "@acme/bi", escalations: "@acme/tier2", killSwitch: "@acme/sre"}'
)
_CREDENTIALS = ("NamedCredential", "ExternalCredential")


def starter_files(project: Project, *, name: str, packs: Sequence[str] = (SUITE,)) -> dict[str, str]:
    """Text by path: a manifest that ships all agents, prompts and actions of the project, and the files it refers to.

    name: of the repository. packs: those that production requires. An empty project gets the names of the
    documentation's example, to be replaced.
    """
    files = {MANIFEST: _manifest(project, name, packs)}
    if project.of_type(*_CREDENTIALS):
        files[RUNBOOK] = _runbook(project)
    return files


def starter_pack(project: Project, suite: str = SUITE) -> tuple[str, str]:
    """Path and text of a smoke pack with the project's agent tests, any of which may have a critical violation.

    A test whose name is about safety is a safety test; every answer is checked for personal data.
    """
    names = _tests(project)
    pack = {
        "$schema": f"{SCHEMAS}/pack.schema.json",
        "suite": suite,
        "tests": [_test(name) for name in names] or _EXAMPLE_TESTS,
        "passCriteria": {"minimumSuccessRate": 0.95, "zeroCriticalPolicyViolations": True},
        **({"policies": {_POLICY: {"pii": ["credit-card", "iban", "ssn", "secret"]}}} if names else {}),
    }
    return f"agentforce/packs/{slug(suite)}.json", json.dumps(pack, indent=2, ensure_ascii=False) + "\n"


def files_with_examples(project: Project, suite: str) -> Iterator[str]:
    """Paths of the starter files that hold the documentation's names, since the project has none of its own."""
    if not (agent_names(project) or _names(project, "GenAiPromptTemplate", "GenAiFunction")):
        yield MANIFEST
    if not _tests(project):
        yield starter_pack(project, suite)[0]


def pin_schema(text: str, commit: str) -> str:
    """A starter's text with the schema that editors load at the commit that the workflows are pinned to."""
    return text.replace(f"{SCHEMAS}/", f"{SCHEMAS.replace('/main/', f'/{commit}/')}/")


def _test(name: str) -> dict[str, object]:
    kind = {"kind": "action-safety"} if sounds_like_safety(name) else {}
    return {"name": name, **kind, "severity": "critical", "policies": [_POLICY]}


def _manifest(project: Project, name: str, packs: Sequence[str]) -> str:
    agents = agent_names(project)
    prompts, actions = _names(project, "GenAiPromptTemplate"), _names(project, "GenAiFunction")
    example = not (agents or prompts or actions)
    if example:
        prompts, actions = _EXAMPLE["prompts"], _EXAMPLE["actions"]
    lines = [
        f"# yaml-language-server: $schema={SCHEMAS}/manifest.schema.json",
        "# What a release ships, to which environments, and how it is rolled back.",
        f"release: {scalar(f'{slug(name)}-1')}",
        _OWNERS,
        *(["# example names: replace them with those of your project"] if example else []),
        *_list("agents", [f"name: {scalar(each)}" for each in agents], indent=0),
        "environments:",
        "  - name: uat",
        *_list("prompts", map(scalar, prompts), indent=4),
        *_list("actions", map(scalar, actions), indent=4),
        "  # ships the same prompts and actions as uat, after they pass their smoke tests there",
        "  - name: production",
        f"    gate: {{packs: [{', '.join(packs)}], maxEvidenceAge: 72h}}",
        "rollback:",
        "  prompts: {strategy: restore}",
        "  actions: {strategy: restore}",
        "  flows: {strategy: activate-previous}",
        "  apex: {strategy: restore}",
        *([f"  credentials: {{strategy: manual, runbook: {RUNBOOK}}}"] if project.of_type(*_CREDENTIALS) else []),
        "  # the first release has no earlier one to restore, so a rollback disables its agents",
        "  agents: {strategy: disable}",
    ]
    return "\n".join(lines) + "\n"


def _list(key: str, values: Iterable[str], *, indent: int) -> list[str]:
    space = " " * indent
    lines = [f"{space}  - {each}" for each in values]
    return [f"{space}{key}:", *lines] if lines else []


def _names(project: Project, *types: str) -> tuple[str, ...]:
    """Names of the components of these types, sorted, without duplicates."""
    return tuple(sorted({own_name(each.id) for each in project.of_type(*types)}))


def _tests(project: Project) -> tuple[str, ...]:
    return _names(project, "AiEvaluationDefinition", "AiTestingDefinition")


def _runbook(project: Project) -> str:
    names = (
        f"- {each.id.name}: where its secret comes from, and who may rotate it"
        for each in project.of_type(*_CREDENTIALS)
    )
    return "\n".join(
        [
            "# Rolling back credentials",
            "",
            "Metadata does not contain secrets, so a rollback does not restore them.",
            "",
            *names,
            "",
        ]
    )
