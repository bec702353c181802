package dev.lockstep.runtime;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the host, or the container around this process, has left, in bytes.
 *
 * @param limit the container's limit, or the machine's memory where there is none
 * @param available what can be had without swapping, within the limit
 */
public record HostMemory(long limit, long available) {

    /** Reads /proc and the control groups of this process; elsewhere asks the JVM for the machine's memory. */
    public static HostMemory now() {
        return read(Path.of("/"));
    }

    /** As {@link #now}, below another root: for tests. */
    static HostMemory read(Path root) {
        long limit = kilobytes(root, "MemTotal:").orElseGet(HostMemory::machineMemory);
        long available = kilobytes(root, "MemAvailable:").orElse(limit / 2);
        for (ControlGroup group : ControlGroup.around(root)) {
            if (group.limit() < limit) {
                limit = group.limit();
            }
            available = Math.min(available, Math.max(0, group.limit() - group.used()));
        }
        return new HostMemory(limit, available);
    }

    private static long machineMemory() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean memory) {
            return memory.getTotalMemorySize();
        }
        return Runtime.getRuntime().maxMemory() * 2;
    }

    private static OptionalLong kilobytes(Path root, String key) {
        try {
            List<String> lines = Files.readAllLines(root.resolve("proc/meminfo"));
            for (String line : lines) {
                if (line.startsWith(key)) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
                }
            }
        } catch (IOException notLinux) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
