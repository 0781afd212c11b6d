"""A filled template is a workflow with the names of the repository."""

import json
import re
from typing import Any

import pytest
import yaml
from tests.support.product_files import ROOT

from wavegate.errors import InputError
from wavegate.setup.values import Setup
from wavegate.setup.workflow_template import fill, scalar

COMMIT = "a1" * 20
RELEASE = (ROOT / "workflows-templates" / "wavegate-release.yml").read_text("utf-8")


def filled(*environments: str, template: str = RELEASE, **fields: Any) -> str:
    return fill(template, Setup(environments=environments, commit=COMMIT, version="1.2.3", **fields))


def test_the_example_names_reproduce_the_template() -> None:
    expected = RELEASE.replace("0" * 40, COMMIT).replace("# v0.1.0", "# v1.2.3")
    assert filled("uat", "production", local=False) == expected


def test_a_local_form_calls_the_workflow_beside_it_and_a_mirrors_form_that_of_the_mirror() -> None:
    local = filled("uat")
    assert "    uses: ./.github/workflows/wavegate-reusable-promote.yml # zizmor: ignore[self-repository]\n" in local
    assert COMMIT not in local
    mirror = filled("uat", local=False, actions="acme/mirror")
    assert f"    uses: acme/mirror/.github/workflows/promote.yml@{COMMIT} # v1.2.3\n" in mirror
    assert "wavegate/wavegate" not in local + mirror


def test_a_form_for_an_enterprise_server_grants_what_the_server_knows() -> None:
    jobs = yaml.safe_load(filled("uat", "production", enterprise=True))["jobs"].values()
    for job in jobs:
        assert "deployments" in job["permissions"]
        assert job["permissions"].keys().isdisjoint({"attestations", "id-token"})


@pytest.mark.parametrize(
    "environments",
    [
        ("production",),
        ("dev", "uat", "staging", "production"),
        ("no", "1st stage", "1st_stage", "größe: '\"#", "a\\b"),
        ("UAT", "ü", "ö"),
    ],
)
def test_every_environment_has_a_job_that_needs_the_one_before(environments: tuple[str, ...]) -> None:
    jobs = yaml.safe_load(filled(*environments))["jobs"]
    assert tuple(each["with"]["environment"] for each in jobs.values()) == environments
    ids = list(jobs)
    assert [each.get("needs") for each in jobs.values()] == [None, *ids[:-1]]
    assert len({each.lower() for each in ids}) == len(environments)
    for name in ids:
        assert name.isascii()
        assert name[0].isalpha() or name[0] == "_"


FORM = {"override": "${{ inputs.override || '' }}", "fast-lane": "${{ inputs.fast-lane == true }}"}
"""What the form of the release workflow passes on; only a dispatched run has these inputs."""


@pytest.mark.parametrize("names", [("dev", "prod"), ("a: b\n  c", "x #y")])
def test_the_examples_in_comments_become_valid_inputs(names: tuple[str, ...]) -> None:
    workflow = filled(*names)
    uncommented = re.sub(r"(?m)^( +)# (?=(check-environment|deploy-env):)", r"\1", workflow)
    for name, job in zip(names, yaml.safe_load(uncommented)["jobs"].values(), strict=True):
        given = {"environment": name, "check-environment": f"{name}-check", "deploy-env": "NAME=value"}
        assert job["with"] == given | FORM
    assert [job["with"] for job in yaml.safe_load(workflow)["jobs"].values()] == [
        {"environment": each} | FORM for each in names
    ]


def test_branch_manifest_and_folders_are_filled_in() -> None:
    setup = Setup(
        environments=("uat", "production"),
        commit=COMMIT,
        version="1.2.3",
        branch="release: a",
        folders=('a"b', "force-app"),
        manifest="agentforce/a b.yml",
    )
    workflow = yaml.safe_load(fill(RELEASE, setup))
    push = workflow[True]["push"]
    assert push["branches"] == ["release: a"]
    assert push["paths"] == ["agentforce/**", 'a"b/**', "force-app/**", "sfdx-project.json", "**/.forceignore"]
    assert [each["with"]["manifest"] for each in workflow["jobs"].values()] == ["agentforce/a b.yml"] * 2


def test_names_are_escaped_and_a_manifest_elsewhere_triggers_the_workflow() -> None:
    fields: dict[str, Any] = {"branch": "c++", "folders": ("a[b]*", "!x"), "manifest": "releases/a?.yml"}
    fields["inputs"] = ("p+/sfdx-project.json", "config/key.txt")
    push = yaml.safe_load(filled("uat", **fields))[True]["push"]
    assert push["branches"] == [r"c\+\+"]
    assert push["paths"] == [
        *("agentforce/**", r"a\[b\]\*/**", r"\!x/**", r"p\+/sfdx-project.json", "config/key.txt", "**/.forceignore"),
        r"releases/a\?.yml",
    ]


@pytest.mark.parametrize("part", ["rollback", "disable", "enable", "lock", "check"])
def test_every_call_for_an_environment_names_the_manifest(part: str) -> None:
    template = (ROOT / "workflows-templates" / f"wavegate-{part}.yml").read_text("utf-8")
    plain, named = filled("uat", template=template), filled("uat", template=template, manifest="agentforce/b: c.yml")
    (call,) = yaml.safe_load(named)["jobs"].values()
    assert call.get("with", {}).get("manifest") == (None if part == "check" else "agentforce/b: c.yml")
    called = yaml.safe_load((ROOT / ".github" / "workflows" / f"{part}.yml").read_text("utf-8"))
    assert set(call.get("with", {})) <= set(called[True]["workflow_call"]["inputs"])
    assert [line for line in named.splitlines() if line not in plain.splitlines()] == (
        [] if part == "check" else ['      manifest: "agentforce/b: c.yml"']
    )


@pytest.mark.parametrize("field", ["branch", "manifest", "environment"])
def test_an_expression_in_a_name_is_rejected(field: str) -> None:
    hostile = "${{ secrets.SF_AUTH_URL }}"
    fields = {} if field == "environment" else {field: hostile}
    with pytest.raises(InputError, match="expression"):
        filled("uat", hostile if field == "environment" else "production", **fields)


@pytest.mark.parametrize(
    "text", ["uat", "on", "No", "1.10", "a: b", "- a", "", " a", "#a", '"', "\u2028", "null", "~"]
)
def test_a_scalar_reads_as_the_text(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text}
    assert json.loads(json.dumps(text)) == text


@pytest.mark.parametrize("part", ["rollback", "disable", "enable", "lock"])
@pytest.mark.parametrize("names", [("uat", "production"), ("no", "a, b]", 'c"'), ("production",)])
def test_a_form_offers_the_manifests_environments_and_the_last_one_first(part: str, names: tuple[str, ...]) -> None:
    template = (ROOT / "workflows-templates" / f"wavegate-{part}.yml").read_text("utf-8")
    inputs = yaml.safe_load(filled(*names, template=template))[True]["workflow_dispatch"]["inputs"]
    assert inputs["environment"]["type"] == "choice"
    assert inputs["environment"]["options"] == list(reversed(names))


@pytest.mark.parametrize("names", [("production",), ("it's odd", "${ x }"), ('quote"d', "größe")])
def test_a_schedule_looks_at_every_environment_with_a_canary(names: tuple[str, ...]) -> None:
    template = (ROOT / "workflows-templates" / "wavegate-canary.yml").read_text("utf-8")
    job = yaml.safe_load(filled("uat", *names, template=template, watched=names))["jobs"]["canary"]
    expression = job["strategy"]["matrix"]["environment"]
    # in an expression, a text is between quotes, and a quote in it is doubled
    (text,) = re.findall(r"\|\| '((?:[^']|'')*)'\) \}\}$", expression)
    assert json.loads(text.replace("''", "'")) == list(names)
    assert job["with"]["environment"] == "${{ matrix.environment }}"
