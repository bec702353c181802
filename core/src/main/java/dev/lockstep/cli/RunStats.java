package dev.lockstep.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.generate.GenerationStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The line of {@code --stats}. */
final class RunStats {
    private static final Path STATUS = Path.of("/proc/self/status");

    private RunStats() {}

    /**
     * @param load seconds until the model was ready
     * @param warmUp seconds that the warm-up took; 0 for none
     * @param wall seconds from then until the last row was written
     */
    record Times(double load, double warmUp, double wall) {}

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    static String json(long rows, GenerationStats done, Times times, EngineOptions options) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("rows", rows);
        line.put("prompt_tokens", done.promptTokens());
        line.put("generated_tokens", done.generatedTokens());
        line.put("shared_tokens", done.sharedTokens());
        line.put("preemptions", done.preemptions());
        line.put("load_s", rounded(times.load()));
        if (times.warmUp() > 0) {
            line.put("warm_up_s", rounded(times.warmUp()));
        }
        line.put("wall_s", rounded(times.wall()));
        line.put("peak_rss_mb", peakMegabytes());
        line.put("tp", options.tp());
        line.put("dtype", options.dtype());
        return line.toString();
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    /** The most memory this process ever held, in MiB; null where the system does not tell. */
    private static Long peakMegabytes() {
        if (!Files.isReadable(STATUS)) {
            return null;
        }
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
                }
            }
        } catch (IOException e) {
            return null;
        }
        return null;
    }
}
