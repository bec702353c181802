package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.lowering.ScoreProjections;
import dev.lockstep.backend.lowering.WeightPrecisions;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How the input of a bf16 product is rounded; known once its matrices have been read. It is rounded to two parts if one
 * of the matrices needs it, see {@link WeightPrecisions#need}. For a product in 8 bits, it only tells whether the
 * outputs may be rounded. Ranks may choose differently for weights that each holds alone; for weights that all hold,
 * they measure the same values.
 */
final class RoundingChoice implements Supplier<Rounding> {
    private final WeightSlices slices;
    private final WeightPrecisions precisions;
    private final List<Magnitude> measured = new ArrayList<>();
    private final List<Double> factors = new ArrayList<>();
    private boolean twoParts;

    RoundingChoice(WeightSlices slices, WeightPrecisions precisions) {
        this.slices = slices;
        this.precisions = precisions;
    }

    /** The rows of one of the product's matrices, measured as they are read. */
    PanelSource watching(Weight matrix, PanelSource source) {
        if (precisions.of(matrix) != Precision.BF16 && precisions.of(matrix) != Precision.INT8) {
            return source;
        }
        switch (precisions.need(matrix)) {
            case TWO_PARTS -> twoParts = true;
            case AS_MEASURED -> {
                return measuring(precisions.measure(matrix), source);
            }
            default -> {}
        }
        return source;
    }

    private PanelSource measuring(ScoreProjections.Measure measure, PanelSource source) {
        if (measure.normed()) {
            twoParts |= measure.factor() * Magnitude.of(vector(measure.outputGain())) > ScoreProjections.LARGE;
            return source;
        }
        Magnitude magnitude = new Magnitude(vector(measure.inputGain()));
        measured.add(magnitude);
        factors.add(measure.factor());
        return magnitude.watching(source);
    }

    private float[] vector(Weight gain) {
        return gain == null ? null : slices.vector(gain);
    }

    @Override
    public Rounding get() {
        boolean loud = twoParts;
        for (int i = 0; i < measured.size(); i++) {
            loud |= measured.get(i).value() * factors.get(i) > ScoreProjections.LARGE;
        }
        return loud ? Rounding.TWO_PARTS : Rounding.ONE_PART;
    }
}
