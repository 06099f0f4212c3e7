"""Runs many rollout processes at a time, and answers what they ask of the network in batches on the GPU."""

import json
import os
import subprocess

import numpy as np
import torch

from net import HORIZON, OFFSET, PICTURE, SCALE, WORDS, value_of

NODE = os.environ.get("NODE", "node")
DIST = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../dist/policies/ember/train"))
PIXELS = PICTURE * PICTURE * 3
QUESTION = PIXELS + 4 * (8 + WORDS)


def start(program, options):
    """A rollout process. It asks on its standard output and is answered on its standard input."""
    command = [NODE, os.path.join(DIST, program), json.dumps(options)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def vocabulary():
    """Words in the order of their numbers, as the rollouts use them."""
    script = f"import('{DIST}/rollouts.js').then(({{ VOCABULARY }}) => console.log(JSON.stringify(VOCABULARY)))"
    return json.loads(subprocess.check_output([NODE, "-e", script]))


def read_exactly(stream, count):
    chunks = bytearray()
    while len(chunks) < count:
        more = stream.read(count - len(chunks))
        if not more:
            return None
        chunks += more
    return bytes(chunks)


def answer_all(processes, deployed, device):
    """Answers until every process has ended. One question of each that still runs makes a batch: all go in step."""
    scale = torch.tensor(SCALE, device=device)
    offset = torch.tensor(OFFSET, device=device)
    running = list(processes)
    while running:
        asked, alive = [], []
        for process in running:
            question = read_exactly(process.stdout, QUESTION)
            if question is not None:
                asked.append(question)
                alive.append(process)
        running = alive
        if not asked:
            break
        # Always of one size: cuDNN looks for its fastest way anew for each.
        asked += [bytes(QUESTION)] * (len(processes) - len(asked))
        raw = np.frombuffer(b"".join(asked), np.uint8).reshape(len(asked), QUESTION)
        images = torch.from_numpy(raw[:, :PIXELS].copy()).to(device).view(-1, PICTURE, PICTURE, 3)
        numbers = torch.from_numpy(raw[:, PIXELS:].copy().view(np.float32)).to(device)
        with torch.no_grad():
            action, bins, points, done, cannot = deployed(images, numbers[:, 8:].round().long(), numbers[:, :8])
            tokens = value_of(bins) * scale + offset
            parts = [
                action.reshape(-1, HORIZON * 7),
                tokens.reshape(-1, HORIZON * 7),
                points.reshape(-1, 4),
                done[:, None],
                cannot[:, None],
            ]
            answers = torch.cat(parts, 1).float().cpu().numpy()
        for process, answer in zip(running, answers):
            process.stdin.write(answer.tobytes())
            process.stdin.flush()


def finish(processes):
    """Waits for processes that ask nothing more."""
    failed = [process for process in processes if process.wait() != 0]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(processes)} rollout processes failed")
