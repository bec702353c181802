"""Programs beside each other: the same checkpoints and rows, interleaved, several rounds.

    python compare.py --peers-root DIR [--models opt,t5,llama,bert] [--rounds 3] [--output FILE.json]

Prints a line for each run; writes all runs with the machine and its limits as JSON, and tables as FILE.md.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import machine
import programs
import tables

HERE = programs.HERE
WORKLOAD = os.path.join(HERE, "workload.jsonl")
BENCH = os.path.join(HERE, "..", "..", "bin", "bench")


def arguments():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--peers-root", required=True, help="what setup.sh made")
    a.add_argument("--models", default=",".join(programs.SHAPES))
    a.add_argument("--programs", default=",".join(programs.PRECISIONS))
    a.add_argument("--precisions", default="fp32,bf16,int8")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--rows", type=int, help="of each model, for a trial (default: what the tables name)")
    a.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    a.add_argument("--timeout", type=int, default=1200, help="seconds after which a run is given up")
    a.add_argument("--nice", type=int, default=-15, help="of what is measured, beside other processes (Linux autogroup)")
    a.add_argument("--output", default=os.path.join(HERE, "..", "results", "peers.json"))
    a = a.parse_args()
    for name, choices in (("models", programs.SHAPES), ("programs", programs.PRECISIONS),
                          ("precisions", ["fp32", "bf16", "int8"])):
        given = getattr(a, name).split(",")
        wrong = [each for each in given if each not in choices]
        if wrong:
            sys.exit(f"--{name} has {wrong}, expected some of {list(choices)}")
        setattr(a, name, given)
    return a


def workload(folder, count):
    path = os.path.join(folder, f"rows{count}.jsonl")
    with open(WORKLOAD) as source, open(path, "w") as target:
        target.writelines(line for _, line in zip(range(count), source))
    return path


def outputs(path):
    """What a run gave for each row: token ids or a vector."""
    found = []
    with open(path) as lines:
        for line in lines:
            row = json.loads(line)
            found.append(row if isinstance(row, list) else row.get("output_token_ids") or row.get("embedding"))
    return found


def agreement(expected, found):
    """Share of equal first tokens, or the least cosine of vectors: whether programs do the same work."""
    if expected and isinstance(expected[0][0], float):
        return round(min(cosine(a, b) for a, b in zip(expected, found)), 6)
    return round(sum(a[0] == b[0] for a, b in zip(expected, found)) / len(expected), 4)


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def measure(run, a, folder, reference):
    shape = run.shape
    rows = workload(folder, min(shape.rows, a.rows or shape.rows))
    out = os.path.join(folder, "out.jsonl")
    command = run.command(a.peers_root, rows, out, a.threads)
    environment = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(a.threads)}
    if run.program == "transformers":
        environment.update(OMP_PROC_BIND="close", OMP_PLACES="cores")
    done = machine.Measurement(command, a.timeout, a.nice, environment)
    result = done.result()
    if done.status != 0 or result is None:
        print(f"{run.model} {run.program} {run.precision} failed:\n" + done.output[-2000:], flush=True)
        return None
    expected = reference.setdefault(run.model, outputs(out))
    return {"model": run.model, "program": run.program, "precision": run.precision,
            "version": result.get("version", ""), "rows": result["rows"], "prompt_tokens": result["prompt_tokens"],
            "generated_tokens": result["generated_tokens"], "load_s": result["load_s"],
            "warm_up_s": result.get("warm_up_s", 0), "wall_s": result["wall_s"], "peak_mib": done.peak_mib,
            "foreign": done.foreign, "stolen": done.stolen, "agrees": agreement(expected, outputs(out)),
            "command": " ".join(command).replace(a.peers_root, "DIR").replace(folder, "TMP").replace(programs.ROOT + "/", "")}


def limits(a):
    """What the machine can do, measured now: see `bin/bench limits`."""
    done = machine.Measurement([BENCH, "limits", "--threads", str(a.threads)], a.timeout, a.nice)
    found = done.result()
    if found is None:
        sys.exit("bin/bench limits failed:\n" + done.output[-2000:])
    return {**found, "foreign": done.foreign}


def main():
    a = arguments()
    wanted = programs.runs(a.models, a.programs, a.precisions)
    missing = {run: run.missing(a.peers_root) for run in wanted}
    for path in sorted({path for path in missing.values() if path}):
        print(f"not measured, {path} is missing", flush=True)
    wanted = [run for run in wanted if not missing[run]]
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    report = {"date": time.strftime("%Y-%m-%d"), "commit": commit.stdout.strip(), "machine": machine.describe(),
              "rounds": a.rounds, "limits": [], "runs": []}
    os.makedirs(os.path.dirname(os.path.abspath(a.output)), exist_ok=True)
    reference = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(a.rounds):
            report["limits"].append(limits(a))
            # Every round starts elsewhere, so that no program always follows the same other.
            start = number * len(wanted) // max(1, a.rounds)
            for run in wanted[start:] + wanted[:start]:
                made = measure(run, a, folder, reference)
                if made:
                    report["runs"].append({"round": number + 1, **made})
                    print(json.dumps({key: made[key] for key in (
                        "model", "program", "precision", "wall_s", "load_s", "warm_up_s", "peak_mib", "foreign",
                        "agrees")}), flush=True)
                with open(a.output, "w") as file:
                    json.dump(report, file, indent=1)
    text = tables.peers(report)
    with open(os.path.splitext(a.output)[0] + ".md", "w") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
