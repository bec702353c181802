"""OpenVINO: decoders by OpenVINO GenAI's continuous batching, others by optimum-intel in static batches.

int8 are weights of 8 bits with bf16 activations, which the library quantises dynamically."""
import os

import common

# With these set, torch's OpenMP pins the main thread, and OpenVINO's threads inherit its one core.
for name in ("OMP_PROC_BIND", "OMP_PLACES"):
    os.environ.pop(name, None)
job = common.job(__doc__)
import numpy
import openvino

config = {"INFERENCE_PRECISION_HINT": "f32" if job.precision == "fp32" else "bf16",
          "INFERENCE_NUM_THREADS": str(job.threads), "PERFORMANCE_HINT": "LATENCY"}


def generation():
    import openvino_genai as genai
    common.loading(job)
    scheduling = genai.SchedulerConfig()
    scheduling.max_num_batched_tokens = 2048
    scheduling.max_num_seqs = 256
    scheduling.cache_size = 4
    scheduling.dynamic_split_fuse = True
    scheduling.enable_prefix_caching = False
    pipeline = genai.ContinuousBatchingPipeline(job.model, scheduling, "CPU", config, {})
    wanted = genai.GenerationConfig()
    wanted.max_new_tokens = wanted.min_new_tokens = job.new_tokens
    wanted.ignore_eos = True
    wanted.do_sample = False

    def run(rows):
        inputs = [openvino.Tensor(numpy.array([row], dtype=numpy.int64)) for row in rows]
        return [result.m_generation_ids[0] for result in pipeline.generate(inputs, [wanted] * len(inputs))]

    return run, f"openvino-genai {genai.__version__}"


def static_batches():
    import optimum.intel
    import torch
    common.loading(job)
    library = optimum.intel.OVModelForSeq2SeqLM if job.kind == "encoder-decoder" \
        else optimum.intel.OVModelForFeatureExtraction
    model = library.from_pretrained(job.model, ov_config=config)
    pad = model.config.pad_token_id or 0

    def run(rows):
        outputs = [None] * len(rows)
        for batch in common.longest_first(rows, job.batch):
            width = max(len(rows[i]) for i in batch)
            ids = torch.full((len(batch), width), pad)
            mask = torch.zeros((len(batch), width), dtype=torch.long)
            for row, i in enumerate(batch):
                ids[row, :len(rows[i])] = torch.tensor(rows[i])
                mask[row, :len(rows[i])] = 1
            if job.kind == "encoder":
                hidden = model(input_ids=ids, attention_mask=mask,
                               token_type_ids=torch.zeros_like(ids)).last_hidden_state
                made = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
            else:
                made = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=job.new_tokens,
                                      min_new_tokens=job.new_tokens, do_sample=False, num_beams=1)[:, -job.new_tokens:]
            for row, i in enumerate(batch):
                outputs[i] = made[row].tolist()
        return outputs

    from importlib.metadata import version
    return run, f"openvino {openvino.__version__.split('-')[0]}, optimum-intel {version('optimum-intel')}"


run, version = generation() if job.kind == "decoder" else static_batches()
common.measure(job, version, run)
