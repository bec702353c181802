package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.ExpertOrder;
import dev.lockstep.backend.cpu.kernel.ExpertRows;
import dev.lockstep.backend.cpu.kernel.RouterSpec;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Routing;

/** Mixtures of experts. */
final class MixtureInstructions {
    private MixtureInstructions() {}

    /** @param correction of the choice, or null */
    static Instruction route(Routing routing, float[] correction, Operand logits, Operand weights) {
        RouterSpec spec = spec(routing);
        Instruction route = step -> step.kernels()
                .router()
                .route(spec, correction, logits.matrix(), step.rows(weights.rows()), weights.matrix());
        // One probe gives the memory of all. Later ones would route by meaningless numbers.
        return route.of(routing);
    }

    private static RouterSpec spec(Routing routing) {
        RouterSpec.Scores scores;
        double jitter = 0;
        if (routing.scores() instanceof Routing.Softmax) {
            scores = RouterSpec.Scores.SOFTMAX;
        } else if (routing.scores() instanceof Routing.SoftmaxOfChosen) {
            scores = RouterSpec.Scores.SOFTMAX_OF_CHOSEN;
        } else if (routing.scores() instanceof Routing.Sigmoid) {
            scores = RouterSpec.Scores.SIGMOID;
        } else {
            scores = RouterSpec.Scores.SPARSE_MIXER;
            jitter = ((Routing.SparseMixer) routing.scores()).jitter();
        }
        Routing.Groups groups = routing.groups().orElse(new Routing.Groups(1, 1, Routing.Groups.Score.BEST));
        return new RouterSpec(
                routing.experts(),
                routing.chosen(),
                scores,
                jitter,
                groups.count(),
                groups.kept(),
                groups.score() == Routing.Groups.Score.BEST_TWO,
                routing.renormalised(),
                (float) routing.factor());
    }

    /**
     * What an instruction of a mixture reads and writes.
     *
     * @param x [rows, hidden]
     * @param weights [rows, experts]
     * @param gathered an expert's rows of x
     * @param gateUp an expert's inner features: the gate's, then up's
     * @param product an expert's outputs
     * @param out the sum over the rank's experts
     */
    record Operands(Operand x, Operand weights, Operand gathered, Operand gateUp, Operand product, Operand out) {}

    /**
     * Runs one expert after another, skipping those without rows. Every row's sum is taken in ascending order of
     * experts.
     */
    static Instruction experts(Op.Experts op, ExpertMatrices matrices, Operands operands) {
        // A rank without inner features adds nothing; the rank that adds the bias has the largest share of them.
        int active = operands.gateUp().width() == 0 ? 0 : operands.weights().width();
        Instruction mix = step -> {
            int rows = step.rows(operands.out().rows());
            int width = operands.out().width();
            step.kernels().elementwise().clear(operands.out().matrix(), rows, width);
            ExpertOrder order = step.kernels().expertOrder();
            order.sort(
                    operands.weights().matrix(),
                    rows,
                    matrices.held(),
                    operands.weights().width());
            for (int i = 0; i < Math.min(active, matrices.held().length); i++) {
                if (order.count(i) > 0) {
                    expert(step, op, matrices.expert(i), i, operands);
                }
            }
        };
        return mix.of(matrices.memoryKey());
    }

    private static void expert(StepState step, Op.Experts op, ExpertMatrices.Expert expert, int i, Operands operands) {
        ExpertRows kernel = step.kernels().expertRows();
        ExpertOrder order = step.kernels().expertOrder();
        int count = order.count(i);
        boolean weighsInput = op.weighsInput();
        kernel.gather(
                operands.x().matrix(),
                order,
                i,
                weighsInput,
                operands.gathered().matrix(),
                operands.x().width());
        expert.gateUp()
                .multiply(
                        step.workers(),
                        operands.gathered().matrix(),
                        count,
                        operands.gateUp().matrix(),
                        Activation.NONE);
        int inner = operands.gateUp().width() / 2;
        if (op.gating() instanceof Gating.Plain plain) {
            kernel.gate(
                    RowInstructions.activation(plain.function()),
                    operands.gateUp().matrix(),
                    count,
                    inner);
        } else {
            Gating.Clamped clamped = (Gating.Clamped) op.gating();
            kernel.gateClamped(
                    clamped.limit(), clamped.alpha(), operands.gateUp().matrix(), count, inner);
        }
        // The inner features are now in the gate's columns.
        expert.down()
                .multiply(
                        step,
                        operands.gateUp().matrix(),
                        count,
                        operands.product().matrix(),
                        Activation.NONE);
        kernel.add(
                operands.product().matrix(),
                order,
                i,
                !weighsInput,
                operands.out().matrix(),
                operands.out().width());
    }
}
