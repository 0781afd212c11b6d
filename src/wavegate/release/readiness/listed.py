"""What a manifest itself says that the release ships."""

from wavegate.release.manifest import Manifest
from wavegate.release.readiness.procedures import listed_kinds
from wavegate.release.readiness.values import Shipped


def listed(manifest: Manifest) -> Shipped:
    """What ships, as far as the manifest says it, for a checkout without a Salesforce project."""
    actions = listed_actions(manifest)
    return Shipped(
        kinds=listed_kinds(manifest),
        agents=listed_agents(manifest),
        actions=actions,
        unclear=dict.fromkeys(actions, "there is no Salesforce project"),
    )


def listed_agents(manifest: Manifest) -> tuple[str, ...]:
    """The names of the agents."""
    return tuple(each.name for each in manifest.agents)


def listed_actions(manifest: Manifest) -> tuple[str, ...]:
    """The names of the actions of all environments, each once."""
    return tuple(dict.fromkeys(name for each in manifest.environments for name in each.actions))
