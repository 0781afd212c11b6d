"""What wavegate asks of any Salesforce org: records, who is logged in, which API versions it speaks."""

from collections.abc import Sequence
from typing import Any

from wavegate.errors import ServiceError
from wavegate.salesforce.org_values import Identity
from wavegate.salesforce.rest import Rest, Session

__all__ = ["Org", "Session", "literal"]


class Org(Rest):
    """One org, logged in."""

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a SOQL query, every page of it."""
        answer = self.get("/query", {"q": soql})
        records: list[dict[str, Any]] = []
        while True:
            if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
                raise ServiceError(f"{self.host} answered a query without records.", fix="Run the command again.")
            records += answer["records"]
            if answer.get("done", True):
                return records
            answer = self.get(str(answer.get("nextRecordsUrl")))

    def select(self, fields: Sequence[str], rest: str) -> list[tuple[str, ...]]:
        """The values of fields of all records, as text. fields: also of a parent, `Parent.Field`. rest: FROM …"""
        try:
            return [
                tuple(str(_value(record, field)) for field in fields)
                for record in self.query(f"SELECT {', '.join(fields)} {rest}")
            ]
        except (KeyError, TypeError):
            raise ServiceError(f"{self.host} left out what a query asked for.", fix="Run it again.") from None

    def identity(self) -> Identity:
        """Who the token belongs to."""
        answer = self.get("/services/oauth2/userinfo")
        try:
            return Identity(
                org_id=str(answer["organization_id"]),
                user_id=str(answer["user_id"]),
                username=str(answer.get("preferred_username", "")),
            )
        except (KeyError, TypeError, AttributeError):
            raise ServiceError(f"{self.host} did not say who is logged in.", fix="Run the command again.") from None

    def newest_api_version(self) -> float:
        """The highest API version that the org speaks."""
        try:
            return max(float(each["version"]) for each in self.get("/services/data"))
        except (KeyError, TypeError, ValueError):
            raise ServiceError(f"{self.host} did not list its API versions.", fix="Run the command again.") from None


def _value(record: Any, field: str) -> Any:
    for part in field.split("."):
        record = record[part]
    return record


def literal(text: str) -> str:
    """Text as a SOQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"
