"""The verifier of the browser, asked from Python: one Node process for any number of questions."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ledger.audit.verify import verify_bundle
from ledger.errors import TallyError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import VerifierKey, open_note, parse_vkey
from ledger.proof.receipt import open_receipt
from ledger.statement import cbor
from ledger.statement.envelope import open_statement
from ledger.statement.keys import parse_did_key
from ledger.statement.payload import decode_payload


def _node_for_modules() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = (int(part) for part in said.lstrip("v").split(".")[:2])
    return node if (major, minor) >= (22, 7) or (major == 20 and minor >= 19) else None


NODE = _node_for_modules()
"""Node, where there is one that takes a .js file with an import in it for a module: 20.19, or 22.7 and later."""
RUNNER = Path(__file__).parents[1] / "browser" / "answer.mjs"


@dataclass(frozen=True, slots=True)
class Question:
    """Bytes to open as what they are meant to be, and what with."""

    kind: str
    data: bytes
    vkeys: tuple[str, ...] = ()
    entry: str = ""


def node_answers(questions: Iterable[Question]) -> list[str]:
    """`ok`, or the code of the fault, to each question in turn. Any other error of the verifier fails the test."""
    lines = [
        json.dumps(
            {
                "kind": one.kind,
                "data": base64.b64encode(one.data).decode(),
                "vkeys": one.vkeys,
                "entry": one.entry,
            }
        )
        for one in questions
    ]
    assert NODE
    done = subprocess.run(
        [NODE, "--no-warnings", str(RUNNER)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout.splitlines()


def python_answer(question: Question) -> str:
    """What the ledger itself answers to the same question."""
    try:
        _open(question)
    except TallyError as error:
        return error.code
    return "ok"


def _open(question: Question) -> object:
    keys = [parse_vkey(line) for line in question.vkeys]
    return _OPEN[question.kind](question.data, keys, question.entry)


_OPEN: dict[str, Callable[[bytes, list[VerifierKey], str], object]] = {
    "cbor": lambda data, _keys, _entry: cbor.decode(data),
    "payload": lambda data, _keys, _entry: decode_payload(data),
    "did": lambda data, _keys, _entry: parse_did_key(data.decode(errors="replace")),
    "vkey": lambda data, _keys, _entry: parse_vkey(data.decode(errors="replace")),
    "statement": lambda data, _keys, _entry: open_statement(data),
    "note": lambda data, keys, _entry: open_note(data, keys),
    "checkpoint": lambda data, keys, _entry: open_checkpoint(data, keys[0]),
    "receipt": lambda data, keys, entry: open_receipt(data, bytes.fromhex(entry), keys[0].key, keys[0].name),
    "bundle": lambda data, keys, _entry: verify_bundle(data, keys[0]),
}
