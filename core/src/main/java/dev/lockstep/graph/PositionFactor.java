package dev.lockstep.graph;

/** A factor on a row that depends on its position, counted from 0. Formulas are those of published configs. */
public sealed interface PositionFactor {

    double at(int position);

    /** Llama 4's temperature on layers without positions: 1 + scale * ln(1 + floor((position + 1) / floor)). */
    record Temperature(double floor, double scale) implements PositionFactor {
        @Override
        public double at(int position) {
            return Math.log1p(Math.floor((position + 1) / floor)) * scale + 1;
        }
    }

    /** Ministral 3: 1 + beta * ln(1 + floor(position / trained)). */
    record TrainedMultiples(double beta, int trainedLength) implements PositionFactor {
        @Override
        public double at(int position) {
            return 1 + beta * Math.log(1 + Math.floorDiv(position, trainedLength));
        }
    }

    /**
     * Qwen's log-n scaling: the logarithm of the number of keys to the base of the trained length; applies above that
     * length.
     */
    record LogLength(int trainedLength) implements PositionFactor {
        @Override
        public double at(int position) {
            return position < trainedLength ? 1 : Math.log(position + 1.0) / Math.log(trainedLength);
        }
    }
}
