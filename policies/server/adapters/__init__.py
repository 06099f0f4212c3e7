"""One file per family that this server can serve: how its prompt is put together. What it answers is read elsewhere."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from chat import Turn


@dataclass(frozen=True)
class Prompt:
    """What `generate` gets. `ids` are those of the prompt: answers are told from it by them."""

    inputs: dict
    ids: list[int]
    options: dict = field(default_factory=dict)


class Adapter(Protocol):
    """A model that is loaded."""

    model: object
    tokenizer: object
    context: int

    def prompt(self, turns: list[Turn]) -> Prompt:
        """@raises Refusal when the family has no such prompt."""


@dataclass(frozen=True)
class Loading:
    """Which weights, and where they go."""

    name: str
    revision: str | None
    device: str
    dtype: object
    trust_remote_code: bool

    @property
    def source(self) -> dict:
        return {"revision": self.revision, "trust_remote_code": self.trust_remote_code}


FAMILIES = {"kosmos": "KOSMOS-2", "magma": "Magma", "cogvlm": "CogVLM2-Video"}


def family_of(loading: Loading) -> str:
    """Which family the checkpoint's own config.json says it is of. Runs nothing of the checkpoint."""
    from transformers import PretrainedConfig

    config, _ = PretrainedConfig.get_config_dict(loading.name, revision=loading.revision)
    said = " ".join([config.get("model_type") or "", *(config.get("architectures") or [])])
    for family in FAMILIES:
        if re.search(family, said, re.IGNORECASE):
            return family
    raise SystemExit(f"expected a checkpoint of {', '.join(FAMILIES.values())}; {loading.name} is '{said}'")


def load(loading: Loading) -> Adapter:
    family = family_of(loading)
    if family == "kosmos":
        from adapters.kosmos2 import Kosmos2

        return Kosmos2(loading)
    if not loading.trust_remote_code:
        raise SystemExit(f"{FAMILIES[family]} brings its own program: read it, then say --trust-remote-code, best with --revision")
    if family == "magma":
        from adapters.magma import Magma

        return Magma(loading)
    from adapters.cogvlm2_video import CogVlm2Video

    return CogVlm2Video(loading)
