"""Write the pages of docs/reference that are made from the product: `python3 tests/reference.py`."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "src")]

import click
from tests.support.product_files import ACTIONS, ROOT, WORKFLOWS, read

from wavegate.__main__ import COMMANDS, cli
from wavegate.files.schema import _load

PAGES = ROOT / "docs" / "reference"
RULES = PAGES / "rules.md"
BLOB = "https://github.com/wavegate/wavegate/blob/main"


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "commands.md": _commands(),
        "actions.md": _actions(),
        "workflows.md": _workflows(),
        "manifest.md": _fields(
            "manifest", "Manifest", "`agentforce/release.yml`: what ships, where to, and who decides."
        ),
        "packs.md": _fields("pack", "Smoke packs", "`agentforce/packs/*.json` or `.yml`: what must pass."),
        "guardrails.md": _fields(
            "guardrails", "Guardrail policy", "`agentforce/guardrails.yml`: what must hold of the agents."
        ),
        "telemetry.md": _fields(
            "telemetry",
            "Telemetry file",
            "`agentforce/telemetry/ENV.yml`: where an environment's sessions are, and what its words mean.",
        ),
    }


def with_examples(text: str) -> str:
    """docs/reference/rules.md with the lines of the test examples that its markers name."""
    return _MARKER.sub(lambda match: f"<!-- example: {match[1]} -->\n{_excerpt(match[1])}", text)


_MARKER = re.compile(r"<!-- example: (\S+) -->\n```\w+\n.*?```(?=\n)", re.DOTALL)


def _excerpt(name: str) -> str:
    """The line of the finding that an example's name promises, below the lines that it is nested in."""
    number = int(name.split("@")[1].split("-")[0])
    lines = (ROOT / "tests" / "examples" / "invalid" / name).read_text("utf-8").split("\n")[:number]
    shown, indent = [lines[-1]], _indent(lines[-1])
    for line in reversed(lines[:-1]):
        if line.strip() and _indent(line) < indent:
            shown, indent = [line, *shown], _indent(line)
    language, mark = ("jsonc", "//") if name.endswith(".json") else ("yaml", "#")
    return "\n".join([f"```{language}", *shown[:-1], f"{shown[-1].rstrip()}   {mark} ← here", "```"])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _commands() -> str:
    text = (
        "`wavegate --help` lists the commands, and each one has `--help`. An option can also be a variable:\n"
        "`--output` of `brief` is `WAVEGATE_BRIEF_OUTPUT`. The result is the [exit code](exit-codes.md)."
    )
    return _page("Commands", text, (_command(name) for name in COMMANDS))


def _command(name: str) -> str:
    command: click.Command = import_module(f"wavegate.{COMMANDS[name][0]}").command
    parent = click.Context(cli, info_name="wavegate", show_default=True)
    context = click.Context(command, info_name=name, parent=parent, help_option_names=["-h", "--help"])
    records = [
        (parameter.opts[0] if isinstance(parameter, click.Option) else "", parameter.get_help_record(context))
        for parameter in command.get_params(context)
    ]
    rows = [(_code(record[0]), _cell(record[1])) for option, record in records if record and option not in ("", "-h")]
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    about = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    return "\n".join([f"## {name}", "", about, "", "```text", usage, "```", *_table(("Option", "Meaning"), rows)])


def _actions() -> str:
    text = (
        "Every command that a workflow needs is also an action. Pin it to the commit of a release, and write the\n"
        "version beside it, so that Dependabot updates both:\n"
        "`uses: wavegate/wavegate/.github/actions/gate@COMMIT # v0.1.0`."
    )
    return _page("Actions", text, map(_action, ACTIONS))


def _action(path: Path) -> str:
    action = read(path)
    folder = path.parent.relative_to(ROOT).as_posix()
    use = "wavegate/wavegate" if folder == "." else f"wavegate/wavegate/{folder}"
    title = (
        "validate, the default"
        if folder == "."
        else "validate, by its own name"
        if path.parent.name == "validate"
        else path.parent.name
    )
    inputs = [(_code(key), field["description"], _default(field)) for key, field in action.get("inputs", {}).items()]
    outputs = [(_code(key), field["description"]) for key, field in action.get("outputs", {}).items()]
    return "\n".join(
        [
            f"## {title}",
            "",
            f"{action['description']}. `{use}`",
            *_table(("Input", "Meaning", "Default"), inputs),
            *_table(("Output", "Meaning"), outputs),
        ]
    )


def _workflows() -> str:
    text = "The reusable workflows, and what a caller may give them. `wavegate init` writes the callers."
    called = [path for path in WORKFLOWS if "workflow_call" in (read(path)["on"] or {})]
    return _page("Workflows", text, map(_workflow, called))


def _workflow(path: Path) -> str:
    workflow = read(path)
    call = workflow["on"]["workflow_call"] or {}
    inputs = [
        (_code(key), field["description"], _default(field)) for key, field in (call.get("inputs") or {}).items()
    ]
    secrets = [(_code(key), field["description"]) for key, field in (call.get("secrets") or {}).items()]
    outputs = [(_code(key), field["description"]) for key, field in (call.get("outputs") or {}).items()]
    asked = {
        f"{right}: {level}"
        for job in workflow["jobs"].values()
        for right, level in (job.get("permissions") or {}).items()
    }
    stronger = {
        each for each in asked if not (each.endswith(": read") and each.replace(": read", ": write") in asked)
    }
    file = f"[`.github/workflows/{path.name}`]({BLOB}/.github/workflows/{path.name})"
    return "\n".join(
        [
            f"## {path.stem}",
            "",
            f"{file}. The job that calls it needs {', '.join(_code(each) for each in sorted(stronger))}.",
            *_table(("Input", "Meaning", "Default"), inputs),
            *_table(("Secret", "Meaning"), secrets),
            *_table(("Output", "Meaning"), outputs),
        ]
    )


def _fields(name: str, title: str, text: str) -> str:
    schema = _load(name)
    more = (
        f" [The JSON Schema]({BLOB}/schemas/{name}.schema.json) is what `validate` and editors use. Bold: required."
    )
    sections = (
        _section(key, field, required=key in schema.get("required", ()))
        for key, field in schema["properties"].items()
        if key != "$schema"
    )
    return _page(title, text + more, sections)


def _section(key: str, schema: Mapping[str, Any], *, required: bool) -> str:
    kind = f"*{_type(schema).capitalize()}{', required' if required else ''}.*"
    rows = [*_below("", schema)]
    return "\n".join([f"## {key}", "", kind, *_meaning(schema), *_table(("Field", "Type", "Meaning"), rows)])


def _below(path: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for each in (schema, *schema.get("anyOf", ())):
        for key, field in each.get("properties", {}).items():
            place = f"{path}.{key}" if path else key
            yield _field_row(place, field, required=key in each.get("required", ()))
            yield from _below(place, field)
        for inner, place in ((each.get("items"), f"{path}[]"), (each.get("additionalProperties"), f"{path}.NAME")):
            if isinstance(inner, dict) and _has_fields(inner):
                yield from _below(place.removeprefix("."), inner)


def _has_fields(schema: Mapping[str, Any]) -> bool:
    branches = (schema, *schema.get("anyOf", ()))
    return any(each.get("properties") or isinstance(each.get("additionalProperties"), dict) for each in branches)


def _field_row(path: str, schema: Mapping[str, Any], *, required: bool) -> tuple[str, str, str]:
    name = f"**{_code(path)}**" if required else _code(path)
    return (name, _type(schema), _cell(" ".join(_meaning(schema))))


def _meaning(schema: Mapping[str, Any]) -> Iterator[str]:
    yield schema.get("description", "")
    for each in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
        if "enum" in each:
            yield " ".join(
                f"{_code(value)}: {text}" for value, text in zip(each["enum"], each["enumDescriptions"], strict=True)
            )
    if "default" in schema:
        yield f"Default: {_json(schema['default'])}."
    if schema.get("examples"):
        yield f"Example: {_json(schema['examples'][0])}"


_TYPES = {"string": "text", "integer": "number", "object": "mapping", "array": "list", "boolean": "true or false"}


def _type(schema: Mapping[str, Any]) -> str:
    kinds = [each.get("type", "") for each in schema.get("anyOf", [schema])]
    return " or ".join(dict.fromkeys(_TYPES.get(kind, kind) for kind in kinds))


def _json(value: Any) -> str:
    return _code(json.dumps(value, ensure_ascii=False))


def _page(title: str, text: str, sections: Iterable[str]) -> str:
    note = "<!-- made by `python3 tests/reference.py`: do not edit -->"
    return "\n\n".join([f"# {title}\n{note}", text, *sections]) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    lines = ["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def _default(field: Mapping[str, Any]) -> str:
    if field.get("required"):
        return "required"
    default = field.get("default")
    return "" if default in (None, "") else _code(str(default).lower() if isinstance(default, bool) else str(default))


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


if __name__ == "__main__":
    for file, text in pages().items():
        (PAGES / file).write_text(text, "utf-8")
    RULES.write_text(with_examples(RULES.read_text("utf-8")), "utf-8")
