"""Stands in for Magma's own program: a small language model that is called as Magma is, and refuses to be called otherwise."""

from transformers import LlamaForCausalLM

from .configuration_magma import MagmaConfig


class MagmaForCausalLM(LlamaForCausalLM):
    config_class = MagmaConfig

    def forward(self, input_ids=None, attention_mask=None, pixel_values=None, image_sizes=None, **kwargs):
        if pixel_values is not None:
            places = int((input_ids == 128257).sum())
            # [conversations, pictures, crops, colours, height, width] and [conversations, pictures, 2]
            assert pixel_values.shape[:2] == (1, places) and pixel_values.ndim == 6, pixel_values.shape
            assert image_sizes.shape == (1, places, 2), image_sizes.shape
            assert pixel_values.dtype == self.dtype
        return super().forward(input_ids=input_ids, attention_mask=attention_mask, **kwargs)

    def prepare_inputs_for_generation(self, input_ids, past_key_values=None, pixel_values=None, image_sizes=None, is_first_iteration=False, **kwargs):
        inputs = super().prepare_inputs_for_generation(input_ids, past_key_values=past_key_values, is_first_iteration=is_first_iteration, **kwargs)
        return {**inputs, **({"pixel_values": pixel_values, "image_sizes": image_sizes} if is_first_iteration else {})}
