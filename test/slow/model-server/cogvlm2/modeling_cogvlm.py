"""Stands in for CogVLM2-Video's own program: a small language model that is called as that is; writes down what it was given."""

import json
import os

import torch
from transformers import LlamaForCausalLM

from .configuration_cogvlm import CogVLMConfig


class CogVLMVideoForCausalLM(LlamaForCausalLM):
    config_class = CogVLMConfig

    def build_conversation_input_ids(self, tokenizer, *, query, history=None, images=None, template_version=None):
        [video] = images
        assert template_version == "chat" and video.dtype == torch.uint8 and video.shape[0] == 3, video.shape
        frames = video.shape[1]
        with open(os.environ["DOUBLE_LOG"], "w") as log:
            greys = video.float().mean(dim=(0, 2, 3)).round().int().tolist()
            json.dump({"query": query, "history": history, "shape": list(video.shape), "greys": greys}, log)
        text = "".join(f"<image>{index}" for index in range(frames)) + f"Question: {query} Answer:\n"
        ids = torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"])
        return {
            "input_ids": ids,
            "token_type_ids": (ids == 128257).long(),
            "attention_mask": torch.ones_like(ids),
            "images": [video.permute(1, 0, 2, 3).float() / 255],
        }

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, images=None, **kwargs):
        if images is not None:
            assert images[0][0].dtype == self.dtype and images[0][0].shape[0] == int(token_type_ids.sum())
        return super().forward(input_ids=input_ids, attention_mask=attention_mask, **kwargs)

    def prepare_inputs_for_generation(self, input_ids, past_key_values=None, token_type_ids=None, images=None, is_first_iteration=False, **kwargs):
        inputs = super().prepare_inputs_for_generation(input_ids, past_key_values=past_key_values, is_first_iteration=is_first_iteration, **kwargs)
        return {**inputs, **({"token_type_ids": token_type_ids, "images": images} if is_first_iteration else {})}
