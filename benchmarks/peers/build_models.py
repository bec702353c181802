"""Builds random-weight checkpoints of published shapes (seeded), so that programs can be compared without a download.

    python build_models.py OUT_DIR opt-125m [t5-small] [bert-base] [llama-1b]

Needs torch and transformers. Weights are random: speed is real, text is not. Each has a tokenizer whose words are its
ids (`w17`), because some programs take text alone.
"""
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM,
                          PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration)


def opt_125m():
    return OPTForCausalLM(OPTConfig(
        vocab_size=50272, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, ffn_dim=3072,
        max_position_embeddings=2048, word_embed_proj_dim=768, pad_token_id=1, bos_token_id=2, eos_token_id=2))


def t5_small():
    return T5ForConditionalGeneration(T5Config(
        vocab_size=32128, d_model=512, d_kv=64, d_ff=1024, num_layers=8, num_decoder_layers=8, num_heads=6,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0, pad_token_id=0,
        eos_token_id=1))


def bert_base():
    return BertModel(BertConfig(vocab_size=30522))


def llama_1b():
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=32000, hidden_size=2048, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4,
        intermediate_size=5632, max_position_embeddings=2048, rms_norm_eps=1e-5, tie_word_embeddings=False))


SHAPES = {"opt-125m": opt_125m, "t5-small": t5_small, "bert-base": bert_base, "llama-1b": llama_1b}
SPECIAL = {"opt-125m": {"<s>": 0, "</s>": 2, "<pad>": 1, "<unk>": 3},
           "t5-small": {"<s>": 4, "</s>": 1, "<pad>": 0, "<unk>": 2},
           "bert-base": {"<s>": 101, "</s>": 102, "<pad>": 0, "<unk>": 100},
           "llama-1b": {"<s>": 1, "</s>": 2, "<pad>": 4, "<unk>": 0}}


def tokenizer(vocabulary, special):
    words = dict(special)
    taken = set(special.values())
    words.update((f"w{i}", i) for i in range(vocabulary) if i not in taken)
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
                                   unk_token="<unk>")


def main():
    out, names = Path(sys.argv[1]), sys.argv[2:]
    for name in names:
        torch.manual_seed(1234)
        model = SHAPES[name]().eval()
        model.save_pretrained(out / name)
        tokenizer(model.config.vocab_size, SPECIAL[name]).save_pretrained(out / name)
        print(name, f"{sum(p.numel() for p in model.parameters()) / 1e6:.0f} M parameters", flush=True)


if __name__ == "__main__":
    main()
