"""Writes the network as ONNX with weights of half precision: 3 MB, run in single precision."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from net import PICTURE, WORDS, Deployed

INPUTS = ["image", "tokens", "proprio"]
OUTPUTS = ["action", "bins", "points", "done", "cannot"]
# Tensors smaller than this stay as they are, elements.
SMALL = 256


def export(net, path):
    model = Deployed(net).eval().cpu()
    example = (
        torch.zeros(1, PICTURE, PICTURE, 3, dtype=torch.uint8),
        torch.ones(1, WORDS, dtype=torch.long),
        torch.zeros(1, 8),
    )
    torch.onnx.export(
        model, example, path, opset_version=17, dynamo=False, input_names=INPUTS, output_names=OUTPUTS
    )
    halve(path)


def halve(path):
    model = onnx.load(path)
    graph = model.graph
    casts, weights = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALL:
            weights.append(tensor)
            continue
        weights.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half"))
        casts.append(helper.make_node("Cast", [tensor.name + "_half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.initializer[:]
    del graph.node[:]
    graph.initializer.extend(weights)
    graph.node.extend(nodes)
    # Names of the exporter's own modules and source lines say nothing to anybody else.
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)
