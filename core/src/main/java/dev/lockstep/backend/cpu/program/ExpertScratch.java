package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.RowAxis;
import java.util.List;

/**
 * Scratch buffers of a mixture, reused for one expert after another.
 *
 * @param gathered an expert's rows of the input
 * @param gateUp an expert's inner features: the gate's, then up's
 * @param product an expert's outputs
 */
record ExpertScratch(View gathered, View gateUp, View product) {

    /** @param inner inner features of the rank's experts */
    static ExpertScratch of(Step.Experts step, int inner) {
        RowAxis rows = step.out().rows();
        return new ExpertScratch(
                View.all(new Buffer(rows, step.x().width())),
                View.all(new Buffer(rows, 2 * inner)),
                View.all(new Buffer(rows, step.out().width())));
    }

    List<View> views() {
        return List.of(gathered, gateUp, product);
    }
}
