"""CTranslate2: batches by tokens, sorted by length, workers that share one copy of the weights."""
import json
import os
from concurrent.futures import ThreadPoolExecutor

import common

os.environ["OMP_PROC_BIND"] = "false"
job = common.job(__doc__)
import ctranslate2
import numpy

common.loading(job)
BATCH_TOKENS = 4096
# Two workers of half the threads each are faster than one, but for a model whose weights fill the caches anyway.
workers = 1 if os.path.getsize(job.model + "/model.bin") > 2e9 else min(2, job.threads)
settings = dict(device="cpu", compute_type={"fp32": "float32", "int8": "int8"}[job.precision],
                inter_threads=workers, intra_threads=job.threads // workers)
shared = job.model + "/shared_vocabulary.json"
with open(shared if os.path.exists(shared) else job.model + "/vocabulary.json") as file:
    names = json.load(file)
ids = {name: i for i, name in enumerate(names)}


def encoding():
    model = ctranslate2.Encoder(job.model, **settings)

    def run(rows):
        outputs = [None] * len(rows)
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
        batches = []
        while order:
            count = max(1, BATCH_TOKENS // len(rows[order[0]]))
            batches.append(order[:count])
            order = order[count:]

        def one(batch):
            hidden = model.forward_batch([rows[i] for i in batch]).last_hidden_state
            hidden = numpy.array(hidden.to(ctranslate2.DataType.float32))
            for row, i in enumerate(batch):
                outputs[i] = hidden[row, :len(rows[i])].mean(0).tolist()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, batches))
        return outputs

    return run


def generation():
    if job.kind == "encoder-decoder":
        translator = ctranslate2.Translator(job.model, **settings)
        return lambda rows: [[ids[name] for name in result.hypotheses[0]] for result in translator.translate_batch(
            [[names[i] for i in row] for row in rows], max_batch_size=BATCH_TOKENS, batch_type="tokens", beam_size=1,
            max_decoding_length=job.new_tokens, min_decoding_length=job.new_tokens, max_input_length=0,
            return_end_token=False)]
    generator = ctranslate2.Generator(job.model, **settings)
    return lambda rows: [result.sequences_ids[0] for result in generator.generate_batch(
        [[names[i] for i in row] for row in rows], max_batch_size=BATCH_TOKENS, batch_type="tokens", beam_size=1,
        sampling_topk=1, max_length=job.new_tokens, min_length=job.new_tokens, include_prompt_in_result=False,
        return_end_token=True)]


run = encoding() if job.kind == "encoder" else generation()
common.measure(job, f"ctranslate2 {ctranslate2.__version__}", run)
