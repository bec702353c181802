package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.architecture.Architectures.UnsupportedModelException;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations that contradict themselves or ask for what is not served: the message says what and why. */
class HostileConfigsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "llama2 | 'hidden_size': null | hidden_size is missing, expected a positive integer",
                "llama2 | 'vocab_size': 'many' | vocab_size is \"many\", expected an integer",
                "llama2 | 'num_hidden_layers': 0 | num_hidden_layers is 0, expected a positive integer",
                "llama2 | 'num_attention_heads': 5, 'num_key_value_heads': 5 | num_attention_heads is 5, expected a divisor of the hidden size 32",
                "llama2 | 'num_key_value_heads': 3 | num_key_value_heads is 3, expected a divisor of num_attention_heads = 4",
                "llama2 | 'num_key_value_heads': 8 | num_key_value_heads is 8, expected a divisor of num_attention_heads = 4",
                "llama2 | 'head_dim': 7 | head_dim is 7, expected an even number: rotary positions turn pairs of features",
                "llama2 | 'hidden_act': 'gelish' | hidden_act is 'gelish', expected a known one",
                "llama2 | 'rope_theta': 0 | rope_theta is 0.0, expected a positive number",
                "llama2 | 'rope_scaling': {'type': 'spiral'} | config.json rope_scaling: rope_type is spiral, expected default, linear, dynamic, llama3, yarn or longrope",
                "llama2 | 'rope_scaling': {'type': 'linear'} | factor is missing, expected a number",
                "llama2 | 'rope_scaling': {'type': 'linear', 'factor': 0.5} | factor is 0.5, expected a number of at least 1",
                "llama2 | 'rope_parameters': {'full_attention': {'rope_theta': 1e4}} | full_attention is an object, expected a number or a name: one table serves all layers here",
                "llama2 | 'rope_parameters': {'partial_rotary_factor': 0.5} | partial_rotary_factor is 0.5, expected 1.0: this family turns whole heads",
                "llama2 | 'partial_rotary_factor': 0.25 | partial_rotary_factor is 0.25, expected 1.0",
                "mistral | 'sliding_window': 0 | sliding_window is 0, expected a positive integer",
                "qwen2 | 'layer_types': ['full_attention'] | expected a list of num_hidden_layers = 2 entries",
                "qwen2 | 'layer_types': ['full_attention', 'chunked_attention'] | layer_types is chunked_attention, expected full_attention or sliding_attention",
                "qwen2 | 'layer_types': ['full_attention', 'sliding_attention'] | layer_types[1] is sliding_attention, expected full_attention while use_sliding_window is false",
                "qwen2 | 'use_mrope': true | use_mrope is true, expected false: positions of several dimensions are for images",
                "ministral | 'sliding_window': null | layer_types[1] is sliding_attention, expected full_attention while sliding_window is null",
                "ministral3 | 'rope_parameters': {'rope_type': 'yarn', 'factor': 0.5, 'original_max_position_embeddings': 8} | factor is 0.5, expected a number of at least 1",
                "cwm | 'rope_theta': 1e4, 'rope_scaling': null | rope_theta is 10000.0, expected 1000000.0: without rope_parameters they are those of the first models",
                "gemma | 'use_bidirectional_attention': true | use_bidirectional_attention is true, expected false: Gemma is served as a decoder",
                "gemma2 | 'query_pre_attn_scalar': 0 | query_pre_attn_scalar is 0.0, expected a positive number",
                "gemma2 | 'attn_logit_softcapping': -1 | attn_logit_softcapping is -1.0, expected a positive number, or null for no cap",
                "gemma2 | 'hidden_activation': 'gelish' | hidden_activation is 'gelish', expected a known one",
                "gemma3 | 'use_bidirectional_attention': true | use_bidirectional_attention is true, expected false",
                "gemma3 | 'sliding_window_pattern': 0 | sliding_window_pattern is 0, expected a positive integer",
                "gemma3 | 'rope_local_base_freq': -1 | rope_local_base_freq is -1.0, expected a positive number",
                "gemma3-newconfig | 'rope_parameters': {'rope_type': 'default', 'rope_theta': 1e4} | expected an object for each of full_attention and sliding_attention",
                "gemma3-newconfig | 'layer_types': ['full_attention'] | expected a list of num_hidden_layers = 3 entries",
                "phi3 | 'attention_bias': true | attention_bias is true, expected false: this family's attention has no biases",
                "phi3 | 'partial_rotary_factor': 0.1 | partial_rotary_factor is 0.1, expected a share of head_dim = 8",
                "phi3-longrope | 'rope_scaling': {'type': 'longrope', 'short_factor': [1, 2], 'long_factor': [1, 2, 3, 4]} | short_factor is [1,2], expected a list of 4 positive numbers",
                "phi3-longrope | 'rope_scaling': {'type': 'su', 'short_factor': [1, 2, 3, 4]} | long_factor is missing, expected a list of 4 numbers",
                "olmo | 'clip_qkv': 0 | clip_qkv is 0.0, expected a positive number, or null for no limit",
                "olmo3 | 'rope_parameters': {'rope_theta': 5e5} | expected an object for each of full_attention and sliding_attention",
                "olmo3 | 'sliding_window': null | layer_types[0] is sliding_attention, expected full_attention while sliding_window is null",
                "granite | 'logits_scaling': 0 | logits_scaling is 0.0, expected a number to divide logits by",
                "cohere2 | 'order_of_interleaved_layers': 'global_attn_first' | order_of_interleaved_layers is global_attn_first, expected local_attn_first",
                "cohere2 | 'use_qk_norm': true | use_qk_norm is true, expected false",
                "cohere2 | 'use_embedding_sharing': false | use_embedding_sharing is false, expected true: as tie_word_embeddings says",
                "smollm3 | 'no_rope_layers': [1, 0] | no_rope_layers is [1,0], expected a list of num_hidden_layers = 4 entries, 0 or 1",
                "smollm3 | 'layer_types': ['full_attention', 'full_attention', 'full_attention', 'sliding_attention'] | layer_types[3] is sliding_attention, expected full_attention while use_sliding_window is false",
                "exaone4 | 'layer_types': null, 'sliding_window_pattern': 'LLX' | sliding_window_pattern is LLX, expected a number, or a text of L (window) and G (all)",
                "ernie4_5 | 'compression_ratio': 2 | compression_ratio is 2.0, expected 1.0: positions are not compressed",
                "hunyuan_v1_dense | 'use_cla': true | use_cla is true, expected false: layers that share keys and values are not served",
                "hunyuan_v1_dense | 'use_qk_norm': false | use_qk_norm is false, expected true",
                "ernie4_5_moe | 'moe_k': 6 | moe_k is 6, expected at most moe_num_experts = 5",
                "ernie4_5_moe | 'moe_use_aux_free': false | moe_use_aux_free is false, expected true: this family's routers have a correction",
                "ernie4_5_moe | 'moe_gate': 'hash' | moe_gate is hash, expected topk",
                "ernie4_5_moe | 'moe_norm_min': 0.1 | moe_norm_min is 0.1, expected at most 1e-6",
                "ernie4_5_moe | 'moe_num_shared_experts': -1 | moe_num_shared_experts is -1, expected 0 or more",
                "ernie4_5_moe | 'use_rmsnorm': false | use_rmsnorm is false, expected true",
                "dots1 | 'n_routed_experts': null | n_routed_experts / num_local_experts is missing, expected a positive integer",
                "dots1 | 'num_experts_per_tok': 7 | num_experts_per_tok is 7, expected at most n_routed_experts = 6",
                "dots1 | 'scoring_func': 'softmax' | scoring_func is softmax, expected sigmoid or noaux_tc",
                "dots1 | 'n_group': 4 | n_group is 4, expected a divisor of the number of experts 6",
                "hunyuan_v1_moe | 'moe_topk': [2, 2] | moe_topk / num_experts_per_tok is [2, 2], expected a number, or one for each of num_hidden_layers = 3",
                "hunyuan_v1_moe | 'moe_topk': [2, 9, 2] | moe_topk is 9, expected 1 to num_experts = 5",
                "hunyuan_v1_moe | 'moe_intermediate_size': [24, 24, 12] | moe_intermediate_size is 12, expected intermediate_size = 24 in every layer",
                "hunyuan_v1_moe | 'num_shared_expert': 2 | num_shared_expert is 2, expected 1 in every layer",
                "hunyuan_v1_moe | 'use_mla': true | use_mla is true, expected false: latent attention is another model's",
                "hunyuan_v1_moe | 'use_cla': true | use_cla is true, expected false: layers that share keys and values are not served",
                "flex_olmo | 'num_experts_per_tok': 8 | num_experts_per_tok is 8, expected at most num_experts = 7",
                "minimax_m2 | 'rotary_dim': 16 | rotary_dim is 16, expected an even number of at most head_dim = 8",
                "minimax_m2 | 'attn_type_list': [0, 1, 1] | attn_type_list is [0,1,1], expected 1 in every layer: linear attention is not served",
                "minimax_m2 | 'qk_norm_type': 'per_head' | qk_norm_type is per_head, expected per_layer",
                "minimax_m2 | 'shared_intermediate_size': 8 | shared_intermediate_size is 8.0, expected 0.0: no expert serves all rows",
                "granitemoeshared | 'shared_intermediate_size': -8 | shared_intermediate_size is -8, expected 0 or more",
                "glm4_moe_lite | 'mlp_layer_types': ['dense'] | expected a list of num_hidden_layers = 3 entries",
                "glm4_moe_lite | 'mlp_layer_types': ['dense', 'sparse', 'both'] | mlp_layer_types is \"both\", expected dense or sparse",
                "glm4_moe_lite | 'num_key_value_heads': 2 | num_key_value_heads is 2, expected num_attention_heads = 4: every head has keys of its own",
                "exaone_moe | 'scoring_func': 'softmax' | scoring_func is softmax, expected sigmoid",
                "exaone_moe | 'layer_types': null, 'sliding_window_pattern': 'LLX' | sliding_window_pattern is LLX, expected a number, or a text of L (window) and G (all)",
                "minicpm3 | 'dim_model_base': 0 | dim_model_base is 0, expected a positive integer",
                "minicpm3 | 'rope_scaling': {'type': 'longrope', 'short_factor': [1, 2], 'long_factor': [1]} | long_factor is [1], expected a list of 2 positive numbers",
                "dbrx | 'attn_config': {'kv_n_heads': 3} | config.json attn_config: kv_n_heads is 3, expected a divisor of n_heads = 4",
                "dbrx | 'attn_config': {'clip_qkv': 0} | config.json attn_config: clip_qkv is 0.0, expected a positive number, or null",
                "dbrx | 'attn_config': {'rope_theta': 1e4} | config.json attn_config: rope_theta is 10000.0, expected the model's rope_theta = 500000.0",
                "dbrx | 'ffn_config': {'moe_num_experts': 2, 'moe_top_k': 3} | config.json ffn_config: moe_top_k is 3, expected at most moe_num_experts = 2",
                "dbrx | 'ffn_config': {'moe_normalize_expert_weights': 2.0} | moe_normalize_expert_weights is 2.0, expected 1.0",
                "dbrx | 'ffn_config': {'ffn_act_fn': {'name': 'gelish'}} | name is 'gelish', expected a known one",
                "dbrx | 'tie_word_embeddings': true | tie_word_embeddings is true, expected false: the family's head is its own",
                "gpt_neox_japanese | 'intermediate_multiple_size': 0 | intermediate_multiple_size is 0, expected a positive integer",
                "gpt_neox_japanese | 'rotary_pct': 0.1 | expected a share of head_dim = 8 that is an even number of features, at least 2",
                "cohere2_moe | 'shared_expert_combination_strategy': 'best' | shared_expert_combination_strategy is best, expected sum or average",
                "cohere2_moe | 'expert_selection_fn': 'relu' | expert_selection_fn is relu, expected softmax or sigmoid",
                "cohere2_moe | 'sliding_window_pattern': 0 | sliding_window_pattern is 0, expected a positive integer",
                "apertus | 'qk_norm': false | qk_norm is false, expected true: this family always norms queries and keys",
                "apertus | 'post_norm': true | post_norm is true, expected false",
                "apertus | 'hidden_act': 'gelish' | hidden_act is 'gelish', expected a known one",
                "apertus | 'rope_scaling': null, 'rope_theta': 1e4 | rope_theta is 10000.0, expected 1.2E7: without rope_parameters",
                "gpt-j | 'rotary_dim': 16 | rotary_dim is 16, expected an even number of at most n_embd / n_head = 8",
                "gpt-j | 'rotary': false | rotary is false, expected true: the family has no other positions",
                "gpt2 | 'add_cross_attention': true | add_cross_attention is true, expected false",
                "gpt2 | 'n_head': 3 | n_head is 3, expected a divisor of the hidden size 32",
                "gpt2 | 'n_layer': 0 | n_layer / num_hidden_layers is 0, expected a positive integer",
                "gpt2 | 'pruned_heads': {'0': [1]} | pruned_heads is {\"0\":[1]}, expected none",
                "opt | 'num_attention_heads': 7 | num_attention_heads is 7, expected a divisor of the hidden size 32",
                "opt | 'activation_function': 'none' | activation_function is 'none', expected a known one",
                "bloom | 'n_inner': 64 | n_inner is 64.0, expected 128.0",
                "bloom | 'n_head': 5 | n_head is 5, expected a divisor of the hidden size 32",
                "t5 | 'feed_forward_proj': 'gated-what' | feed_forward_proj is 'what', expected a known one",
                "t5 | 'num_decoder_layers': 0 | num_decoder_layers is 0, expected a positive integer",
                "t5 | 'd_kv': null | d_kv / head_dim is missing, expected a positive integer",
                "t5 | 'tie_encoder_decoder': true | tie_encoder_decoder is true, expected false",
                "baichuan | 'num_attention_heads': 5 | num_attention_heads is 5, expected a divisor of the hidden size 32",
                "baichuan | 'num_key_value_heads': 2 | num_key_value_heads is 2.0, expected 4.0: Baichuan has as many as heads",
                "baichuan | 'rope_scaling': {'type': 'helix', 'factor': 2} | rope_type is helix, expected default",
                "chatglm2 | 'multi_query_group_num': 3 | multi_query_group_num is 3, expected a divisor of num_attention_heads = 4",
                "chatglm2 | 'multi_query_group_num': 8 | multi_query_group_num is 8, expected a divisor of num_attention_heads = 4",
                "chatglm2 | 'kv_channels': 6 | kv_channels is 6, expected a multiple of 4",
                "chatglm2 | 'pre_seq_len': 128 | pre_seq_len is 128, expected null: learned prefixes are not served",
                "chatglm2 | 'quantization_bit': 4 | quantization_bit is 4.0, expected 0.0: quantised weights are not read yet",
                "chatglm2 | 'rope_ratio': 0 | rope_ratio is 0.0, expected a positive number",
                "chatglm2 | 'original_rope': false | original_rope is false, expected true: neighbouring features turn together",
                "chatglm2 | 'position_encoding_2d': true | position_encoding_2d is true, expected false: the first ChatGLM is another model",
                "chatglm2 | 'inner_hidden_size': 64 | inner_hidden_size is 64, expected none: the first ChatGLM is another model",
                "codegen | 'n_head': 2, 'rotary_dim': 4 | n_head is 2, expected a multiple of 4",
                "codegen | 'rotary_dim': 3 | rotary_dim is 3, expected an even number of at most n_embd / n_head = 8",
                "falcon | 'num_attention_heads': 5 | num_attention_heads is 5, expected a divisor of the hidden size 32",
                "falcon-40b | 'num_kv_heads': 3 | num_kv_heads is 3, expected a divisor of num_attention_heads = 4",
                "falcon-40b | 'num_kv_heads': 8 | num_kv_heads is 8, expected a divisor of num_attention_heads = 4",
                "falcon-40b | 'parallel_attn': false | parallel_attn is false, expected true with new_decoder_architecture",
                "falcon-40b | 'num_ln_in_parallel_attn': 3 | num_ln_in_parallel_attn is 3, expected 1 or 2",
                "falcon | 'num_ln_in_parallel_attn': 2 | num_ln_in_parallel_attn is 2, expected 1 without new_decoder_architecture",
                "falcon | 'apply_residual_connection_post_layernorm': true | apply_residual_connection_post_layernorm is true, expected false",
                "falcon | 'ff_factor': 2 | ff_factor is 2.0, expected 4.0: the feed-forward is 128 wide",
                "gpt-neo | 'num_heads': 5 | num_heads is 5, expected a divisor of the hidden size 32",
                "gpt-neo | 'attention_types': [[['global', 'nearby'], 1]] | is nearby, expected global or local",
                "gpt-neo | 'attention_types': [[['global'], 2000000000]] | expected lists of kinds with how often each recurs, for 2 layers in all",
                "gpt-neo | 'attention_types': 'global' | expected lists of kinds with how often each recurs, for 2 layers in all",
                "gpt-neo | 'attention_layers': ['local', 'local'] | expected a kind for each of 2 layers, as attention_types says",
                "gpt-neo | 'window_size': 0 | window_size is 0, expected a positive integer",
                "gpt-neox | 'rotary_pct': 0.1 | expected a share of head_dim = 8 that is an even number of features, at least 2",
                "gpt-neox | 'rotary_emb_base': -1 | expected a positive number",
                "openai | 'afn': 'tanh' | afn is 'tanh', expected gelu, relu, silu or swish",
                "starcode | 'num_key_value_heads': 4 | num_key_value_heads is 4.0, expected 1.0: multi_query is true",
                "starcode | 'add_cross_attention': true | add_cross_attention is true, expected false",
                "starcoder2 | 'num_key_value_heads': 3 | num_key_value_heads is 3, expected a divisor of num_attention_heads = 4",
                "starcoder2 | 'norm_type': 'rms_norm' | norm_type is rms_norm, expected layer_norm",
                "starcoder2 | 'mlp_type': 'gated' | mlp_type is gated, expected default",
                "xglm | 'pad_token_id': 2 | pad_token_id is 2, expected 0 or 1",
                "xglm | 'attention_heads': 3 | attention_heads is 3, expected a divisor of the hidden size 32",
                "ctrl | 'n_embd': 33, 'n_head': 3 | n_embd is 33, expected an even number",
                "mpt | 'attn_config': {'alibi': false} | alibi is false, expected true: MPT's positions are linear biases",
                "mpt | 'attn_config': {'alibi_bias_max': 16} | alibi_bias_max is 16.0, expected 8.0",
                "mpt | 'attn_config': {'qk_ln': true} | qk_ln is true, expected false",
                "mpt | 'attn_config': {'prefix_lm': true} | prefix_lm is true, expected false",
                "mpt | 'attn_config': {'attn_type': 'multiquery_attention'} | attn_type is multiquery_attention, expected multihead_attention",
                "mpt | 'attn_config': {'kv_n_heads': 2} | kv_n_heads is 2, expected null",
                "mpt | 'attn_config': {'clip_qkv': -1} | clip_qkv is -1.0, expected a positive number, or null",
                "mpt | 'attn_config': [] | attn_config is [], expected an object",
                "mpt | 'expansion_ratio': 3 | expansion_ratio is 3.0, expected 4.0",
                "mpt | 'logit_scale': 'inv_sqrt_d_model' | logit_scale is \"inv_sqrt_d_model\", expected null",
                "mpt | 'norm_type': 'rmsnorm' | norm_type is rmsnorm, expected layernorm or low_precision_layernorm",
                "nemotron | 'kv_channels': 16 | kv_channels is 16.0, expected 8.0",
                "nemotron | 'partial_rotary_factor': 1.5 | expected a share of head_dim = 8",
                "persimmon | 'num_key_value_heads': 2 | num_key_value_heads is 2.0, expected 4.0",
                "phi | 'num_key_value_heads': 3 | num_key_value_heads is 3, expected a divisor of num_attention_heads = 4",
                "phi | 'partial_rotary_factor': 0.4 | expected a share of head_dim = 8 that is an even number of features",
                "qwen | 'kv_channels': 16 | kv_channels is 16.0, expected 8.0: heads together are as wide as the hidden size 32",
                "qwen | 'intermediate_size': 65 | intermediate_size is 65, expected an even number",
                "qwen | 'seq_length': null | seq_length is missing, expected a positive integer",
                "qwen | 'rope_scaling': {'type': 'linear', 'factor': 2} | use_dynamic_ntk is true, expected false beside a rope_scaling",
                "qwen | 'rotary_pct': 0.25 | use_dynamic_ntk is true, expected false where heads turn less than 4 features",
                "qwen | 'visual': {'layers': 2} | visual is an object, expected none: images are not served",
                "stablelm | 'num_attention_heads': 5, 'num_key_value_heads': 5 | num_attention_heads is 5, expected a divisor of the hidden size 32",
                "yuan | 'causal_mask': false | causal_mask is false, expected true",
                "yuan | 'use_shareqk': true | use_shareqk is true, expected false",
                "yuan | 'num_key_value_heads': 2 | num_key_value_heads is 2.0, expected 4.0",
                "yuan | 'hidden_size': 33, 'num_attention_heads': 3 | hidden_size is 33, expected an even number",
                "yuan | 'moe_config': {} | moe_config is {}, expected none",
                "bert | 'position_embedding_type': 'relative_key' | position_embedding_type is relative_key, expected absolute",
                "bert | 'is_decoder': true | is_decoder is true, expected false: BERT is served as an encoder",
                "bert | 'num_attention_heads': 6 | num_attention_heads is 6, expected a divisor of the hidden size 32",
            })
    void aKeyThatCannotBeHonoured(String id, String changes, String message) {
        Config config = Configs.golden(id, changes);
        assertThatThrownBy(() -> Architectures.build(config))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("config.json")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "llama2 | 'architectures': ['LlamaForSequenceClassification'] | architectures is 'LlamaForSequenceClassification', which model_type 'llama' is not served as; served: LlamaForCausalLM, LLaMAForCausalLM",
                "t5 | 'architectures': ['T5ForQuestionAnswering'] | served: T5ForConditionalGeneration, T5WithLMHeadModel, T5EncoderModel",
                "bert | 'architectures': ['BertForMultipleChoice'] | served: BertForMaskedLM, BertForPreTraining, BertModel, BertForSequenceClassification, BertForTokenClassification, BertForQuestionAnswering",
                "chatglm2 | 'architectures': ['ChatGLMForSequenceClassification'] | served: ChatGLMForConditionalGeneration, ChatGLMModel",
                "falcon-refinedweb | 'architectures': ['RWForTokenClassification'] | served: RWForCausalLM",
                "llama2 | 'model_type': 'lama' | model_type 'lama' is not supported; nearest: llama,",
                "llama2 | 'quantization_config': {'quant_method': 'gptq', 'bits': 4} | quantised checkpoints are not read yet: quantization_config is present, its method is gptq",
            })
    void aModelThatIsNotServed(String id, String changes, String message) {
        Config config = Configs.golden(id, changes);
        assertThatThrownBy(() -> Architectures.build(config))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anUntiedHeadThatTheFilesLack() {
        Config config = Configs.golden("llama2", "");
        assertThatThrownBy(() -> Architectures.build(config, StoredTensors.of(Set.of("model.embed_tokens.weight"))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("config.json: tie_word_embeddings is false, but the files hold no lm_head.weight, "
                        + "expected it, or tie_word_embeddings true to use model.embed_tokens.weight");
    }
}
