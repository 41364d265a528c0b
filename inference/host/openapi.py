"""The OpenAPI 3.1 document of a host, made from the models that validate (``inference.wire``)."""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from inference.wire import (
    CLASSIFY_PATH,
    DEADLINE_HEADER,
    GENERATE_PATH,
    IMAGE_FIELD,
    LABELS_PATH,
    PROBLEM_TYPE,
    REQUEST_ID_HEADER,
    ClassificationBody,
    GenerateRequest,
    LabelsBody,
    PicturesBody,
    ProblemBody,
)

VERSION: Final = "1"
"""Of the contract: the paths begin with it."""

_REASONS: Final = {
    400: "The request is malformed.",
    401: "The token is missing or wrong.",
    408: "The body did not come in time.",
    411: "The length of the body is not stated.",
    413: "The body or the picture is too large.",
    415: "The body is of another type, or no photo.",
    422: "The body or a header is invalid, or the photo is broken.",
    429: "The token has too many requests in flight.",
    500: "A fault of the host.",
    501: "The host has no generator.",
    503: "The host starts, ends, or has too much to do.",
    504: "The deadline passed.",
}
_WAITS: Final = frozenset({429, 503})
_BINARY: Final = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


def document() -> dict[str, Any]:
    """The document, as values that ``json.dumps`` takes."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bunri inference host",
            "version": VERSION,
            "description": "A photo of a thing in, its waste class out; pictures of a class, made by AI.",
        },
        "security": [{"token": []}],
        "paths": {
            CLASSIFY_PATH: {"post": _classify()},
            GENERATE_PATH: {"post": _generate()},
            LABELS_PATH: {"get": _operation("labels", "What can be told apart.", "LabelsBody", (401, 429, 503))},
            "/openapi.json": {"get": _plain("openapi", "This document.", "application/json", {"type": "object"})},
            "/healthz": {"get": _probe("healthz", "Whether the process answers.")},
            "/readyz": {"get": _probe("readyz", "Whether requests are taken.", also=503)},
            "/metrics": {"get": {**_plain("metrics", "Metrics.", "text/plain", {"type": "string"}), "security": []}},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
            "parameters": {
                "request_id": {
                    "name": REQUEST_ID_HEADER,
                    "in": "header",
                    "description": "Names the request in both logs: 1 to 64 of A-Za-z0-9._-, else one is made.",
                    "schema": {"type": "string"},
                },
                "deadline": {
                    "name": DEADLINE_HEADER,
                    "in": "header",
                    "description": "Milliseconds that the caller still waits; what comes later is not worked out.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 86_400_000},
                },
            },
            "headers": {
                "request_id": {"description": "As sent, or made.", "schema": {"type": "string"}},
                "retry_after": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
            },
        },
    }


def _schemas() -> dict[str, Any]:
    models = (ClassificationBody, GenerateRequest, LabelsBody, PicturesBody, ProblemBody)
    _, found = models_json_schema(
        [(model, "validation" if model is GenerateRequest else "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _classify() -> dict[str, Any]:
    operation = _operation(
        "classify",
        "What a photo shows.",
        "ClassificationBody",
        (400, 401, 408, 411, 413, 415, 422, 429, 500, 503, 504),
        deadline=True,
    )
    form = {"type": "object", "properties": {IMAGE_FIELD: _BINARY}, "required": [IMAGE_FIELD]}
    content = {
        "application/octet-stream": {"schema": _BINARY},
        "image/*": {"schema": _BINARY},
        "multipart/form-data": {"schema": form},
    }
    return {**operation, "requestBody": {"required": True, "content": content}}


def _generate() -> dict[str, Any]:
    operation = _operation(
        "generate",
        "Pictures of a label, made by AI and marked as such.",
        "PicturesBody",
        (400, 401, 408, 411, 413, 415, 422, 429, 500, 501, 503, 504),
        deadline=True,
    )
    content = {"application/json": {"schema": _reference("GenerateRequest")}}
    return {**operation, "requestBody": {"required": True, "content": content}}


def _operation(
    name: str, summary: str, answer: str, errors: tuple[int, ...], *, deadline: bool = False
) -> dict[str, Any]:
    names = ("request_id", "deadline") if deadline else ("request_id",)
    responses = {"200": _response("The answer.", "application/json", _reference(answer))}
    for status in errors:
        responses[str(status)] = _response(_REASONS[status], PROBLEM_TYPE, _reference("ProblemBody"))
        if status in _WAITS:
            responses[str(status)]["headers"]["Retry-After"] = {"$ref": "#/components/headers/retry_after"}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [{"$ref": f"#/components/parameters/{each}"} for each in names],
        "responses": responses,
    }


def _plain(name: str, summary: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    responses = {"200": _response("The answer.", kind, schema)}
    for status in () if kind == "text/plain" else (401, 429, 503):
        responses[str(status)] = _response(_REASONS[status], PROBLEM_TYPE, _reference("ProblemBody"))
    return {"operationId": name, "summary": summary, "responses": responses}


def _probe(name: str, summary: str, *, also: int | None = None) -> dict[str, Any]:
    body = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    statuses = ("200",) if also is None else ("200", str(also))
    responses = {status: _response("The state.", "application/json", body) for status in statuses}
    return {"operationId": name, "summary": summary, "security": [], "responses": responses}


def _response(description: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {REQUEST_ID_HEADER: {"$ref": "#/components/headers/request_id"}},
        "content": {kind: {"schema": schema}},
    }


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
