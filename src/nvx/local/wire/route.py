"""Which operation a REST request is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel

from nvx.local.model import service_model, wire_name
from nvx.local.wire.message import Request

_LABEL = re.compile(r"{([^}]+)}")


@dataclass(frozen=True, slots=True)
class Route:
    """How an operation is recognised: path, fixed query, members outside the body."""

    operation: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...]
    required: frozenset[tuple[str, str]]
    optional: frozenset[tuple[str, str]]
    deprecated: bool

    def rank(self, request: Request) -> tuple[int, int, bool] | None:
        """How well the request fits (higher is better), None where it does not."""
        names = {key for key, _ in request.query}
        for key, value in self.fixed:
            if key not in names or (value and (key, value) not in request.query):
                return None
        present = {("querystring", name) for name in names}
        present |= {("header", name) for name in request.headers}
        if not self.required <= present:
            return None
        needed = len(self.fixed) + len(self.required)
        return needed, len(self.optional & present), not self.deprecated


def route(service: str, request: Request) -> tuple[str, Mapping[str, str]] | None:
    """The operation a request is for and the decoded labels of its path, or None."""
    best: tuple[tuple[int, int, int, bool], Route, re.Match[str]] | None = None
    for candidate in routes(service).get(request.method, ()):
        match = candidate.pattern.fullmatch(request.path)
        rank = candidate.rank(request) if match else None
        if match is None or rank is None:
            continue
        needed, optional, current = rank
        score = (needed, -len(candidate.labels), optional, current)
        if best is None or score > best[0]:
            best = (score, candidate, match)
    if best is None:
        return None
    _, chosen, match = best
    return chosen.operation, {
        name: unquote(text) for name, text in zip(chosen.labels, match.groups(), strict=True)
    }


@cache
def routes(service: str) -> Mapping[str, tuple[Route, ...]]:
    """The routes of a REST service by HTTP method."""
    model = service_model(service)
    found: dict[str, list[Route]] = {}
    operations = (
        [model.operation_model(name) for name in model.operation_names] if model else []
    )
    for operation in sorted(operations, key=lambda operation: operation.name):
        found.setdefault(operation.http.get("method", "POST"), []).append(_route(operation))
    return {method: tuple(several) for method, several in found.items()}


def _route(operation: OperationModel) -> Route:
    path, _, query = operation.http.get("requestUri", "/").partition("?")
    required, optional = _members(operation)
    return Route(
        operation=operation.name,
        pattern=re.compile(_pattern(path), re.DOTALL),
        labels=tuple(label.removesuffix("+") for label in _LABEL.findall(path)),
        fixed=tuple(parse_qsl(query, keep_blank_values=True)),
        required=required,
        optional=optional,
        deprecated=operation.deprecated,
    )


def _pattern(path: str) -> str:
    parts = []
    for literal, label in re.findall(r"([^{]*)(?:{([^}]+)})?", path.rstrip("/")):
        parts.append(re.escape(literal))
        if label:
            parts.append("(.+)" if label.endswith("+") else "([^/]+)")
    greedy = path.endswith("+}")
    return "".join(parts) + ("" if greedy else "/?")


def _members(
    operation: OperationModel,
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    shape = operation.input_shape
    required: set[tuple[str, str]] = set()
    optional: set[tuple[str, str]] = set()
    for name, member in shape.members.items() if shape else ():
        location = member.serialization.get("location")
        if location not in ("header", "querystring") or member.type_name == "map":
            continue
        wire = wire_name(member, name)
        place = (location, wire.lower() if location == "header" else wire)
        (required if name in shape.required_members else optional).add(place)
    return frozenset(required), frozenset(optional)
