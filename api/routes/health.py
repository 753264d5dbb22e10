"""What the server says of itself: which log it serves, whether it can, and its figures for Prometheus."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from api.problems import documented
from api.service import Service, service_of
from api.settings import Reading
from ledger.errors import NotFound, TallyError, status_of_class
from ledger.proof.note import format_vkey

router = APIRouter(tags=["server"])
At = Annotated[Service, Depends(service_of)]


class LogOut(BaseModel):
    """Which log this is. Take the key from somewhere else than from here before trusting it."""

    origin: str = Field(description="The log's name in every checkpoint.")
    vkey: str = Field(description="Its verifier key (C2SP signed-note).")
    policy: str = Field(description="The id of entry 0, its policy.")
    size: int = Field(description="How many entries it has.")
    reading: Reading = Field(description="Who may read contents.")
    writes: bool = Field(description="Whether this server registers statements.")


class Health(BaseModel):
    """Whether the server lives, and whether it can do all it was started for."""

    live: bool = Field(description="It answers.")
    ready: bool = Field(description="It reads and, where it was started to, registers.")
    why_not: str | None = Field(None, description="What keeps it from that, and what to do.")
    size: int | None = Field(None, description="How many entries can be read.")


class Meaning(BaseModel):
    """What an error code means."""

    code: str = Field(description="The stable code.")
    status: int = Field(description="The HTTP status it is answered with.")
    exit: int = Field(description="The exit status of the command line.")
    meaning: str = Field(description="In words.")


@router.get("/log", response_model=LogOut, summary="Which log this is", responses=documented())
def log(service: At) -> LogOut:
    """The log's name, key, policy and size."""
    return LogOut(
        origin=service.policy.origin,
        vkey=format_vkey(service.vkey),
        policy=service.policy_id,
        size=service.size(),
        reading=service.settings.reads,
        writes=service.writes,
    )


@router.get(
    "/health",
    response_model=Health,
    summary="Whether the server can serve",
    responses={503: {"model": Health, "description": "It lives, and cannot do all it should"}},
)
def health(service: At) -> JSONResponse:
    """200 when all is well; 503 with the reason when nothing is registered any more, or nothing can be read."""
    size, why = None, None
    try:
        size = int(service.size())
        if service.halted:
            why = service.halted.diagnostics()
    except TallyError as error:
        why = error.diagnostics()
    found = Health(live=True, ready=why is None, why_not=why, size=size)
    return JSONResponse(found.model_dump(), 200 if found.ready else 503, {"cache-control": "no-store"})


@router.get(
    "/metrics",
    response_class=Response,
    summary="Figures for Prometheus",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(service: At) -> Response:
    """Requests by route and status, their times, and the log's size and queue."""
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/problems/{code}",
    response_model=Meaning,
    summary="What a problem means",
    responses=documented(NotFound),
)
def meaning(code: str) -> Meaning:
    """What the `type` of a problem stands for; a code without a status of its own has its family's."""
    kinds: list[type[TallyError]] = [TallyError, *_below(TallyError)]
    for cls in kinds:
        if cls.code == code:
            status = status_of_class(cls)
            return Meaning(code=code, status=status.http, exit=status.exit, meaning=status.meaning)
    raise NotFound(f"there is no problem {code[:80]!r}")


def _below(cls: type[TallyError]) -> list[type[TallyError]]:
    return [one for child in cls.__subclasses__() for one in (child, *_below(child))]
