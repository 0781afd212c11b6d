"""Compare random conditions with the official compiler, and write the golden ones.

Usage: AGENTSCRIPT_SDK_ENTRY=/path/to/sdk.mjs python tests/corpus/conditions.py [COUNT] [--write-golden]

A condition that we read must be printed as the compiler prints it; one that we do not read must be a problem to the
compiler as well, or be of a known kind.
"""

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src")]

from wavegate.guardrails.conditions.emit import emitted_text  # noqa: E402
from wavegate.guardrails.conditions.expression import Opaque  # noqa: E402
from wavegate.guardrails.conditions.parse import parse_expression  # noqa: E402

GOLDEN = ROOT / "tests" / "fixtures" / "guardrails" / "conditions" / "compiled.json"
PROGRAM = Path(__file__).with_suffix(".mjs")
GOLDEN_COUNT = 400
ATOMS = (
    "@variables.a", "@variables.b", "@variables.c", "True", "False", "None", "@variables.s", '""', '"gold"',
    '"a \\"b\\" \\\\ \\n"', "@variables.n", "@variables.m", "0", "3", "1.50", "-2", "1000000000000000000000000", ".5",
    "@variables.o.city", '@variables.o["city"]', "@variables.l[0]", "@variables.l[@variables.n + 1]",
    "@variables.l.length", "len(@variables.l)", "max(@variables.n, 2)", "@system_variables.user_input",
    "@variables.o.lines[0].price", '@variables.s == "@variables.a"',
)  # fmt: skip
BOOLEANS = ATOMS[:3]
KINDS = ("atom", "not", "sign", "binary", "binary", "binary", "ternary", "group")
OPERATORS = ("and", "or", "==", "!=", "<", "<=", ">", ">=", "is", "is not", "+", "-")


def boolean(choose: random.Random, depth: int) -> str:
    """A condition over three boolean variables with the parentheses that it needs, as people write them."""
    kind = choose.choice(("atom", "not", "and", "or")) if depth else "atom"
    if kind == "atom":
        return choose.choice(BOOLEANS)
    if kind == "not":
        operand = boolean(choose, depth - 1)
        return f"not ({operand})" if " and " in operand or " or " in operand else f"not {operand}"
    left, right = boolean(choose, depth - 1), boolean(choose, depth - 1)
    left = f"({left})" if kind == "and" and " or " in left else left
    right = f"({right})" if (kind == "and" and " or " in right) or f" {kind} " in right else right
    return f"{left} {kind} {right}"


def anything(choose: random.Random, depth: int) -> str:
    """Any expression, with parentheses and white space that it may not need."""
    kind = (
        choose.choice(("atom", "not", "sign", "binary", "binary", "binary", "ternary", "group")) if depth else "atom"
    )

    def part() -> str:
        return anything(choose, depth - 1)

    space = choose.choice((" ", " ", " ", "  ", "\t"))
    match kind:
        case "not":
            return f"not{space}{part()}"
        case "sign":
            return f"{choose.choice('+-')}{part()}"
        case "binary":
            operator = choose.choice(OPERATORS)
            space = choose.choice((space, "")) if operator in ("==", "<", ">=", "!=") else space
            return f"{_wrapped(choose, part())}{space}{operator}{space}{_wrapped(choose, part())}"
        case "ternary":
            return f"{part()} if {_wrapped(choose, part())} else {part()}"
        case "group":
            return f"({space}{part()} )"
        case _:
            return choose.choice(ATOMS)


def _wrapped(choose: random.Random, text: str) -> str:
    return f"({text})" if choose.random() < 0.4 else text


def conditions(count: int, *, seed: int) -> list[str]:
    """Distinct random conditions, half of them over booleans."""
    choose = random.Random(seed)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < count:
        found[boolean(choose, 3) if choose.random() < 0.5 else anything(choose, 3)] = None
    return list(found)


def compiled(written: Iterable[str]) -> list[tuple[str | None, int]]:
    """What the official compiler makes of each condition, and how many problems it has with it."""
    lines = "".join(f"{json.dumps(text)}\n" for text in written)
    ended = subprocess.run(["node", PROGRAM], input=lines, capture_output=True, check=True, encoding="utf-8")
    return [(enabled, problems) for enabled, problems in map(json.loads, ended.stdout.splitlines())]


def as_compiled(text: str) -> str:
    """Our printed condition with the compiler's names of references."""
    text = text.replace("@system_variables.user_input", "system.input_text")
    return re.sub(r"@variables\.", "state.", text)


def disagreement(written: str, enabled: str | None, problems: int) -> str | None:
    """How our reading of a condition differs from the compiler's, None if it does not."""
    read = parse_expression(written)
    if isinstance(read, Opaque):
        return None if problems else f"not read, column {read.column}: {read.reason}"
    printed = as_compiled(emitted_text(read))
    return None if printed == enabled else f"printed as {printed}"


def main() -> None:
    """Compare, and say how many agree; exit 1 if any does not."""
    count = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 6_000
    written = conditions(count, seed=count)
    results = list(zip(written, compiled(written), strict=True))
    wrong = [(text, *result, said) for text, result in results if (said := disagreement(text, *result))]
    unread = sum(isinstance(parse_expression(text), Opaque) for text in written)
    for text, enabled, problems, said in wrong[:20]:
        print(f"{text}\n  compiler: {enabled} ({problems} problems)\n  we: {said}")
    print(f"{count - len(wrong)} of {count} conditions agree; {unread} of them are unreadable to both")
    if "--write-golden" in sys.argv:
        golden = conditions(GOLDEN_COUNT, seed=GOLDEN_COUNT)
        pairs = {
            text: enabled for text, (enabled, problems) in zip(golden, compiled(golden), strict=True) if not problems
        }
        GOLDEN.write_text(json.dumps(pairs, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
