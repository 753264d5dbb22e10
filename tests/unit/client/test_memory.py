"""What is remembered of a log: it survives, it never goes back, and what is damaged is not taken for absent."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ledger.client.memory import Memory
from ledger.errors import Malformed, TallyError, VerificationFailed
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.note import VerifierKey
from ledger.units import Hash, TreeSize
from tests.support.between import KEY, URL
from tests.support.log_world import OTHER_SIGNER
from tests.support.spine import LOG_SIGNER, ORIGIN


def note(size: int) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, TreeSize(size), Hash(bytes([size]) * 32)), LOG_SIGNER)


def test_nothing_is_remembered_and_nothing_is_made_before_something_is_kept(memory: Memory) -> None:
    assert memory.key_of(URL) is None
    assert memory.last(KEY) is None
    assert not memory.folder.exists()


def test_a_key_and_a_checkpoint_are_there_for_the_next_process(memory: Memory) -> None:
    memory.remember_key(URL, KEY)
    assert memory.advance(KEY, None, note(3))
    again = Memory(memory.folder)
    assert (again.key_of(URL), again.last(KEY)) == (KEY, note(3))
    assert again.last(VerifierKey("log.example/other", OTHER_SIGNER.public)) is None


def test_a_checkpoint_takes_the_place_of_the_one_it_was_held_against_and_of_no_other(memory: Memory) -> None:
    assert memory.advance(KEY, None, note(3))
    assert not memory.advance(KEY, None, note(2))
    assert memory.advance(KEY, note(3), note(5))
    assert not memory.advance(KEY, note(3), note(4))
    assert memory.last(KEY) == note(5)


def test_of_many_at_once_one_takes_its_place(memory: Memory) -> None:
    memory.advance(KEY, None, note(1))
    took = []

    def one(size: int) -> None:
        took.append(memory.advance(KEY, note(1), note(size)))

    threads = [threading.Thread(target=one, args=(size,)) for size in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert took.count(True) == 1


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"url": "https://log.example", "vkey": "x"}', b"[" * 9_000]
)
def test_a_damaged_key_file_is_named_and_not_overwritten(data: bytes, memory: Memory) -> None:
    memory.remember_key(URL, KEY)
    [path] = (memory.folder / "keys").iterdir()
    path.write_bytes(data)
    with pytest.raises(Malformed, match="is damaged"):
        memory.remember_key(URL, KEY)
    assert path.read_bytes() == data


def test_a_damaged_checkpoint_is_named_and_not_overwritten(memory: Memory) -> None:
    memory.advance(KEY, None, note(3))
    [path] = (memory.folder / "checkpoints").iterdir()
    path.write_bytes(note(3).replace(b"3\n", b"2\n", 1))
    with pytest.raises(VerificationFailed, match="does not open"):
        memory.advance(KEY, None, note(5))


def test_what_cannot_be_remembered_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    memory = Memory(tmp_path / "file")
    with pytest.raises(TallyError, match="cannot be"):
        memory.remember_key(URL, KEY)


def test_the_same_evidence_is_one_file(memory: Memory) -> None:
    assert memory.keep_evidence("log-forked", {"a": 1}) == memory.keep_evidence("log-forked", {"a": 1})
    assert memory.keep_evidence("log-forked", {"a": 2}).read_text() == '{\n  "a": 2\n}'
