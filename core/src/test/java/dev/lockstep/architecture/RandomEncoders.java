package dev.lockstep.architecture;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Encoders whose rows look at some keys, at other axes, or at tables of distances. */
final class RandomEncoders {
    private RandomEncoders() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new LinkedHashMap<>();
        drawings.put("deberta-v2", c -> deberta(c, "DebertaV2ForMaskedLM"));
        drawings.put("deberta-v2-encoder", c -> deberta(c, "DebertaV2Model"));
        drawings.put("deberta-v2-seqcls", c -> deberta(c, "DebertaV2ForSequenceClassification"));
        drawings.put("fnet", RandomEncoders::fnet);
        drawings.put("funnel", c -> funnel(c, "FunnelForMaskedLM"));
        drawings.put("funnel-encoder", c -> funnel(c, "FunnelModel"));
        drawings.put("longt5", c -> longT5(c, "LongT5ForConditionalGeneration"));
        drawings.put("longt5-encoder", c -> longT5(c, "LongT5EncoderModel"));
        return drawings;
    }

    private static void deberta(RandomConfig c, String className) {
        c.common("deberta-v2", className);
        int heads = c.draw.heads();
        int hidden = heads * c.draw.headDim();
        c.put("hidden_size", hidden);
        c.put("num_attention_heads", heads);
        c.put("num_hidden_layers", c.layers);
        c.put("intermediate_size", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.put("relative_attention", c.draw.flag() || c.draw.flag());
        c.put(
                "pos_att_type",
                List.of(List.of("p2c", "c2p"), "c2p|p2c", List.of("c2p"), "p2c").get(c.draw.oneOf(0, 1, 2, 3)));
        c.maybe("position_buckets", c.draw.oneOf(7, 16, 64));
        c.maybe("max_relative_positions", c.draw.oneOf(-1, 40, 200));
        c.maybe("share_att_key", c.draw.flag());
        c.maybe("norm_rel_ebd", "layer_norm");
        c.maybe("position_biased_input", c.draw.flag());
        c.maybe("type_vocab_size", c.draw.oneOf(0, 2));
        c.maybe("embedding_size", c.draw.odd(17, 41));
        c.maybe("conv_kernel_size", c.draw.oneOf(0, 3, 5));
        c.maybe("num_labels", c.draw.oneOf(1, 3, 5));
    }

    private static void fnet(RandomConfig c) {
        c.common("fnet", c.draw.flag() ? "FNetForMaskedLM" : "FNetModel");
        c.put("hidden_size", c.draw.odd(17, 63));
        c.put("num_hidden_layers", c.layers);
        c.put("intermediate_size", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.maybe("type_vocab_size", c.draw.oneOf(2, 4));
        c.maybe("hidden_act", "relu");
    }

    private static void funnel(RandomConfig c, String className) {
        c.common("funnel", className);
        int blocks = c.draw.oneOf(1, 2, 3);
        c.put("d_model", 2 * c.draw.oneOf(12, 15, 21));
        c.put("n_head", c.draw.heads());
        c.put("d_head", c.draw.headDim());
        c.put("d_inner", c.draw.odd(33, 99));
        c.put(
                "block_sizes",
                IntStream.range(0, blocks).mapToObj(block -> c.draw.oneOf(1, 2)).toList());
        c.put("block_repeats", c.draw.flag() ? Collections.nCopies(blocks, c.draw.oneOf(1, 2)) : null);
        c.put("num_decoder_layers", c.draw.oneOf(1, 2));
        c.maybe("separate_cls", c.draw.flag());
        c.maybe("truncate_seq", c.draw.flag());
        c.maybe("pool_q_only", c.draw.flag());
        c.maybe("pooling_type", c.draw.flag() ? "mean" : "max");
        c.maybe("attention_type", c.draw.flag() ? "relative_shift" : "factorized");
    }

    private static void longT5(RandomConfig c, String className) {
        RandomFirstFamilies.t5(c, className);
        c.put("model_type", "longt5");
        c.put("encoder_attention_type", c.draw.flag() ? "local" : "transient-global");
        c.maybe("local_radius", c.draw.oneOf(2, 7, 31));
        c.maybe("global_block_size", c.draw.oneOf(3, 8));
    }
}
