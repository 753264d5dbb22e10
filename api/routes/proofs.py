"""Proofs of the tree, each as JSON or, where COSE is asked for, as a receipt that the log signs (RFC 9942)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.problems import documented
from api.routes.entries import COSE
from api.service import Service, service_of
from ledger.errors import Malformed, NotFound
from ledger.limits import TREE_SIZE_MAX
from ledger.log.reader import LogReader
from ledger.proof.merkle import leaf_hash
from ledger.proof.receipt import SignedRoot, sign_root
from ledger.units import LeafIndex, TreeSize

router = APIRouter(tags=["proofs"], prefix="/proofs")
At = Annotated[Service, Depends(service_of)]
Accept = Annotated[str, Header(description="`application/json`, or `application/cose` for a signed receipt.")]
Size = Annotated[int, Path(ge=1, le=TREE_SIZE_MAX, description="A size that the log has had.", examples=[1])]


class InclusionOut(BaseModel):
    """That an entry is in the tree of a size (RFC 9162 2.1.3). Hashes are hexadecimal."""

    id: str = Field(description="The statement's id, which is its entry.")
    index: int = Field(description="Its place, from 0.")
    size: int = Field(description="The size of the tree that the proof is for.")
    leaf: str = Field(description="SHA-256(0x00 || entry).")
    path: list[str] = Field(description="The inclusion path, from the leaf up.")
    root: str = Field(description="The root of the tree of that size.")


class ConsistencyOut(BaseModel):
    """That a tree only extends an earlier one (RFC 9162 2.1.4). Hashes are hexadecimal."""

    old: int = Field(description="The earlier size.")
    new: int = Field(description="The later size.")
    old_root: str = Field(description="The root of the earlier tree.")
    new_root: str = Field(description="The root of the later tree.")
    path: list[str] = Field(description="The consistency path.")


@router.get(
    "/inclusion/{id}",
    response_model=InclusionOut,
    summary="That a statement is in the log",
    responses=documented(NotFound, Malformed, answers=(COSE,)),
)
def inclusion(
    service: At,
    id: Annotated[str, Path(description="A statement's id, or the beginning of it.")],
    size: Annotated[
        int | None, Query(ge=1, le=TREE_SIZE_MAX, description="For the tree of this size. [the newest]")
    ] = None,
    accept: Accept = "application/json",
) -> InclusionOut | Response:
    """The inclusion proof of a statement in the tree of any size the log has had since it was registered."""
    with service.reader() as reader:
        name = reader.resolve(id)
        index = reader.store.index_of(name)
        assert index is not None, "resolve found it"
        at = _had(reader, size)
        if index >= at:
            raise NotFound(f"entry {index} was not in the log at size {at}", expected=f"a size above {index}")
        path, root = reader.inclusion(index, at), reader.root(at)
        if COSE in accept:
            return Response(_signed(service, reader, at).receipt(index, path), media_type=COSE)
        return InclusionOut(
            id=name,
            index=index,
            size=at,
            leaf=leaf_hash(reader.row(index).entry).hex(),
            path=[one.hex() for one in path],
            root=root.hex(),
        )


@router.get(
    "/consistency/{old}/{new}",
    response_model=ConsistencyOut,
    summary="That the log only grew",
    responses=documented(NotFound, Malformed, answers=(COSE,)),
)
def consistency(
    service: At, old: Size, new: Size, accept: Accept = "application/json"
) -> ConsistencyOut | Response:
    """The consistency proof between any two sizes the log has had."""
    with service.reader() as reader:
        earlier, later = _had(reader, old), _had(reader, new)
        if earlier > later:
            raise Malformed(f"size {earlier} comes after {later}", expected="the earlier size first")
        path = reader.consistency(earlier, later)
        if COSE in accept:
            return Response(_signed(service, reader, later).consistency(earlier, path), media_type=COSE)
        return ConsistencyOut(
            old=earlier,
            new=later,
            old_root=reader.root(earlier).hex(),
            new_root=reader.root(later).hex(),
            path=[one.hex() for one in path],
        )


def _had(reader: LogReader, size: int | None) -> TreeSize:
    """A size that the log has had. Raises `NotFound`."""
    if size is None:
        return reader.size
    if size > reader.size:
        raise NotFound(f"this log has not had size {size}", expected=f"a size from 1 to {reader.size}")
    return TreeSize(size)


def _signed(service: Service, reader: LogReader, size: TreeSize) -> SignedRoot:
    """A root the log has had, by its proof a beginning of the newest: signed anew for whoever asks."""
    return sign_root(
        service.log.signer,
        origin=reader.policy.origin,
        size=size,
        root=reader.root(size),
        registered_at=reader.row(LeafIndex(size - 1)).registered_at,
    )
