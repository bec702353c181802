package dev.lockstep.backend.cpu.memory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this JVM has the Vector API. If it has not, this is logged once. */
public final class VectorSupport {

    private static final Logger LOG = LoggerFactory.getLogger(VectorSupport.class);

    /** Classes that mention {@code jdk.incubator.vector} may be used only if this is true. */
    public static final boolean AVAILABLE = find();

    private VectorSupport() {}

    private static boolean find() {
        if (Boolean.getBoolean("lockstep.cpu.scalar")) {
            LOG.info("lockstep.cpu.scalar is set: kernels run scalar code");
            return false;
        }
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            return true;
        }
        LOG.warn("this JVM runs without the Vector API, kernels fall back to scalar code, several times slower:"
                + " add --add-modules=jdk.incubator.vector to its command line");
        return false;
    }
}
