package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.ScoreTerm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of encoders that golden checkpoints do not have: what they change in the graph, and what is refused. */
class EncoderSettingsTest {
    private static Model golden(String id, String changes, String... without) {
        return Architectures.build(Configs.golden(id, changes, without));
    }

    private static <O extends Op> List<O> ops(Model model, Class<O> kind) {
        return model.graph().nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static List<KeySet> keys(Model model) {
        return ops(model, Op.Attention.class).get(0).keys();
    }

    /** The score is divided by the root of one more than the terms. */
    @ParameterizedTest
    @CsvSource({"'[\"c2p\"]', 1", "'\"p2c | c2p\"', 2", "'[\"p2c\"]', 1", "'[]', 0", "null, 0"})
    void termsOfDeberta(String kinds, int terms) {
        Model model = golden("deberta_v2", "'pos_att_type': " + kinds.replace('"', '\''));
        Op.Attention op = ops(model, Op.Attention.class).get(0);
        assertThat(op.terms()).hasSize(terms);
        assertThat(op.scale()).isEqualTo(1 / Math.sqrt(8.0 * (1 + terms)));
    }

    @Test
    void distancesOfDeberta() {
        assertThat(keys(golden("deberta_v2", "'relative_attention': false"))
                        .get(0)
                        .terms())
                .isEmpty();
        ScoreTerm.Content plain =
                (ScoreTerm.Content) keys(golden("deberta_v2", "'position_buckets': -1, 'max_relative_positions': 24"))
                        .get(0)
                        .terms()
                        .get(0);
        assertThat(plain.index()).isEqualTo(new ScoreTerm.ByBucket(24, 0, 24));
        Model own = golden("deberta_v2", "'share_att_key': false");
        assertThat(own.graph().weights())
                .extracting(weight -> weight.name())
                .contains(
                        "deberta.encoder.layer.1.attention.self.pos_key_proj.weight",
                        "deberta.encoder.layer.1.attention.self.pos_query_proj.bias");
        assertThat(golden("deberta_v2", "").maxPositions()).isEmpty();
        assertThat(golden("deberta_v2", "'position_biased_input': true").maxPositions())
                .hasValue(64);
    }

    @Test
    void rowsOfFunnel() {
        Model model = golden("funnel", "'separate_cls': false, 'pooling_type': 'max'");
        RowAxis pooled = model.graph().nodes().stream()
                .filter(node -> node.op() instanceof Op.PoolRows)
                .map(node -> node.output().rows())
                .findFirst()
                .orElseThrow();
        assertThat(pooled.blocks().firstApart()).isFalse();
        assertThat(pooled.blocks().lastLeftOut()).isFalse();
        assertThat(pooled.blocks().count(7)).isEqualTo(4);
        assertThat(ops(model, Op.PoolRows.class)).containsOnly(Op.PoolRows.MOST);
        assertThat(ops(golden("funnel", "'num_decoder_layers': 0"), Op.Attention.class))
                .hasSize(4);
        assertThat(ops(golden("funnel", "'block_repeats': [2, 3]"), Op.Attention.class))
                .hasSize(2 * 2 + 2 * 3 + 1);
        assertThat(ops(golden("funnel", "'block_sizes': [1], 'block_repeats': null"), Op.RepeatRows.class))
                .isEmpty();
    }

    @Test
    void keysOfLongT5() {
        assertThat(keys(golden("longt5-local", "'local_radius': 9")))
                .extracting(KeySet::reach)
                .containsExactly(Reach.window(10));
        List<KeySet> both = keys(golden("longt5-tglobal", "'global_block_size': 5"));
        assertThat(both).extracting(KeySet::reach).containsExactly(Reach.window(4), Reach.ALL);
        assertThat(both).allMatch(set -> set.terms().equals(List.of(new ScoreTerm.RelativeBuckets(8, 16, true))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "funnel | 'block_sizes': [] | block_sizes",
                "funnel | 'block_sizes': [2, 0] | block_sizes",
                "funnel | 'block_repeats': [1] | block_repeats",
                "funnel | 'block_repeats': [1, -1] | block_repeats",
                "funnel | 'pooling_type': 'min' | pooling_type",
                "funnel | 'attention_type': 'absolute' | attention_type",
                "funnel | 'd_model': 33 | d_model",
                "funnel | 'num_decoder_layers': -1 | num_decoder_layers",
                "deberta_v2 | 'pos_att_type': 'p2p' | pos_att_type",
                "deberta_v2 | 'pos_att_type': 5 | pos_att_type",
                "deberta_v2 | 'position_buckets': 1 | position_buckets",
                "deberta_v2 | 'position_buckets': 200 | position_buckets",
                "deberta_v2 | 'attention_head_size': 16 | attention_head_size",
                "deberta_v2 | 'num_attention_heads': 5 | num_attention_heads",
                "deberta_v2-conv | 'conv_kernel_size': 4 | conv_kernel_size",
                "deberta_v2-conv | 'conv_groups': 2 | conv_groups",
                "longt5-tglobal | 'encoder_attention_type': 'global' | encoder_attention_type",
                "longt5-tglobal | 'global_block_size': 0 | global_block_size",
                "fnet | 'use_tpu_fourier_optimizations': true | use_tpu_fourier_optimizations"
            })
    void whatCannotBeHonouredIsRefusedByName(String id, String changes, String key) {
        assertThatThrownBy(() -> golden(id, changes))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(key + " is ")
                .hasMessageContaining("expected");
    }
}
