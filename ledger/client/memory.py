"""What this machine remembers of the logs it talked to: their keys, and the last checkpoint of each.

    <folder>/keys/<SHA-256 of the URL>.json         {"url": ..., "vkey": ...}
    <folder>/checkpoints/<SHA-256 of the vkey>      the log's signed note, as it came
    <folder>/evidence/<what>-<id>.json              two signed things that cannot both be true

A server can show everybody another history; it cannot make this folder forget. It holds nothing secret. Every file is
written whole or not at all, and one that is damaged is reported, never taken for one that is not there: who deletes it
trusts the log anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from ledger.durable import alone_in, sync_folder, write_durably
from ledger.errors import Malformed, TallyError, VerificationFailed
from ledger.limits import NOTE_BYTES
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import VerifierKey, format_vkey, parse_vkey

_KEY_FILE_BYTES: Final = 16 * 1024


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    vkey: str


class Memory:
    """A folder of what is remembered; made on the first writing. Safe for any thread and process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key_of(self, url: str) -> VerifierKey | None:
        """The key of the log at a URL, if one was ever trusted. Raises `Malformed` for a damaged file."""
        path = self._key_path(url)
        data = _read(path, _KEY_FILE_BYTES)
        if data is None:
            return None
        try:
            kept = msgspec.json.decode(data, type=_KeyFile)
            if kept.url == url:
                return parse_vkey(kept.vkey)
        except (msgspec.MsgspecError, RecursionError, Malformed):
            pass
        raise Malformed(
            f"{path} is damaged",
            expected=f"the key of the log at {url}, as it was remembered",
            hint="put it back from a backup; or delete it, and give the log's key again",
        )

    def remember_key(self, url: str, key: VerifierKey) -> None:
        """Trust a key for a URL from now on. Raises `VerificationFailed` when another one is remembered."""
        known = self.key_of(url)
        if known is not None and known != key:
            raise VerificationFailed(
                f"the log at {url} is known here by the key {format_vkey(known)}",
                expected=f"the key given, {format_vkey(key)}",
                hint="ask the log's operator, and not by way of this server. If it is another log now, delete "
                f"{self._key_path(url)}",
            )
        if known is None:
            text = json.dumps({"url": url, "vkey": format_vkey(key)}, ensure_ascii=False, indent=2)
            self._write(self._key_path(url), text.encode())

    def last(self, key: VerifierKey) -> bytes | None:
        """The last checkpoint of a log that was seen here and held, as its signed note.

        Raises `VerificationFailed` when what is kept is not one that this log signed.
        """
        path = self._checkpoint_path(key)
        note = _read(path, NOTE_BYTES)
        if note is not None:
            try:
                open_checkpoint(note, key)
            except (Malformed, VerificationFailed) as error:
                raise VerificationFailed(
                    f"the remembered checkpoint {path} does not open: {error}",
                    expected=f"a checkpoint signed by {key.name}",
                    hint="put it back from a backup; or delete it, and what the log shows next is believed",
                ) from error
        return note

    def advance(self, key: VerifierKey, before: bytes | None, note: bytes) -> bool:
        """Put `note` in the place of `before`, durably; False, and nothing is changed, if another is there by now."""
        path = self._checkpoint_path(key)
        self._make(path.parent)
        with alone_in(path.parent):
            if self.last(key) != before:
                return False
            if note != before:
                self._write(path, note)
        return True

    def keep_evidence(self, what: str, content: Mapping[str, Any]) -> Path:
        """Write evidence to a file of its own, durably; the same evidence to the same file."""
        text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()
        path = self.folder / "evidence" / f"{what}-{_name(text)[:12]}.json"
        self._write(path, text)
        return path

    def _key_path(self, url: str) -> Path:
        return self.folder / "keys" / f"{_name(url.encode())}.json"

    def _checkpoint_path(self, key: VerifierKey) -> Path:
        return self.folder / "checkpoints" / _name(format_vkey(key).encode())

    def _write(self, path: Path, data: bytes) -> None:
        self._make(path.parent)
        try:
            write_durably(path, data)
        except OSError as error:
            raise _unwritable(path, error) from error

    def _make(self, folder: Path) -> None:
        try:
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(folder.parent)
        except OSError as error:
            raise _unwritable(folder, error) from error


def _name(data: bytes) -> str:
    return sha256(data).hexdigest()


def _read(path: Path, limit: int) -> bytes | None:
    """A file's bytes, cut behind the limit, which its reader then refuses; None where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TallyError(f"{path} cannot be read: {error.strerror}") from error


def _unwritable(path: Path, error: OSError) -> TallyError:
    return TallyError(
        f"{path} cannot be written: {error.strerror}",
        hint="without it nothing shows later that a log went back: mend that, or give another folder with --memory",
    )
