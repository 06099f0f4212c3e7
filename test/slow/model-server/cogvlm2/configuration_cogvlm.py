from transformers import LlamaConfig


class CogVLMConfig(LlamaConfig):
    model_type = "cogvlm2"
