"""CogVLM2-Video (chat): up to 24 frames, one a second, and a question. Tokens of the picture come from the checkpoint's own program."""

from PIL.Image import Image
from transformers import AutoModelForCausalLM, AutoTokenizer

from adapters import Loading, Prompt
from chat import Turn, Video
from failures import invalid
from media import MAX_FRAMES

# Of Llama 3's tokenizer, as the family's own demo sets it.
PAD_TOKEN_ID = 128002


class CogVlm2Video:
    def __init__(self, loading: Loading):
        self.tokenizer = AutoTokenizer.from_pretrained(loading.name, **loading.source)
        self.model = AutoModelForCausalLM.from_pretrained(loading.name, torch_dtype=loading.dtype, **loading.source)
        self.model.to(loading.device).eval()
        self.context = getattr(self.model.config, "max_position_embeddings", 8192)

    def prompt(self, turns: list[Turn]) -> Prompt:
        import numpy
        import torch

        *earlier, last = turns
        frames = _frames_of(last)
        if len({frame.size for frame in frames}) != 1:
            raise invalid("expected frames of one size", "messages")
        # [colour, time, height, width], as the family's own reader of videos gives it.
        video = torch.from_numpy(numpy.stack([numpy.asarray(frame) for frame in frames])).permute(3, 0, 1, 2)
        built = self.model.build_conversation_input_ids(
            tokenizer=self.tokenizer, query=last.text, images=[video], history=_history_of(earlier), template_version="chat"
        )
        device = self.model.device
        inputs = {name: built[name].unsqueeze(0).to(device) for name in ("input_ids", "token_type_ids", "attention_mask")}
        inputs["images"] = [[built["images"][0].to(device, self.model.dtype)]]
        return Prompt(inputs, built["input_ids"].tolist(), {"pad_token_id": PAD_TOKEN_ID})


def _frames_of(turn: Turn) -> list[Image]:
    videos = [part for part in turn.parts if isinstance(part, Video)]
    images = [part for part in turn.parts if isinstance(part, Image)]
    frames = videos[0].frames if len(videos) == 1 and not images else images
    if turn.role != "user" or len(videos) > 1 or not 1 <= len(frames) <= MAX_FRAMES:
        raise invalid(
            f"expected last a message of the user with one 'video_url', or 1 to {MAX_FRAMES} 'image_url' parts a second apart", "messages"
        )
    return frames


def _history_of(turns: list[Turn]) -> list[tuple[str, str]]:
    roles = [turn.role for turn in turns]
    if roles != ["user", "assistant"] * (len(roles) // 2) or any(not isinstance(part, str) for turn in turns for part in turn.parts):
        raise invalid("CogVLM2-Video has no system message: expected questions and answers in text before the last message", "messages")
    return [(question.text, answer.text) for question, answer in zip(turns[::2], turns[1::2])]
