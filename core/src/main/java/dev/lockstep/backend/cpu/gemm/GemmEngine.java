package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.function.Supplier;

/**
 * Packs weights for one rank. An engine must not be used by several threads at once; each rank of a JVM has its own
 * engine.
 */
public interface GemmEngine extends AutoCloseable {

    /**
     * Packs a weight.
     *
     * @param outputs rows of the weight; 0 is allowed
     * @param inputs columns of the weight; 0 is allowed
     * @param source fills panels of the weight, row-major {@code [n, inputs]}
     * @param precision how the weight is stored; sums are fp32
     * @param rounding how activations are rounded for a bf16 weight; read only after the source has been read
     * @param bias {@code [outputs]}, added to every product, or null
     * @param workers the pool that will multiply; the packed weight is split over its threads
     * @param maxRows the most rows of a multiplication
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

    /** As above, with activations rounded to one bf16 number, like the weight itself. */
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
     * Products of small matrices in bf16; null if this engine has none that are faster than fp32.
     *
     * @param threads of the pool that will multiply
     * @return owned by the engine, which closes it
     */
    default Bf16Products bf16Products(int threads) {
        return null;
    }

    /** The implementation's name, for logs. */
    String name();

    /** Frees what the weights of this engine share. The weights must be closed first. */
    @Override
    void close();
}
