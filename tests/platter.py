"""What a disk keeps when the power goes: only what was synced before, under names that were synced before.

A `Platter` stands beside the state directory and gets what the gateway syncs: through SQLite, by a VFS around its
own, and through `os.fsync`. Writes that nobody synced never reach it. After a power cut it is all there is.
"""

import ctypes
import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

DURABLE = ".durable"
"""Stands in a directory whose own name was synced."""

CREATE, JOURNALS = 0x4, 0x800 | 0x80000
"""SQLITE_OPEN_CREATE; SQLITE_OPEN_MAIN_JOURNAL and SQLITE_OPEN_WAL, whose directory SQLite syncs with them."""

Range = tuple[int, int]


class Platter:
    """What is safe of one directory."""

    def __init__(self, state: Path, kept: Path) -> None:
        """Stand beside `state`, and keep in `kept`."""
        self._state = state
        self._names = kept / "names"
        self._contents = kept / "contents"
        for place in (state, self._names, self._contents):
            place.mkdir(parents=True, exist_ok=True)
        (self._names / DURABLE).touch()
        self._dirty: dict[Path, list[Range]] = defaultdict(list)
        self._in_pieces: set[Path] = set()
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Power is back: the directory holds what was safe, and nothing else."""
        shutil.rmtree(self._state)
        shutil.rmtree(self._contents)  # known by their inodes, which are others now
        self._contents.mkdir()
        self._copy(self._names, self._state)

    def _copy(self, kept: Path, to: Path) -> None:
        to.mkdir(mode=0o700)
        for entry in kept.iterdir():
            if entry.is_dir():
                if (entry / DURABLE).exists():
                    self._copy(entry, to / entry.name)
            elif entry.name != DURABLE:
                shutil.copyfile(entry, to / entry.name)
                (to / entry.name).chmod(0o600)
                os.link(entry, self._contents / str((to / entry.name).stat().st_ino))

    # What is synced as a whole.

    def synced(self, path: Path) -> None:
        """A file or a directory was synced."""
        if not path.is_relative_to(self._state):
            return
        with self._lock:
            if path.is_dir():
                self._synced_directory(path)
            else:
                self._synced_file(path)

    def _synced_file(self, path: Path) -> None:
        """Its content is safe, its name is only if it was so before."""
        content = self._contents / str(path.stat().st_ino)
        fresh = content.with_suffix(".fresh")
        shutil.copyfile(path, fresh)
        fresh.rename(content)
        if (kept := self._kept(path)).exists():
            _link(content, kept)

    def _synced_directory(self, path: Path) -> None:
        """Its names are safe; a file that was never synced itself is empty."""
        kept = self._kept(path)
        kept.mkdir(parents=True, exist_ok=True)
        there = {entry.name: entry for entry in path.iterdir()}
        for entry in there.values():
            self._keep_name(entry)
        for gone in (entry for entry in kept.iterdir() if entry.name not in there and entry.name != DURABLE):
            _remove(gone)

    def _keep_name(self, entry: Path) -> None:
        kept = self._kept(entry)
        if entry.is_dir():
            kept.mkdir(exist_ok=True)
            (kept / DURABLE).touch()
            return
        content = self._contents / str(entry.stat().st_ino)
        if entry not in self._in_pieces and content.exists():
            _link(content, kept)
        else:
            kept.touch()

    def _kept(self, path: Path) -> Path:
        return self._names / path.relative_to(self._state)

    # What is synced in pieces: the files of SQLite.

    def wrote(self, path: Path, offset: int, length: int) -> None:
        """A piece was written, and is not safe."""
        with self._lock:
            self._dirty[path].append((offset, length))
            self._in_pieces.add(path)

    def synced_pieces(self, path: Path) -> None:
        """All that was written to it is safe, and so is its name."""
        with self._lock:
            kept = self._kept(path)
            kept.touch()
            with path.open("rb") as file, kept.open("r+b") as copy:
                copy.truncate(path.stat().st_size)
                for offset, length in self._dirty.pop(path, []):
                    copy.seek(offset)
                    copy.write(os.pread(file.fileno(), length, offset))

    def removed(self, path: Path) -> None:
        """A file was removed, and its directory synced."""
        with suppress(FileNotFoundError):
            self._kept(path).unlink()


def _link(content: Path, name: Path) -> None:
    other = name.with_name(name.name + ".other")
    other.unlink(missing_ok=True)
    os.link(content, other)
    other.rename(name)


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def watch_fsync(platter: Platter) -> None:
    """Let the platter know what Python syncs."""

    def fsync(descriptor: int) -> None:
        original(descriptor)
        platter.synced(Path(f"/proc/self/fd/{descriptor}").readlink())

    original = os.fsync
    os.fsync = fsync  # type: ignore[assignment]  # it takes descriptors only, as all our code gives


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` (sqlite.org/c3ref/vfs.html), as far as it is replaced; the rest is copied as it is."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("app_data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 14),
    )


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods` (sqlite.org/c3ref/io_methods.html), likewise."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", ctypes.c_void_p),
        ("truncate", ctypes.c_void_p),
        ("sync", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 13),
    )


_POINTER = ctypes.c_void_p
_Open = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _POINTER, ctypes.c_int, _POINTER)
"""The name as the very pointer that SQLite gave, since the file keeps it."""
_Delete = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_int)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int)


class WatchedSqlite:
    """A VFS around SQLite's own that lets the platter know what is written and synced. The default, once installed."""

    def __init__(self, platter: Platter) -> None:
        self._platter = platter
        self._paths: dict[int, Path] = {}
        self._names_pending: set[int] = set()
        self._watched: dict[int, _Methods] = {}
        self._alive: list[Any] = []  # what C points to must not be collected
        self._lib = sqlite_library()
        self._lib.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        own = self._lib.sqlite3_vfs_find(None).contents
        self._open, self._delete = _Open(own.open), _Delete(own.delete)
        self._vfs = _copy_of(own)
        self._vfs.name = b"platter"
        self._vfs.open = self._callback(_Open, self._opened)
        self._vfs.delete = self._callback(_Delete, self._deleted)

    def install(self) -> None:
        """Have every connection from now on use it."""
        if self._lib.sqlite3_vfs_register(ctypes.byref(self._vfs), 1):
            raise OSError("SQLite does not take the VFS")

    def _callback(self, shape: Callable[[Any], Any], function: Callable[..., int]) -> int | None:
        callback = shape(function)
        self._alive.append(callback)
        return ctypes.cast(callback, ctypes.c_void_p).value

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        path = Path(os.fsdecode(ctypes.string_at(name))) if name else None
        fresh = path is not None and not path.exists()
        code = int(self._open(vfs, name, file, flags, out))
        methods = ctypes.cast(file, ctypes.POINTER(ctypes.c_void_p))
        if code == 0 and path is not None and methods[0]:
            self._paths[file] = path
            methods[0] = ctypes.addressof(self._watching(int(methods[0])))
            if fresh and flags & CREATE and flags & JOURNALS:
                self._names_pending.add(file)
        return code

    def _watching(self, address: int) -> _Methods:
        if address not in self._watched:
            own = _Methods.from_address(address)
            write, sync = _Write(own.write), _Sync(own.sync)

            def wrote(file: int, octets: int, length: int, offset: int) -> int:
                code = int(write(file, octets, length, offset))
                self._platter.wrote(self._paths[file], offset, length)
                return code

            def synced(file: int, flags: int) -> int:
                code = int(sync(file, flags))
                self._platter.synced_pieces(self._paths[file])
                if file in self._names_pending:
                    self._names_pending.discard(file)
                    self._platter.synced(self._paths[file].parent)
                return code

            watched = _copy_of(own)
            watched.write, watched.sync = self._callback(_Write, wrote), self._callback(_Sync, synced)
            self._watched[address] = watched
        return self._watched[address]

    def _deleted(self, vfs: int, name: bytes, sync_directory: int) -> int:
        code = int(self._delete(vfs, name, sync_directory))
        if code == 0 and sync_directory:
            self._platter.removed(Path(os.fsdecode(name)))
        return code


def _copy_of(structure: Any) -> Any:
    return type(structure).from_buffer_copy(structure)


def sqlite_library() -> ctypes.CDLL:
    """Find the very SQLite that the module `sqlite3` uses.

    Raises:
        OSError: this Python has it built in, where nobody else can reach it.
    """
    import _sqlite3  # noqa: PLC0415  # the one place that wants to know the file behind the module

    library = ctypes.CDLL(_sqlite3.__file__)
    if not hasattr(library, "sqlite3_vfs_find"):
        raise OSError("the SQLite inside this Python cannot be reached from outside")
    return library
