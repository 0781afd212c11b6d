"""The hook that this repository offers to pre-commit, run by the real pre-commit as a consumer's commit does."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.support.consumer import RELEASE
from tests.support.git import commit, git, start
from tests.support.places import ROOT

PRODUCT = (
    *("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md", ".pre-commit-hooks.yaml"),
    *("src", "schemas", "workflows-templates"),
)
CONFIG = """repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: wavegate-validate
"""


@pytest.fixture
def consumer(tmp_path: Path) -> Path:
    """A release whose pre-commit takes the hook from a repository of the product's files."""
    product, repository = tmp_path / "product", tmp_path / "consumer"
    product.mkdir()
    for name in PRODUCT:
        source = ROOT / name
        shutil.copytree(
            source, product / name, ignore=shutil.ignore_patterns("__pycache__")
        ) if source.is_dir() else shutil.copy(source, product / name)
    git(product, "init", "--quiet")
    config = CONFIG.format(repository=product, revision=commit(product, {}, "Start"))
    start(repository, {**RELEASE, ".pre-commit-config.yaml": config.encode()})
    return repository


def pre_commit(repository: Path) -> subprocess.CompletedProcess[str]:
    """Run the hooks on what is staged. The product is installed as ever, its dependencies are those of the tests."""
    site = sysconfig.get_path("purelib")
    without_network = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": site}
    home = {"PRE_COMMIT_HOME": str(repository.parent / "pre-commit"), "HOME": str(repository.parent)}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run"],
        cwd=repository,
        env={"PATH": os.environ["PATH"], **home, **without_network},
        capture_output=True,
        text=True,
        check=False,
    )


def stage(repository: Path, name: str, old: str, new: str) -> None:
    """Change a file and stage it."""
    path = repository / name
    path.write_text(path.read_text().replace(old, new))
    git(repository, "add", name)


def test_a_commit_is_checked_as_a_whole_release(consumer: Path) -> None:
    stage(consumer, "sfdx-project.json", "66.0", "65.0")
    untouched = pre_commit(consumer)
    assert "(no files to check)Skipped" in untouched.stdout

    stage(consumer, "agentforce/packs/production-readiness.json", "0.95", "0.9")
    good = pre_commit(consumer)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.rstrip().endswith("Passed")

    stage(consumer, "agentforce/release.yml", "rollout: canary", "rollout: at-once")
    git(consumer, "commit", "--quiet", "--message", "Break the manifest")
    stage(consumer, "agentforce/packs/production-readiness.json", "0.9", "0.95")
    bad = pre_commit(consumer)
    assert bad.returncode == 1
    assert "agentforce/release.yml:11:14: error:" in bad.stdout
