"""Whose state it is: names that become folders, keys and part of every snapshot."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nvx.core.names import STACK_NAME, STACK_NAME_LIMIT
from nvx.core.ports import CorruptState, StateError
from nvx.core.state import State

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Owner:
    """One stack in one account and region. Raises StateError for names that are none."""

    stack: str
    account: str
    region: str

    def __post_init__(self) -> None:
        good = {
            f'stack "{self.stack}"': STACK_NAME.fullmatch(self.stack)
            and len(self.stack) <= STACK_NAME_LIMIT,
            f'account "{self.account}"': _ACCOUNT.fullmatch(self.account),
            f'region "{self.region}"': _REGION.fullmatch(self.region),
        }
        for name, is_good in good.items():
            if not is_good:
                raise StateError(f"there is no state of {name}: that is no such name")

    def __str__(self) -> str:
        return f"stack {self.stack} in account {self.account}, {self.region}"

    def check(self, state: State, place: str) -> None:
        """Raise CorruptState where a state belongs to another."""
        if (state.stack, state.account, state.region) != (
            self.stack,
            self.account,
            self.region,
        ):
            theirs = f"stack {state.stack} in account {state.account}, {state.region}"
            raise CorruptState(f"{place}: this state belongs to {theirs}, not {self}")
