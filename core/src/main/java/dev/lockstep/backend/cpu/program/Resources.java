package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.backend.cpu.kernel.LastRows;
import dev.lockstep.backend.cpu.kernel.PagedAttention;
import dev.lockstep.backend.cpu.kernel.RowAttention;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.kernel.Xielu;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.RotaryTable;
import java.util.List;

/** What instructions are bound to besides operands: weights, tables, caches, counters of this rank. */
interface Resources {

    /** The rows of a look-up's table that the rank holds. */
    RowTable table(Node lookup);

    /** @param withBias whether this rank adds the bias: where shares are summed, one rank does */
    LinearWeights linear(Node linear, boolean withBias);

    /** Linear maps of one input, with their biases: the rows of their matrices below each other. */
    LinearWeights linears(List<Node> group);

    HeadMatrices headMatrices(Node headLinear);

    /** What a router adds to its scores for the choice alone. */
    float[] correction(Node route);

    /** The learned shape of an activation. */
    Xielu xielu(Node activation);

    /** @param withBias whether this rank adds the bias of the experts' outputs */
    ExpertMatrices experts(Node mixture, boolean withBias);

    NormWeights norm(Node norm);

    Angles angles(RotaryTable table);

    PagedAttention paged(Node attention, HeadLayout layout);

    RowAttention overRows(Node attention, HeadLayout layout);

    KvCache cache(Node attention);

    /** What a {@link dev.lockstep.graph.Op.Previous} keeps from step to step. */
    LastRows lastRows(Node previous);

    /** The counter of the exchange of a node's value. */
    MeetingCounter meeting(Node node);

    /** Whether ranks are to compare the bits of what they all hold. */
    default boolean checksReplicas() {
        return false;
    }

    /** Nothing bound: lowering for an estimate of the arena. */
    Resources NONE = new Resources() {
        @Override
        public RowTable table(Node lookup) {
            return null;
        }

        @Override
        public LinearWeights linear(Node linear, boolean withBias) {
            return null;
        }

        @Override
        public LinearWeights linears(List<Node> group) {
            return null;
        }

        @Override
        public HeadMatrices headMatrices(Node headLinear) {
            return null;
        }

        @Override
        public Xielu xielu(Node activation) {
            return null;
        }

        @Override
        public float[] correction(Node route) {
            return null;
        }

        @Override
        public ExpertMatrices experts(Node mixture, boolean withBias) {
            return null;
        }

        @Override
        public LastRows lastRows(Node previous) {
            return null;
        }

        @Override
        public NormWeights norm(Node norm) {
            return null;
        }

        @Override
        public Angles angles(RotaryTable table) {
            return null;
        }

        @Override
        public PagedAttention paged(Node attention, HeadLayout layout) {
            return null;
        }

        @Override
        public RowAttention overRows(Node attention, HeadLayout layout) {
            return null;
        }

        @Override
        public KvCache cache(Node attention) {
            return null;
        }

        @Override
        public MeetingCounter meeting(Node node) {
            return null;
        }
    };
}
