"""The question: OpenAI's chat completion request, as far as these models can carry it out. What they cannot do is refused, not ignored."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from PIL.Image import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from failures import Refusal, invalid


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Url(Strict):
    url: str
    detail: str | None = None


class TextPart(Strict):
    type: Literal["text"]
    text: str


class ImagePart(Strict):
    type: Literal["image_url"]
    image_url: Url


class VideoPart(Strict):
    type: Literal["video_url"]
    video_url: Url


Part = Annotated[TextPart | ImagePart | VideoPart, Field(discriminator="type")]


class Message(Strict):
    role: Literal["system", "user", "assistant"]
    content: str | list[Part]


class StreamOptions(Strict):
    include_usage: bool = False


class Question(Strict):
    """One answer to one conversation. Greedy unless a temperature is given: an agent's answers should be repeatable."""

    model: str
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float = Field(0, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: int | None = Field(None, ge=1)
    repetition_penalty: float | None = Field(None, gt=0)
    seed: int | None = None
    stop: str | list[str] | None = None
    include_stop_str_in_output: bool = False
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] = 1
    user: str | None = None

    @property
    def limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        texts = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [text for text in texts if text]


@dataclass(frozen=True)
class Video:
    """Frames in order; one a second where they come from a file."""

    frames: list[Image]


@dataclass(frozen=True)
class Turn:
    """A message whose pictures are pictures."""

    role: str
    parts: list[str | Image | Video]

    @property
    def text(self) -> str:
        return "".join(part for part in self.parts if isinstance(part, str))


def read_question(body: bytes, served: str) -> Question:
    try:
        question = Question.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(Question.model_fields)
            raise invalid(f"'{where}' is not something that this server can do (it knows {known})", where) from None
        raise invalid(f"'{where}': {first['msg']}", where) from None
    except (ValueError, RecursionError):
        raise invalid("expected a JSON object, got something else") from None
    if question.model != served:
        raise Refusal(404, "model_not_found", f"expected the model '{served}', which is all that this server has; got '{question.model[:100]}'", "model")
    return question
