"""What else keeps a history that shows when it was changed, on the same statements and the same disk.

None of it does the work of a log. Each note says what is missing, so that the figures are not taken for more.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from pymerkle import SqliteTree

from ledger.limits import GROUP_STATEMENTS
from tests.bench.figure import Figure, median_of

COMMITS = 40
"""Each starts several processes; more would only take longer."""


def beside(signed: Sequence[bytes], scratch: Path, runs: int) -> list[Figure]:
    """Statements a second of each, the median of some runs."""
    fresh = iter(range(1_000))

    def folder() -> Path:
        made = scratch / f"beside-{next(fresh)}"
        made.mkdir()
        return made

    figures = [
        median_of(
            "bare SQLite insert, groups of 512, fsync",
            "statements/s",
            lambda: sqlite_insert(signed, folder()),
            runs,
            "does not: read, verify, rule, fold, hash, sign, refuse a second submission; nothing shows a change",
        ),
        median_of(
            "pymerkle SqliteTree, groups of 512, fsync",
            "statements/s",
            lambda: merkle_tree(signed, folder()),
            runs,
            "does not: read, verify, rule, fold, sign its root or read back what it wrote; it hashes and inserts",
        ),
    ]
    if shutil.which("git") and shutil.which("ssh-keygen"):
        figures.append(
            median_of(
                "git commit -S with an SSH key, one file each, fsync",
                "statements/s",
                lambda: git_commits(signed[:COMMITS], folder()),
                runs,
                "does not: verify who signed a statement, rule, fold, prove one entry alone, keep a branch from moving",
            )
        )
    return figures


def sqlite_insert(signed: Sequence[bytes], folder: Path) -> float:
    db = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE statements (idx INTEGER PRIMARY KEY, statement BLOB NOT NULL) STRICT")
    start = time.perf_counter()
    for first in range(0, len(signed), GROUP_STATEMENTS):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO statements (idx, statement) VALUES (?, ?)",
            list(enumerate(signed[first : first + GROUP_STATEMENTS], first)),
        )
        db.execute("COMMIT")
    taken = time.perf_counter() - start
    db.close()
    return len(signed) / taken


def merkle_tree(signed: Sequence[bytes], folder: Path) -> float:
    with SqliteTree(str(folder / "tree.sqlite3")) as tree:
        start = time.perf_counter()
        for first in range(0, len(signed), GROUP_STATEMENTS):
            tree.append_entries(signed[first : first + GROUP_STATEMENTS])
        tree.get_state()
        return len(signed) / (time.perf_counter() - start)


def git_commits(signed: Sequence[bytes], folder: Path) -> float:
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    repository = folder / "repository"
    settings = {
        "user.name": "Bench",
        "user.email": "bench@example.org",
        "gpg.format": "ssh",
        "user.signingkey": f"{key}.pub",
        "core.fsync": "committed,loose-object",
        "gc.auto": "0",
    }
    named = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    nobodys = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*words: str) -> None:
        command = ["git", *named, "-C", str(repository), *words]
        subprocess.run(command, check=True, env=nobodys, stdout=subprocess.DEVNULL)

    repository.mkdir()
    git("init", "--quiet")
    start = time.perf_counter()
    for number, data in enumerate(signed):
        (repository / f"{number}.cbor").write_bytes(data)
        git("add", f"{number}.cbor")
        git("commit", "--quiet", "-S", "-m", str(number))
    return len(signed) / (time.perf_counter() - start)
