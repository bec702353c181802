package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of Llama's later relatives that golden checkpoints do not have, absent keys above all. */
class LaterSettingsTest {
    private static final Reach ALL = Reach.ALL;

    private static <O extends Op> List<O> ops(Model model, Class<O> kind) {
        return model.graph().nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static Model golden(String id, String changes, String... without) {
        return Architectures.build(Configs.golden(id, changes, without));
    }

    private static List<Reach> windows(Model model) {
        return ops(model, Op.Attention.class).stream().map(Op.Attention::reach).toList();
    }

    private static List<RotaryTable> tables(Model model) {
        return ops(model, Op.Rotary.class).stream().map(Op.Rotary::table).toList();
    }

    private static List<Integer> shape(Model model, String weight) {
        return model.graph().weights().stream()
                .filter(found -> found.name().endsWith(weight))
                .findFirst()
                .map(found -> Arrays.stream(found.shape()).boxed().toList())
                .orElse(List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "qwen3, 512",
        "gemma, 1024",
        "gemma2, 1024",
        "gemma3, 1024",
        "glm, 512",
        "glm4, 512",
        "ministral3, 512",
        "ernie4_5, 512",
        "internlm3, 512",
        "seed_oss, 512",
        "granite, 32",
        "hunyuan_v1_dense, 32"
    })
    void anAbsentHeadWidthIsTheFamilys(String id, int queries) {
        assertThat(shape(golden(id, "", "head_dim"), "q_proj.weight")).containsExactly(queries, 32);
        assertThat(shape(golden(id, "'head_dim': null"), "q_proj.weight")).containsExactly(32, 32);
    }

    @ParameterizedTest
    @CsvSource({
        "llama2, 10000",
        "qwen3, 10000",
        "cohere, 500000",
        "cohere2, 10000",
        "smollm3, 2000000",
        "ernie4_5, 500000",
        "gemma2, 10000",
        "glm, 10000",
        "seed_oss, 10000"
    })
    void anAbsentBaseIsTheFamilys(String id, double theta) {
        assertThat(tables(golden(id, "", "rope_theta")).get(0).theta()).isEqualTo(theta);
    }

    @Test
    void ministralsWithoutLayerTypes() {
        Reach window = Reach.window(4);
        assertThat(windows(golden("ministral", "", "layer_types"))).containsExactly(window, window);
        assertThat(windows(golden("ministral", "'layer_types': null, 'sliding_window': null")))
                .containsExactly(ALL, ALL);
    }

    @Test
    void gemma2Caps() {
        Model absent = golden("gemma2", "", "attn_logit_softcapping", "final_logit_softcapping");
        assertThat(ops(absent, Op.Attention.class))
                .extracting(Op.Attention::softCap)
                .containsOnly(OptionalDouble.of(50));
        assertThat(ops(absent, Op.SoftCap.class)).containsExactly(new Op.SoftCap(30));
        Model none = golden("gemma2", "'attn_logit_softcapping': null, 'final_logit_softcapping': null");
        assertThat(ops(none, Op.Attention.class))
                .extracting(Op.Attention::softCap)
                .containsOnly(OptionalDouble.empty());
        assertThat(ops(none, Op.SoftCap.class)).isEmpty();
    }

    @Test
    void gemma3Positions() {
        Model model = golden("gemma3", "'rope_scaling': {'rope_type': 'linear', 'factor': 8.0}");
        assertThat(tables(model))
                .containsExactly(
                        new RotaryTable(16, 1e4, new RotaryScaling.None()),
                        new RotaryTable(16, 1e4, new RotaryScaling.None()),
                        new RotaryTable(16, 1e6, new RotaryScaling.Linear(8)),
                        new RotaryTable(16, 1e6, new RotaryScaling.Linear(8)));
        assertThat(windows(golden("gemma3", "'num_hidden_layers': 7", "sliding_window_pattern")))
                .extracting(Reach::limited)
                .containsExactly(true, true, true, true, true, false, true);
    }

    @Test
    void gemmasGeluIsTheTanhForm() {
        assertThat(ops(golden("gemma", "'hidden_act': 'gelu'"), Op.Activate.class))
                .containsOnly(new Op.Activate(ActivationFunction.GELU_TANH));
        assertThat(ops(golden("gemma2", "'hidden_activation': 'gelu'"), Op.Activate.class))
                .containsOnly(new Op.Activate(ActivationFunction.GELU));
    }

    @Test
    void olmo3InTheOlderForm() {
        Model model = golden(
                "olmo3",
                "'rope_theta': 7e4, 'rope_scaling': {'rope_type': 'linear', 'factor': 2.0}",
                "rope_parameters",
                "layer_types");
        assertThat(windows(model)).containsExactly(Reach.window(4), Reach.window(4), Reach.window(4), ALL);
        assertThat(tables(model).get(0)).isEqualTo(new RotaryTable(8, 7e4, new RotaryScaling.None()));
        assertThat(tables(model).get(7)).isEqualTo(new RotaryTable(8, 7e4, new RotaryScaling.Linear(2)));
    }

    @Test
    void layersWithoutPositions() {
        assertThat(tables(golden("smollm3", ""))).hasSize(6);
        assertThat(tables(golden("smollm3", "'no_rope_layer_interval': 2", "no_rope_layers")))
                .hasSize(4);
        assertThat(tables(golden("cohere2", "'sliding_window_pattern': 2"))).hasSize(4);
        assertThat(tables(golden("cohere2", "", "sliding_window_pattern"))).hasSize(6);
        assertThat(tables(golden("exaone4", ""))).hasSize(6);
        assertThat(tables(golden("exaone4", "'layer_types': null, 'sliding_window': null")))
                .hasSize(8);
        assertThat(windows(golden("exaone4", "'layer_types': null, 'sliding_window_pattern': 'GL'")))
                .containsExactly(ALL, Reach.window(4), ALL, ALL);
    }

    @Test
    void smolLmsWindowsLieWhereNoPositionsAre() {
        assertThat(windows(golden("smollm3", "'use_sliding_window': true, 'sliding_window': 3", "layer_types")))
                .containsExactly(ALL, ALL, ALL, Reach.window(3));
    }

    @Test
    void cohereNormsOfHeads() {
        Model model = golden("cohere", "'use_qk_norm': true");
        assertThat(ops(model, Op.Norm.class)).extracting(Op.Norm::groups).contains(4, 2);
        assertThat(ops(golden("cohere", "", "logit_scale"), Op.Scale.class)).containsExactly(new Op.Scale(0.0625));
    }

    @Test
    void hunyuansFixedAlpha() {
        assertThat(tables(golden(
                        "hunyuan_v1_dense", "'rope_scaling': {'type': 'dynamic', 'alpha': 1000.0, 'factor': 1.0}")))
                .containsOnly(new RotaryTable(8, 1e4, new RotaryScaling.Grown(1000)));
    }

    @Test
    void ministral3WithoutRotarySettings() {
        RotaryTable table = tables(golden("ministral3", "", "rope_parameters")).get(0);
        assertThat(table).isEqualTo(new RotaryTable(16, 1e6, new RotaryScaling.Yarn(16, 16384, 32, 1, true, 1)));
    }
}
