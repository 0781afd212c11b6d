"""A Salesforce org on loopback, for tests.

Its classes are imported when they are first used: the stand-in for the CLI is in this package too, and starts often.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.salesforce.org import SalesforceDouble
    from tests.doubles.salesforce.testing import Script, center_case, studio_case

__all__ = ["SalesforceDouble", "Script", "center_case", "studio_case"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    module = "org" if name == "SalesforceDouble" else "testing"
    return getattr(import_module(f"tests.doubles.salesforce.{module}"), name)
