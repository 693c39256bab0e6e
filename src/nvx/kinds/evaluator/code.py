"""The Lambda function of a reward function: one for each digest, so that it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nvx.aws.functions import Function, Functions
from nvx.aws.objects import changed
from nvx.core.cloud import AlreadyExists, CloudError, Limited, NotOurs, Rejected, Uncertain
from nvx.core.names import function_name
from nvx.core.ports import Clock
from nvx.core.resource import Scope, Wish
from nvx.core.state import Intent
from nvx.core.values import JsonValue
from nvx.data.errors import DataError
from nvx.data.tree import build_zip, hash_tree
from nvx.kinds.common.marks import marks_in_tags, marks_of, user_tags
from nvx.kinds.common.placing import local_path

_POLLS = 60
_PAUSE = timedelta(seconds=1)
_ROLE_TRIES = 12
_ROLE_PAUSE = timedelta(seconds=5)
_NEW_ROLE = "cannot be assumed by Lambda"


class Code:
    """Makes, finds and configures the functions of reward functions. Raises CloudError."""

    def __init__(self, functions: Functions, clock: Clock) -> None:
        self._functions = functions
        self._clock = clock

    def ensure(self, wish: Wish, intent: Intent) -> str:
        """The ARN of the active function of this digest, made now or by an earlier try."""
        name = function_name(wish.scope.stack.name, intent.address, intent.digest)
        if self._functions.get(name) is None:
            self._create(name, wish, intent)
        function = self._active(name, wish.scope, intent)
        if _differs(function, _configuration(wish)):
            self._functions.configure(name, _configuration(wish))
        return function.arn

    def configure(self, name: str, wish: Wish, before: Mapping[str, str]) -> None:
        """Bring time limit, memory, role and tags (`before`: the old ones) to the wish."""
        function = self._idle(name)
        params = _configuration(wish)
        if _differs(function, params):
            self._functions.configure(name, params)
        self._functions.change_tags(
            function.arn, user_tags(wish.declared.marks), frozenset(before)
        )

    def existing(self, arn: str) -> str:
        """The ARN of a function that is the user's own. Raises Rejected where there is none."""
        if self._functions.get(arn) is None:
            raise Rejected(f"there is no function {arn}", operation="lambda.GetFunction")
        return arn

    def delete(self, scope: Scope, arn: str) -> None:
        """Delete a function, if it is ours."""
        found = self._functions.get(arn)
        if found is not None and marks_in_tags(found.tags).ours(scope):
            self._functions.delete(arn)

    def _create(self, name: str, wish: Wish, intent: Intent) -> None:
        params = {
            "FunctionName": name,
            **_behaviour(wish.config),
            **_configuration(wish),
            "Code": {"ZipFile": _zip(wish)},
            "Tags": {
                **user_tags(wish.declared.marks),
                **marks_of(wish.scope, intent).tags(),
            },
        }
        for attempt in range(1, _ROLE_TRIES + 1):
            try:
                self._functions.create(params)
            except AlreadyExists:
                return  # whose it is, is read back
            except Rejected as error:  # a role that was just made is not known everywhere yet
                if _NEW_ROLE not in error.message or attempt == _ROLE_TRIES:
                    raise
                self._clock.sleep(_ROLE_PAUSE)
            else:
                return

    def _idle(self, name: str) -> Function:
        """The function, once no earlier change is under way. Raises Rejected where there is none."""
        for _ in range(_POLLS):
            function = self._functions.get(name)
            if function is None:
                raise Rejected(f"the function {name} does not exist any more")
            if function.update != "InProgress":
                return function
            self._clock.sleep(_PAUSE)
        raise Limited(
            f"the function {name} is still being changed", operation="lambda.GetFunction"
        )

    def _active(self, name: str, scope: Scope, intent: Intent) -> Function:
        """The function, once it can be invoked. Raises NotOurs for one with another digest."""
        for _ in range(_POLLS):
            function = self._functions.get(name)
            if function is not None:
                marks = marks_in_tags(function.tags)
                if not marks.ours(scope) or marks.digest != intent.digest:
                    raise NotOurs(f"the function {name} exists and is not marked as ours")
                if function.failed:
                    raise self._failed(function)
                if function.active:
                    return function
            self._clock.sleep(_PAUSE)
        error: type[CloudError] = Uncertain if function is None else Limited
        raise error(f"the function {name} is not active yet", operation="lambda.GetFunction")

    def _failed(self, function: Function) -> Rejected:
        """The error for a function that cannot be used. One that never could makes room for the next."""
        if function.state == "Failed":
            self._functions.delete(function.arn)
        return Rejected(f"the function {function.name} failed: {function.reason}")


def entry_of(handler: str) -> str:
    """The file that a handler starts: `lambda_function.lambda_handler` → `lambda_function.py`."""
    return handler.rpartition(".")[0].replace(".", "/") + ".py"


def _behaviour(config: Mapping[str, JsonValue]) -> Mapping[str, Any]:
    params = {"Runtime": config["runtime"], "Handler": config["handler"]}
    if config["environment"]:
        params["Environment"] = {"Variables": config["environment"]}
    return params


def _configuration(wish: Wish) -> Mapping[str, Any]:
    return {
        "Role": wish.declared.circumstance["lambda_role"],
        "Timeout": wish.config["timeout"],
        "MemorySize": wish.config["memory"],
    }


def _differs(function: Function, params: Mapping[str, Any]) -> bool:
    now = (function.role, function.timeout, function.memory)
    return now != (params["Role"], params["Timeout"], params["MemorySize"])


def _zip(wish: Wish) -> bytes:
    """The zip of the sources, if they still are what was planned. Raises SourceChanged."""
    path = local_path(wish.declared.directory, str(wish.config["source"]))
    planned = wish.declared.inputs["source"]
    try:
        archive = build_zip(path, entry_of(str(wish.config["handler"])))
        if not isinstance(planned, Mapping) or hash_tree(path) != planned.get("sha256"):
            raise changed(path)
    except DataError as failure:
        raise Rejected(str(failure)) from failure
    return archive
