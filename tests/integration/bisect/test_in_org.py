"""The page's program that runs a test in an org, with the real CLI against the double of an org."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.testing import center_case
from tests.support.pages import DOCS, blocks
from tests.support.tools import node_bin, npm_bin

SCRIPT = next(each.text for each in blocks(DOCS / "how-to" / "bisect.md") if each.comment == "file: smoke/in_org.py")
TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<GenAiPromptTemplate xmlns="http://soap.sforce.com/2006/04/metadata"><developerName>Hello</developerName>
</GenAiPromptTemplate>
"""
QUIET = ("SF_DISABLE_TELEMETRY", "SF_DISABLE_AUTOUPDATE", "SF_SKIP_NEW_VERSION_CHECK", "SF_DISABLE_LOG_FILE")


def project(folder: Path) -> Path:
    template = folder / "force-app/main/default/genAiPromptTemplates/Hello.genAiPromptTemplate-meta.xml"
    template.parent.mkdir(parents=True)
    template.write_text(TEMPLATE)
    (folder / "sfdx-project.json").write_text(
        '{"packageDirectories": [{"path": "force-app"}], "sourceApiVersion": "66.0"}'
    )
    return folder


def test_a_project_is_deployed_once_and_tested_in_its_org_each_time(tmp_path: Path) -> None:
    first = project(tmp_path / "one")
    script, state = tmp_path / "in_org.py", tmp_path / "state.json"
    script.write_text(SCRIPT)
    with SalesforceDouble() as org:
        org.testing.define("Shipment_Status", cases=[center_case(1), center_case(2, "FAILURE")])
        environment = {
            "PATH": os.pathsep.join([str(node_bin()), str(npm_bin()), "/usr/bin", "/bin"]),
            "HOME": str(tmp_path),
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
            **dict.fromkeys(QUIET, "true"),
            **org.environment(),
            "BISECT_ORGS": "double",
            "BISECT_STATE": str(state),
            "WAVEGATE_RUN_DEFINITION": "Shipment_Status",
        }
        login = ["org", "login", "access-token", "--instance-url", org.url, "--alias", "double", "--no-prompt"]
        subprocess.run(["sf", *login], env=environment, cwd=tmp_path, check=True, capture_output=True)

        def run(folder: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, str(script)],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

        done = run(first)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()] == [
            {"case": "1", "outcome": "pass"},
            {"case": "2", "outcome": "fail"},
        ]
        assert set(org.deployments.deployed) == {("GenAiPromptTemplate", "Hello")}
        sent = sum(each.template.endswith("deployRequest") or "Soap/m" in each.template for each in org.routes)
        assert run(first).returncode == 0
        again = sum(each.template.endswith("deployRequest") or "Soap/m" in each.template for each in org.routes)
        assert (again, json.loads(state.read_text())) == (sent, {"double": str(first)})
        # the only org holds a release that is still in use
        refused = run(project(tmp_path / "two"))
        assert refused.returncode == 1
        assert "every org of BISECT_ORGS is in use" in refused.stderr
