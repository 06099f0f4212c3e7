"""One thread that owns the model and answers one question after the other. Nothing is batched: the event loop stays free meanwhile."""

import asyncio
import queue
import threading
import time
import traceback
from dataclasses import dataclass, field

from adapters import Adapter, Prompt
from chat import Question, Turn
from failures import Refusal, invalid
from speech import Speech

# Chosen: enough for any caption; a client that wants more says so.
DEFAULT_TOKENS = 512


@dataclass(frozen=True)
class Piece:
    """Part of an answer: text, and the tokens that it is of."""

    text: str
    token_ids: list[int]


@dataclass(frozen=True)
class End:
    reason: str
    prompt_tokens: int
    tokens: int
    queued_ms: float
    first_token_ms: float
    per_token_ms: float


class Stopped(Exception):
    """Leaves `generate` from within its streamer: by a stop text, or since nobody is listening any more."""


@dataclass
class Job:
    question: Question
    turns: list[Turn]
    loop: asyncio.AbstractEventLoop
    asked_s: float = field(default_factory=time.perf_counter)
    out: asyncio.Queue = field(default_factory=asyncio.Queue)
    is_cancelled: threading.Event = field(default_factory=threading.Event)

    def tell(self, event: "Piece | End | Exception") -> None:
        try:
            self.loop.call_soon_threadsafe(self.out.put_nowait, event)
        except RuntimeError:
            self.is_cancelled.set()  # the server is closing


class Engine:
    def __init__(self, load, max_waiting: int):
        self.adapter: Adapter | None = None
        self.failure: str | None = None
        self.is_busy = False
        self._load = load
        self._jobs: queue.Queue[Job | None] = queue.Queue(max_waiting)
        self._thread = threading.Thread(target=self._run, daemon=True, name="model")

    def start(self, when_failed) -> None:
        self._when_failed = when_failed
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._jobs.qsize()

    def submit(self, question: Question, turns: list[Turn]) -> Job:
        """@raises Refusal while the weights load, and when too many wait: a client that is told so can ask elsewhere."""
        if not self.adapter:
            raise Refusal(503, "server_error", "the model is still loading; /health tells when it is ready", retry_after_s=5)
        job = Job(question, turns, asyncio.get_running_loop())
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise Refusal(503, "server_error", f"{self.waiting} questions wait already; they are answered one by one", retry_after_s=2) from None
        return job

    def _run(self) -> None:
        try:
            self.adapter = self._load()
        except BaseException as error:
            if not isinstance(error, SystemExit):
                traceback.print_exc()
            self.failure = str(error)
            return self._when_failed()
        while True:
            job = self._jobs.get()
            self.is_busy = True
            if not job.is_cancelled.is_set():
                job.tell(self._answer(job))
            self.is_busy = False

    def _answer(self, job: Job) -> "End | Exception":
        try:
            return generate(self.adapter, job)
        except Refusal as refusal:
            return refusal
        except Exception as error:
            traceback.print_exc()
            if "out of memory" in str(error).lower():
                return Refusal(503, "server_error", "out of memory; ask with a smaller picture, or fewer tokens")
            return Refusal(500, "server_error", f"the model failed ({type(error).__name__}); the server's log says where")


def generate(adapter: Adapter, job: Job) -> End:
    """Tells the job each piece as it comes; answers with the end."""
    import torch

    began_s = time.perf_counter()
    prompt = adapter.prompt(job.turns)
    limit = limit_of(adapter, job.question, prompt)
    if job.question.seed is not None:
        torch.manual_seed(job.question.seed)
    listener = Listener(adapter, job, prompt)
    reason = "length"
    try:
        with torch.inference_mode():
            adapter.model.generate(**prompt.inputs, **sampling_of(job.question), **prompt.options, max_new_tokens=limit, streamer=listener)
        if listener.has_ended:
            reason = "stop"
        listener.tell(*listener.speech.finish())
    except Stopped:
        reason = "stop"
    first_s, last_s, count = listener.first_s or began_s, listener.last_s, listener.speech.count
    return End(
        reason=reason,
        prompt_tokens=len(prompt.ids),
        tokens=count,
        queued_ms=(began_s - job.asked_s) * 1e3,
        first_token_ms=(first_s - began_s) * 1e3,
        per_token_ms=(last_s - first_s) * 1e3 / (listener.heard - 1) if listener.heard > 1 else 0.0,
    )


def limit_of(adapter: Adapter, question: Question, prompt: Prompt) -> int:
    room = adapter.context - len(prompt.ids)
    if room < 1 or (question.limit or 1) > room:
        raise invalid(f"'max_tokens': {len(prompt.ids)} tokens of prompt leave room for {max(room, 0)} of {adapter.context}, got {question.limit}", "max_tokens")
    return question.limit or min(DEFAULT_TOKENS, room)


def sampling_of(question: Question) -> dict:
    """Every option is set: checkpoints bring sampling of their own, which nobody asked for."""
    options = {"num_beams": 1, "use_cache": True, "do_sample": question.temperature > 0, "repetition_penalty": question.repetition_penalty or 1.0}
    if question.temperature > 0:
        options |= {"temperature": question.temperature, "top_p": question.top_p or 1.0, "top_k": question.top_k or 0}
    return options


class Listener:
    """What `generate` calls a streamer: gets the prompt first, then each token."""

    def __init__(self, adapter: Adapter, job: Job, prompt: Prompt):
        self.job = job
        self.speech = Speech(adapter.tokenizer, prompt.ids, job.question.stops, job.question.include_stop_str_in_output)
        self.has_ended = False
        self.first_s: float | None = None
        self.last_s = 0.0
        self.heard = 0
        self._ends = ends_of(adapter)
        self._has_prompt = False

    def put(self, value) -> None:
        if self.job.is_cancelled.is_set():
            raise Stopped
        if not self._has_prompt:
            self._has_prompt = True
            return
        for token in value.reshape(-1).tolist():
            self.last_s = time.perf_counter()
            self.first_s = self.first_s or self.last_s
            self.heard += 1
            if token in self._ends:
                self.has_ended = True
            else:
                self.tell(*self.speech.hear(token))
            if self.speech.is_stopped:
                raise Stopped

    def end(self) -> None:
        pass

    def tell(self, text: str, ids: list[int]) -> None:
        if text or ids:
            self.job.tell(Piece(text, ids))


def ends_of(adapter: Adapter) -> set[int]:
    said = adapter.model.generation_config.eos_token_id
    said = said if isinstance(said, list) else [said]
    return {token for token in [*said, adapter.tokenizer.eos_token_id] if token is not None}
