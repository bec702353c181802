package dev.lockstep.verify;

import dev.lockstep.architecture.Architectures.UnsupportedModelException;
import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.CollectiveCount;
import dev.lockstep.backend.Precision;
import dev.lockstep.checkpoint.SafetensorsArrays;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.LocalGroup;
import dev.lockstep.engine.RankSession;
import dev.lockstep.explain.CollectivesPerLayer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Verifies folders of golden cases at several degrees, printing one line each. */
public final class Verification {

    /**
     * How many runs ended in each way.
     *
     * @param passed folders and degrees within tolerance
     * @param failed those that differ or throw
     * @param unsupported those whose family or inputs are not supported
     * @param agreement of choices over all folders and degrees, where int8 is compared by choices
     */
    public record Counts(int passed, int failed, int unsupported, Agreement agreement) {

        /** Whether nothing failed, choices over all folders included. */
        public boolean passes() {
            return failed == 0 && agreement.passes();
        }
    }

    private final String device;
    private final String dtype;
    private final String cacheDtype;
    private final String split;
    private final PrintStream out;
    private int passed;
    private int failed;
    private int unsupported;
    private Agreement agreement = Agreement.NONE;

    /**
     * Verifies models in one configuration.
     *
     * @param device what ranks run on, as {@link EngineOptions} has it
     * @param dtype of weights, likewise
     * @param cacheDtype of cached keys and values, likewise
     * @param split {@code cost} or {@code max}
     * @param out where the lines go
     */
    public Verification(String device, String dtype, String cacheDtype, String split, PrintStream out) {
        this.device = device;
        this.dtype = dtype;
        this.cacheDtype = cacheDtype;
        this.split = split;
        this.out = out;
    }

    /** Runs every case folder at or below the paths, at every degree. */
    public Counts run(List<Path> paths, List<Integer> degrees) {
        for (Path path : paths) {
            for (Path folder : GoldenFolder.find(path)) {
                for (int tp : degrees) {
                    verify(folder, tp);
                }
            }
        }
        String choices = agreement.positions() == 0 ? "" : ", " + agreement;
        out.println(passed + " passed, " + failed + " failed, " + unsupported + " unsupported" + choices);
        return new Counts(passed, failed, unsupported, agreement);
    }

    private void verify(Path path, int tp) {
        String id = path.getFileName() + " tp=" + tp;
        EngineOptions options = new EngineOptions(path.toString(), tp, dtype, split, 1, SMALL_BUDGET, 256, 32)
                .withCacheDtype(cacheDtype)
                .withDevice(device);
        Precision precision = Precision.named(dtype);
        try {
            GoldenFolder folder = GoldenFolder.read(path);
            Map<String, float[]> expected = SafetensorsArrays.read(path.resolve("expected.safetensors"));
            Comparison comparison = Comparison.of(precision, CacheType.named(cacheDtype, precision), expected);
            String placement;
            try (LocalGroup group = LocalGroup.open(options, true)) {
                new FolderVerification(folder, expected, group, comparison).run();
                placement = placement(group);
            }
            comparison.finish();
            agreement = agreement.plus(comparison.agreement());
            boolean passes = comparison.passed();
            passed += passes ? 1 : 0;
            failed += passes ? 0 : 1;
            out.println((passes ? "PASS " : "FAIL ") + id + " " + comparison.summary() + " " + placement
                    + (passes ? "" : " " + comparison.failure()));
        } catch (UnsupportedModelException | UnsupportedCaseException reason) {
            unsupported++;
            out.println("UNSUPPORTED " + id + " " + reason.getMessage());
        } catch (RuntimeException error) {
            failed++;
            out.println("FAIL " + id + " " + error);
        }
    }

    /** A tiny model's pool need not take the machine's memory. */
    private static final long SMALL_BUDGET = 1L << 30;

    private static String placement(LocalGroup group) {
        long largest = 0;
        for (RankSession session : group.sessions()) {
            long held = session.bytesHeld().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            largest = Math.max(largest, held);
        }
        long total = group.leader().checkpointBytes();
        List<CollectiveCount> collectives = group.leader().program().collectives();
        return "weights=" + largest + "/" + total + " collectives/layer=" + CollectivesPerLayer.counted(collectives);
    }
}
