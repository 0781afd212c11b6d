"""Where an environment's telemetry file is."""

from wavegate.release.manifest import Environment

FOLDER = "agentforce"


def mapping_path(environment: Environment) -> str:
    """Path of an environment's telemetry file, relative to the checkout."""
    return environment.telemetry or f"{FOLDER}/telemetry/{environment.name}.yml"
