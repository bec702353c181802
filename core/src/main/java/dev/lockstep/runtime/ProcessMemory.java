package dev.lockstep.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the operating system says that this process has in memory, all its engines and the Java heap included.
 *
 * @param resident bytes in memory now
 * @param peak the most that were
 */
public record ProcessMemory(long resident, long peak) {

    /** Empty where the system does not say (it is no Linux). */
    public static Optional<ProcessMemory> now() {
        try {
            String status = Files.readString(Path.of("/proc/self/status"));
            OptionalLong resident = kilobytes(status, "VmRSS:");
            OptionalLong peak = kilobytes(status, "VmHWM:");
            return resident.isPresent() && peak.isPresent()
                    ? Optional.of(new ProcessMemory(resident.getAsLong(), peak.getAsLong()))
                    : Optional.empty();
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }

    private static OptionalLong kilobytes(String status, String key) {
        return status.lines()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst();
    }
}
