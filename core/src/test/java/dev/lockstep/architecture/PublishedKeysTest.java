package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.checkpoint.Config;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that the well-known checkpoints of each family carry: none of them is reported as unknown. */
class PublishedKeysTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "llama | 'max_sequence_length': 2048, 'architectures': ['LLaMAForCausalLM']",
                "llama2 | '_name_or_path': 'x', 'pretraining_tp': 4, 'use_cache': true, 'attention_dropout': 0.1",
                "llama3 | 'mlp_bias': false, 'attention_bias': false, 'dtype': 'bfloat16'",
                "llama3 | 'rope_parameters': {'rope_type': 'default', 'rope_theta': 5e5}, 'partial_rotary_factor': 1.0",
                "mistral | 'head_dim': null, 'attention_dropout': 0.0, 'quantization_config': null",
                "qwen2 | 'use_mrope': false, 'layer_types': ['full_attention', 'full_attention']",
                "qwen3 | 'rope_parameters': {'rope_type': 'default', 'rope_theta': 1e6}, 'layer_types': ['full_attention', 'full_attention']",
                "gemma | 'hidden_activation': null, 'use_bidirectional_attention': null",
                "gemma2 | 'hidden_act': 'gelu_pytorch_tanh', 'cache_implementation': 'hybrid'",
                "gemma3 | '_sliding_window_pattern': 2, 'attn_logit_softcapping': null",
                "phi3 | 'attention_bias': false, 'auto_map': {'AutoConfig': 'x'}, 'mlp_bias': false, 'lm_head_bias': false,"
                        + " 'full_attn_mod': 1, 'interpolate_factor': 1",
                "cohere | 'model_max_length': 131072, 'pretraining_tp': 1",
                "cohere2 | 'layer_switch': 4, 'position_embedding_type': 'rope_gptj', 'rotary_pct': 1.0, 'use_embedding_sharing': true,"
                        + " 'use_gated_activation': true, 'use_parallel_block': true, 'use_parallel_embedding': true, 'use_qk_norm': false",
                "smollm3 | 'max_window_layers': 28, 'pretraining_tp': 2",
                "exaone | 'auto_map': {'AutoConfig': 'x'}, 'head_dim': 8, 'embed_dropout': 0.0",
                "exaone4 | 'sliding_window_pattern': 'LLLG'",
                "ernie4_5 | 'max_sequence_length': null, 'use_flash_attention': false, 'compression_ratio': 1.0",
                "hunyuan_v1_dense | 'use_qk_norm': true, 'use_cla': false, 'cla_share_factor': 2, 'norm_type': 'rms', 'mlp_bias': false,"
                        + " 'position_embedding_xdrope': false, 'pool_type': 'last', 'org_vocab_size': 128",
                "ernie4_5_moe | 'max_sequence_length': null, 'compression_ratio': 1.0, 'router_aux_loss_coef': 0.001, 'moe_norm_min': 1e-12",
                "dots1 | 'ep_size': 1, 'topk_method': 'noaux_tc', 'layer_types': ['full_attention', 'full_attention', 'full_attention']",
                "hunyuan_v1_moe | 'eod_token_id': 3, 'n_group': false, 'group_limited_greedy': false, 'routed_scaling_factor': false,"
                        + " 'q_lora_rank': null, 'kv_lora_rank': null, 'v_head_dim': null, 'org_vocab_size': 128",
                "flex_olmo | 'attention_bias': false, 'rope_parameters': {'rope_type': 'default', 'rope_theta': 5e5}",
                "minimax_m2 | 'output_router_logits': false, 'layernorm_mlp_alpha': 1.0, 'router_jitter_noise': 0.0",
                "granitemoeshared | 'rope_parameters': {'rope_type': 'default', 'rope_theta': 1e4}",
                "glm4_moe_lite | 'qk_head_dim': 10, 'head_dim': 4, 'rope_interleave': true, 'scoring_func': 'sigmoid',"
                        + " 'mlp_layer_types': ['dense', 'sparse', 'sparse']",
                "exaone_moe | 'output_router_logits': false, 'router_aux_loss_coef': 0.0",
                "minicpm3 | 'auto_map': {}, 'qk_head_dim': 10, 'head_dim': 4, 'mlp_bias': false, 'pretraining_tp': 1",
                "dbrx | 'auto_map': {}, 'output_router_logits': false, 'attn_config': {'clip_qkv': 8, 'kv_n_heads': 2, 'model_type': ''}",
                "gpt_neox_japanese | 'is_decoder': true, 'rope_scaling': null",
                "cohere2_moe | 'cache_implementation': 'hybrid', 'output_router_logits': false, 'rms_norm_eps': null",
                "apertus | 'mlp_bias': false, 'qk_norm': true, 'post_norm': false, 'rope_scaling': null",
                "mixtral | 'router_jitter_noise': 0.0, 'rope_parameters': {'rope_type': 'default', 'rope_theta': 1e6}",
                "qwen2-moe | 'max_window_layers': 28, 'mlp_only_layers': [], 'qkv_bias': true, 'layer_types': ['full_attention', 'full_attention']",
                "qwen3_moe | 'head_dim': 16, 'max_window_layers': 48, 'mlp_only_layers': [], 'rope_scaling': null",
                "olmoe | 'clip_qkv': null, 'norm_topk_prob': false",
                "granitemoe | 'router_aux_loss_coef': 0.0, 'attention_bias': false",
                "phimoe | 'auto_map': {'AutoConfig': 'x'}, 'input_jitter_noise': 0.01, 'architectures': ['PhiMoEForCausalLM']",
                "gpt_oss | 'experts_per_token': 2, 'initial_context_length': 16, 'swiglu_limit': 7.0, 'swiglu_alpha': 1.702",
                "glm4_moe | 'num_nextn_predict_layers': 1, 'partial_rotary_factor': 0.5",
                "deepseek_v2 | 'auto_map': {'AutoConfig': 'x'}, 'ep_size': 1, 'seq_aux': true, 'aux_loss_alpha': 0.001, 'scoring_func': 'softmax'",
                "deepseek_v3 | 'num_nextn_predict_layers': 1, 'moe_layer_freq': 1, 'qk_head_dim': 12, 'head_dim': 4, 'rope_interleave': true",
                "llama4 | 'for_llm_compressor': false, 'cache_implementation': 'hybrid', 'attn_temperature_tuning': true",
                "gpt2 | 'task_specific_params': {'text-generation': {'do_sample': true, 'max_length': 50}}, 'n_ctx': 64,"
                        + " 'output_past': true, 'finetuning_task': null, 'pruned_heads': {}",
                "gpt-j | 'scale_attn_weights': true, 'rotary': true, 'gradient_checkpointing': false,"
                        + " 'summary_type': 'cls_index', 'summary_use_proj': true, 'tokenizer_class': 'GPT2Tokenizer'",
                "opt | 'prefix': '</s>', 'layerdrop': 0.0, 'init_std': 0.02, 'num_beams': 1, 'max_length': 20",
                "opt | 'learned_embeddings': true, 'scale_embeddings': false, 'activation_dropout': 0.0",
                "bloom | 'seq_length': 2048, 'offset_alibi': 100, 'unk_token_id': 0, 'n_inner': null,"
                        + " 'attention_softmax_in_fp32': true, 'bias_dropout_fusion': true,"
                        + " 'masked_softmax_fusion': true, 'skip_bias_add': true, 'skip_bias_add_qkv': false",
                "baichuan-13b | '_from_model_config': true, 'gradient_checkpointing': false",
                "chatglm2 | 'vocab_size': 128, 'num_hidden_layers': 2, 'rope_ratio': 50, 'prefix_projection': false",
                "codegen | 'summary_type': 'cls_index', 'scale_attn_weights': true, 'gradient_checkpointing': false",
                "falcon | 'num_kv_heads': 71, 'multi_query': true, 'auto_map': {}, 'rope_theta': 10000.0, 'rope_scaling': null",
                "falcon-40b | 'num_ln_in_parallel_attn': 1, 'ff_factor': 4, 'ffn_hidden_size': 128, 'activation': 'gelu'",
                "gpt-neo | 'attention_layers': ['global', 'local'], 'summary_type': 'cls_index', 'gradient_checkpointing': false",
                "gpt-neox | 'attention_probs_dropout_prob': 0, 'custom_pipelines': {}, 'attention_dropout': 0.0",
                "openai | 'predict_special_tokens': true, 'n_special': 0, 'task_specific_params': {}",
                "starcode | 'inference_runner': 0, 'max_batch_size': null, 'validate_runner_input': true, 'num_key_value_heads': 1",
                "starcoder2 | 'activation_function': 'gelu', 'mlp_type': 'default', 'norm_type': 'layer_norm', 'layer_norm_epsilon': 1e-5",
                "ctrl | 'from_tf': false, 'summary_type': 'cls_index', 'torchscript': false",
                "mpt | 'init_config': {}, 'auto_map': {}, 'logit_scale': null, 'use_pad_tok_in_ffn': true, 'ffn_config': {'ffn_type': 'mptmlp'}",
                "nemotron | 'kv_channels': 8, 'rope_percent': 0.5, 'rope_scaling': null",
                "qwen | 'n_positions': 64, 'pos_emb': 'rotary', 'padded_vocab_size': 128, 'params_dtype': 'torch.bfloat16'",
                "yuan | 'mask_token': '<mask>', 'model_max_length': 64, 'use_flash_attention': true",
                "t5 | 'n_positions': 512, 'output_past': true, 'task_specific_params': {'summarization': {}}",
                "t5-v1_1 | 'initializer_factor': 1.0, 'classifier_dropout': 0.0, 'scale_decoder_outputs': false",
                "bert | 'directionality': 'bidi', 'pooler_fc_size': 768, 'pooler_num_attention_heads': 12,"
                        + " 'pooler_num_fc_layers': 3, 'pooler_size_per_head': 128, 'pooler_type': 'first_token_transform'",
            })
    void keysOfPublishedCheckpointsAreKnown(String id, String changes) {
        Config config = Configs.golden(id, changes);
        Architectures.build(config);
        assertThat(Architectures.unknownKeys(config)).isEmpty();
    }
}
