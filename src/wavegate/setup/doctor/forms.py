"""Check which environments the forms that people dispatch offer."""

from collections.abc import Iterator, Sequence

from wavegate.files.document import Node
from wavegate.setup.doctor.health import Check, ok, problem
from wavegate.setup.doctor.workflow_checks import uses_wavegate
from wavegate.setup.doctor.workflows import Workflow, as_text, value_at
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names


def form_checks(workflows: Sequence[Workflow], names: Sequence[str]) -> Iterator[Check]:
    """Whether the forms that people dispatch offer exactly the manifest's environments."""
    rule = "workflow/form"
    own = uses_wavegate(workflows)
    forms = {each.file: each.form for each in workflows if each.form and each.file in own}
    wrong = {file: why for file, form in forms.items() if (why := _wrong(form, names))}
    for file, why in wrong.items():
        fix = f"Write `type: choice` with `options: [{', '.join(reversed(names))}]`, as `wavegate init` does."
        yield problem(rule, REPOSITORY, f"The form of {file} {why}.", fix)
    if forms and not wrong:
        yield ok(rule, REPOSITORY, "The forms offer the environments of the manifest.")


def _wrong(form: Node, names: Sequence[str]) -> str:
    """What is wrong with the menu of a form, or ''. One for free text is right: the command checks it."""
    kind, options = as_text(value_at(form, "type")), value_at(form, "options")
    if kind == "environment":
        return "offers every GitHub environment, those of the kill switch among them"
    if kind != "choice":
        return ""
    offered = [as_text(each) for each in (options.value if options and isinstance(options.value, list) else [])]
    if missing := [each for each in names if each not in offered]:
        return f"does not offer {join_names(missing, 4)}"
    if unknown := [each for each in offered if each not in names]:
        return f"offers {join_names(unknown, 4)}, which the manifest does not have"
    return ""
