"""Which AWS a command talks to: a real one, another endpoint, or the local one in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nvx.cli.options import Common
from nvx.config.project import Project
from nvx.core.diagnostics import DiagnosticError, error

LOCAL_ACCOUNT = "000000000000"
"""No real account has this number: local state can never be taken for real state."""
LOCAL_DIRECTORY = Path(".nvx/local")


@dataclass(frozen=True, slots=True)
class Target:
    """Where calls go. `endpoint_url` is "" for AWS itself."""

    endpoint_url: str = ""
    profile: str = ""
    local: bool = False

    def title(self, account: str, region: str) -> str:
        """The line that every plan and apply begins with."""
        if self.local:
            return f"local AWS ({account}, {region})"
        where = f", {self.endpoint_url}" if self.endpoint_url else ""
        return f"AWS ({account}, {region}{where})"


@contextmanager
def target_of(common: Common, project: Project, *, online: bool = True) -> Iterator[Target]:
    """The target that the options name; a local AWS is started for as long as the command runs."""
    if common.local and (common.endpoint_url or common.profile):
        raise DiagnosticError(
            [
                error(
                    "options",
                    "Options exclude each other",
                    "--local chooses its own endpoint and credentials.",
                    hint="leave out --endpoint-url and --profile, or --local",
                )
            ]
        )
    if not common.local:
        asked = common.endpoint_url or project.endpoint_url
        yield Target(asked or os.environ.get("AWS_ENDPOINT_URL", ""), common.profile)
    elif not online:
        yield Target(local=True)
    else:
        with _local_aws(Path(project.directory) / LOCAL_DIRECTORY) as url:
            yield Target(url, local=True)


@contextmanager
def _local_aws(directory: Path) -> Iterator[str]:
    """The URL of the local AWS of a folder: the one that runs already, else one in this process."""
    from nvx.local.folder import FolderError
    from nvx.local.process import opened

    try:
        with opened(directory) as url:
            yield url
    except FolderError as failure:
        raise DiagnosticError(
            [
                error(
                    "local",
                    "The local AWS cannot start",
                    str(failure),
                    hint="`nvx local reset` begins with an empty one",
                )
            ]
        ) from failure
