package dev.lockstep.verify;

import dev.lockstep.backend.StepOutput;
import dev.lockstep.engine.LocalGroup;
import dev.lockstep.engine.RankSession;
import dev.lockstep.generate.Scorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Runs the cases of one folder on a loaded group, each alone and all together, and compares. */
final class FolderVerification {
    private final GoldenFolder folder;
    private final Map<String, float[]> expected;
    private final RankSession leader;
    private final Scorer scorer;
    private final Comparison comparison;

    FolderVerification(GoldenFolder folder, Map<String, float[]> expected, LocalGroup group, Comparison comparison) {
        this.folder = folder;
        this.expected = expected;
        this.leader = group.leader();
        this.scorer = new Scorer(leader.stepRunner(), leader.traits());
        this.comparison = comparison;
    }

    void run() {
        List<Scorer.Case> all = folder.cases();
        for (int i = 0; i < all.size(); i++) {
            verify(List.of(i));
        }
        if (all.size() > 1) {
            List<Integer> together = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                together.add(i);
            }
            verify(together);
        }
    }

    private void verify(List<Integer> which) {
        List<Scorer.Case> cases = which.stream().map(folder.cases()::get).toList();
        List<Map<String, StepOutput.Rows>> outputs = scorer.outputs(cases);
        for (int i = 0; i < cases.size(); i++) {
            compareOutputs(which.get(i), outputs.get(i));
        }
        if (leader.model().task().generates()) {
            compareGreedy(which, cases);
            compareBeams(which, cases);
        }
    }

    private void compareOutputs(int index, Map<String, StepOutput.Rows> outputs) {
        for (String name : List.of("encoder", "hidden", "logits", "pooled", "start", "end")) {
            float[] reference = expected.get(name + "." + index);
            if (reference == null) {
                continue;
            }
            StepOutput.Rows found = found(outputs, name);
            if (found == null) {
                comparison.fail("the model yields no " + name + ", it yields " + outputs.keySet());
            } else {
                comparison.arrays(name + "." + index, found, reference);
            }
        }
    }

    /** Question answering yields one value of two columns, the scores of each row as start and as end. */
    private static StepOutput.Rows found(Map<String, StepOutput.Rows> outputs, String name) {
        StepOutput.Rows span = outputs.get("span");
        if (span == null || !(name.equals("start") || name.equals("end"))) {
            return outputs.get(name);
        }
        float[] scores = new float[span.rows()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = span.values()[2 * row + (name.equals("end") ? 1 : 0)];
        }
        return new StepOutput.Rows(1, scores.length, scores);
    }

    private void compareGreedy(List<Integer> which, List<Scorer.Case> cases) {
        int[] lengths = lengths("greedy", which);
        List<Scorer.Greedy> found = leader.model().dependsOnLength()
                ? RecomputedGreedy.of(scorer, cases, lengths)
                : scorer.greedy(cases, lengths);
        for (int i = 0; i < cases.size(); i++) {
            float[] reference = expected.get("greedy." + which.get(i));
            if (reference != null) {
                float[] margins = expected.get("margin." + which.get(i));
                comparison.greedy("greedy." + which.get(i), found.get(i), reference, margins);
            }
        }
    }

    private void compareBeams(List<Integer> which, List<Scorer.Case> cases) {
        if (expected.get("beam." + which.get(0)) == null) {
            return;
        }
        List<Scorer.Beam> found = scorer.beams(cases, lengths("beam", which), 4);
        for (int i = 0; i < cases.size(); i++) {
            float[] reference = expected.get("beam." + which.get(i));
            OptionalDouble score = folder.beamScores().get(which.get(i));
            if (reference != null && score.isPresent()) {
                comparison.beam("beam." + which.get(i), found.get(i), reference, score.getAsDouble());
            }
        }
    }

    private int[] lengths(String name, List<Integer> which) {
        int[] lengths = new int[which.size()];
        for (int i = 0; i < lengths.length; i++) {
            float[] reference = expected.get(name + "." + which.get(i));
            lengths[i] = reference == null ? 1 : Math.max(1, reference.length);
        }
        return lengths;
    }
}
