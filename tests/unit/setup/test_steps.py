"""The names in init and doctor match those in the workflows."""

import re

import yaml
from tests.support.product_files import ROOT

from wavegate.setup.steps import CHECK, setup_steps


def test_the_required_check_is_the_one_that_reports() -> None:
    template = yaml.safe_load((ROOT / "workflows-templates" / "wavegate-check.yml").read_text("utf-8"))
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text("utf-8"))
    (caller,) = template["jobs"].items()
    (called,) = workflow["jobs"].values()
    assert caller[1]["uses"].partition("@")[0].endswith("/.github/workflows/check.yml")
    assert f"{caller[1].get('name', caller[0])} / {called['name']}" == CHECK
    assert any(f"“{CHECK}”" in each for each in setup_steps(["uat"], branch="main"))


def test_the_documented_check_is_the_one_that_init_writes() -> None:
    template = (ROOT / "workflows-templates" / "wavegate-check.yml").read_text("utf-8")
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    blocks = (block for page in pages for block in re.findall(r"(?s)```yaml\n(.*?)```", page.read_text("utf-8")))
    assert [block for block in blocks if "/.github/workflows/check.yml@" in block and block != template] == []


def test_the_required_check_reports_in_a_merge_queue_and_is_never_skipped() -> None:
    template = yaml.safe_load((ROOT / "workflows-templates" / "wavegate-check.yml").read_text("utf-8"))
    assert template[True] == {"pull_request": None, "merge_group": None}
    assert [job.get("if") for job in template["jobs"].values()] == [None]


def test_the_kill_switch_fix_uses_inputs_that_exist() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "disable.yml").read_text("utf-8"))
    assert "github-environment" in workflow[True]["workflow_call"]["inputs"]
    (step,) = (each for each in setup_steps(["uat", "production"], branch="main") if "kill switch" in each)
    assert "uat-stop, production-stop" in step
    assert "`github-environment: ${{ inputs.environment }}-stop`" in step
