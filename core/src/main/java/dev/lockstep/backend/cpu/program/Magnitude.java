package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.PanelSource;
import java.nio.FloatBuffer;

/**
 * Estimates the size of a map's outputs from its weight rows while they are read. Inputs are assumed to be independent
 * and of given sizes.
 */
final class Magnitude {
    private final float[] inputGains;
    private double squares;
    private long rows;

    /** @param inputGains of each input, or null if all are 1 */
    Magnitude(float[] inputGains) {
        this.inputGains = inputGains;
    }

    /** The same source, measured as it is read. */
    PanelSource watching(PanelSource source) {
        return (from, to, target) -> {
            int begin = target.position();
            source.fill(from, to, target);
            measure(target, begin, to - from);
        };
    }

    private void measure(FloatBuffer target, int begin, int count) {
        int inputs = count == 0 ? 0 : (target.position() - begin) / count;
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < inputs; i++) {
                float gain = inputGains == null ? 1 : inputGains[i];
                float value = target.get(begin + row * inputs + i) * gain;
                squares += (double) value * value;
            }
        }
        rows += count;
    }

    /** Root mean square of the outputs. */
    double value() {
        return rows == 0 ? 0 : Math.sqrt(squares / rows);
    }

    /** Root mean square of gains; 1 if there are none. */
    static double of(float[] gains) {
        if (gains == null || gains.length == 0) {
            return 1;
        }
        double sum = 0;
        for (float gain : gains) {
            sum += (double) gain * gain;
        }
        return Math.sqrt(sum / gains.length);
    }
}
