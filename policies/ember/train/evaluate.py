"""Closed-loop evaluation: many episodes at a time, quick and without the gate.

    python evaluate.py ember.onnx --out results.json                    the exported file, on the CPU
    python evaluate.py ember.onnx --conditions nominal late --episodes 50 --out results.json

Needs what train.py needs, and onnxruntime; no GPU. Names of conditions are the keys of CONDITIONS; all when none are named.
The same file and arguments give the same results file on the same machine, however many processes run.
"""

import argparse
import json
import math
import os
import sys

import numpy as np
import torch

import pool

# Seeds far from those of training, and from those that `pumice eval` is asked for in the card.
FIRST_SEED = 700_000
MAIN = ["hover", "pick", "put"]
CONDITIONS = {
    "nominal": {"tasks": MAIN + ["stack"]},
    "proprio": {"tasks": MAIN + ["stack"], "proprio": True},
    "tokens": {"tasks": MAIN, "tokens": True},
    "late": {"tasks": MAIN, "late": True},
    "camera 2 cm 2 deg": {"tasks": MAIN, "cameraM": 0.02, "cameraRad": 0.0349},
    "jpeg 70": {"tasks": MAIN, "jpeg": 70},
    "light": {"tasks": MAIN, "light": True},
    "unseen phrasings": {"tasks": MAIN, "unseen": True},
    "switched at 5": {"tasks": MAIN, "switchAt": 5},
    "absent colour": {"tasks": MAIN, "absent": True},
    "no dither": {"tasks": MAIN, "dither": 0},
    "chunk of 2": {"tasks": MAIN, "play": 2},
    "grey picture": {"tasks": MAIN, "grey": True},
    "wrong text": {"tasks": MAIN, "wrongText": True},
    "unknown words": {"tasks": MAIN, "noText": True},
}
SHORT = ["nominal", "tokens", "late", "unseen phrasings", "absent colour"]


def wilson(successes, count, z=1.96):
    if count == 0:
        return [0, 1]
    share = successes / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [round(middle - half, 4), round(middle + half, 4)]


def evaluate(deployed, device, names, episodes, procs, out, log, first=FIRST_SEED):
    """@returns one entry a condition and task. Leaves nothing of its own files, whose names begin with `out`."""
    conditions = [{"name": name, **CONDITIONS[name]} for name in names]
    paths = [f"{out}-{at}.jsonl" for at in range(procs)]
    processes = [
        pool.start(
            "evaluate.js",
            {"first": first, "count": episodes, "offset": at, "every": procs, "conditions": conditions, "out": path},
        )
        for at, path in enumerate(paths)
    ]
    pool.answer_all(processes, deployed, device)
    pool.finish(processes)
    found = [json.loads(line) for path in paths for line in open(path)]
    for path in paths:
        os.remove(path)
    results = []
    for condition in conditions:
        for task in condition["tasks"]:
            some = [one for one in found if one["condition"] == condition["name"] and one["kind"] == task]
            count = len(some)
            tally = {rule: sum(one[rule] for one in some) for rule in ("final", "held", "any", "wrong")}
            ends = {end: sum(one["ended"] == end for one in some) for end in ("done", "cannot", "budget")}
            mean = lambda key: round(sum(one[key] for one in some) / max(1, count), 2)
            results.append(
                {
                    "condition": condition["name"], "task": task, "n": count, **tally, "ended": ends,
                    "interval": wilson(tally["held"], count), "steps": mean("steps"), "px": mean("px"),
                    "failed": sorted(one["seed"] for one in some if not one["held"]),
                }
            )
            log(
                f"{condition['name']:18} {task:5} held {tally['held']}/{count} {results[-1]['interval']} final {tally['final']}",
                f"any {tally['any']} wrong {tally['wrong']} {ends} steps {results[-1]['steps']} px {results[-1]['px']}",
            )
    return results


class Exported:
    """The exported file in place of the network: takes and gives the same tensors. Its batch is one."""

    def __init__(self, path):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, images, tokens, proprio):
        questions = zip(images.numpy(), tokens.numpy(), proprio.numpy())
        answers = [
            self.session.run(None, {"image": image[None], "tokens": words[None], "proprio": body[None]})
            for image, words, body in questions
        ]
        return [torch.from_numpy(np.concatenate(output)) for output in zip(*answers)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--out", required=True)
    parser.add_argument("--conditions", nargs="+", choices=list(CONDITIONS), default=list(CONDITIONS))
    parser.add_argument("--episodes", type=int, default=300)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--procs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    results = evaluate(
        Exported(args.file), "cpu", args.conditions, args.episodes, args.procs, args.out,
        lambda *words: print(*words, file=sys.stderr, flush=True), args.first,
    )
    with open(args.out, "w") as file:
        json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
