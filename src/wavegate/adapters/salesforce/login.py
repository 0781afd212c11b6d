"""Access to the org of an environment, from the secrets of the job."""

import os
from collections.abc import Mapping

from wavegate.adapters.runner import mask
from wavegate.adapters.salesforce.org import Org, Session
from wavegate.errors import InputError


def open_org(name: str, environment: Mapping[str, str] = os.environ) -> Org:
    """The org that is called `name` in the manifest, logged in.

    InputError: there are no credentials for it, or they are refused.
    """
    token = environment.get("SF_ACCESS_TOKEN", "").strip()
    address = environment.get("SF_ORG_INSTANCE_URL", "").strip().rstrip("/")
    if not token or not address:
        raise InputError(
            f"No credentials for the org {name}.",
            fix="Set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL from the environment's secrets.",
        )
    mask(token)
    return Org(Session(instance_url=address, access_token=token))
