"""The wire: OpenAI's chat completions, whole or as server-sent events, with token ids; /health; /v1/models."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from chat import Question, read_question
from engine import End, Engine, Job, Piece
from failures import Refusal
from guard import Guard
from media import turn_of

# Chosen: 32 screenshots as PNG, in base64.
MAX_BODY = 96 << 20


def make_app(engine: Engine, name: str, guard: Guard) -> FastAPI:
    app = FastAPI(title="pumice model server", docs_url=None, redoc_url=None, openapi_url=None)
    started_s = int(time.time())

    @app.middleware("http")
    async def known_host(request: Request, call_next):
        try:
            guard.check_host(request)
        except Refusal as refusal:
            return answer_of(refusal)
        return await call_next(request)

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal):
        return answer_of(refusal)

    @app.exception_handler(HTTPException)
    async def no_such_path(request: Request, error: HTTPException):
        kind = "not_found_error" if error.status_code == 404 else "invalid_request_error"
        message = f"{request.method} {request.url.path}: {error.detail} (there is POST /v1/chat/completions, GET /v1/models, GET /health)"
        return answer_of(Refusal(error.status_code, kind, message))

    @app.get("/health")
    async def health():
        state = "failed" if engine.failure else "ok" if engine.adapter else "loading"
        body = {"status": state, "model": name, "busy": engine.is_busy, "waiting": engine.waiting}
        return JSONResponse(body, 200 if state == "ok" else 503)

    @app.get("/v1/models")
    async def models(request: Request):
        guard.check_key(request)
        context = {"max_model_len": engine.adapter.context} if engine.adapter else {}
        return {"object": "list", "data": [{"id": name, "object": "model", "created": started_s, "owned_by": "local", **context}]}

    @app.post("/v1/chat/completions")
    async def chat(request: Request):
        guard.check_key(request)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refusal(415, "invalid_request_error", "expected the content type application/json")
        question, turns = await asyncio.to_thread(_read, await body_of(request), name)
        job = engine.submit(question, turns)
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": name}
        watch = asyncio.create_task(_watch(request, job))
        try:
            first = await job.out.get()
            if isinstance(first, Exception):
                raise first
            if question.stream:
                return StreamingResponse(events(job, first, head, question, watch), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
            return await whole(job, first, head)
        finally:
            if not question.stream or job.is_cancelled.is_set():
                watch.cancel()

    return app


def answer_of(refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.body(), refusal.status, refusal.headers)


def _read(body: bytes, name: str):
    question = read_question(body, name)
    return question, [turn_of(message) for message in question.messages]


async def body_of(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise Refusal(413, "invalid_request_error", f"expected at most {MAX_BODY} bytes")
        parts.append(part)
    return b"".join(parts)


async def _watch(request: Request, job: Job) -> None:
    """Stops the model when nobody listens any more, also while the question waits."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.02)
    job.is_cancelled.set()
    job.out.put_nowait(Refusal(499, "cancelled", "the client is gone"))


def usage_of(end: End) -> dict:
    tokens = {"prompt_tokens": end.prompt_tokens, "completion_tokens": end.tokens, "total_tokens": end.prompt_tokens + end.tokens}
    timings = {"queued_ms": end.queued_ms, "first_token_ms": end.first_token_ms, "per_token_ms": end.per_token_ms}
    return {"usage": tokens, "timings": {name: round(value, 3) for name, value in timings.items()}}


async def whole(job: Job, event, head: dict) -> dict:
    text, ids = "", []
    while isinstance(event, Piece):
        text += event.text
        ids += event.token_ids
        event = await job.out.get()
    if isinstance(event, Exception):
        raise event
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "token_ids": ids, "finish_reason": event.reason}
    return {**head, "object": "chat.completion", "choices": [choice], **usage_of(event)}


async def events(job: Job, event, head: dict, question: Question, watch: asyncio.Task) -> AsyncIterator[str]:
    head = {**head, "object": "chat.completion.chunk"}

    def line(choices: list, **more) -> str:
        return f"data: {json.dumps({**head, 'choices': choices, **more}, ensure_ascii=False)}\n\n"

    delta = {"role": "assistant"}
    try:
        while isinstance(event, Piece):
            yield line([{"index": 0, "delta": {**delta, "content": event.text}, "token_ids": event.token_ids, "finish_reason": None}])
            delta = {}
            event = await job.out.get()
        if isinstance(event, Exception):
            refusal = event if isinstance(event, Refusal) else Refusal(500, "server_error", type(event).__name__)
            yield f"data: {json.dumps(refusal.body())}\n\n"
            return
        yield line([{"index": 0, "delta": delta, "token_ids": [], "finish_reason": event.reason}])
        if question.stream_options and question.stream_options.include_usage:
            yield line([], **usage_of(event))
        yield "data: [DONE]\n\n"
    finally:
        job.is_cancelled.set()
        watch.cancel()
