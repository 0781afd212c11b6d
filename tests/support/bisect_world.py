"""A project with two releases, and an agent that behaves as its files say."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.git import commit, git, start
from tests.support.places import ROOT

RELEASE = ROOT / "src" / "wavegate" / "demo" / "release"
DEFAULT = "force-app/main/default"
PROMPT = f"{DEFAULT}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
OTHER_PROMPT = f"{DEFAULT}/genAiPromptTemplates/Escalation_Summary.genAiPromptTemplate-meta.xml"
FLOW = f"{DEFAULT}/flows/Update_Case_Status.flow-meta.xml"
CLASS = f"{DEFAULT}/classes/ShipmentStatus.cls"
CREDENTIAL = f"{DEFAULT}/namedCredentials/Shipments.namedCredential-meta.xml"
PLUGIN = f"{DEFAULT}/genAiPlugins/Customer_Care.genAiPlugin-meta.xml"
PROGRAM = ("--command", sys.executable, "--command", "-S", "--command", "smoke/agent.py")
AGENT = '''
"""A test's run: it passes at one of two rates, by what the files of the project say."""

import json, os, pathlib, random

files = sorted(path for path in pathlib.Path("force-app").rglob("*") if path.is_file())
text = "\\n".join(path.read_text("utf-8", "replace") for path in files)
if log := os.environ.get("RUN_LOG"):
    with open(log, "a") as file:
        file.write("run\\n")
setting = json.loads(pathlib.Path("smoke/agent.json").read_text())
broken = any(all(word in text for word in words) for words in setting["breaks"])
if setting.get("error") and setting["error"] in text:
    raise SystemExit("the service is away")
chance = random.Random(f"{os.environ['WAVEGATE_RUN_NUMBER']} {len(text)}")
passed = chance.random() < (setting["bad"] if broken else setting["good"])
print(json.dumps({"case": "1", "outcome": "pass" if passed else "fail"}))
'''


class BisectWorld:
    """A checkout with a good and a bad release. Sets of words in its setting `breaks` break the agent."""

    def __init__(self, folder: Path, *, good: float = 1.0, bad: float = 0.0) -> None:
        self.root = folder / "checkout"
        self._temporary = folder / "tmp"
        self._temporary.mkdir(parents=True)
        self.setting: dict[str, Any] = {"breaks": [], "good": good, "bad": bad}
        shutil.copytree(RELEASE, self.root)
        manifest = self.root / "agentforce" / "release.yml"
        manifest.write_text(manifest.read_text().replace("- get_ship", "- resolve_case\n      - get_ship"))
        files = {"smoke/agent.py": AGENT.encode(), "smoke/agent.json": b"{}"}
        self.good = start(self.root, files, "good")
        self.bad = ""

    def change(self, files: Mapping[str, str], *, deleted: tuple[str, ...] = ()) -> None:
        """Commit the bad release. files: text by path; text after a `+` is added to what is there."""
        for path in deleted:
            (self.root / path).unlink()
        contents = {path: self._new(path, text).encode() for path, text in files.items()}
        self.bad = commit(self.root, contents, "bad")

    def _new(self, path: str, text: str) -> str:
        if not text.startswith("+"):
            return text
        old = (self.root / path).read_text()
        return old.replace("</content>", f"{text[1:]}</content>") if "</content>" in old else old + text[1:] + "\n"

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start the command in a process group of its own."""
        (self.root / "smoke" / "agent.json").write_text(json.dumps(self.setting))
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "TMPDIR": str(self._temporary),
            **more,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "wavegate", "bisect", *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def bisect(self, *arguments: str, test: str = "case-summary-quality", **more: str) -> tuple[int, str, str]:
        """Search between both releases; the exit code, the report and the progress."""
        ends = () if "--decision" in arguments else ("--good", self.good, "--bad", self.bad)
        process = self.start(test, *ends, *PROGRAM, *arguments, **more)
        output, errors = process.communicate(timeout=120)
        assert "Traceback" not in output + errors, errors
        return process.returncode, output, errors

    def found(self, *arguments: str) -> dict[str, Any]:
        """The report of a search that has to find something."""
        code, output, errors = self.bisect("--format", "json", *arguments)
        assert code == 0, errors + output
        report: dict[str, Any] = json.loads(output)
        return report

    def copies(self) -> list[str]:
        """The temporary copies that are left."""
        return [each.name for each in self._temporary.iterdir() if each.name.startswith("wavegate-variant-")]

    def files(self) -> dict[str, bytes]:
        """What the checkout holds, without our own folder and git's."""
        paths = (path for path in self.root.rglob("*") if path.is_file())
        own = (path for path in paths if not {".wavegate", ".git"} & set(path.parts))
        return {str(path.relative_to(self.root)): path.read_bytes() for path in own}

    def status(self) -> bytes:
        """What git sees as changed, beside the agent's setting."""
        return git(self.root, "status", "--porcelain", "--", ".", ":!smoke/agent.json", ":!.wavegate")


def causes(report: Mapping[str, Any]) -> list[list[str]]:
    """The ids of the changes of each cause, sorted."""
    return [sorted(each["id"] for each in cause["changes"]) for cause in report["causes"]]
