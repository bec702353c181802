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
                "mixtral | 'num_local_experts': 0 | num_local_experts / num_experts is 0, expected a positive integer",
                "mixtral | 'num_local_experts': 2000000000 | is 2000000000, expected at most 65536",
                "mixtral | 'num_experts_per_tok': 5 | num_experts_per_tok is 5, expected at most num_local_experts = 4",
                "mixtral | 'num_experts_per_tok': 0 | num_experts_per_tok / experts_per_token is 0, expected a positive integer",
                "mixtral | 'num_local_experts': 'eight' | is \"eight\", expected an integer",
                "qwen2-moe | 'decoder_sparse_step': 0 | decoder_sparse_step is 0, expected a positive integer",
                "qwen2-moe | 'moe_intermediate_size': null | moe_intermediate_size is missing, expected a positive integer",
                "qwen2-moe | 'mlp_only_layers': 'all' | mlp_only_layers is \"all\", expected an integer or a list of integers",
                "qwen3_moe | 'num_experts_per_tok': 9 | num_experts_per_tok is 9, expected at most num_experts = 4",
                "qwen3_moe | 'hidden_act': 'gelish' | hidden_act is 'gelish', expected a known one",
                "olmoe | 'clip_qkv': -1 | clip_qkv is -1.0, expected a positive number, or null for no limit",
                "granitemoe | 'logits_scaling': 0 | logits_scaling is 0.0, expected a number to divide logits by",
                "phimoe | 'num_experts_per_tok': 1 | num_experts_per_tok is 1, expected 2: the sparse mixer chooses two",
                "gpt_oss | 'swiglu_limit': 0 | swiglu_limit is 0.0, expected a positive number",
                "gpt_oss | 'layer_types': ['full_attention'] | expected a list of num_hidden_layers = 2 entries",
                "gpt_oss | 'quantization_config': {'quant_method': 'mxfp4'} | quantised checkpoints are not read yet: quantization_config is present, its method is mxfp4",
                "glm4_moe | 'n_group': 3 | n_group is 3, expected a divisor of the number of experts 4",
                "glm4_moe | 'n_group': 2, 'topk_group': 3 | topk_group is 3, expected at most n_group = 2",
                "glm4_moe | 'n_shared_experts': -1 | n_shared_experts is -1, expected 0 or more",
                "deepseek_v2 | 'topk_method': 'noaux_tc' | topk_method is noaux_tc, expected greedy or group_limited_greedy",
                "deepseek_v2 | 'scoring_func': 'sigmoid' | scoring_func is sigmoid, expected softmax",
                "deepseek_v2 | 'qk_rope_head_dim': 3 | qk_rope_head_dim is 3, expected an even number",
                "deepseek_v2 | 'num_key_value_heads': 2 | num_key_value_heads is 2, expected num_attention_heads = 4: every head has keys of its own",
                "deepseek_v3 | 'topk_group': 1, 'num_experts_per_tok': 3 | num_experts_per_tok is 3, expected at most 2, the experts of topk_group = 1 groups of 2",
                "deepseek_v3 | 'kv_lora_rank': 0 | kv_lora_rank is 0, expected a positive integer",
                "llama4 | 'moe_layers': [7] | moe_layers is 7, expected numbers below num_hidden_layers = 4",
                "llama4 | 'no_rope_layers': [1] | no_rope_layers is [1], expected a list of num_hidden_layers = 4 entries, 0 or 1",
                "llama4 | 'layer_types': ['a', 'a', 'a', 'a'] | layer_types is a, expected chunked_attention or full_attention",
                "llama4 | 'attention_chunk_size': 0 | attention_chunk_size is 0, expected a positive integer",
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
