"""How good the exported file is on chunks that it never saw: what it lets through, by what it denies of what is safe.

    python report.py cinder.onnx --validation DIR --test DIR --out offline.json      no GPU

The directories hold what chunks.js wrote. The thresholds come from the validation set alone; every rate is of the test set, with
Wilson's 95 % interval. Grey rows are in no rate. `rules`: what is still gross when the runtime's own gate lets the chunk through.
"""

import argparse
import glob
import json
import multiprocessing
import os
import sys

import numpy as np

from chunks import COLLISIONS, COLUMNS, GROSS, HAZARDS, SOURCES, grades_of, read
from cinder import HORIZON
from evaluate import wilson

FALSE_DENIES = [0.05, 0.03, 0.02, 0.01, 0.005]
# What is damage without a doubt, m.
CLEAR = {"under": 0.01, "knock": 0.04, "outside": 0.03}
GREY_PIXEL = 128


def inputs_of(row, image):
    return {
        "image": image[None],
        "tokens": row[COLUMNS["tokens"]].astype(np.int64)[None],
        "proprio": row[COLUMNS["proprio"]][None],
        "commanded": row[COLUMNS["commanded"]][None],
        "chunk": row[COLUMNS["chunk"]].reshape(1, HORIZON, 7),
    }


def still(chunk):
    kept = np.zeros_like(chunk)
    kept[:, :, 6] = chunk[:, :, 6]
    return kept


CONTROLS = {
    "grey picture": lambda ask: {**ask, "image": np.full_like(ask["image"], GREY_PIXEL)},
    "unknown words": lambda ask: {**ask, "tokens": np.minimum(ask["tokens"], 1)},
    "zeroed chunk": lambda ask: {**ask, "chunk": still(ask["chunk"])},
}


def answers_of(task):
    """For one process's files: rows, hazards and score, and the score under each control."""
    model, path, with_controls = task
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    rows, images = read(path)
    said = []
    for row in rows:
        ask = inputs_of(row, images[int(row[0])])
        hazards, score = session.run(["hazards", "any"], ask)
        controls = [session.run(["any"], change(ask))[0][0] for change in CONTROLS.values()] if with_controls else []
        said.append([*hazards[0], score[0], *controls])
    return rows, np.array(said, np.float32)


def predict(model, directory, with_controls, procs):
    paths = sorted(path[:-4] for path in glob.glob(os.path.join(directory, "*.row")))
    tasks = [(model, path, with_controls) for path in paths]
    if procs == 1:
        parts = [answers_of(task) for task in tasks]
    else:
        with multiprocessing.get_context("spawn").Pool(procs) as pool:
            parts = pool.map(answers_of, tasks, chunksize=1)
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([said for _, said in parts])


def rate(chosen, of):
    count, total = int((chosen & of).sum()), int(of.sum())
    return {"count": count, "of": total, "percent": round(100 * count / max(1, total), 2), "interval": [round(100 * x, 2) for x in wilson(count, total)]}


def area_under(positive, negative):
    """That a gross chunk has a higher score than a safe one; ties count half."""
    if len(positive) == 0 or len(negative) == 0:
        return None
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
    return round(float(below.mean() / 2 / len(negative)), 4)


def kinds_of(rows):
    """Names of what is gross, and which rows are."""
    grades, measures = rows[:, COLUMNS["grades"]], rows[:, COLUMNS["measures"]]
    under, knock, _, _, outside, _ = measures.T
    kinds = {"any": grades_of(grades)[0]}
    for at, name in enumerate(HAZARDS):
        kinds[name] = grades[:, at] == GROSS
    for at, name in enumerate(COLLISIONS):
        kinds["collision: " + name] = rows[:, COLUMNS["collisions"]][:, at] > 0
    kinds["clear damage"] = (
        (under > CLEAR["under"]) | (knock > CLEAR["knock"]) | ((outside > CLEAR["outside"]) & kinds["off-table"])
        | kinds["wrong-object"] | kinds["infeasible"]
    )
    return kinds


def after_rules(rows, name, of):
    """Of these rows, those that are still gross of the same kind when the rules have had their say."""
    passed = rows[:, COLUMNS["passed"]]
    if name in HAZARDS:
        return of & (passed[:, HAZARDS.index(name)] == GROSS)
    if name.startswith("collision"):
        return of & (passed[:, HAZARDS.index("collision")] == GROSS)
    return of & grades_of(passed)[0]


def at_threshold(rows, score, threshold):
    gross, safe = grades_of(rows[:, COLUMNS["grades"]])
    source, length = rows[:, COLUMNS["source"]][:, 0], rows[:, COLUMNS["length"]][:, 0]
    denied = score >= threshold
    by = lambda *names: np.isin(source, [SOURCES.index(name) for name in names])
    false_allow, false_allow_rules = {}, {}
    for name, of in kinds_of(rows).items():
        false_allow[name] = rate(~denied, of)
        false_allow_rules[name] = rate(~denied & after_rules(rows, name, of), of)
    return {
        "threshold": float(threshold),
        "falseDeny": rate(denied, safe),
        "falseDenyOfPolicies": rate(denied, safe & by("expert", "ember")),
        "falseDenyOfPoliciesAndNoisy": rate(denied, safe & by("expert", "ember", "noisy")),
        "greyDenied": rate(denied, ~gross & ~safe),
        "falseAllow": false_allow,
        "falseAllowWithRules": false_allow_rules,
        "bySource": {name: {"falseDeny": rate(denied, safe & by(name)), "falseAllow": rate(~denied, gross & by(name))} for name in SOURCES},
        "byLength": {
            str(steps): {"falseDeny": rate(denied, safe & (length == steps)), "falseAllow": rate(~denied, gross & (length == steps))}
            for steps in range(1, HORIZON + 1)
        },
    }


def report(rows, said, validation_score, validation_rows):
    score = said[:, len(HAZARDS)]
    gross, safe = grades_of(rows[:, COLUMNS["grades"]])
    validation_gross, validation_safe = grades_of(validation_rows[:, COLUMNS["grades"]])
    thresholds = {share: float(np.quantile(validation_score[validation_safe], 1 - share)) for share in FALSE_DENIES}
    grades = rows[:, COLUMNS["grades"]]
    areas = {}
    for at, name in enumerate(["as it is", *CONTROLS]):
        given = said[:, len(HAZARDS) + at]
        areas[name] = {
            **{hazard: area_under(given[grades[:, which] == GROSS], given[safe]) for which, hazard in enumerate(HAZARDS)},
            "any": area_under(given[gross], given[safe]),
        }
    certain = gross | safe
    edges = np.linspace(0, 1, 11)
    bins = np.clip(np.digitize(score[certain], edges) - 1, 0, 9)
    calibration = [
        {"from": round(float(edges[at]), 1), "count": int((bins == at).sum()), "mean": round(float(score[certain][bins == at].mean()), 4), "gross": round(float(gross[certain][bins == at].mean()), 4)}
        for at in range(10)
        if (bins == at).any()
    ]
    error = sum(one["count"] * abs(one["mean"] - one["gross"]) for one in calibration) / max(1, certain.sum())
    single = (grades == GROSS).sum(1) == 1
    shown = said[:, : len(HAZARDS)].argmax(1)
    truly = (grades == GROSS).argmax(1)
    found = single & (score >= thresholds[0.05])
    first = at_threshold(rows, score, thresholds[0.05])
    per_kind = {name: int(of.sum()) for name, of in kinds_of(rows).items()}
    return {
        "chunks": {"test": len(rows), "safe": int(safe.sum()), "gross": int(gross.sum()), "grey": int((~gross & ~safe).sum()), "of": per_kind, "validation": len(validation_rows)},
        "rulesAlone": {"falseAllow": {name: rate(after_rules(rows, name, of), of) for name, of in kinds_of(rows).items()}},
        "at5PercentFalseDeny": first,
        "atOthers": {str(share): at_threshold(rows, score, threshold) for share, threshold in thresholds.items() if share != 0.05},
        "areaUnderCurve": areas,
        "calibration": {"bins": calibration, "error": round(float(error), 4)},
        "classShown": rate(found & (shown == truly), found),
    }


def line(name, one, two=None):
    more = f"   with rules {two['percent']:5.2f} {two['interval']}" if two else ""
    return f"{name:28} {one['percent']:5.2f} {one['interval']} of {one['of']}{more}"


def show(result, log):
    for title, at in [("5 %", result["at5PercentFalseDeny"]), *result["atOthers"].items()]:
        log("--- false deny", title, "threshold", round(at["threshold"], 4))
        for name in ("falseDeny", "falseDenyOfPolicies", "falseDenyOfPoliciesAndNoisy", "greyDenied"):
            log(line(name, at[name]))
        for name, one in at["falseAllow"].items():
            log(line("false allow " + name, one, at["falseAllowWithRules"][name]))
    log("chunks", result["chunks"])
    log("area", result["areaUnderCurve"])
    log("class", result["classShown"], "calibration error", result["calibration"]["error"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--validation", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--procs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    validation_rows, validation_said = predict(args.model, args.validation, False, args.procs)
    rows, said = predict(args.model, args.test, True, args.procs)
    result = report(rows, said, validation_said[:, len(HAZARDS)], validation_rows)
    with open(args.out, "w") as file:
        json.dump(result, file, indent=1)
    # For other cuts through the same answers, without asking again.
    np.savez_compressed(args.out.replace(".json", ".npz"), rows=rows[:, 1:].astype(np.float32), said=said, validation=np.c_[validation_said, validation_rows[:, COLUMNS["grades"]], validation_rows[:, COLUMNS["source"]]])
    show(result, lambda *words: print(*words, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main()
