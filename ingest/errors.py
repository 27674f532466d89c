"""The one exception tree; each class carries the exit code its message ends a command with.

    IngestError            1  something broke
    ├── StoreError         1  the database cannot be opened, read or written
    ├── SnapshotError      1  a raw page cannot be written or read
    ├── WrongUse           2  the person has to change something
    │   ├── UrlError       2  an address that is not http(s) or cannot be read
    │   ├── SourceError    2  sources.toml, or a source that is not there
    │   ├── SettingsError  2  a setting with a value it cannot have
    │   └── SchemaError    2  a database older or newer than the program
    │       └── NoDatabase 2  none yet
    ├── Attention          3  done, but a person should look
    ├── Locked            75  another run holds the lock (EX_TEMPFAIL)
    └── Interrupted      128+ a signal ended the crawl: 130 for SIGINT, 143 for SIGTERM

A page that is bad is an outcome, not an exception; SeedUnreadable is how a reader of seeds says so to the spider,
PageLost is how a reader of pages says so to the stages.
"""

import errno
import re
import shlex
import sys

NO_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_REFUSES = (*NO_DISK, errno.EROFS)
KEPT = "then run again: everything committed is kept"
MAKE_ROOM = f"make room, {KEPT}"
SIGNAL_BASE = 128  # a shell adds the signal's number to this


class IngestError(Exception):
    """Whatever ends a command with one line on stderr."""

    exit_code = 1


class StoreError(IngestError):
    """The database cannot be opened, read or written."""


class SnapshotError(IngestError):
    """A raw page cannot be written or read."""


def disk_refused(error: OSError) -> str:
    """Return why a disk did not take what was written, and what to do about it, in one line."""
    said = error.strerror or str(error)
    if error.errno in NO_DISK:
        return f"{said}; {MAKE_ROOM}"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{said}; make the folder writable, {KEPT}"
    return f"{said}; see to the disk, {KEPT}"


class WrongUse(IngestError):  # noqa: N818 - named for the intent, as Scrapy's DropItem is
    """The command line, a setting or a file is wrong: nothing was done."""

    exit_code = 2


class UrlError(WrongUse):
    """An address that is not http(s), or not an address at all."""


class SourceError(WrongUse):
    """sources.toml holds something it may not, or a source is not there."""


class SettingsError(WrongUse):
    """A setting has a value it cannot have."""


class SchemaError(WrongUse):
    """The database's schema is older or newer than the program's."""


class NoDatabase(SchemaError):  # noqa: N818 - named for the state, not a fault
    """There is no database yet where one was looked for."""


class Attention(IngestError):  # noqa: N818 - named for the intent
    """Done, but something needs a person's attention."""

    exit_code = 3


class Locked(IngestError):  # noqa: N818 - named for the intent
    """Another run holds the lock."""

    exit_code = 75


class Interrupted(IngestError):  # noqa: N818 - named for the intent
    """A signal ended the crawl; what was finished is stored."""

    def __init__(self, signum: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = SIGNAL_BASE + signum


class SeedUnreadable(Exception):  # noqa: N818 - named for the intent
    """A seed's bytes are not what its kind says; `reason` is the slug its outcome is recorded with."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class PageLost(Exception):  # noqa: N818 - named for the intent
    """A page that cannot be read within what one page may use; `reason` is the slug its outcome is recorded with.

    `passes`: the page may not be to blame, and is tried again in a later run.
    """

    def __init__(self, reason: str, detail: str = "", *, passes: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.passes = passes


def how_to_install(extra: str) -> str:
    """Return the command that installs what an extra needs into the running environment.

    The requirements are named one by one: `pip install ingest[...]` works only where the package is published.
    """
    from importlib.metadata import PackageNotFoundError, requires  # for the message only

    try:
        wanted = [one for one in requires("ingest") or [] if re.search(rf"extra == .{extra}\b", one)]
    except PackageNotFoundError:
        wanted = []
    names = [one.partition(";")[0].strip() for one in wanted]
    own = [name for name in names if name.startswith("ingest[")]  # an extra that names another
    needed = [shlex.quote(name) for name in names if name not in own]
    needed += [how_to_install(name[len("ingest[") : -1]).partition("install ")[2] for name in own]
    return f"{shlex.quote(sys.executable)} -m pip install {' '.join(needed) or f'.[{extra}]'}"
