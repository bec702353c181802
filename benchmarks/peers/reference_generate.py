"""The reference Python library's `generate` on a file of token ids: static batches sorted by length, left-padded.

    python reference_generate.py MODEL_DIR ROWS.jsonl --rows 64 --max-new-tokens 64 --batch 16 --dtype fp32

Prints one JSON line with the fields of `lockstep generate --stats`.
"""
import argparse
import json
import resource
import time

import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM


def main():
    a = argparse.ArgumentParser()
    a.add_argument("model")
    a.add_argument("rows_file")
    a.add_argument("--rows", type=int, default=64)
    a.add_argument("--max-new-tokens", type=int, default=64)
    a.add_argument("--batch", type=int, default=16)
    a.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    a.add_argument("--threads", type=int, default=0)
    a = a.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.set_grad_enabled(False)
    rows = [json.loads(line)["token_ids"] for line in open(a.rows_file)][:a.rows]
    start = time.perf_counter()
    config = json.load(open(a.model + "/config.json"))
    encodes = config.get("is_encoder_decoder", False)
    library = AutoModelForSeq2SeqLM if encodes else AutoModelForCausalLM
    model = library.from_pretrained(a.model, dtype=torch.float32 if a.dtype == "fp32" else torch.bfloat16).eval()
    load = time.perf_counter() - start
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    pad = config.get("pad_token_id") or 0
    start = time.perf_counter()
    first = None
    for at in range(0, len(order), a.batch):
        batch = order[at:at + a.batch]
        width = max(len(rows[i]) for i in batch)
        ids = torch.full((len(batch), width), pad)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for row, i in enumerate(batch):
            span = slice(0, len(rows[i])) if encodes else slice(width - len(rows[i]), width)
            ids[row, span] = torch.tensor(rows[i])
            mask[row, span] = 1
        out = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=a.max_new_tokens,
                             min_new_tokens=a.max_new_tokens, do_sample=False, num_beams=1, pad_token_id=pad)
        if 0 in batch:
            first = out[batch.index(0), -a.max_new_tokens:][:8].tolist()
    wall = time.perf_counter() - start
    print(json.dumps({
        "rows": len(rows), "prompt_tokens": sum(map(len, rows)), "generated_tokens": len(rows) * a.max_new_tokens,
        "load_s": round(load, 2), "wall_s": round(wall, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "tp": 1, "dtype": a.dtype,
        "first": first}), flush=True)


if __name__ == "__main__":
    main()
