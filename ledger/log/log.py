"""A log that can be written: made once, opened by one process at a time, answering many.

    with Log.open(folder, signer) as log:
        [outcome] = log.append([statement])
        receipt = log.receipt(outcome.index)

What is acknowledged is durable; the same statement again has the same index; a refusal concerns its statement
alone. See `ledger.log.writer` for what holds at every step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ledger.bulk import uncollected
from ledger.durable import write_durably
from ledger.errors import KeyUnavailable, LogHalted, NotFound, Refused, TallyError
from ledger.events.opened import Opened, open_kept
from ledger.log.folder import LogFolder, WriterLock, new_folder
from ledger.log.group import GroupCommit
from ledger.log.intake import keys_added_in, open_many, open_submitted
from ledger.log.order import ENDS_A_RIGHT, in_order
from ledger.log.reader import LogReader
from ledger.log.receipts import Receipts
from ledger.log.recover import read_policy, recover
from ledger.log.registered_keys import RegisteredKeys
from ledger.log.signatures import WORTH_PROCESSES, SignaturePool
from ledger.log.store.sqlite import SqliteStore
from ledger.log.tree import GrowingTree
from ledger.log.writer import Clock, Outcome, Registered, Step, Writer
from ledger.proof.merkle import RightEdge
from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.envelope import sign_statement
from ledger.statement.keybook import KeyBook
from ledger.statement.signer import Ed25519Signer
from ledger.units import LeafIndex

_WINDOW: Final = 1024  # statements opened ahead of the writer


def _clock() -> int:
    return int(time.time())


def _no_step(_step: Step) -> None:
    return None


def create_log(
    folder: Path, signer: Ed25519Signer, policy: Mapping[str, Any], occurred_at: str, clock: Clock = _clock
) -> None:
    """Make a log whose entry 0 is `policy` (the body of log.policy, but for `vkey`), signed with `signer`.

    The folder appears whole or not at all. Raises `LogError` if it is there already or cannot be made.
    """
    key = VerifierKey(str(policy.get("origin", "")), signer.public)
    payload = {
        "type": "log.policy",
        "version": 1,
        "occurred_at": occurred_at,
        "prev": None,
        "refs": {},
        "body": {**policy, "vkey": format_vkey(key)},
    }
    party = signer.public.did
    opened = open_kept(sign_statement(signer, iss=party, sub=party, iat=clock(), payload=payload))
    with new_folder(folder) as new:
        with closing(SqliteStore.create(new.database)) as store:
            tree = GrowingTree(RightEdge(), [])
            writer = Writer(
                store, tree, signer=signer, origin=key.name, mark=new.mark, clock=clock, on_step=_no_step
            )
            [outcome] = writer.write([opened])
        if isinstance(outcome, TallyError):
            raise outcome
        write_durably(new.vkey, (format_vkey(key) + "\n").encode())


class Log:
    """The open log of one process. Thread-safe."""

    def __init__(
        self,
        folder: LogFolder,
        signer: Ed25519Signer,
        clock: Clock,
        on_step: Callable[[Step], None],
        *,
        expects_many: bool,
    ) -> None:
        self._folder = folder
        with ExitStack() as held:
            held.callback(WriterLock(folder).release)
            folder.refuse_unresumed()
            store = SqliteStore(folder.database, writable=True)
            held.callback(store.close)
            policy, key = read_policy(store)
            if key.key != signer.public:
                raise KeyUnavailable(
                    f"the key given is {signer.public.did}", expected=f"{policy.statement.iss}, the log's own"
                )
            tree = recover(store, key, folder.mark)
            self._keys = RegisteredKeys(SqliteStore(folder.database, writable=False, snapshot=False))
            held.callback(self._keys.close)
            self._receipts = Receipts(
                SqliteStore(folder.database, writable=False, snapshot=False), signer, key
            )
            held.callback(self._receipts.close)
            self._group = GroupCommit(
                Writer(
                    store,
                    tree,
                    signer=signer,
                    origin=key.name,
                    mark=folder.mark,
                    clock=clock,
                    on_step=on_step,
                    on_published=self._receipts.publish,
                    expects_many=expects_many,
                )
            )
            self._held = held.pop_all()

    @classmethod
    def open(
        cls,
        path: Path,
        signer: Ed25519Signer,
        *,
        clock: Clock = _clock,
        on_step: Callable[[Step], None] = _no_step,
        expects_many: bool = False,
    ) -> Log:
        """Open a log's folder for writing; where it `expects_many` statements, what they rest on is read first.

        Raises `LogLocked`, `LogInconsistent`, `KeyUnavailable`, `NotFound`, and `LogError` where the machine lacks
        something.
        """
        folder = LogFolder(path)
        if not folder.database.is_file():
            raise NotFound(
                f"there is no log in {path}", hint="make one with `tally init`, or name it with --log"
            )
        return cls(folder, signer, clock, on_step, expects_many=expects_many)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Finish what waits, and let the folder go; again without harm."""
        self._group.close()
        self._held.close()

    @property
    def halted(self) -> LogHalted | None:
        """Why nothing is written any more, or None."""
        return self._group.halted

    @property
    def waiting(self) -> int:
        """How many statements wait for the writer."""
        return self._group.waiting

    @property
    def signer(self) -> Ed25519Signer:
        """The log's own key."""
        return self._receipts.signer

    def reader(self) -> LogReader:
        """The log as it is now, for reading."""
        return LogReader.open(self._folder.path)

    def open_statement(self, data: bytes) -> Opened:
        """Open one submitted statement, with keys of the log. Raises a `Malformed` or `VerificationFailed`."""
        return open_submitted(data, self.key_book().resolve)

    def key_book(self) -> KeyBook:
        """The keys to open submitted statements with: the log's, as they are asked for. For one thread."""
        return KeyBook(self._keys.resolve)

    def put(self, opened: Sequence[Opened]) -> Future[list[Outcome]]:
        """Hand opened statements to the writer; one outcome each. Raises `LogBusy`, `LogHalted`."""
        return self._group.put(opened)

    def submit(self, data: bytes) -> Future[list[Outcome]]:
        """`open_statement`, then `put`."""
        return self.put([self.open_statement(data)])

    def append(
        self, submitted: Sequence[bytes], progress: Callable[[int], None] = lambda _done: None
    ) -> list[Outcome]:
        """Register many at once; one outcome each, in their order. Raises `LogHalted`.

        They are put in order first (`ledger.log.order`), so a folder from a week offline goes in in one go.
        """
        outcomes: dict[int, Outcome] = {}
        kept: dict[int, Opened] = {}
        keys = self.key_book()
        keys.tell(keys_added_in(submitted))
        start = 0
        with uncollected(), SignaturePool(keys) as workers:
            pool = workers if len(submitted) >= WORTH_PROCESSES else None
            for window in open_many(submitted, _WINDOW, keys, pool):
                now: dict[int, Opened] = {}
                for position, one in enumerate(window, start):
                    if not isinstance(one, Opened):
                        outcomes[position] = one
                    elif isinstance(one.event, ENDS_A_RIGHT):
                        kept[position] = one  # what was signed under that right may come in a later window
                    else:
                        now[position] = one
                # The workers have the next windows; this thread waits, as reading on beside the writer would only
                # take the interpreter's lock from it (SQLite lets go of it at every step).
                kept |= self._write(now, outcomes)
                start += len(window)
                progress(len(window))
        self._retry(kept, outcomes)
        return [outcomes[position] for position in range(len(submitted))]

    def _write(self, opened: dict[int, Opened], outcomes: dict[int, Outcome]) -> dict[int, Opened]:
        """Have statements written, in order; answers those that only wait for another."""
        positions = list(opened)
        ordered = [positions[n] for n in in_order(list(opened.values()))]
        answer = self._group.put([opened[n] for n in ordered], patient=True)
        answered = dict(zip(ordered, answer.result(), strict=True))
        outcomes |= answered
        return {n: opened[n] for n, one in answered.items() if isinstance(one, Refused) and one.retriable}

    def _retry(self, kept: dict[int, Opened], outcomes: dict[int, Outcome]) -> None:
        """Offer again what only waited for something later in the set, as long as that gets any further."""
        while kept:
            left = self._write(kept, outcomes)
            if not any(isinstance(outcomes[position], Registered) for position in kept):
                return
            kept = left

    def receipt(self, index: LeafIndex) -> bytes:
        """The receipt of an entry (RFC 9942) for the checkpoint it was registered with: the same bytes each time.

        Raises `NotFound`, `LogInconsistent`, `LogHalted` once closed.
        """
        return self._receipts.receipt(index)
