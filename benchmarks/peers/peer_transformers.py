"""The transformers library's `generate`: static batches of similar length, padded."""
import common

job = common.job(__doc__)
import torch
import transformers

torch.set_num_threads(job.threads)
torch.set_grad_enabled(False)
common.loading(job)
LIBRARY = {"decoder": transformers.AutoModelForCausalLM, "encoder-decoder": transformers.AutoModelForSeq2SeqLM,
           "encoder": transformers.AutoModel}[job.kind]
model = LIBRARY.from_pretrained(job.model, dtype={"fp32": torch.float32, "bf16": torch.bfloat16}[job.precision]).eval()
pad = getattr(model.config, "pad_token_id", None) or 0


def padded(rows):
    """Ids and mask; prompts of decoders end together, all others begin together."""
    width = max(map(len, rows))
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for row, tokens in enumerate(rows):
        span = slice(width - len(tokens), width) if job.kind == "decoder" else slice(0, len(tokens))
        ids[row, span] = torch.tensor(tokens)
        mask[row, span] = 1
    return ids, mask


def run(rows):
    outputs = [None] * len(rows)
    for batch in common.longest_first(rows, job.batch):
        ids, mask = padded([rows[i] for i in batch])
        if job.kind == "encoder":
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
            made = ((hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)).float()
        else:
            made = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=job.new_tokens,
                                  min_new_tokens=job.new_tokens, do_sample=False, num_beams=1,
                                  pad_token_id=pad)[:, -job.new_tokens:]
        for row, i in enumerate(batch):
            outputs[i] = made[row].tolist()
    return outputs


common.measure(job, f"transformers {transformers.__version__}, torch {torch.__version__}", run)
