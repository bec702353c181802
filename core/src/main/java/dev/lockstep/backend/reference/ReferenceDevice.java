package dev.lockstep.backend.reference;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.BackendOptions;
import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Device;
import dev.lockstep.backend.Precision;
import dev.lockstep.partition.Machine;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The interpreter whose results other devices are compared with. */
public final class ReferenceDevice implements Device {
    private static final int BLOCK_SIZE = 16;

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public Set<Precision> precisions() {
        return EnumSet.of(Precision.FP32);
    }

    @Override
    public Set<CacheType> cacheTypes() {
        return EnumSet.of(CacheType.FP32);
    }

    @Override
    public int blockSize() {
        return BLOCK_SIZE;
    }

    @Override
    public Machine machine(Precision precision) {
        return Machine.CPU.withElementBytes(precision.bytes());
    }

    /** Every row is computed separately, on one thread: always deterministic. */
    @Override
    public Backend backend(BackendOptions options) {
        return new ReferenceBackend();
    }
}
