"""Writes the network as ONNX with weights of half precision, as ember's."""

import torch

from cinder import HORIZON, PICTURE, WORDS, Deployed
from export import halve

INPUTS = ["image", "tokens", "proprio", "commanded", "chunk"]
OUTPUTS = ["hazards", "any"]


def deploy(net, path, factor=1.0, shift=0.0):
    model = Deployed(net, factor, shift).eval().cpu()
    example = (
        torch.zeros(1, PICTURE, PICTURE, 3, dtype=torch.uint8),
        torch.ones(1, WORDS, dtype=torch.long),
        torch.zeros(1, 8),
        torch.zeros(1, 3),
        torch.zeros(1, HORIZON, 7),
    )
    torch.onnx.export(model, example, path, opset_version=17, dynamo=False, input_names=INPUTS, output_names=OUTPUTS)
    halve(path)
