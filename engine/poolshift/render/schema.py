"""JSON Schemas of the documents, generated from their types; committed under ``schemas/`` and proved current."""

from typing import Any, Final

from pydantic import TypeAdapter

from poolshift.render import documents

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REPORTS: Final[Any] = (
    documents.ReportDocument
    | documents.VerifyDocument
    | documents.DriftDocument
    | documents.StatusDocument
    | documents.ExplainDocument
    | documents.RecoveryDocument
)


def plan_schema() -> dict[str, Any]:
    """JSON Schema of `show --format json`."""
    adapter: TypeAdapter[Any] = TypeAdapter(documents.PlanDocument)
    return {"$schema": _DIALECT, **adapter.json_schema(), "title": "A poolshift plan"}


def report_schema() -> dict[str, Any]:
    """JSON Schema of what apply, report, verify, drift, status, explain and recover print with `--format json`."""
    adapter: TypeAdapter[Any] = TypeAdapter(_REPORTS)
    return {"$schema": _DIALECT, **adapter.json_schema(), "title": "A poolshift report"}
