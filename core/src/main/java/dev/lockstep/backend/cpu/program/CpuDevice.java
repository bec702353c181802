package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.BackendOptions;
import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Device;
import dev.lockstep.backend.Precision;
import dev.lockstep.partition.Machine;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** CPU cores, the embedded default. */
public final class CpuDevice implements Device {
    private static final int BLOCK_SIZE = 16;

    @Override
    public String name() {
        return "cpu";
    }

    /** Always available: what a processor lacks is done in Java. */
    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public Set<Precision> precisions() {
        return EnumSet.of(Precision.FP32, Precision.BF16, Precision.INT8);
    }

    @Override
    public Set<CacheType> cacheTypes() {
        return EnumSet.of(CacheType.FP32, CacheType.INT16, CacheType.INT8);
    }

    @Override
    public int blockSize() {
        return BLOCK_SIZE;
    }

    @Override
    public Machine machine(Precision precision) {
        return Machine.CPU.withElementBytes(precision.bytes());
    }

    @Override
    public Backend backend(BackendOptions options) {
        return new CpuBackend(options.threads(), options.cacheDtype()).deterministic(options.deterministic());
    }
}
