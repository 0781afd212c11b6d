"""Queries that any Salesforce org answers: records, who is logged in, which API versions it supports."""

from collections.abc import Sequence
from typing import Any

from wavegate.errors import ServiceError
from wavegate.salesforce.org_values import Identity
from wavegate.salesforce.rest import Rest, Session

__all__ = ["Org", "Session", "literal"]

MAX_PAGES = 300
"""Pages of a query's result; an org returns up to 2,000 records a page."""


class Org(Rest):
    """One org, logged in."""

    def query(self, soql: str) -> list[dict[str, Any]]:
        """All records of a SOQL query, from all of its pages."""
        return self.records(self.get("/query", {"q": soql}))

    def records(self, result: Any) -> list[dict[str, Any]]:
        """All records of a query's result, or of a subquery's result within a record, from all of its pages."""
        records: list[dict[str, Any]] = []
        seen: set[str] = set()
        while True:
            if not isinstance(result, dict) or not isinstance(result.get("records"), list):
                raise self._unusable("without records")
            if not all(isinstance(each, dict) for each in result["records"]):
                raise self._unusable("with something that is not a record")
            records += result["records"]
            if result.get("done", True) is True:
                return records
            page = result.get("nextRecordsUrl")
            if not isinstance(page, str) or not page.startswith("/services/data/"):
                raise self._unusable("with an unfinished list and no address for its next page")
            if page in seen or len(seen) >= MAX_PAGES:
                raise self._unusable("with a list that never ends")
            seen.add(page)
            result = self.get(page)

    def _unusable(self, how: str) -> ServiceError:
        return ServiceError(f"{self.host} answered a query {how}.", fix="Run the command again.")

    def select(self, fields: Sequence[str], rest: str) -> list[tuple[str, ...]]:
        """Fields of all records as text. fields: names, or `Parent.Field`. rest: the query from FROM on."""
        try:
            return [
                tuple(str(_value(record, field)) for field in fields)
                for record in self.query(f"SELECT {', '.join(fields)} {rest}")
            ]
        except (KeyError, TypeError):
            raise ServiceError(
                f"{self.host} left out fields that a query asked for.", fix="Run the command again."
            ) from None

    def identity(self) -> Identity:
        """The user the token belongs to."""
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
        """The highest API version that the org supports."""
        try:
            return max(float(each["version"]) for each in self.get("/services/data"))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ServiceError(f"{self.host} did not list its API versions.", fix="Run the command again.") from None


def _value(record: Any, field: str) -> Any:
    for part in field.split("."):
        record = record[part]
    return record


def literal(text: str) -> str:
    """Text as a SOQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"
