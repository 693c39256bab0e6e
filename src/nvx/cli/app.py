"""The composition root: builds stores, kinds, clock and listeners. The only place that chooses."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nvx.cli.clock import SystemClock
from nvx.cli.options import Common
from nvx.cli.target import LOCAL_ACCOUNT, Target, target_of
from nvx.config.find import DEFAULT, find_stacks
from nvx.config.project import Project, find_project
from nvx.config.stack import LoadedStack, load_stack
from nvx.config.variables import VariableInput, declared_variables
from nvx.core.diagnostics import Diagnostic, DiagnosticError, Location, error
from nvx.core.digest import sha256_of
from nvx.core.kind import KindSpec, ResourceKind
from nvx.core.ports import Events, Holder, Source, StateStore
from nvx.core.resource import Declared, Scope, StackSettings
from nvx.data.hashcache import HashCache
from nvx.engine.declare import declare
from nvx.engine.desk import LOCAL_PACE, Desk, Pace
from nvx.kinds import catalogue, specs
from nvx.kinds.evaluation.shared_base import shared_base_warnings
from nvx.store.file import FileStore
from nvx.store.lock import ourselves

if TYPE_CHECKING:
    from nvx.aws.session import Aws

CACHE_DIRECTORY = ".nvx/cache"


class Silence:
    """Listens and says nothing."""

    def emit(self, event: object) -> None:
        """Take one event."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One stack with everything a command needs of it."""

    loaded: LoadedStack
    declared: tuple[Declared, ...]
    settings: StackSettings
    store: StateStore
    warnings: tuple[Diagnostic, ...]
    kinds: Mapping[tuple[str, str], ResourceKind] = field(default_factory=dict)


class Workspace:
    """One command's view of a project: its stacks, its state, its AWS."""

    def __init__(self, common: Common, project: Project, target: Target) -> None:
        self.common = common
        self.project = project
        self.root = Path(project.directory)
        self.target = target
        self.stopping = threading.Event()
        self.clock = SystemClock(self.stopping)
        self._clouds: dict[tuple[str, bool], Aws] = {}
        self._closing = ExitStack()

    @cached_property
    def specs(self) -> Mapping[tuple[str, str], type[KindSpec]]:
        """The offline half of each kind variant, loaded when it is asked for."""
        return specs()

    @cached_property
    def cache(self) -> HashCache:
        """Hashes of local files, kept between commands."""
        return HashCache(self.root / CACHE_DIRECTORY / "hashes.json")

    def loaded(self) -> list[LoadedStack]:
        """Every stack that the command names, checked. Raises with the problems of all of them."""
        stacks: list[LoadedStack] = []
        problems: list[Diagnostic] = []
        paths = self._paths()
        variables = self._variables(paths)
        kinds = catalogue()
        for path in paths:
            try:
                stacks.append(load_stack(path, variables, kinds))
            except DiagnosticError as failure:
                problems += failure.diagnostics
        if problems:
            raise DiagnosticError(problems)
        return stacks

    def _paths(self) -> Sequence[str]:
        named = [str(path) for path in self.common.stacks]
        return find_stacks(named or [str(self.root / DEFAULT)])

    def _variables(self, paths: Sequence[str]) -> VariableInput:
        """What variables are given; a name that only another of these stacks declares is no mistake."""
        given = self.common.variables or self.common.var_files
        elsewhere = declared_variables(paths) if given and len(paths) > 1 else frozenset()
        files = [str(path) for path in self.common.var_files]
        return VariableInput(self.common.variables, files, dict(os.environ), elsewhere)

    def aws(self, region: str, *, read_only: bool) -> Aws:
        """The door to AWS in a region."""
        from nvx.aws.session import Aws, AwsSettings

        key = (region, read_only)
        if key not in self._clouds:
            settings = AwsSettings(
                region=region,
                profile=self.target.profile,
                endpoint_url=self.target.endpoint_url,
                local=self.target.local,
                read_only=read_only,
            )
            self._clouds[key] = Aws(settings, self.clock)
            self._closing.callback(self._clouds[key].close)
        return self._clouds[key]

    def opened(self, loaded: LoadedStack, *, online: bool, read_only: bool) -> Opened:
        """A stack with its digests and its state. Reads the files and objects that it names."""
        from nvx.kinds.common.sources import FileSources, FromAws, Recorded

        settings = loaded.settings
        if online:
            from nvx.aws.objects import Objects
            from nvx.kinds import all_kinds

            cloud = self.aws(settings.region, read_only=read_only)
            settings = self._guarded(loaded, cloud.identity().account)
            kinds = all_kinds(cloud, self.clock)
            objects: Any = FromAws(lambda: Objects(cloud))
        else:
            settings = replace(settings, account=self._offline_account(settings))
            kinds, objects = {}, Recorded({})
        sources = FileSources(objects, self.cache)
        declared, warnings = declare(loaded.resources, settings, self.specs, sources)
        self.cache.save()
        store = self.store(settings)
        told = (*loaded.warnings, *warnings, *shared_base_warnings(declared))
        return Opened(loaded, declared, settings, store, told, kinds)

    def store(self, settings: StackSettings) -> StateStore:
        """The state of a stack."""
        root = self.root / self.project.state_path
        return FileStore(
            root, settings.name, settings.account, settings.region, holder=ourselves(self.clock)
        )

    def desk(self, opened: Opened, events: Events | None = None) -> Desk:
        """What the engine works with for one stack."""
        return Desk(
            scope=Scope(opened.settings, lineage=""),
            kinds=opened.kinds,
            store=opened.store,
            clock=self.clock,
            events=events or Silence(),
            parallelism=self.common.parallelism,
            pace=LOCAL_PACE if self._is_local(opened.settings.account) else Pace(),
            stopping=self.stopping,
        )

    def store_of(self, settings: StackSettings) -> StateStore:
        """The state that a reading command means."""
        return self.store(replace(settings, account=self.account_of(settings)))

    def holder(self, settings: StackSettings) -> Holder | None:
        """Who is applying a stack now."""
        return self.store_of(settings).holder()

    def checked(self, loaded: LoadedStack) -> Sequence[Diagnostic]:
        """Check data and code of a stack offline; the warnings. Raises DiagnosticError."""
        from nvx.kinds.common.sources import FileSources

        sources = FileSources(unread, self.cache)
        declared, warnings = declare(loaded.resources, loaded.settings, self.specs, sources)
        self.cache.save()
        return (*loaded.warnings, *warnings, *shared_base_warnings(declared))

    def account_of(self, settings: StackSettings) -> str:
        """The account whose state a reading command means; asks AWS only where nothing says it."""
        if self.target.local:
            return LOCAL_ACCOUNT
        if settings.account:
            return settings.account
        return self.aws(settings.region, read_only=True).identity().account

    def close(self) -> None:
        """Close every connection."""
        self._closing.close()

    def _is_local(self, account: str) -> bool:
        return self.target.local or account == LOCAL_ACCOUNT

    def _offline_account(self, settings: StackSettings) -> str:
        if self.target.local:
            return LOCAL_ACCOUNT
        if settings.account:
            return settings.account
        raise DiagnosticError(
            [
                error(
                    "account",
                    "The account is not known",
                    f"without a refresh, nvx cannot ask AWS whose {settings.name} is meant.",
                    hint='write account = "…" in [stack], or plan with a refresh',
                )
            ]
        )

    def _guarded(self, loaded: LoadedStack, caller: str) -> StackSettings:
        """The settings with the caller's account; refused where the stack names another."""
        named = loaded.settings.account
        if named and named != caller:
            raise DiagnosticError(
                [
                    error(
                        "wrong-account",
                        "Another account",
                        f'stack "{loaded.settings.name}" belongs to account {named}, and these'
                        f" credentials are for {caller}. Nothing was sent.",
                        hint=_account_hint(self.target.local),
                    )
                ]
            )
        return replace(loaded.settings, account=caller)


def unread(uri: str, _at: Location) -> Source:
    """An S3 object stands for itself where AWS is not asked."""
    return Source(sha256_of(uri), 0)


def _account_hint(local: bool) -> str:
    if local:
        return f"the local AWS is account {LOCAL_ACCOUNT}: pass --var account={LOCAL_ACCOUNT}"
    return "use the credentials of that account, or correct account in [stack]"


@contextmanager
def workspace(common: Common, *, online: bool = True) -> Iterator[Workspace]:
    """A workspace on the project that the working directory is in."""
    project = find_project()
    with target_of(common, project, online=online) as target:
        space = Workspace(common, project, target)
        try:
            yield space
        finally:
            space.close()
