package dev.lockstep.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.OpTraits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a new op must have beside what the compiler asks for: golden cases in which it occurs, so that every backend runs it
 * at several degrees, and a rule of the plan's checker that says what the op declares.
 */
class EveryOpTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    /** Ops of the models of all golden cases. */
    private static final Set<Op> OPS = new HashSet<>();

    @BeforeAll
    static void findOps() throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.walk(GOLDENS)) {
            folders = files.filter(file -> file.endsWith("config.json"))
                    .map(Path::getParent)
                    .toList();
        }
        for (Path folder : folders) {
            try (Checkpoint checkpoint = Checkpoints.open(folder)) {
                for (Node node : Architectures.build(checkpoint).graph().nodes()) {
                    OPS.add(node.op());
                }
            }
        }
    }

    @Test
    void goldenCasesHaveEveryOp() {
        Set<Class<?>> found = new HashSet<>();
        OPS.forEach(op -> found.add(op.getClass()));
        assertThat(found).containsExactlyInAnyOrderElementsOf(List.of(Op.class.getPermittedSubclasses()));
    }

    @Test
    void theCheckerFindsForItselfWhatOpsDeclare() {
        assertThat(OPS).allSatisfy(op -> assertThat(PlanChecker.linearity(op))
                .as(op.name())
                .isEqualTo(expected(op.traits().sums())));
    }

    private static PlanChecker.Linearity expected(OpTraits.Sums sums) {
        return switch (sums) {
            case NONE -> PlanChecker.Linearity.NONE;
            case LINEAR -> PlanChecker.Linearity.IN_ALL;
            case ONE_OPERAND -> PlanChecker.Linearity.IN_EACH;
            case FIRST_OPERAND -> PlanChecker.Linearity.IN_FIRST;
        };
    }
}
