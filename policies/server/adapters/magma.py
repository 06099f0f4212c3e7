"""Magma: the chat template of its tokenizer; `<image>` stands for each picture. Its processor and model are the checkpoint's own program."""

from PIL.Image import Image
from transformers import AutoModelForCausalLM, AutoProcessor

from adapters import Loading, Prompt
from chat import Turn
from failures import invalid

PLACE = "<image>"


class Magma:
    def __init__(self, loading: Loading):
        self.model = AutoModelForCausalLM.from_pretrained(loading.name, torch_dtype=loading.dtype, **loading.source)
        self.model.to(loading.device).eval()
        self.processor = AutoProcessor.from_pretrained(loading.name, **loading.source)
        self.tokenizer = self.processor.tokenizer
        config = self.model.config
        self.context = getattr(getattr(config, "text_config", config), "max_position_embeddings", 8192)

    def prompt(self, turns: list[Turn]) -> Prompt:
        images = [part for turn in turns for part in turn.parts if isinstance(part, Image)]
        if not images:
            raise invalid("Magma is asked with a picture: expected an 'image_url', got none", "messages")
        chat = [{"role": turn.role, "content": _text_of(turn)} for turn in turns]
        text = self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        if getattr(self.model.config, "mm_use_image_start_end", False) and "<image_start>" not in text:
            text = text.replace(PLACE, f"<image_start>{PLACE}<image_end>")
        batch = self.processor(images=images, texts=text, return_tensors="pt")
        device, dtype = self.model.device, self.model.dtype
        return Prompt(
            {
                "input_ids": batch["input_ids"].to(device),
                "attention_mask": batch["attention_mask"].to(device),
                "pixel_values": batch["pixel_values"].unsqueeze(0).to(device, dtype),
                "image_sizes": batch["image_sizes"].unsqueeze(0).to(device),
            },
            batch["input_ids"][0].tolist(),
        )


def _text_of(turn: Turn) -> str:
    """The text with a place for each picture: where the prompt has put them itself, or else where the pictures stand."""
    pictures = sum(isinstance(part, Image) for part in turn.parts)
    if len(turn.parts) != pictures + sum(isinstance(part, str) for part in turn.parts):
        raise invalid("Magma takes no 'video_url': send its frames as 'image_url' parts", "messages")
    places = turn.text.count(PLACE)
    if places == pictures:
        return turn.text
    if places:
        raise invalid(f"expected one {PLACE} for each picture or none, got {places} for {pictures}", "messages")
    return "".join(part if isinstance(part, str) else f"{PLACE}\n" for part in turn.parts)
