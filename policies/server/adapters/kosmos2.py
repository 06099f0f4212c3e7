"""KOSMOS-2: one picture, one text with the family's own tags, no roles. Its processor puts the places for the picture before the text."""

from PIL.Image import Image
from transformers import AutoProcessor, Kosmos2ForConditionalGeneration

from adapters import Loading, Prompt
from chat import Turn
from failures import invalid


class Kosmos2:
    def __init__(self, loading: Loading):
        self.model = Kosmos2ForConditionalGeneration.from_pretrained(loading.name, revision=loading.revision, dtype=loading.dtype)
        self.model.to(loading.device).eval()
        self.processor = AutoProcessor.from_pretrained(loading.name, revision=loading.revision)
        self.tokenizer = self.processor.tokenizer
        self.context = self.model.config.text_config.max_position_embeddings

    def prompt(self, turns: list[Turn]) -> Prompt:
        if len(turns) != 1 or turns[0].role != "user":
            came = ", ".join(turn.role for turn in turns)
            raise invalid(f"KOSMOS-2 has no chat: expected one message of the user, got {came}", "messages")
        images = [part for part in turns[0].parts if isinstance(part, Image)]
        if len(images) != 1 or len(images) + sum(isinstance(part, str) for part in turns[0].parts) != len(turns[0].parts):
            raise invalid(f"KOSMOS-2 looks at one picture: expected one 'image_url', got {len(images)}", "messages")
        if "<image>" in turns[0].text or "</image>" in turns[0].text:
            raise invalid("expected the text alone: the places for the picture are put before it here", "messages")
        batch = self.processor(text=turns[0].text, images=images[0], return_tensors="pt")
        ids = batch["input_ids"][0].tolist()
        inputs = {name: batch[name].to(self.model.device) for name in ("input_ids", "attention_mask", "image_embeds_position_mask")}
        return Prompt({**inputs, "pixel_values": batch["pixel_values"].to(self.model.device, self.model.dtype)}, ids)
