package dev.lockstep.backend.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.backend.Precision;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Weight;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightPrecisionsTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    /** Experts in 8 bits, what decides about them in more; nothing decides in a dense model. */
    @ParameterizedTest
    @CsvSource({
        "mixtral,self_attn.q_proj,BF16",
        "mixtral,self_attn.o_proj,BF16",
        "mixtral,gate.weight,FP32",
        "mixtral,experts,INT8",
        "mixtral,lm_head,INT8",
        "llama,self_attn.q_proj,INT8",
        "llama,self_attn.o_proj,INT8",
        "llama,norm.weight,FP32"
    })
    void eightBitsButForWhatDecidesAboutExperts(String id, String part, Precision expected) {
        try (Checkpoint checkpoint = Checkpoints.open(GOLDENS.resolve(id))) {
            Graph graph = Architectures.build(checkpoint).graph();
            WeightPrecisions precisions = new WeightPrecisions(graph, Precision.INT8);
            List<Weight> found = graph.weights().stream()
                    .filter(weight -> weight.name().contains(part))
                    .toList();
            assertThat(found).isNotEmpty().allSatisfy(weight -> assertThat(precisions.of(weight))
                    .as(weight.name())
                    .isEqualTo(expected));
        }
    }
}
