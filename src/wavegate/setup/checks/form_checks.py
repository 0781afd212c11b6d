"""Check which environments the forms that people dispatch offer."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.files.document import Node
from wavegate.files.yaml_reader import read_yaml
from wavegate.setup.github_checks import REPOSITORY, ok, problem
from wavegate.setup.health import Check
from wavegate.setup.workflow_checks import USES
from wavegate.text import join_names


def form_checks(workflows: Mapping[str, str], names: Sequence[str]) -> Iterator[Check]:
    """Whether the forms that people dispatch offer exactly the manifest's environments. workflows: text by path."""
    rule = "workflow/form"
    forms = {path: form for path, text in workflows.items() if USES.search(text) and (form := _form(path, text))}
    wrong = {path: why for path, form in forms.items() if (why := _wrong(form, names))}
    for path, why in wrong.items():
        fix = f"Write `type: choice` with `options: [{', '.join(reversed(names))}]`, as `wavegate init` does."
        yield problem(rule, REPOSITORY, f"The form of {path} {why}.", fix)
    if forms and not wrong:
        yield ok(rule, REPOSITORY, "The forms offer the environments of the manifest.")


def _form(path: str, text: str) -> Node | None:
    """The input `environment` of a workflow that people dispatch; None if it has none."""
    node = read_yaml(text.encode(), path=path).root
    for key in ("on", "workflow_dispatch", "inputs", "environment"):
        node = value_in(node, key)
    return node


def value_in(node: Node | None, key: str) -> Node | None:
    """The value of a key; None for any other node than a mapping that has it."""
    entry = node.value.get(key) if node and isinstance(node.value, dict) else None
    return entry.node if entry else None


def _wrong(form: Node, names: Sequence[str]) -> str:
    """What is wrong with the menu of a form, or ''. One for free text is right: the command checks it."""
    kind, options = value_in(form, "type"), value_in(form, "options")
    if kind and kind.value == "environment":
        return "offers every GitHub environment, those of the kill switch among them"
    if not kind or kind.value != "choice":
        return ""
    listed = options.value if options and isinstance(options.value, list) else []
    offered = [each.written or str(each.value) for each in listed]
    if missing := [each for each in names if each not in offered]:
        return f"does not offer {join_names(missing, 4)}"
    if unknown := [each for each in offered if each not in names]:
        return f"offers {join_names(unknown, 4)}, which the manifest does not have"
    return ""
