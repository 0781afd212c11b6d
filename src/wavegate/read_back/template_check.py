"""The step of a deployment that reads back which versions of its prompt templates the org uses."""

from collections.abc import Iterable

from wavegate.components.component import ComponentId, Project
from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.read_back.templates import release_templates, template_states, wrong_templates
from wavegate.read_back.values import TemplateState
from wavegate.salesforce.org import Org
from wavegate.salesforce.prompt_templates import read_active_templates


class TemplateCheck:
    """The prompt templates of one deployment to one org. states: as read back; () before that."""

    def __init__(self, org: Org, members: Iterable[ComponentId], project: Project) -> None:
        self._org = org
        self._version = project.api_version
        self._templates = release_templates(members, project)
        self.states: tuple[TemplateState, ...] = ()

    def run(self) -> None:
        """Read the templates back. InputError: the org uses another version of one than git says.

        An org that does not show its templates fails no deployment; the states say so.
        """
        if not self._templates:
            return
        names = [each.name for each in self._templates]
        try:
            live = read_active_templates(self._org, names, api_version=self._version)
        except (RefusedError, ServiceError) as error:
            unread = f"not read back: {error.message}"
            self.states = tuple(
                TemplateState(name=each.name, expected=each.active, live=None, detail=unread)
                for each in self._templates
            )
            return
        self.states = template_states(self._templates, live)
        if wrong := wrong_templates(self._templates, live):
            fix = "Activate that version in Prompt Builder, then run the command again."
            raise InputError(" ".join(wrong), fix=fix)
