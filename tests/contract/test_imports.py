"""Arrows point one way, decisions are pure, and starting costs little."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
PACKAGE = SRC / "wavegate"

ROOMS = (
    "setup", "demo", "check", "review", "capture", "bisect", "runbook", "notes", "report", "canary", "login",
    "notify", "kill_switch", "adoption", "deploy", "read_back", "publication", "promotion", "rollback", "gate",
    "plan", "pilot", "staging", "guardrails", "smoke", "conversations", "ledger", "census", "telemetry", "evidence",
    "redaction", "statistics", "components", "release", "salesforce", "github", "http", "git", "files", "findings",
    "cli", "duration", "child_environment", "errors", "text",
)  # fmt: skip
"""Every room, from top to bottom: a module imports its own room and those below. `__main__` starts every command."""
STARTS_COMMANDS = {"wavegate.demo.command": "wavegate.__main__"}
"""The one arrow that points up: the demo runs the command line as a user does."""

EFFECTS = frozenset({
    "__main__",
    "adoption.candidates", "adoption.command", "adoption.converted", "adoption.org_side", "adoption.record",
    "adoption.search",
    "bisect.command", "bisect.prepare", "bisect.read", "bisect.trial",
    "canary.expand.command", "canary.expand.decision_check", "canary.expand.locally",
    "canary.expand.manifest_edit", "canary.expand.on_github", "canary.expand.options", "canary.expand.prepare",
    "canary.given_decision", "canary.watch.cohort_users", "canary.watch.command", "canary.watch.read",
    "canary.watch.record_command", "canary.watch.report", "canary.watch.sessions", "capture.asked",
    "capture.command", "capture.drafting", "capture.known", "capture.locally", "capture.on_github",
    "capture.options", "capture.pack_edit", "capture.prepare", "capture.rerun",
    "census.read", "census.test_spec",
    "check.checks", "check.command",
    "cli.actions", "cli.options", "cli.output", "cli.report",
    "components.package_file", "components.release_at_commit",
    "conversations.in_org", "conversations.read",
    "demo.command",
    "deploy.acts.admission", "deploy.acts.ledger", "deploy.admit", "deploy.check_only", "deploy.command",
    "deploy.job_once", "deploy.jobs", "deploy.journal", "deploy.open_job", "deploy.options", "deploy.outcome",
    "deploy.package_jobs", "deploy.pilot.copies", "deploy.pilot.memory", "deploy.pilot.resolve",
    "deploy.pilot.same", "deploy.pilot.steps", "deploy.preparation.limits", "deploy.preparation.package",
    "deploy.preparation.ready", "deploy.preparation.restoring", "deploy.preparation.staged", "deploy.record",
    "deploy.request", "deploy.run", "deploy.test_choice",
    "evidence.files", "evidence.folders", "evidence.write",
    "files.folder", "files.insertions", "files.json_schema", "files.line_journal", "files.new_files",
    "files.pattern_search", "files.schema", "files.whole", "files.whole_folder", "files.yaml_places",
    "files.yaml_reader", "files.yaml_syntax",
    "findings.annotations",
    "gate.artifacts", "gate.attempt.earlier", "gate.command", "gate.evidence",
    "git.checkout", "git.isolation", "git.objects", "git.process", "git.repository",
    "github.approvals", "github.branches", "github.client", "github.comments", "github.connect",
    "github.issues", "github.proposal", "github.pull_request.declined", "github.pull_request.labels",
    "github.pull_request.reviews",
    "github.pulls", "github.reviews.issues", "github.settings", "github.teams", "guardrails.classes.command",
    "guardrails.classes.pull_request", "guardrails.classes.release_files", "guardrails.diff.command",
    "guardrails.diff.options", "guardrails.diff.two_commits", "guardrails.explain.command",
    "guardrails.mutate.aims", "guardrails.mutate.command", "guardrails.mutate.runs", "guardrails.policy.check",
    "guardrails.policy.command", "guardrails.policy.read", "guardrails.prove.command", "guardrails.source",
    "http.exchange", "http.transport",
    "kill_switch.authorize", "kill_switch.command", "kill_switch.copies", "kill_switch.enable_command",
    "kill_switch.next_steps", "kill_switch.outcome", "kill_switch.record", "kill_switch.switching",
    "ledger.acts.lock_command", "ledger.acts.locking", "ledger.acts.record", "ledger.acts.unlock_command",
    "ledger.acts.withdrawal", "ledger.events", "ledger.reader", "ledger.status.command",
    "ledger.status.found_stops", "ledger.status.org_drift", "ledger.status.read", "ledger.trail.read",
    "ledger.writer",
    "login.command",
    "notes.command", "notes.read",
    "notify.channels", "notify.command", "notify.discussion", "notify.issue", "notify.memory", "notify.send",
    "plan.command", "plan.head", "plan.live_release", "plan.pilot.known_rates", "plan.pilot.planner",
    "plan.prepare", "plan.staged",
    "promotion.admit_command", "promotion.brief.command", "promotion.brief.holding_now",
    "promotion.brief.open_reviews",
    "promotion.comment_command", "promotion.decision.file", "promotion.environment_ledger",
    "promotion.expansion.merged", "promotion.record_decision_command", "promotion.request",
    "promotion.verify_decision_command",
    "publication.publisher",
    "read_back.flows", "read_back.template_check",
    "release.folder", "release.policy.file", "release.reading",
    "report.command", "report.evidence",
    "review.command", "review.read", "review.runbooks",
    "rollback.choice", "rollback.command", "rollback.context", "rollback.drafter", "rollback.good_versions",
    "rollback.locally", "rollback.on_github", "rollback.prepare", "rollback.record", "rollback.rehearse",
    "rollback.withdraw",
    "runbook.command", "runbook.read",
    "salesforce.agent_access", "salesforce.agents", "salesforce.assertion", "salesforce.cli",
    "salesforce.cli_process", "salesforce.flows", "salesforce.login", "salesforce.no_credentials",
    "salesforce.org", "salesforce.permission_sets", "salesforce.preflight", "salesforce.probes",
    "salesforce.prompt_templates", "salesforce.rest", "salesforce.retrieve", "salesforce.stored_org",
    "salesforce.tokens",
    "setup.doctor.apply", "setup.doctor.command", "setup.doctor.permission_checks",
    "setup.doctor.read_github",
    "setup.doctor.read_org", "setup.doctor.workflow_files", "setup.ignored", "setup.init_command",
    "setup.local.base", "setup.local.calls", "setup.local.read", "setup.local.schema_address",
    "setup.local.three_way", "setup.local.update", "setup.own_files", "setup.pin", "setup.repository_setup",
    "setup.update_command",
    "smoke.command", "smoke.earlier", "smoke.job", "smoke.journal", "smoke.live_check", "smoke.recorder",
    "smoke.replay", "smoke.runner_command", "smoke.testing",
    "smoke.variants.checkout_copy", "smoke.variants.journal", "smoke.variants.judged", "smoke.variants.program",
    "staging.contents", "staging.convert", "staging.stage", "staging.values",
    "telemetry.connection", "telemetry.data_cloud.source", "telemetry.data_cloud.statements",
    "telemetry.discover.command", "telemetry.discover.in_data_cloud", "telemetry.discover.in_files",
    "telemetry.discover.in_soql", "telemetry.discover.merge", "telemetry.files.engine", "telemetry.files.found",
    "telemetry.files.layouts", "telemetry.files.relation", "telemetry.files.repeated", "telemetry.files.source",
    "telemetry.kept.file", "telemetry.mapping.file", "telemetry.progress", "telemetry.options", "telemetry.read",
    "telemetry.soql.queries", "telemetry.soql.source", "telemetry.sums_command",
})  # fmt: skip
"""The modules that may use a clock, the network, files, the environment or randomness. Every other one is pure."""

PURE_IMPORTS = (
    "base64", "binascii", "bisect", "collections", "contextlib", "dataclasses", "datetime", "difflib",
    "email.utils.parsedate_to_datetime", "enum", "fnmatch", "fractions", "functools", "hashlib", "hmac", "html",
    "io.BufferedReader", "io.BytesIO", "itertools", "json", "math",
    "msgspec", "operator", "pathlib.PurePosixPath", "posixpath.dirname", "posixpath.join", "posixpath.normpath", "re",
    "shlex.quote",
    "statistics", "typing", "unicodedata", "urllib.parse", "warnings",
    "wavegate", "xml", "zipfile", "zoneinfo",
)  # fmt: skip
"""All that a pure module may import, with what is inside it; anything else counts as an effect."""
BUILT_IN = frozenset(
    {"open", "print", "input", "breakpoint", "exec", "eval", "compile", "__import__", "__builtins__"}
)
METHODS = frozenset({
    "absolute", "chmod", "cwd", "exists", "expanduser", "glob", "hardlink_to", "home", "is_dir", "is_file",
    "is_mount", "is_symlink", "iterdir", "lchmod", "lstat", "mkdir", "open", "read_bytes", "read_text", "readlink",
    "rename", "resolve", "rglob", "rmdir", "samefile", "stat", "symlink_to", "touch", "unlink", "walk", "write_bytes",
    "write_text",
})  # fmt: skip
"""What reads or changes files, by whatever object it is reached."""
CLOCKS = frozenset({"now", "today", "utcnow"})
"""Methods of `date` and `datetime`; a value may have an attribute of that name."""

LOADED_AT_START = frozenset({"click", "wavegate", "wavegate.__main__", "wavegate.errors"})
"""What the command line loads before it knows its command, beside the standard library and click's own modules."""

SOURCES = {".".join(path.relative_to(SRC).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name.removesuffix(".__init__"): ast.parse(path.read_text("utf-8")) for name, path in SOURCES.items()}


def room(module: str) -> str:
    """The room of a `wavegate…` module; a module of the ground floor is its own."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@cache
def imported(tree: ast.AST) -> tuple[str, ...]:
    """Absolute names that a module imports, wherever in it: of modules, and of what is taken out of them."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def modules_of(names: Iterable[str], known: Iterable[str]) -> set[str]:
    """The modules among those known that the imported names are, or come from."""
    known = frozenset(known)
    return {found for name in names if (found := name if name in known else name.rpartition(".")[0]) in known}


def upward(trees: Mapping[str, ast.AST]) -> list[str]:
    """Every import of a room from one that lies below it. `import wavegate` reaches every room, so it is one too."""
    height = {name: index for index, name in enumerate(ROOMS)}
    return [
        f"{module} imports {used}"
        for module, tree in trees.items()
        if room(module) not in ("__main__", "__init__")
        for used in sorted(modules_of(imported(tree), trees))
        if (used != "wavegate" or used in imported(tree)) and STARTS_COMMANDS.get(module) != used
        if used in ("wavegate", "wavegate.__main__") or height[room(used)] < height[room(module)]
    ]


def circle(trees: Mapping[str, ast.AST]) -> list[str]:
    """Modules that import each other in a circle, the first one again at the end; [] where there is none."""
    arrows = {name: sorted(modules_of(imported(tree), trees) - {name}) for name, tree in trees.items()}
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for used in arrows[module]:
            if found := visit(used, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for name in arrows if (found := visit(name, []))), [])


@cache
def effects(tree: ast.AST) -> list[str]:
    """What makes a module more than a function of its arguments; whether it is called or only passed on."""
    found = [name for name in imported(tree) if not f"{name}.".startswith(tuple(f"{each}." for each in PURE_IMPORTS))]
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    dates = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "datetime"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in BUILT_IN:
            found.append(f"{node.id} in line {node.lineno}")
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            reads_clock = node.attr in CLOCKS and (id(node) in called or owner in {"date", "datetime", *dates})
            if reads_clock or node.attr in METHODS:
                found.append(f"{node.attr} in line {node.lineno}")
    return found


def impure(trees: Mapping[str, ast.AST]) -> dict[str, list[str]]:
    """Modules with effects of their own, or by a module that they import, and why."""
    found = {name: why for name, tree in trees.items() if (why := effects(tree))}
    arrows = {name: modules_of(imported(tree), trees) for name, tree in trees.items()}
    while more := {
        name: [f"imports {used}" for used in sorted(arrows[name] & found.keys())]
        for name in trees.keys() - found.keys()
        if arrows[name] & found.keys()
    }:
        found |= more
    return found


def test_a_room_imports_only_rooms_below_it() -> None:
    assert {room(module) for module in TREES} - {"__init__", "__main__"} <= set(ROOMS)
    assert upward(TREES) == []


def test_no_module_imports_itself_by_a_circle() -> None:
    assert circle(TREES) == []


def test_what_is_not_listed_as_having_effects_is_pure() -> None:
    found = {name.removeprefix("wavegate."): why for name, why in impure(TREES).items()}
    assert {name: why for name, why in found.items() if name not in EFFECTS} == {}
    assert {name for name in EFFECTS if name not in found} == set(), "listed, and pure"


def test_every_room_says_what_it_is_for_and_repeats_no_name() -> None:
    for folder in (path for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").is_file()):
        assert ast.get_docstring(TREES[f"wavegate.{folder.name}"]), folder.name
        assert not (folder / f"{folder.name}.py").exists()
        assert len(list(folder.glob("*.py"))) <= 21, f"{folder.name} holds too many unlike things"


def test_a_class_name_means_one_thing() -> None:
    names = Counter(node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == set()


@pytest.mark.parametrize(
    ("module", "line", "law"),
    [
        ("wavegate.gate.judge", "from wavegate.deploy.run import run", upward),
        ("wavegate.findings.finding", "import wavegate.gate.judge", upward),
        ("wavegate.gate.judge", "from wavegate import __main__", upward),
        ("wavegate.release.pack", "from wavegate.release import pack_rules", circle),
        ("wavegate.gate.decision", "def late():\n    from wavegate.gate import judge", circle),
        ("wavegate.gate.judge", "def late():\n    from wavegate.deploy import run", upward),
        ("wavegate.gate.judge", "from wavegate import deploy", upward),
        ("wavegate.gate.judge", "import wavegate\nwavegate.deploy.run", upward),
        ("wavegate.gate.judge", "from datetime import datetime as d\nd.now(tz)", impure),
        ("wavegate.gate.judge", "from datetime import datetime as d\nclock = d.now", impure),
        ("wavegate.gate.judge", "import datetime\nclock = datetime.datetime.now", impure),
        ("wavegate.gate.judge", "from datetime import date\ndate.today()", impure),
        ("wavegate.gate.judge", "from time import monotonic", impure),
        ("wavegate.gate.judge", "import time as t\nt.time()", impure),
        ("wavegate.gate.judge", "import os as o\no.environ", impure),
        ("wavegate.gate.judge", "import posix", impure),
        ("wavegate.gate.judge", "def late():\n    import random", impure),
        ("wavegate.gate.judge", "import numpy", impure),
        ("wavegate.gate.judge", "from email.utils import localtime", impure),
        ("wavegate.gate.judge", "import importlib\nimportlib.import_module('os')", impure),
        ("wavegate.gate.judge", "__import__('os')", impure),
        ("wavegate.gate.judge", "load = __import__", impure),
        ("wavegate.gate.judge", "from wavegate.github.client import GitHub", impure),
        ("wavegate.gate.judge", "from wavegate.github import client", impure),
        ("wavegate.gate.judge", "open('evidence')", impure),
        ("wavegate.gate.judge", "read = open", impure),
        ("wavegate.gate.judge", "import io\nio.open('evidence')", impure),
        ("wavegate.gate.judge", "import codecs\ncodecs.open('evidence')", impure),
        ("wavegate.gate.judge", "from pathlib import Path as P\nP.cwd()", impure),
        ("wavegate.gate.judge", "import pathlib\npathlib.Path('evidence')", impure),
        ("wavegate.gate.judge", "def read(path): return path.open()", impure),
        ("wavegate.gate.judge", "def read(path): return path.stat().st_size", impure),
        ("wavegate.gate.judge", "def read(path): return path.resolve()", impure),
        ("wavegate.gate.judge", "def read(paths): return map(paths.read_text, ())", impure),
        ("wavegate.gate.judge", "def late(expected): return expected.now", None),
        ("wavegate.gate.judge", "from urllib.parse import quote", None),
    ],
)
def test_each_of_these_laws_can_be_broken(module: str, line: str, law: object) -> None:
    changed = {**TREES, module: ast.parse(f"{SOURCES[module].read_text('utf-8')}\n{line}\n")}
    broken = {check for check in (upward, circle, impure) if check(changed) != check(TREES)}
    assert law in broken if law else not broken


def test_starting_loads_click_and_nothing_heavy() -> None:
    code = "import sys, wavegate.__main__; print('\\n'.join(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.split(".")[0] == "wavegate"}
    third_party = {name.split(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"__main__", "wavegate"}
    # a package of the environment may have a .pth file that imports at every start: that is not ours
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ours | (third_party - set(bare.stdout.split())) == LOADED_AT_START


def test_what_is_imported_is_declared_and_locked() -> None:
    provided = {"yaml": "pyyaml", "_yaml": "pyyaml", "ruamel": "ruamel.yaml"}
    outside = {name.partition(".")[0] for tree in TREES.values() for name in imported(tree)} - sys.stdlib_module_names
    used = {provided.get(name, name) for name in outside - {"wavegate"}}
    root = SRC.parent
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {requirement.partition(">=")[0] for requirement in project["dependencies"]}
    # zoneinfo reads it where the system has no time zones of its own, such as a slim container
    assert used | {"tzdata"} == declared
    assert declared == set((root / "requirements.in").read_text().split())
    locked = re.findall(r"(?m)^([a-z0-9-]+)==", (root / "requirements.lock").read_text())
    assert {name.replace(".", "-") for name in declared} <= set(locked)
