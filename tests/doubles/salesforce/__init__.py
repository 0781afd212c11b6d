"""A Salesforce org on loopback, for tests."""

from tests.doubles.salesforce.org import SalesforceDouble
from tests.doubles.salesforce.testing import Script, center_case, studio_case

__all__ = ["SalesforceDouble", "Script", "center_case", "studio_case"]
