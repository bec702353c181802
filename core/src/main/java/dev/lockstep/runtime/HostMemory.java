package dev.lockstep.runtime;

import java.io.IOException;
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
    /** Limits above this are a container's way of saying that there is none. */
    private static final long NO_LIMIT = 1L << 50;

    /** Reads /proc and the cgroup files (v2, then v1); elsewhere asks the JVM for the machine's memory. */
    public static HostMemory now() {
        return read(Path.of("/"));
    }

    /** As {@link #now}, below another root: for tests. */
    static HostMemory read(Path root) {
        long total = kilobytes(root, "MemTotal:").orElseGet(HostMemory::machineMemory);
        long available = kilobytes(root, "MemAvailable:").orElse(total / 2);
        OptionalLong limit = first(root, "sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes");
        if (limit.isEmpty() || limit.getAsLong() >= NO_LIMIT || limit.getAsLong() > total) {
            return new HostMemory(total, available);
        }
        long used = first(root, "sys/fs/cgroup/memory.current", "sys/fs/cgroup/memory/memory.usage_in_bytes")
                .orElse(0);
        return new HostMemory(limit.getAsLong(), Math.min(available, limit.getAsLong() - used));
    }

    private static long machineMemory() {
        java.lang.management.OperatingSystemMXBean bean =
                java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        if (bean instanceof com.sun.management.OperatingSystemMXBean memory) {
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

    private static OptionalLong first(Path root, String... files) {
        for (String file : files) {
            try {
                String text = Files.readString(root.resolve(file)).trim();
                return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
            } catch (IOException | NumberFormatException absent) {
                continue;
            }
        }
        return OptionalLong.empty();
    }
}
