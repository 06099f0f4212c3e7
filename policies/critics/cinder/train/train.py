"""Trains cinder from nothing: chunks that are tried out in the physics by many processes, and a network that is fitted to them while
the next are made.

    python train.py --out runs/cinder-1                    one H100 and 16 processor cores
    python train.py --smoke --out /tmp/cinder-smoke        all of it in small, without a GPU

Build the TypeScript first (npm run build). Leaves in OUT: cinder.onnx, weights.pt, log.txt, args.json, offline.json (report.py) and
offline.npz. Rows and steps are counted, not timed, and every random number has a seed; sums on a GPU come in no fixed order.
"""

import argparse
import copy
import json
import math
import os
import shutil
import subprocess
import threading
import time

import numpy as np
import torch
import torch.nn.functional as F

import report
from chunks import COLUMNS, Samples, grades_of, read
from cinder import HAZARDS, Cinder
from deploy import deploy
from fit import Average
from learn import fit
from pool import NODE, phrases

HERE = os.path.dirname(os.path.abspath(__file__))
CHUNKS = os.path.normpath(os.path.join(HERE, "../../../../dist/policies/critics/cinder/train/chunks.js"))
EMBER = os.path.normpath(os.path.join(HERE, "../../../ember/ember.onnx"))
# Rows of one process before the next begins. Its number is its seed; layouts of seeds below 4294 are all different.
ROWS_A_JOB = 1500
VALIDATION_SEED, TEST_SEED = 3000, 3500


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    parser.add_argument("--procs", type=int, default=16)
    parser.add_argument("--rows", type=int, default=228_000)
    parser.add_argument("--validation", type=int, default=12_000)
    parser.add_argument("--test", type=int, default=15_000)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.25, 0.6, 1.0], help="of the rows, that each round waits for")
    parser.add_argument("--steps", type=int, nargs="+", default=[2500, 3500, 9000], help="of each round")
    parser.add_argument("--most-seconds", type=float, nargs="+", default=[math.inf] * 3, help="of each round, where time is short")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if args.smoke:
        args.rows, args.validation, args.test, args.steps, args.batch, args.procs = 300, 90, 90, [2, 2, 2], 16, 2
    return args


class Log:
    def __init__(self, path):
        self.start, self.file = time.time(), open(path, "a")

    def __call__(self, *words):
        text = f"[{time.time() - self.start:6.1f}] " + " ".join(str(word) for word in words)
        print(text, flush=True)
        print(text, file=self.file, flush=True)


class Maker:
    """Makes sets of chunks, one after another, in so many processes at a time. Each set can be waited for in parts."""

    def __init__(self, procs):
        self.jobs, self.lock, self.failed = [], threading.Condition(), []
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(procs)]

    def add(self, directory, rows, each, seed, **more):
        os.makedirs(directory, exist_ok=True)
        jobs = [
            {"path": os.path.join(directory, str(seed + at)), "seed": seed + at, "rows": min(each, rows - at * each), "more": more, "state": "waits"}
            for at in range(math.ceil(rows / each))
        ]
        self.jobs += jobs
        return jobs

    def start(self):
        for thread in self.threads:
            thread.start()

    def work(self):
        while True:
            with self.lock:
                job = next((job for job in self.jobs if job["state"] == "waits"), None)
                if job is None:
                    return
                job["state"] = "runs"
            options = {"seed": job["seed"], "rows": job["rows"], "out": job["path"], "ember": EMBER, **job["more"]}
            ended = subprocess.run([NODE, CHUNKS, json.dumps(options)], stderr=subprocess.PIPE, text=True)
            with self.lock:
                job["state"] = "done" if ended.returncode == 0 else "failed"
                if ended.returncode != 0:
                    self.failed.append(ended.stderr[-2000:])
                self.lock.notify_all()

    def wait(self, jobs):
        with self.lock:
            self.lock.wait_for(lambda: self.failed or all(job["state"] == "done" for job in jobs))
            if self.failed:
                raise RuntimeError(f"chunks could not be made: {self.failed[0]}")


@torch.no_grad()
def logits_of(net, jobs, device, size=512):
    """What the network says of a set, and whether it is gross; the grey ones left out."""
    said, truth = [], []
    for job in jobs:
        rows, images = read(job["path"])
        gross, safe = grades_of(rows[:, COLUMNS["grades"]])
        for at in range(0, len(rows), size):
            some = torch.from_numpy(rows[at : at + size]).to(device)
            picture = torch.from_numpy(images[rows[at : at + size, 0].astype(int)]).to(device).permute(0, 3, 1, 2).float() / 255 - 0.5
            chunk = some[:, COLUMNS["chunk"]].view(-1, 4, 7)
            words = some[:, COLUMNS["tokens"]].long()
            answer = net(picture, words, some[:, COLUMNS["proprio"]], some[:, COLUMNS["commanded"]], chunk)
            said.append(answer["hazards"][:, HAZARDS].float().cpu())
        truth.append(np.where(gross, 1, np.where(safe, 0, -1)))
    said, truth = torch.cat(said), torch.from_numpy(np.concatenate(truth))
    return said[truth >= 0].double(), truth[truth >= 0].double()


def calibrate(said, truth):
    """One factor and one shift that make the score a probability (Platt)."""
    factor, shift = torch.ones((), dtype=torch.double, requires_grad=True), torch.zeros((), dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([factor, shift], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(said * factor + shift, truth)
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(factor.detach().clamp(min=0.05, max=5)), float(shift.detach())


def main():
    args = parse()
    os.makedirs(args.out, exist_ok=True)
    log = Log(os.path.join(args.out, "log.txt"))
    with open(os.path.join(args.out, "args.json"), "w") as file:
        json.dump(vars(args), file, indent=2)
    maker = Maker(args.procs)
    each = min(ROWS_A_JOB, math.ceil(args.rows / args.procs))
    train = maker.add(os.path.join(args.out, "train"), args.rows, each, 1 + 600 * (args.seed - 1))
    small = min(500, math.ceil(args.test / args.procs))
    validation = maker.add(os.path.join(args.out, "validation"), args.validation, small, VALIDATION_SEED)
    test = maker.add(os.path.join(args.out, "test"), args.test, small, TEST_SEED, gated=True)
    maker.start()

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    generator = torch.Generator(device).manual_seed(args.seed)
    sentences = phrases()
    net = Cinder(len(sentences["vocabulary"])).to(device).to(memory_format=torch.channels_last)
    average = Average(net)
    log("parameters", sum(parameter.numel() for parameter in net.parameters()), "device", device, "rows a job", each)
    samples = Samples(args.rows // 3 + len(train), sentences, device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.03)
    model = os.path.join(args.out, "cinder.onnx")
    deploy(copy.deepcopy(average.net), model)
    taken = 0
    for number, (share, steps, most_seconds) in enumerate(zip(args.shares, args.steps, args.most_seconds)):
        upto = math.ceil(share * len(train))
        maker.wait(train[taken:upto])
        for job in train[taken:upto]:
            samples.take(job["path"])
        taken = upto
        log("round", number, "rows", sum(len(rows) for rows in samples.rows), "pictures", samples.pictures)
        fit(net, average, optimiser, samples, steps, 2e-3, args.batch, generator, log, f"round {number}", most_seconds)
        torch.save(average.net.state_dict(), os.path.join(args.out, "weights.pt"))
        deploy(copy.deepcopy(average.net), model)
    maker.wait(validation)
    factor, shift = calibrate(*logits_of(average.net.eval(), validation, device))
    log("factor", factor, "shift", shift)
    deploy(copy.deepcopy(average.net), model, factor, shift)
    maker.wait(test)
    log("chunks of validation and test are made")
    validation_rows, validation_said = report.predict(model, os.path.join(args.out, "validation"), False, args.procs)
    rows, said = report.predict(model, os.path.join(args.out, "test"), True, args.procs)
    result = report.report(rows, said, validation_said[:, HAZARDS], validation_rows)
    with open(os.path.join(args.out, "offline.json"), "w") as file:
        json.dump(result, file, indent=1)
    np.savez_compressed(
        os.path.join(args.out, "offline.npz"), rows=rows[:, 1:], said=said, validation=np.c_[validation_said, validation_rows[:, COLUMNS["grades"]], validation_rows[:, COLUMNS["source"]]],
    )
    report.show(result, log)
    shutil.rmtree(os.path.join(args.out, "train"), ignore_errors=True)
    log("end")


if __name__ == "__main__":
    main()
