package dev.lockstep.architecture;

import java.util.HashSet;
import java.util.Set;

/** Keys of published configs that do not change what a model computes for given tokens. */
final class InertKeys {
    private InertKeys() {}

    /** Of any family: bookkeeping, training, labels and the settings of generation. */
    static final Set<String> SHARED = Set.of(
            // bookkeeping
            "_name_or_path",
            "name_or_path",
            "_commit_hash",
            "_attn_implementation",
            "_attn_implementation_autoset",
            "architectures",
            "auto_map",
            "model_type",
            "transformers_version",
            "torch_dtype",
            "dtype",
            "use_bfloat16",
            "tf_legacy_loss",
            "torchscript",
            "return_dict",
            "return_dict_in_generate",
            "output_hidden_states",
            "output_attentions",
            "output_scores",
            "output_past",
            "use_cache",
            "chunk_size_feed_forward",
            "is_encoder_decoder",
            "is_decoder",
            "cross_attention_hidden_size",
            "add_cross_attention",
            "task_specific_params",
            // training
            "attention_dropout",
            "attention_probs_dropout_prob",
            "activation_dropout",
            "classifier_dropout",
            "dropout",
            "dropout_rate",
            "hidden_dropout",
            "hidden_dropout_prob",
            "gradient_checkpointing",
            "init_std",
            "initializer_factor",
            "initializer_range",
            "layerdrop",
            "pretraining_tp",
            // labels and tokens
            "finetuning_task",
            "id2label",
            "label2id",
            "num_labels",
            "_num_labels",
            "problem_type",
            "tokenizer_class",
            "prefix",
            "bos_token_id",
            "cls_token_id",
            "eos_token_id",
            "mask_token_id",
            "pad_token_id",
            "sep_token_id",
            "unk_token_id",
            "decoder_start_token_id",
            // generation
            "bad_words_ids",
            "begin_suppress_tokens",
            "diversity_penalty",
            "do_sample",
            "early_stopping",
            "encoder_no_repeat_ngram_size",
            "exponential_decay_length_penalty",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "length_penalty",
            "max_length",
            "min_length",
            "no_repeat_ngram_size",
            "num_beam_groups",
            "num_beams",
            "num_return_sequences",
            "remove_invalid_values",
            "repetition_penalty",
            "suppress_tokens",
            "temperature",
            "top_k",
            "top_p",
            "typical_p");

    /** Of the descendants of the first GPT: dropout, and heads for tasks that are not served. */
    private static final Set<String> GPT = Set.of(
            "attn_pdrop",
            "embd_pdrop",
            "n_ctx",
            "resid_pdrop",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj");

    /** The keys of GPT's descendants, and a family's own. */
    static Set<String> gpt(String... further) {
        Set<String> keys = new HashSet<>(GPT);
        keys.addAll(Set.of(further));
        return Set.copyOf(keys);
    }
}
