"""The description of the API (`openapi.json`), and where the embedded service does otherwise, always with the reason.

Not described, as no endpoint is reached: redirects to the slash, and what a request is refused for
before it is read (400, 411, 413), both in `test_manners.py`.
"""

import json
from pathlib import Path
from typing import Any

DOCUMENTED: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text("utf-8"))
"""What is documented, as OpenAPI 3.1."""

_PAGE = "there is no such page (after DRF)"
_MEDIA = "it is no JSON (after DRF)"
BEYOND = {
    "GET /backups/": {400: "a filter makes no sense (after Django)", 404: _PAGE},
    "GET /servers/": {404: _PAGE},
    "POST /backups/": {409: "the server is suspended (made up)", 415: _MEDIA},
    "DELETE /backups/{backup_id}/": {409: "the backup is still being made (made up)"},
    "POST /servers/{server_id}/restore/": {
        202: "it is started, and the answer has a `message` (made up, as nothing is documented)",
        400: "the backup is none of this server, or not completed (made up)",
        401: "as everywhere",
        404: "there is no such server or backup (as everywhere)",
        409: "another restore of the server is running (made up)",
        415: _MEDIA,
    },
}
"""Statuses that nobody has documented, and when the embedded service gives them."""

OTHER_SCHEMAS: dict[str, dict[str, Any]] = {
    "BackupId": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},  # no other is there
    "ServerId": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},  # so, too; another is refused in a filter
    "BackupStatus": {"enum": ["completed", "in_progress", "failed"]},  # one that failed is made up
    "ServerStatus": {"enum": ["active", "stopped", "suspended", "restoring"]},  # while a restore runs: made up
    "Description": {"type": "string", "maxLength": 255},  # made up: somewhere there will be a limit
}
"""Schemas that are narrower or wider than documented."""

TAKEN_AS_TEXT = {
    "page_size": "a size that makes no sense is left out of account, and one too large is cut (after DRF)",
    "status": "one that is unknown finds nothing",
}
"""Parameters of which every value is taken."""

_STARTED = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}


def labels() -> list[str]:
    """Return what is described, such as `GET /backups/`."""
    return [f"{method.upper()} {path}" for path, item in DOCUMENTED["paths"].items() for method in item]


def as_it_is() -> dict[str, Any]:
    """Return the description of the embedded service: what is documented, and where it does otherwise.

    It asks for no token, so that every request is made with the right one.
    """
    described: dict[str, Any] = json.loads(json.dumps(DOCUMENTED)) | {"security": []}
    components = described["components"]
    components["schemas"] |= OTHER_SCHEMAS
    for label in labels():
        operation = operation_of(described, label)
        for status in BEYOND.get(label, {}):
            operation.setdefault("responses", {})[str(status)] = {"$ref": "#/components/responses/Refused"}
        for parameter in operation.get("parameters", []):
            if parameter.get("name") in TAKEN_AS_TEXT:
                parameter["schema"] = {"type": "string"}
            elif parameter.get("in") == "query":  # an empty filter is none (after Django)
                parameter["schema"] = {"anyOf": [parameter["schema"], {"const": ""}]}
    components["parameters"]["page_size"]["schema"] = {"type": "string"}
    restore = operation_of(described, "POST /servers/{server_id}/restore/")
    restore["responses"]["202"] = {"description": "Started.", "content": {"application/json": {"schema": _STARTED}}}
    return described


def operation_of(description: dict[str, Any], label: str) -> dict[str, Any]:
    """Return the part of a description that a label names."""
    method, path = label.split()
    operation: dict[str, Any] = description["paths"][path][method.lower()]
    return operation
