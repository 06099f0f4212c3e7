"""Writes a KOSMOS-2 of random weights: true wire, true speed, no download. Its answers are noise, or the one chain of tokens that it is given.

usage: python random_weights.py FOLDER [--size full|tiny] [--answer TEXT]
`--answer '<object><patch_index_0044><patch_index_0863></object>'`: after `</phrase>` it says just that, whatever it sees. The words of
its tokenizer are its own; the ids of tags and patches are those of microsoft/kosmos-2-patch14-224.
"""

import argparse
import string
from itertools import pairwise

import torch
from transformers import CLIPImageProcessor, Kosmos2Config, Kosmos2ForConditionalGeneration, Kosmos2Processor, XLMRobertaTokenizer

# Where the tags begin: `</doc>` has this id, `<image>` the next.
FIRST_TAG = 64002
TINY_TEXT = {"embed_dim": 256, "layers": 2, "ffn_dim": 256, "attention_heads": 4}
TINY_VISION = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 28}
# How loud the layers are beside the tokens, where an answer is set: at 1 they drown it.
QUIET = 0.02


def tokenizer() -> XLMRobertaTokenizer:
    """Letters with and without a space before them, and words of no use up to the first tag."""
    pieces = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    # The ids after <unk> are those of the places for the picture; in the true vocabulary they are words as well.
    pieces += [(f"▁filler{index}", -30.0) for index in range(64)]
    pieces += [("▁", -8.0), *((letter, -4.0) for letter in string.printable.split()[0])]
    pieces += [(f"▁{letter}", -4.0) for letter in string.ascii_letters]
    pieces += [(f"▁filler{index}", -30.0) for index in range(64, 64 + FIRST_TAG - 1 - len(pieces))]
    # The mask's own token comes last, as it is added by the class.
    return XLMRobertaTokenizer(vocab=[*pieces, ("<mask>", 0.0)])


def build(folder: str, size: str, answer: str | None) -> None:
    torch.manual_seed(0)
    config = Kosmos2Config(
        text_config={"tie_word_embeddings": answer is None, **(TINY_TEXT if size == "tiny" else {})},
        vision_config=TINY_VISION if size == "tiny" else {},
        tie_word_embeddings=answer is None,
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Kosmos2ForConditionalGeneration(config).eval()
    edge = config.vision_config.image_size
    pictures = CLIPImageProcessor(size={"shortest_edge": edge}, crop_size={"height": edge, "width": edge})
    processor = Kosmos2Processor(pictures, tokenizer())
    assert processor.tokenizer.convert_tokens_to_ids(["<image>", "<patch_index_1023>"]) == [64003, 65036]
    if answer is not None:
        chain(model, processor.tokenizer, answer)
    model.to(torch.bfloat16 if size == "full" else torch.float32).save_pretrained(folder)
    processor.save_pretrained(folder)


def chain(model, words, answer: str) -> None:
    """Sets the head so that each token of the answer calls for the next, and the last one for the end."""
    ids = words(f"</phrase>{answer}", add_special_tokens=False)["input_ids"] + [words.eos_token_id]
    if len(set(ids)) != len(ids):
        raise SystemExit("expected an answer in which no token comes twice")
    text = model.text_model
    with torch.no_grad():
        for name, weight in text.model.layers.named_parameters():
            if name.endswith(("out_proj.weight", "fc2.weight")):
                weight.mul_(QUIET)
        text.lm_head.weight.mul_(QUIET)
        for before, after in pairwise(ids):
            text.lm_head.weight[after] += text.model.embed_tokens.weight[before]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--size", default="full", choices=["full", "tiny"])
    parser.add_argument("--answer")
    options = parser.parse_args()
    build(options.folder, options.size, options.answer)


if __name__ == "__main__":
    main()
