package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.function.Supplier;

/** Packs weights for one rank. Not for several threads at once; several ranks of a JVM use an engine each. */
public interface GemmEngine extends AutoCloseable {

    /**
     * Packs a weight.
     *
     * @param outputs rows of the weight; 0 is legal
     * @param inputs columns of the weight; 0 is legal
     * @param source fills panels of the weight, row-major {@code [n, inputs]}
     * @param precision how the weight is held; sums are fp32
     * @param rounding how activations are rounded where the weight is held in bf16; asked when the source has been read
     * @param bias {@code [outputs]}, added to every product, or null
     * @param workers the pool that will multiply; the packed weight is split over its threads
     * @param maxRows most rows of a multiplication
     */
    PackedWeight pack(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Supplier<Rounding> rounding,
            float[] bias,
            Workers workers,
            int maxRows);

    /** As above, with activations rounded like a bf16 weight itself. */
    default PackedWeight pack(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            float[] bias,
            Workers workers,
            int maxRows) {
        return pack(outputs, inputs, source, precision, () -> Rounding.ONE_PART, bias, workers, maxRows);
    }

    /**
     * Products of small matrices in bf16; null where this engine has none that are faster than fp32.
     *
     * @param threads of the pool that will multiply
     * @return the engine's, which closes it
     */
    default Bf16Products bf16Products(int threads) {
        return null;
    }

    /** The implementation's name, for logs. */
    String name();

    /** Frees what the weights of this engine shared; close the weights first. */
    @Override
    void close();
}
