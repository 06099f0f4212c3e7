"""Trains ember from nothing: rollouts of the expert, then rounds of training and of rollouts by the student (DAgger).

    python train.py --seed 1 --out runs/ember-1            one H100, eight and a half minutes
    python train.py --smoke --out /tmp/ember-smoke         all of it in small, without a GPU

Build the TypeScript first (npm run build): the rollouts are run by node from dist. Leaves in OUT: ember.onnx, vocabulary.json,
stats.json, log.txt, results.json (closed loop), args.json. Samples and steps are counted, not timed, and every random number has a
seed; what differs between two runs is the order of sums on the GPU.
"""

import argparse
import copy
import json
import math
import os
import time

import torch

import pool
from data import Samples
from evaluate import CONDITIONS, SHORT, evaluate
from export import export
from fit import Average, fit
from net import OFFSET, SCALE, Deployed, Ember


# Part of the expert's samples that is waited for; the rest is made while the first round runs.
FIRST_SHARE = 0.3


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    parser.add_argument("--procs", type=int, default=16)
    parser.add_argument("--samples", type=int, default=72_000, help="of the expert")
    parser.add_argument("--dagger", type=int, default=20_000, help="samples of each round by the student")
    parser.add_argument("--steps", type=int, nargs="+", default=[1500, 1700, 5000], help="of each round")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--episodes", type=int, default=100, help="closed loop, a task and condition")
    parser.add_argument("--conditions", default="short", choices=["short", "all", "none"])
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.samples, args.dagger, args.steps, args.batch, args.episodes = 400, 200, [6, 4], 16, 2
        args.procs = min(args.procs, 2)
    return args


class Log:
    def __init__(self, path):
        self.start, self.file = time.time(), open(path, "w")

    def __call__(self, *words):
        line = f"[{time.time() - self.start:6.1f}] " + " ".join(str(word) for word in words)
        print(line, flush=True)
        print(line, file=self.file, flush=True)


class Rollouts:
    """Processes that make samples: begun, and taken when they are needed, so that the expert can go on while the network learns."""

    def __init__(self, mode, number, count, args):
        self.name = f"{mode} {number}"
        self.paths = [os.path.join(args.out, f"{mode}-{number}-{at}") for at in range(args.procs)]
        each = math.ceil(count / args.procs)
        seeds = [args.seed * 100_000 + number * 1000 + at for at in range(args.procs)]
        self.processes = [
            pool.start("rollouts.js", {"mode": mode, "seed": seed, "samples": each, "out": path})
            for seed, path in zip(seeds, self.paths)
        ]

    def take(self, samples, log):
        pool.finish(self.processes)
        for path in self.paths:
            samples.take(path)
        log(self.name, "samples in all", samples.count)


def main():
    args = parse()
    os.makedirs(args.out, exist_ok=True)
    log = Log(os.path.join(args.out, "log.txt"))
    json.dump(vars(args), open(os.path.join(args.out, "args.json"), "w"), indent=2)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    generator = torch.Generator(device).manual_seed(args.seed)
    phrases = pool.phrases()
    words = phrases["vocabulary"]
    json.dump(words, open(os.path.join(args.out, "vocabulary.json"), "w"))
    json.dump({"scale": SCALE, "offset": OFFSET}, open(os.path.join(args.out, "stats.json"), "w"))

    net = Ember(len(words)).to(device).to(memory_format=torch.channels_last)
    average = Average(net)
    log("parameters", sum(parameter.numel() for parameter in net.parameters()), "words", len(words), "device", device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    samples = Samples(int((args.samples + args.dagger * (len(args.steps) - 1)) * 1.1) + 200 * args.procs, phrases, device)
    export(copy.deepcopy(average.net), os.path.join(args.out, "ember.onnx"))
    # Numbers of rollouts make their seeds, so no two are the same.
    Rollouts("expert", 0, args.samples * FIRST_SHARE, args).take(samples, log)
    more = Rollouts("expert", 1, args.samples * (1 - FIRST_SHARE), args)
    for number, steps in enumerate(args.steps):
        rate = 2e-3 if number == 0 else 1.5e-3
        fit(net, average, optimiser, samples, steps, rate, args, device, generator, log, f"round {number}")
        deployed = Deployed(average.net).eval().to(device)
        export(copy.deepcopy(average.net), os.path.join(args.out, "ember.onnx"))
        if number == 0:
            more.take(samples, log)
        if number + 1 < len(args.steps):
            rollouts = Rollouts("dagger", number + 2, args.dagger, args)
            pool.answer_all(rollouts.processes, deployed, device)
            rollouts.take(samples, log)
    torch.save(average.net.state_dict(), os.path.join(args.out, "weights.pt"))
    names = {"none": [], "short": SHORT, "all": list(CONDITIONS)}[args.conditions]
    if names:
        results = evaluate(deployed, device, names, args.episodes, args.procs, os.path.join(args.out, "results"), log)
        json.dump(results, open(os.path.join(args.out, "results.json"), "w"), indent=1)
    log("end")


if __name__ == "__main__":
    main()
