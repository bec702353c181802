"""What every peer script shares: its arguments, the workload, warm-up, timing and the line it prints."""
import argparse
import json
import sys
import time


def job(description):
    """The arguments of a peer script; `rows` holds token ids, `warm_up` the first of them."""
    a = argparse.ArgumentParser(description=description)
    a.add_argument("model", help="the converted model's folder")
    a.add_argument("--kind", choices=["decoder", "encoder-decoder", "encoder"], required=True)
    a.add_argument("--precision", choices=["fp32", "bf16", "int8"], required=True)
    a.add_argument("--rows", required=True, help="JSON lines with token_ids")
    a.add_argument("--new-tokens", type=int, required=True, help="of each row; 0 for encoders")
    a.add_argument("--warm-up", type=int, default=0, help="rows that are run first and not counted")
    a.add_argument("--threads", type=int, required=True)
    a.add_argument("--batch", type=int, default=16, help="rows of a static batch, where the program has no other")
    a.add_argument("--outputs", help="where outputs are written: token ids or a vector for each row, a JSON line each")
    a = a.parse_args()
    with open(a.rows) as lines:
        a.rows = [json.loads(line)["token_ids"] for line in lines]
    return a


def loading(job):
    """To be called once libraries are imported: loading starts now."""
    job.started = time.perf_counter()


def longest_first(rows, batch):
    """Indices of rows in batches of similar length, the longest first."""
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    return [order[at:at + batch] for at in range(0, len(order), batch)]


def measure(job, version, run):
    """Runs the warm-up, then all rows, and prints one JSON line. `run` takes rows and gives an output for each."""
    load = time.perf_counter() - job.started
    start = time.perf_counter()
    if job.warm_up:
        run(job.rows[:job.warm_up])
    warm_up = time.perf_counter() - start
    start = time.perf_counter()
    outputs = run(job.rows)
    wall = time.perf_counter() - start
    if job.new_tokens and any(len(output) != job.new_tokens for output in outputs):
        sys.exit(f"expected {job.new_tokens} tokens for every row, found {sorted({len(o) for o in outputs})}")
    if job.outputs:
        with open(job.outputs, "w") as file:
            for output in outputs:
                file.write(json.dumps([float(x) if job.kind == "encoder" else int(x) for x in output]) + "\n")
    print("RESULT " + json.dumps({
        "version": version, "rows": len(job.rows), "prompt_tokens": sum(map(len, job.rows)),
        "generated_tokens": len(job.rows) * job.new_tokens, "load_s": round(load, 3), "warm_up_s": round(warm_up, 3),
        "wall_s": round(wall, 3)}), flush=True)
