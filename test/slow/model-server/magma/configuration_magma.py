from transformers import LlamaConfig


class MagmaConfig(LlamaConfig):
    model_type = "magma"
