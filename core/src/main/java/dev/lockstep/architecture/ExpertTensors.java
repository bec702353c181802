package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ExpertWeights;
import dev.lockstep.graph.Scope;
import java.util.List;
import java.util.stream.IntStream;

/** How files lay out the weights of a mixture's experts. */
@FunctionalInterface
interface ExpertTensors {

    /**
     * The weights at a mixture's place.
     *
     * @param inner features between an expert's maps
     * @param hidden features of its input and output
     */
    ExpertWeights of(Scope s, int experts, int inner, int hidden);

    /** A tensor for each expert and map: {@code experts.N.gate.weight} [inner, hidden] and so on. */
    static ExpertTensors separate(Mlp.GatedNames names) {
        return (s, experts, inner, hidden) -> new ExpertWeights(
                stacked(s, experts, names.gate()), stacked(s, experts, names.up()), stacked(s, experts, names.down()));
    }

    private static WeightExpression stacked(Scope s, int experts, String name) {
        return new WeightExpression.Stacked(IntStream.range(0, experts)
                .mapToObj(expert -> WeightExpression.tensor(s.name("experts." + expert + "." + name + ".weight")))
                .toList());
    }

    /**
     * One tensor for all gates and ups [experts, 2 * inner, hidden], the gate's rows first, and one for all downs [experts,
     * hidden, inner].
     */
    static ExpertTensors fused(String gateUp, String down) {
        return (s, experts, inner, hidden) -> {
            WeightExpression both = WeightExpression.tensor(s.name(gateUp), experts, 2 * inner, hidden);
            return new ExpertWeights(
                    new WeightExpression.Sliced(both, 1, 0, inner),
                    new WeightExpression.Sliced(both, 1, inner, 2 * inner),
                    WeightExpression.tensor(s.name(down)));
        };
    }

    /** As the files have it: {@link #fused} under {@code experts.gate_up_proj} where they hold that, else apart. */
    static ExpertTensors stored(StoredTensors stored, Mlp.GatedNames names) {
        ExpertTensors apart = separate(names);
        ExpertTensors together = fused("experts.gate_up_proj", "experts.down_proj");
        return (s, experts, inner, hidden) -> {
            boolean fused = stored.surelyHold(s.name("experts.gate_up_proj"), CausalDecoder.NAMES);
            return (fused ? together : apart).of(s, experts, inner, hidden);
        };
    }

    /** Llama 4: {@code experts.gate_up_proj} [experts, hidden, 2 * inner], the gate's columns first, and down likewise. */
    static ExpertTensors columns() {
        return (s, experts, inner, hidden) -> {
            WeightExpression both = WeightExpression.tensor(s.name("experts.gate_up_proj"), experts, hidden, 2 * inner);
            return new ExpertWeights(
                    transposed(new WeightExpression.Sliced(both, 2, 0, inner)),
                    transposed(new WeightExpression.Sliced(both, 2, inner, 2 * inner)),
                    transposed(WeightExpression.tensor(s.name("experts.down_proj"))));
        };
    }

    /** GPT-OSS: as {@link #columns}, with columns of gate and up in turns, and biases. */
    static ExpertTensors columnsInTurns() {
        return (s, experts, inner, hidden) -> {
            WeightExpression pairs = new WeightExpression.Reshaped(
                    WeightExpression.tensor(s.name("experts.gate_up_proj")),
                    List.of(experts, hidden, 2 * inner),
                    List.of(experts, hidden, inner, 2));
            WeightExpression biases = new WeightExpression.Reshaped(
                    WeightExpression.tensor(s.name("experts.gate_up_proj_bias")),
                    List.of(experts, 2 * inner),
                    List.of(experts, inner, 2));
            return new ExpertWeights(
                    transposed(new WeightExpression.Picked(pairs, List.of(0))),
                    transposed(new WeightExpression.Picked(pairs, List.of(1))),
                    transposed(WeightExpression.tensor(s.name("experts.down_proj"))),
                    new WeightExpression.Picked(biases, List.of(0)),
                    new WeightExpression.Picked(biases, List.of(1)),
                    WeightExpression.tensor(s.name("experts.down_proj_bias")));
        };
    }

    private static WeightExpression transposed(WeightExpression matrices) {
        return new WeightExpression.Permuted(matrices, List.of(0, 2, 1));
    }
}
