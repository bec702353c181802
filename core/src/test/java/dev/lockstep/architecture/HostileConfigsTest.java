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
