"""Change the verdict logic in one place at a time and run its tests: `.venv/bin/python tests/mutate.py [MODULE …]`.

A mutant that no test notices survives, and is printed: a rule that no test holds, or code that changes nothing.
Mutants that cannot be told from the original are listed, with the reason, in `equivalent_mutants.toml`.
The tests of a module are collected once; each mutant is then put in its place in a fork, which runs them until the
first failure. The exit code is 1 if an unlisted mutant survives, or a listed one does not.
"""

import ast
import copy
import io
import mmap
import os
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, cast

import pytest
from hypothesis import Phase, settings
from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.toml"
JOBS, SECONDS, EXAMPLES = 2, 60, 25
_GATE = ("gate/test_judge.py", "gate/test_claims.py", "gate/test_regression.py")
_CHECK = ("promotion/test_admission.py", "gate/test_claims.py", "gate/test_regression.py", "gate/test_judge.py")
_READERS = ("evidence/test_files.py", "evidence/test_mutations.py")
_CHECKS = (
    "evidence/test_checks.py",
    "evidence/test_testing_center.py",
    "evidence/test_promptfoo.py",
    "evidence/test_studio.py",
)
_POWER = ("gate/test_power.py", "statistics/test_power.py", *_GATE)
_CANARY = ("canary/test_judge.py", "canary/test_renderings.py")
_CANARY_STATISTICS = ("statistics/canary/test_reference_values.py", "statistics/canary/test_edges.py", *_CANARY)
SUBJECTS = {
    "gate.counts": ("gate/test_counts.py", "gate/test_cases.py", "gate/test_checks.py", *_GATE),
    "gate.tally": ("gate/test_tally.py", *_GATE),
    "gate.criteria": ("gate/test_criteria.py", *_GATE),
    "gate.success_rate": ("gate/test_success_rate.py", *_GATE, "gate/test_until_settled.py"),
    "gate.rate_claim": ("gate/test_success_rate.py", *_GATE),
    "gate.regression": ("gate/test_regression.py", "gate/test_judge.py"),
    "gate.reasons": ("gate/test_reasons.py", *_GATE, "gate/test_cases.py", "gate/test_until_settled.py"),
    "gate.shard_reasons": ("gate/test_shards.py", "gate/test_claims.py"),
    "gate.until_settled": ("gate/test_until_settled.py", "gate/test_judge.py"),
    "gate.tested.checks": ("gate/test_checks.py", "gate/test_judge.py"),
    "gate.tested.observed": ("gate/test_observed.py", "gate/test_judge.py", "gate/test_cases.py"),
    "gate.tested.versions": ("gate/test_versions.py", "gate/test_judge.py"),
    "gate.attempt.attempts": ("gate/test_attempts.py", "gate/test_judge.py"),
    "gate.case_reasons": ("gate/test_cases.py", "gate/test_judge.py"),
    "promotion.decision.consistency": ("promotion/test_decision_check.py", *_CHECK),
    "promotion.decision.pack_check": ("promotion/test_decision_check.py", "gate/test_versions.py", *_CHECK),
    "statistics.per_test": _POWER,
    "statistics.chances": ("statistics/test_chances.py", *_POWER),
    "evidence.junit_words": ("evidence/test_junit_words.py", "evidence/test_junit.py", *_READERS),
    "evidence.junit": ("evidence/test_junit.py", *_READERS),
    "evidence.junit_document": ("evidence/test_junit.py", "evidence/test_junit_words.py", *_READERS),
    "evidence.junit_case": ("evidence/test_junit.py", *_READERS),
    "evidence.checks": (*_CHECKS, "gate/test_checks.py", *_READERS),
    "evidence.promptfoo": ("evidence/test_promptfoo.py", *_READERS),
    "evidence.studio": ("evidence/test_studio.py", *_READERS),
    "evidence.testing_center": ("evidence/test_testing_center.py", "evidence/test_transcript.py", *_READERS),
    "release.check_kinds": (*_CHECKS, "gate/test_checks.py"),
    "canary.judge": _CANARY,
    "canary.health": ("canary/test_health.py",),
    "canary.measured.arms": ("canary/test_arms.py", *_CANARY),
    "canary.measured.budgets": (*_CANARY, "canary/test_health.py"),
    "canary.measured.findings": _CANARY,
    "canary.measured.guards": _CANARY,
    "canary.measured.metrics": _CANARY,
    "canary.measured.thresholds": ("canary/test_health.py",),
    "canary.why.doubts": _CANARY,
    "canary.why.rollbacks": _CANARY,
    "statistics.canary.days": _CANARY_STATISTICS,
    "statistics.canary.mixture": _CANARY_STATISTICS,
    "statistics.canary.violations": _CANARY_STATISTICS,
    "statistics.canary.volume": _CANARY_STATISTICS,
}
"""Modules, and the files of unit tests that hold them, the quickest to fail first."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {
    "max": "min", "min": "max", "any": "all", "all": "any", "ceil": "floor", "floor": "ceil",
    "PASSED": "FAILED", "FAILED": "ERROR", "ERROR": "PASSED", "UNSEEN": "FAILED",
}  # fmt: skip
MEMBERS = {
    "Verdict": {"PASS": "INCONCLUSIVE", "FAIL": "INCONCLUSIVE", "INCONCLUSIVE": "PASS"},
    "Outcome": {"PASS": "FAIL", "FAIL": "ERROR", "ERROR": "PASS"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One change of a module. key: the function and the change, which stays the same when lines move."""

    module: str
    key: str
    line: int
    code: CodeType


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of a module below `wavegate`."""
    path = _path(module)
    tree = ast.parse(path.read_text("utf-8"))
    seen: Counter[str] = Counter()
    for function, owner, field, index, node in _places(tree, "module"):
        siblings = getattr(owner, field)
        for changed in _changes(node):
            key = f"{function}: {_shown(node)} -> {_shown(changed)}"
            seen[key] += 1
            _put(owner, field, index, changed)
            code = compile(ast.fix_missing_locations(copy.deepcopy(tree)), str(path), "exec")
            _put(owner, field, index, node)
            yield Mutant(
                module=module,
                key=key if seen[key] == 1 else f"{key} ({seen[key]})",
                line=getattr(node, "lineno", 0),
                code=code,
            )
        assert getattr(owner, field) is siblings or siblings is node


def original(module: str) -> CodeType:
    """The code of a module below `wavegate` as it is."""
    path = _path(module)
    return compile(path.read_text("utf-8"), str(path), "exec")


def _path(module: str) -> Path:
    return ROOT / "src" / "wavegate" / f"{module.replace('.', '/')}.py"


def _put(owner: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(owner, field, node)
    else:
        getattr(owner, field)[index] = node


def _places(owner: ast.AST, function: str) -> Iterator[tuple[str, ast.AST, str, int | None, ast.AST]]:
    """Every node below `owner`, with the function that it is in and where its owner holds it."""
    for field, value in ast.iter_fields(owner):
        # `strict=True` of zip only asserts what is so
        if field in ("annotation", "returns", "decorator_list") or getattr(owner, "arg", "") == "strict":
            continue
        for index, node in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(node, ast.AST) and not _is_docstring(node):
                inner = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else function
                yield function, owner, field, index, node
                yield from _places(node, inner)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may be changed to."""
    for change in (_conditions, _numbers, _words, _collections):
        yield from change(node)


def _conditions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            yield _with(node, ops=[COMPARISONS[type(operator)]()])
        case ast.BoolOp(op=operator, values=values):
            yield _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
            for left_out in values:
                others = [each for each in values if each is not left_out]
                yield _with(node, values=others) if len(others) > 1 else others[0]
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.If() | ast.IfExp():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])


def _numbers(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OPERATORS and not _is_text(node):
            yield _with(node, op=OPERATORS[type(node.op)]())
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)


def _words(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Name(id=name) if name in NAMES:
            yield ast.Name(NAMES[name], node.ctx)
        case ast.Attribute(value=ast.Name(id=owner), attr=member) if member in MEMBERS.get(owner, ()):
            yield _with(node, attr=MEMBERS[owner][member])
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            # not left out: a function with its only yield gone is no generator any more
            yield ast.Expr(ast.IfExp(ast.Constant(False), node.value, ast.Constant(None)))


def _collections(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Set(elts=elements) | ast.Tuple(elts=elements) if len(elements) > 1 and _are_texts(elements):
            for left_out in elements:
                yield _with(node, elts=[each for each in elements if each is not left_out])
        case ast.Dict(keys=keys) if len(keys) > 1:
            for at in range(len(keys)):
                values = [*node.values[:at], *node.values[at + 1 :]]
                yield _with(node, keys=[*keys[:at], *keys[at + 1 :]], values=values)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _is_text(node: ast.BinOp | ast.AugAssign) -> bool:
    return any(isinstance(each, ast.JoinedStr) or _are_texts([each]) for each in ast.iter_child_nodes(node))


def _are_texts(nodes: Sequence[ast.AST]) -> bool:
    return all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in nodes)


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    if isinstance(node, ast.comprehension):
        return f"for {ast.unparse(node.target)}" + "".join(f" if {ast.unparse(each)}" for each in node.ifs)
    return " ".join(ast.unparse(node).split())


def install(code: CodeType, module: ModuleType) -> None:
    """Make a loaded module, and all that have imported from it, what the code says."""
    changed = ModuleType(module.__name__)
    changed.__dict__["__file__"] = module.__file__
    # dataclasses look their module up by its name
    sys.modules[module.__name__] = changed
    exec(code, changed.__dict__)  # noqa: S102 - that is what a mutant is for
    sys.modules[module.__name__] = module
    for name, new in vars(changed).items():
        _replace(name, getattr(module, name), new, module.__name__)


def _replace(name: str, old: Any, new: Any, module: str) -> None:
    """Change an object in place where it can be: others hold it as well."""
    old_code, new_code = (getattr(each, "__wrapped__", each) for each in (old, new))
    if old is new or name.startswith("__") or getattr(old_code, "__module__", module) != module:
        return
    if isinstance(old_code, FunctionType):
        old_code.__code__, old_code.__defaults__ = new_code.__code__, new_code.__defaults__
        old_code.__kwdefaults__ = new_code.__kwdefaults__
    elif isinstance(old, type) and not issubclass(old, Struct):
        for member, value in vars(new).items():
            _replace_member(old, member, value, module)
    elif isinstance(old, dict):
        old.clear()
        old.update(new)
    elif old != new:
        # also a Struct, whose defaults are out of reach
        for holder in [*sys.modules.values()]:
            if vars(holder).get(name) is old:
                setattr(holder, name, new)


def _replace_member(owner: type, name: str, new: Any, module: str) -> None:
    old = vars(owner).get(name)
    if isinstance(old, property):
        _replace(name, old.fget, new.fget, module)
    elif isinstance(old, FunctionType) and (old.__closure__ is None) == (new.__closure__ is None):
        # slots=True makes a second class, whose methods may close over the first
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__


class Loop:
    """Takes the place of pytest's loop over the collected tests: runs them in a fork for each mutant."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.survivors: dict[str, Mutant] = {}
        self.running: dict[int, Mutant | None] = {}
        self.noticed = mmap.mmap(-1, 4)
        self.total = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # properties take long to pass: they come last, with few examples, always the same, and are not explained
        session.items.sort(key=_is_property)
        for item in filter(_is_property, session.items):
            test = cast("pytest.Function", item).obj
            given = test._hypothesis_internal_use_settings
            phases = (Phase.explicit, Phase.generate)
            few = settings(given, max_examples=EXAMPLES, derandomize=True, database=None, phases=phases)
            test._hypothesis_internal_use_settings = few
        self.start(None, session)
        if self.end():
            return True
        for mutant in mutants(self.module):
            self.total += 1
            while len(self.running) >= JOBS:
                self.end()
            self.start(mutant, session)
        while self.running:
            self.end()
        return True

    def start(self, mutant: Mutant | None, session: pytest.Session) -> None:
        sys.stdout.flush()
        if number := os.fork():
            self.running[number] = mutant
            return
        # what noticed the last mutant probably notices the next one
        last = int.from_bytes(self.noticed[:], "big")
        session.items.insert(0, session.items[last])
        failed = 1
        try:
            failed = self._fails(mutant, session)
        finally:
            os._exit(failed)

    def end(self) -> int:
        """Wait for one fork; 0 if it noticed nothing. What never ends, or ends the process, is noticed."""
        number, status = os.wait()
        mutant = self.running.pop(number)
        if mutant and status == 0:
            self.survivors[mutant.key] = mutant
        return status

    def _fails(self, mutant: Mutant | None, session: pytest.Session) -> int:
        signal.alarm(SECONDS)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        session.config.get_terminal_writer()._file = io.StringIO()
        # the original is installed too: tests that fail for this alone would notice every mutant
        install(mutant.code if mutant else original(self.module), sys.modules[f"wavegate.{self.module}"])
        for number, item in enumerate(session.items):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                self.noticed[:] = (number - 1).to_bytes(4, "big") if number else self.noticed[:]
                return 1
        return 0


def _is_property(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "obj", None), "hypothesis")


def judged(module: str, equivalent: dict[str, str]) -> bool:
    """Print what is wrong with the mutants of a module; whether nothing is. In a process of its own."""
    loop = Loop(module)
    options = ["-qq", f"--timeout={SECONDS}", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-summary"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    pytest.main([*options, *(f"tests/unit/{name}" for name in SUBJECTS[module])], plugins=[loop])
    if not loop.total:
        print(f"{module}: its tests fail without a mutant", flush=True)
    survived = loop.survivors
    for key in survived.keys() - equivalent.keys():
        print(f"survived: {module}:{survived[key].line} {key}", flush=True)
    for key in equivalent.keys() - survived.keys():
        print(f"listed as equivalent, but noticed or gone: {module} {key}", flush=True)
    print(f"{module}: {loop.total} mutants, {len(survived)} survived, {len(equivalent)} are equivalent", flush=True)
    return bool(loop.total) and survived.keys() == equivalent.keys()


def main(modules: Sequence[str]) -> int:
    """Judge the named modules, or all, each in a process of its own."""
    os.chdir(ROOT)
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8")) if EQUIVALENT.exists() else {}
    good = True
    for module in modules or SUBJECTS:
        sys.stdout.flush()
        if not (number := os.fork()):
            os._exit(0 if judged(module, listed.get(module, {})) else 1)
        good = os.waitpid(number, 0)[1] == 0 and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
