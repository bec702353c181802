"""Trains the demo model: a small T5 v1.1 that turns messy human dates into ISO 8601, text to text.

    pip install torch transformers tokenizers safetensors
    python train_dates.py OUT_DIR [--minutes 30 | --steps 6000] [--seed 1]

The data is synthetic, see spellings.py. Training never sees the text of a held-out row. With --steps the same machine makes
the same model again; with --minutes a faster machine makes a better one. Writes an ordinary HuggingFace checkpoint
(config.json, model.safetensors in bf16, tokenizer.json, ...) and heldout.csv.
"""
import argparse
import json
import math
import os
import random
import time

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

import spellings

BATCH = 192
PEAK_LEARNING_RATE = 2e-3
WARM_UP_STEPS = 200
IGNORED_LABEL = -100


def make_tokenizer(texts, vocabulary=384):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<pad>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
                                   model_max_length=128)


def tokenizer_texts(count=20000):
    for i in range(count):
        yield from spellings.sample(random.Random(99 + i))


def draw(r, held_out):
    """A pair whose text is no held-out row's."""
    while True:
        pair = spellings.sample(r)
        if pair[0] not in held_out:
            return pair


def batch(tokenizer, r, held_out):
    pairs = [draw(r, held_out) for _ in range(BATCH)]
    x = tokenizer([text for text, _ in pairs], padding=True, return_tensors="pt")
    y = tokenizer([iso for _, iso in pairs], padding=True, return_tensors="pt").input_ids
    return x.input_ids, x.attention_mask, y.masked_fill(y == tokenizer.pad_token_id, IGNORED_LABEL)


@torch.no_grad()
def exact(model, tokenizer, pairs):
    """The share of pairs that come out right, and those that do not: text, date, answer."""
    model.eval()
    wrong = []
    for i in range(0, len(pairs), 250):
        part = pairs[i:i + 250]
        x = tokenizer([text for text, _ in part], padding=True, return_tensors="pt")
        out = model.generate(input_ids=x.input_ids, attention_mask=x.attention_mask, max_new_tokens=16, do_sample=False)
        answers = tokenizer.batch_decode(out, skip_special_tokens=True)
        wrong += [(*pair, answer) for pair, answer in zip(part, answers) if answer != pair[1]]
    model.train()
    return 1 - len(wrong) / len(pairs), wrong


def write_json(path, content):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(content, f, indent=2, sort_keys=True)
        f.write("\n")


def save(model, tokenizer, out):
    """Writes the checkpoint in the published T5 v1.1 form: an lm_head of its own, tie_word_embeddings false. Newer versions of
    the library tie the two and mark that with scale_decoder_outputs, which older readers take for the scaled head of v1.0."""
    model.to(torch.bfloat16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    weights = load_file(os.path.join(out, "model.safetensors"))
    weights["lm_head.weight"] = weights.get("lm_head.weight", weights["shared.weight"]).clone()
    save_file(weights, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    path = os.path.join(out, "config.json")
    with open(path, encoding="utf-8") as f:
        config = json.load(f)
    config.pop("scale_decoder_outputs", None)
    config.update(tie_word_embeddings=False, torch_dtype=config.pop("dtype", "bfloat16"))
    write_json(path, config)
    write_json(os.path.join(out, "generation_config.json"),
               {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0, "max_new_tokens": 16})
    write_json(os.path.join(out, "tokenizer_config.json"),
               {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "</s>", "pad_token": "<pad>",
                "unk_token": "<unk>", "model_max_length": 128})


def new_model(vocabulary):
    return T5ForConditionalGeneration(T5Config(
        vocab_size=vocabulary, d_model=128, d_kv=32, d_ff=320, num_layers=3, num_decoder_layers=2, num_heads=4,
        relative_attention_num_buckets=32, relative_attention_max_distance=64, feed_forward_proj="gated-gelu",
        tie_word_embeddings=False, dropout_rate=0.0, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0))


def train(model, tokenizer, r, held_out, progress):
    """Runs steps until progress(step) reaches 1: a share that also drives the cosine of the learning rate."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=0, weight_decay=0.01, betas=(0.9, 0.98))
    check = [spellings.sample(random.Random(10_000_000 + i)) for i in range(500)]
    step = 0
    while (done := progress(step)) < 1:
        warm = min(1, (step + 1) / WARM_UP_STEPS)
        for group in optimizer.param_groups:
            group["lr"] = PEAK_LEARNING_RATE * warm * 0.5 * (1 + math.cos(math.pi * done))
        x, mask, y = batch(tokenizer, r, held_out)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(input_ids=x, attention_mask=mask, labels=y).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 250 == 0:
            rate = exact(model, tokenizer, check)[0]
            print(f"step {step} loss {loss.item():.4f} exact {rate:.3f} at {done:.0%}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--steps", type=int, help="train this many steps, whatever the time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)

    tokenizer = make_tokenizer(tokenizer_texts())
    model = new_model(len(tokenizer))
    size = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"{size:.2f} M parameters, {len(tokenizer)} tokens", flush=True)

    pairs = spellings.held_out(4000)
    start = time.time()
    if arguments.steps:
        progress = lambda step: step / arguments.steps
    else:
        progress = lambda step: (time.time() - start) / (arguments.minutes * 60)
    train(model, tokenizer, random.Random(arguments.seed), {text for text, _ in pairs}, progress)

    model = model.to(torch.bfloat16).float()
    rate, wrong = exact(model, tokenizer, pairs)
    print(f"exact on {len(pairs)} held-out rows: {rate:.4f}", wrong[:20], flush=True)
    save(model, tokenizer, arguments.out)
    spellings.write(os.path.join(arguments.out, "heldout.csv"), pairs)


if __name__ == "__main__":
    main()
