"""A recipe that is there already: a YAML file, held against the model of its sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from nvx.core.diagnostics import Diagnostic, DiagnosticError, Location, error, nearest
from nvx.data.errors import DataError
from nvx.data.scan import open_regular, unreadable

if TYPE_CHECKING:
    from nvx.kinds.common.yaml_read import KeyPath, YamlTree

UNKNOWN_KEY = "N-16"
M = TypeVar("M", bound=BaseModel)


def read_recipe(directory: str, name: str, at: Location) -> YamlTree:
    """The document of a recipe file. Raises DiagnosticError for one that cannot be read."""
    # Imported where used: YAML takes longer to load than most plans take.
    from nvx.kinds.common.yaml_read import LARGEST, read_yaml

    path = Path(directory) / name
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as failure:
        text = str(DataError(unreadable(path, failure)))
        raise DiagnosticError([error("recipe", "Recipe not readable", text, at=at)]) from None
    return read_yaml(data or b"", str(path))


def modelled(model: type[M], tree: YamlTree) -> M:
    """A recipe's sections. Raises DiagnosticError with everything that the model refuses."""
    try:
        return model.model_validate(tree.value)
    except ValidationError as wrong:
        raise DiagnosticError(list(_problems(model, tree, wrong))) from None


def _problems(
    model: type[BaseModel], tree: YamlTree, wrong: ValidationError
) -> Iterator[Diagnostic]:
    seen: set[KeyPath] = set()
    for found in wrong.errors(include_url=False):
        path = _known(found["loc"], tree)
        if path in seen and found["type"] != "missing":
            continue  # one value that fits no member of a union
        seen.add(path)
        named = ".".join(str(part) for part in path) or "the recipe"
        if found["type"] == "extra_forbidden":
            near = nearest(str(path[-1]), _names(model))
            text = f"{named} is no key of a recipe.{near}"
            yield error(UNKNOWN_KEY, "Unknown key in a recipe", text, at=tree.at(path))
        elif found["type"] == "missing":
            text = f"{named} needs {found['loc'][-1]}"
            yield error("recipe", "Missing key in a recipe", text, at=tree.at(path))
        else:
            text = f"{named}: {found['msg'][:1].lower()}{found['msg'][1:]}"
            yield error(_code(path), "Wrong value in a recipe", text, at=tree.at(path))


def _code(path: KeyPath) -> str:
    return "N-05" if path[:1] == ("inference",) else "recipe"


def _known(loc: tuple[str | int, ...], tree: YamlTree) -> KeyPath:
    """The place of an error, without the names of union members."""
    path: KeyPath = ()
    for part in loc:
        if (*path, part) in tree.places:
            path = (*path, part)
    return path


def _names(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a recipe may have, at any depth."""
    for name, info in model.model_fields.items():
        yield name
        inner = _models(info.annotation)
        for one in inner:
            yield from _names(one)


def _models(annotation: object) -> list[type[BaseModel]]:
    members = getattr(annotation, "__args__", None) or (annotation,)
    return [m for m in members if isinstance(m, type) and issubclass(m, BaseModel)]


def without_empty(values: Mapping[str, M | object]) -> dict[str, object]:
    """Values without those that recipes write for "nothing": empty text."""
    return {name: value for name, value in values.items() if value != ""}
