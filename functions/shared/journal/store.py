"""The journal: objects in an object store or in a folder of this machine, most created once."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from functions.shared.errors import JournalError
from functions.shared.journal.entries import ILLEGIBLE
from functions.shared.log import log

if TYPE_CHECKING:
    from obstore.auth.google import GoogleCredentialProvider

PARALLEL = 16  # calls at a time; an object store answers slowly, but answers many calls at once

First = TypeVar("First")
Second = TypeVar("Second")
Content = TypeVar("Content")


class Journal(Protocol):
    """What the functions need of a journal.

    Keys look like `pending/<hash>` and hold nothing personal.
    """

    def create(self, key: str, body: bytes) -> bool:
        """Store a new object durably. If the key exists, change nothing and return False."""

    def replace(self, key: str, body: bytes) -> None:
        """Store an object durably, whether or not it exists.

        A reader finds the old content or the new one at every moment, and never none.
        """

    def read(self, key: str) -> bytes | None:
        """An object's content; None if there is no such object."""

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """The keys in a folder, `pending/` for example, that sort after another one; sorted."""

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is no such object."""

    def both(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """Make two calls in any order, or at the same time if each is a round trip."""


@contextmanager
def legible(key: str) -> Iterator[None]:
    """Surrounds code that reads the content of the object `key`, which may be damaged.

    Raises:
        JournalError: the content cannot be read; the sentence names the object.
    """
    try:
        yield
    except ILLEGIBLE as error:
        raise JournalError(
            f"L'objet {key} du journal est illisible : remettez-le tel qu'il était ; "
            "tout reprendra ensuite."
        ) from error


def parse_legible(key: str, body: bytes, parse: Callable[[bytes], Content]) -> Content | None:
    """What an object says; None if it is illegible, which is logged."""
    try:
        with legible(key):
            return parse(body)
    except JournalError as error:
        log("ERROR", str(error))
        return None


def read_legible(journal: Journal, key: str, parse: Callable[[bytes], Content]) -> Content | None:
    """What the object `key` says; None if there is none, or if it is illegible, which is logged.

    Args:
        journal: the journal.
        key: the object's key.
        parse: makes it of the object's content; it raises one of ILLEGIBLE if it cannot.

    Raises:
        JournalError: the journal does not answer.
    """
    body = journal.read(key)
    return None if body is None else parse_legible(key, body, parse)


class ObjectJournal:
    """A journal in an obstore store.

    Raises:
        JournalError: from every method, when the store does not answer as it should.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def create(self, key: str, body: bytes) -> bool:
        """See Journal."""
        with _named_errors():
            try:
                obstore.put(self._store, key, body, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def replace(self, key: str, body: bytes) -> None:
        """See Journal."""
        with _named_errors():
            obstore.put(self._store, key, body)

    def read(self, key: str) -> bytes | None:
        """See Journal."""
        with _named_errors():
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError:
                return None

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """See Journal."""
        with _named_errors():
            chunks: Iterable[Iterable[obstore.ObjectMeta]] = obstore.list(
                self._store, prefix, offset=after or None, chunk_size=1000
            )
            return sorted(meta["path"] for chunk in chunks for meta in chunk)

    def delete(self, key: str) -> None:
        """See Journal."""
        with _named_errors():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

    def both(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """See Journal."""
        return first(), second()


class RemoteJournal(ObjectJournal):
    """A journal in an object store of the cloud, where every call is a round trip."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(store)
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def both(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """See Journal."""
        started = self._pool.submit(second)
        return first(), started.result()


class FolderJournal(ObjectJournal):
    """A journal in a folder of this machine. A power cut leaves it whole.

    obstore never calls fsync, and hands each call to another thread. So the calls that every
    request makes are written here. They use plain file names, because making a `Path` takes as
    long as the call it is made for.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(LocalStore(folder))
        self._folder = folder
        self._durable: set[str] = set()  # folders whose own entries are known to be on disk
        self._numbers = count()
        for left in folder.glob("**/*#*"):  # files that a killed process left unfinished
            if time.time() - left.stat().st_mtime > _UNFINISHED:
                left.unlink(missing_ok=True)

    def create(self, key: str, body: bytes) -> bool:
        """See Journal."""
        return self._put(key, body, os.link)

    def replace(self, key: str, body: bytes) -> None:
        """See Journal."""
        self._put(key, body, os.replace)

    def _put(self, key: str, body: bytes, name: Callable[[str, str], None]) -> bool:
        """Write a file, and let `name` give it its name once it is whole; False if it cannot."""
        path = f"{self._folder}/{key}"
        folder = os.path.dirname(path)
        # obstore does not take such a file for an object: the names of its own unfinished files
        # end with a `#` and a number, too.
        unfinished = f"{path}#{os.getpid()}{next(self._numbers):09}"
        with _named_errors():
            if folder not in self._durable:
                Path(folder).mkdir(parents=True, exist_ok=True)
            try:
                _write(unfinished, body)
                name(unfinished, path)
            except FileExistsError:
                written = False
            else:
                written = True
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(unfinished)
            # Do so even if the object exists: its writer may not have come this far.
            self._harden(folder)
        return written

    def read(self, key: str) -> bytes | None:
        """See Journal."""
        with _named_errors():
            try:
                with open(f"{self._folder}/{key}", "rb", buffering=0) as file:
                    return file.read()
            except FileNotFoundError:
                return None

    def _harden(self, folder: str) -> None:
        """Flush the names in a folder to disk, and once in a process the folder's own name."""
        _fsync(folder)
        if folder not in self._durable:
            for parent in Path(folder).parents:
                _fsync(str(parent))
                if parent == self._folder:
                    break
            self._durable.add(folder)


def open_journal(url: str) -> ObjectJournal:
    """The journal at `url`: file:///folder (created if need be), gs://…, s3://… or memory:///.

    Credentials come from where it runs: the machine's identity in the cloud, AWS_… variables
    for S3, which also name another provider's address (AWS_ENDPOINT_URL, AWS_REGION).

    Raises:
        JournalError: the URL names no store.
    """
    parts = urlsplit(url)
    with _named_errors():
        if parts.scheme == "memory":
            return ObjectJournal(MemoryStore())
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            folder.mkdir(parents=True, exist_ok=True)
            return FolderJournal(folder)
        # A caller waits for every answer, so give up well before the platform ends the call.
        # obstore forgets AWS_ALLOW_HTTP where it is given options of the client.
        in_clear = os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"
        return RemoteJournal(
            from_url(
                url,
                client_options={"timeout": "10s", "allow_http": in_clear},
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
                credential_provider=_operator() if parts.scheme == "gs" else None,
            )
        )


def _operator() -> "GoogleCredentialProvider | None":
    """Who opens a gs:// journal from the operator's machine; None for a function's own account.

    The object store's own library does not know credentials that act as another account.
    """
    if "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ:
        return None
    from obstore.auth.google import GoogleCredentialProvider  # noqa: PLC0415  (never in the cloud)

    return GoogleCredentialProvider()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:  # ValueError: the address is malformed
        # obstore's own text names the object and its address, which neither people nor logs need.
        raise JournalError(f"Le journal ne répond pas ({type(error).__name__}).") from error


_AT_ONCE = 64  # calls at the same time, beside those of the threads that serve requests
_UNFINISHED = 60  # seconds after which an unfinished file belongs to no living writer


def _write(path: str, body: bytes) -> None:
    """Write a new file, so that a power cut cannot take it."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        left = memoryview(body)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    finally:
        os.close(file)


def _fsync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
