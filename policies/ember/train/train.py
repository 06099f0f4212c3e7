"""Trains ember from nothing: rollouts of the expert, then rounds of training and of rollouts by the student (DAgger).

    python train.py --seed 1 --out runs/ember-1            one GPU, about eight minutes
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
import subprocess
import time

import numpy as np
import torch
import torch.nn.functional as F

import pool
from export import export
from net import BINS, HORIZON, NO_PROPRIO, OFFSET, PICTURE, SCALE, WORDS, Deployed, Ember, bin_of

HERE = os.path.dirname(os.path.abspath(__file__))
DIST = os.path.normpath(os.path.join(HERE, "../../../dist/policies/ember/train"))
PIXELS = PICTURE * PICTURE * 3
# Columns of a row, as rollouts.ts writes them.
COLUMNS = {}
at = 0
for name, width in [
    ("proprio", 8), ("chunk", HORIZON * 7), ("weights", HORIZON), ("points", 4), ("has", 2), ("table", 4),
    ("tokens", WORDS), ("kind", 1), ("done", 1), ("cannot", 1),
]:
    COLUMNS[name] = slice(at, at + width)
    at += width
ROW = at

# Share of each label of a chunk, and of each number of an action, in the loss.
LATER = (1.0, 0.6, 0.3, 0.3)
EACH = (1.3, 1.3, 1.3, 0.5, 0.5, 0.7, 1.4)
WEIGHTS = {"action": 1.0, "tokens": 0.15, "points": 2.0, "table": 0.2, "done": 0.05, "cannot": 0.1}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    parser.add_argument("--procs", type=int, default=os.cpu_count())
    parser.add_argument("--samples", type=int, default=96_000, help="of the expert")
    parser.add_argument("--dagger", type=int, default=40_000, help="samples of each round by the student")
    parser.add_argument("--steps", type=int, nargs="+", default=[2400, 2000, 2000, 4000], help="of each round")
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


class Samples:
    """All samples, on the device, as bytes."""

    def __init__(self, capacity, device):
        self.images = torch.empty(capacity, PICTURE, PICTURE, 3, dtype=torch.uint8, device=device)
        self.rows = torch.empty(capacity, ROW, device=device)
        self.count = 0

    def take(self, path):
        rows = np.fromfile(path + ".row", np.float32).reshape(-1, ROW)
        images = np.fromfile(path + ".img", np.uint8).reshape(-1, PICTURE, PICTURE, 3)
        count = min(len(rows), len(images), len(self.rows) - self.count)
        here = slice(self.count, self.count + count)
        self.images[here] = torch.from_numpy(images[:count]).to(self.images.device)
        self.rows[here] = torch.from_numpy(rows[:count]).to(self.rows.device)
        self.count += count
        os.remove(path + ".row")
        os.remove(path + ".img")


def collect(mode, args, round_number, samples, deployed, device, log):
    each = math.ceil((args.samples if mode == "expert" else args.dagger) / args.procs)
    paths = [os.path.join(args.out, f"{mode}-{round_number}-{at}") for at in range(args.procs)]
    seeds = [args.seed * 100_000 + round_number * 1000 + at for at in range(args.procs)]
    processes = [
        pool.start("rollouts.js", {"mode": mode, "seed": seed, "samples": each, "out": path}, DIST)
        for seed, path in zip(seeds, paths)
    ]
    if mode == "dagger":
        pool.answer_all(processes, deployed, device)
    pool.finish(processes)
    for path in paths:
        samples.take(path)
    log(mode, round_number, "samples in all", samples.count)


class Average:
    """Moving average of the weights, with a warm-up: a short run would otherwise average over its beginning."""

    def __init__(self, net, decay=0.999):
        self.net, self.decay, self.count = copy.deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def update(self, net):
        self.count += 1
        share = 1 - min(self.decay, (1 + self.count) / (10 + self.count))
        ours, theirs = self.net.state_dict(), net.state_dict()
        floats = [name for name in ours if ours[name].is_floating_point()]
        torch._foreach_lerp_([ours[name] for name in floats], [theirs[name] for name in floats], share)


def compressed(picture, generator):
    """What JPEG does to a picture, roughly: 8 x 8 cosine blocks, coarser for higher frequencies."""
    device = picture.device
    n = torch.arange(8, device=device, dtype=torch.float32)
    basis = torch.cos(math.pi / 8 * (n[None, :] + 0.5) * n[:, None]) * math.sqrt(2 / 8)
    basis[0] /= math.sqrt(2)
    batch = picture.shape[0]
    blocks = picture.reshape(batch, 3, 16, 8, 16, 8).permute(0, 1, 2, 4, 3, 5)
    blocks = basis @ blocks @ basis.T
    coarse = 0.01 + 0.13 * torch.rand(batch, 1, 1, 1, 1, 1, device=device, generator=generator)
    steps = coarse * (1 + 0.7 * (n[:, None] + n[None, :]))
    blocks = basis.T @ (torch.round(blocks / steps) * steps) @ basis
    return blocks.permute(0, 1, 2, 4, 3, 5).reshape(batch, 3, PICTURE, PICTURE)


def batches(samples, args, device, generator):
    """Endless batches of augmented samples. Some are drawn more often: hovering, and what is near its target."""
    rows = samples.rows[: samples.count]
    chunk = rows[:, COLUMNS["chunk"]]
    weight = torch.ones(samples.count, device=device)
    near = (chunk[:, 0].abs() + chunk[:, 1].abs()) < 0.015
    weight[near] *= 1.5
    weight[rows[:, COLUMNS["kind"]][:, 0] == 0] *= 2.0
    bounds = torch.cumsum(weight.double(), 0)
    bounds /= bounds[-1].clone()

    def normal(*shape):
        return torch.randn(*shape, device=device, generator=generator)

    def uniform(*shape):
        return torch.rand(*shape, device=device, generator=generator)

    size = args.batch
    no_proprio = torch.tensor(NO_PROPRIO, device=device)
    spread = torch.tensor([0.002, 0.002, 0.002, 0.01, 0.01, 0.01, 0.01, 0.01], device=device)
    while True:
        pick = torch.searchsorted(bounds, torch.rand(size, device=device, dtype=torch.double, generator=generator))
        pick = pick.clamp(max=samples.count - 1)
        row = rows[pick]
        picture = samples.images[pick].permute(0, 3, 1, 2).float() / 255.0
        gain = 1 + 0.1 * normal(size, 1, 1, 1) + 0.04 * normal(size, 3, 1, 1)
        picture = picture * gain + 0.04 * normal(size, 1, 1, 1)
        some = size // 3
        picture[:some] = compressed(picture[:some], generator)
        picture = (picture + 0.015 * normal(*picture.shape)).clamp(0, 1) - 0.5
        tokens = row[:, COLUMNS["tokens"]].long()
        # Words that it does not know: the colours stay, since without them nobody knows what is meant.
        dropped = (tokens > 5) & (uniform(*tokens.shape) < 0.08)
        tokens = torch.where(dropped, torch.ones_like(tokens), tokens)
        proprio = row[:, COLUMNS["proprio"]] + spread * normal(size, 8)
        proprio = torch.where(uniform(size, 1) < 0.6, no_proprio, proprio)
        yield picture.contiguous(memory_format=torch.channels_last), tokens, proprio, row


def losses(predicted, row, scale, offset):
    action, logits, points, table, flags = predicted
    wanted = (row[:, COLUMNS["chunk"]].view(-1, HORIZON, 7) - offset) / scale
    weight = row[:, COLUMNS["weights"]][:, :, None] * torch.tensor(LATER, device=row.device)[None, :, None]
    total = weight.sum() * 7
    each = torch.tensor(EACH, device=row.device)
    bins = F.cross_entropy(logits.float().reshape(-1, BINS), bin_of(wanted).reshape(-1), reduction="none")
    has = row[:, COLUMNS["has"]]
    points_off = (points - row[:, COLUMNS["points"]].view(-1, 2, 2)).abs().mean(2)
    table_off = (table - row[:, COLUMNS["table"]] * 4).abs().view(-1, 2, 2).mean(2)
    flag = lambda at, name: F.binary_cross_entropy_with_logits(flags[:, at], row[:, COLUMNS[name]][:, 0])
    return {
        "action": ((action - wanted).abs() * weight * each).sum() / total,
        "tokens": (bins.view(-1, HORIZON, 7) * weight).sum() / total,
        "points": (points_off * has).mean() * 2,
        "table": (table_off * has).mean() * 2,
        "done": flag(0, "done"),
        "cannot": flag(1, "cannot"),
    }


def fit(net, average, optimiser, samples, steps, rate, args, device, generator, log, name):
    net.train()
    scale, offset = torch.tensor(SCALE, device=device), torch.tensor(OFFSET, device=device)
    sums, start = {}, time.time()
    source = batches(samples, args, device, generator)
    for step in range(steps):
        share = step / steps
        warm = min(1, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        picture, tokens, proprio, row = next(source)
        parts = losses(net(picture, tokens, proprio), row, scale, offset)
        loss = sum(WEIGHTS[part] * value for part, value in parts.items())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.update(net)
        for part, value in parts.items():
            sums[part] = sums.get(part, 0) + value.detach()
        if (step + 1) % 500 == 0 or step + 1 == steps:
            count = (step % 500) + 1
            log(name, step + 1, " ".join(f"{part} {float(value) / count:.4f}" for part, value in sums.items()))
            sums = {}
    seconds = time.time() - start
    log(name, "steps", steps, f"in {seconds:.0f} s, {steps * args.batch / seconds:.0f} samples/s")


MAIN = ["hover", "pick", "put"]
CONDITIONS = {
    "nominal": {"tasks": MAIN + ["push", "stack"]},
    "proprio": {"tasks": MAIN + ["push", "stack"], "proprio": True},
    "tokens": {"tasks": MAIN, "tokens": True},
    "late": {"tasks": MAIN, "late": True},
    "camera 2 cm 2 deg": {"tasks": MAIN, "cameraM": 0.02, "cameraRad": 0.0349},
    "light": {"tasks": MAIN, "light": True},
    "unseen phrasings": {"tasks": MAIN, "unseen": True},
    "switched at 5": {"tasks": MAIN, "switchAt": 5},
    "absent colour": {"tasks": MAIN, "absent": True},
    "no dither": {"tasks": MAIN, "dither": 0},
    "chunk of 2": {"tasks": MAIN, "play": 2},
    "grey picture": {"tasks": MAIN, "grey": True},
    "wrong text": {"tasks": MAIN, "wrongText": True},
}
SHORT = ["nominal", "tokens", "late", "unseen phrasings", "absent colour"]


def wilson(successes, count, z=1.96):
    if count == 0:
        return [0, 1]
    share = successes / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [round(middle - half, 4), round(middle + half, 4)]


def evaluate(args, deployed, device, names, episodes, first, log):
    """Closed loop, quick and without the gate. @returns one entry a condition and task."""
    conditions = [{"name": name, **CONDITIONS[name]} for name in names]
    paths = [os.path.join(args.out, f"evaluation-{at}.jsonl") for at in range(args.procs)]
    processes = [
        pool.start(
            "evaluate.js",
            {"first": first, "count": episodes, "offset": at, "every": args.procs, "conditions": conditions, "out": path},
            DIST,
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


def main():
    args = parse()
    os.makedirs(args.out, exist_ok=True)
    log = Log(os.path.join(args.out, "log.txt"))
    json.dump(vars(args), open(os.path.join(args.out, "args.json"), "w"), indent=2)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    generator = torch.Generator(device).manual_seed(args.seed)
    script = f"import('{DIST}/rollouts.js').then(({{ VOCABULARY }}) => console.log(JSON.stringify(VOCABULARY)))"
    words = json.loads(subprocess.check_output([os.environ.get("NODE", "node"), "-e", script]))
    json.dump(words, open(os.path.join(args.out, "vocabulary.json"), "w"))
    json.dump({"scale": SCALE, "offset": OFFSET}, open(os.path.join(args.out, "stats.json"), "w"))

    net = Ember(len(words)).to(device).to(memory_format=torch.channels_last)
    average = Average(net)
    log("parameters", sum(parameter.numel() for parameter in net.parameters()), "words", len(words), "device", device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    samples = Samples(int((args.samples + args.dagger * (len(args.steps) - 1)) * 1.1) + 200 * args.procs, device)
    export(copy.deepcopy(average.net), os.path.join(args.out, "ember.onnx"))
    collect("expert", args, 0, samples, None, device, log)
    for number, steps in enumerate(args.steps):
        rate = 2e-3 if number == 0 else 1.5e-3
        fit(net, average, optimiser, samples, steps, rate, args, device, generator, log, f"round {number}")
        deployed = Deployed(average.net).eval().to(device)
        if number + 1 < len(args.steps):
            collect("dagger", args, number + 1, samples, deployed, device, log)
    export(copy.deepcopy(average.net), os.path.join(args.out, "ember.onnx"))
    torch.save(average.net.state_dict(), os.path.join(args.out, "weights.pt"))
    names = {"none": [], "short": SHORT, "all": list(CONDITIONS)}[args.conditions]
    if names:
        # Seeds far from those of training, and from those that `pumice eval` is asked for in the card.
        results = evaluate(args, deployed, device, names, args.episodes, 700_000, log)
        json.dump(results, open(os.path.join(args.out, "results.json"), "w"), indent=1)
    log("end")


if __name__ == "__main__":
    main()
