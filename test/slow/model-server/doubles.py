"""Writes a Magma and a CogVLM2-Video of random weights whose own programs are doubles; each gives one answer, whatever it sees.

usage: python doubles.py FOLDER TOKEN_TABLE
TOKEN_TABLE: the 256 action tokens of Llama 3 with their bytes. Other words of the tokenizer are single bytes.
"""

import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

FIRST_ACTION, FIRST_SPECIAL, LAST = 127744, 128000, 128261
SPECIAL = {
    128000: "<|begin_of_text|>", 128002: "<|pad|>", 128006: "<|start_header_id|>", 128007: "<|end_header_id|>", 128009: "<|eot_id|>",
    128257: "<image>", 128259: "<image_start>", 128260: "<image_end>",
}  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim"
    " + '<|eot_id|>' %}{% if loop.first %}{% set content = '<|begin_of_text|>' + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)


def letters() -> dict[int, str]:
    """The character that a byte-level tokenizer writes for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + at) for at, byte in enumerate(rest)}}


def words(table: str) -> PreTrainedTokenizerFast:
    letter = letters()
    known = {letter[byte]: byte for byte in range(256)}
    for token in json.loads(Path(table).read_text())["tokens"]:
        known["".join(letter[byte] for byte in bytes.fromhex(token["hex"]))] = token["id"]
    used = set(known.values())
    known |= {f"\u2400{index}": index for index in range(FIRST_SPECIAL) if index not in used}
    tokenizer = Tokenizer(models.BPE(vocab=known, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    extra = [SPECIAL.get(index, f"<|reserved_{index}|>") for index in range(FIRST_SPECIAL, LAST)]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in extra])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<|begin_of_text|>", eos_token="<|eot_id|>", pad_token="<|pad|>", chat_template=TEMPLATE)


def write(folder: Path, tokenizer, answer: list[int], config: dict, files: str) -> None:
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=LAST, max_position_embeddings=2048, eos_token_id=128009, bos_token_id=128000, **shape))
    with torch.no_grad():
        model.lm_head.weight.zero_()
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        [newline] = tokenizer("\n", add_special_tokens=False)["input_ids"]
        for before, after in pairwise([newline, *answer, 128009]):
            model.lm_head.weight[after] += model.model.embed_tokens.weight[before]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    for file in (Path(__file__).parent / files).glob("*.py"):
        shutil.copy(file, folder)


def main() -> None:
    out, table = Path(sys.argv[1]), sys.argv[2]
    tokenizer = words(table)
    auto = {"AutoConfig": "configuration_magma.MagmaConfig", "AutoModelForCausalLM": "modeling_magma.MagmaForCausalLM"}
    # 127771 is half a character on its own.
    actions = [127744, 127821, 127900, 127771, 127999, 127850, 127745]
    config = {"model_type": "magma", "architectures": ["MagmaForCausalLM"], "auto_map": auto, "mm_use_image_start_end": True}
    write(out / "magma", tokenizer, actions, config, "magma")
    (out / "magma" / "processor_config.json").write_text(json.dumps({"processor_class": "MagmaProcessor", "auto_map": {"AutoProcessor": "processing_magma.MagmaProcessor"}}))
    auto = {"AutoConfig": "configuration_cogvlm.CogVLMConfig", "AutoModelForCausalLM": "modeling_cogvlm.CogVLMVideoForCausalLM"}
    config = {"model_type": "cogvlm2", "architectures": ["CogVLMVideoForCausalLM"], "auto_map": auto}
    write(out / "cogvlm2", tokenizer, tokenizer("3-7é.", add_special_tokens=False)["input_ids"], config, "cogvlm2")


if __name__ == "__main__":
    main()
