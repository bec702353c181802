package dev.lockstep.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory of a control group of Linux that has a limit. A process is held by the limits of its own group and of all
 * groups above it, by those of version 2 as by those of version 1 (https://docs.kernel.org/admin-guide/cgroup-v2.html).
 *
 * @param limit bytes that its processes may have together
 * @param used bytes that they have, without cached file pages that the kernel takes back when memory is asked for
 */
record ControlGroup(long limit, long used) {
    /** Limits above this are a container's way of saying that there is none. */
    private static final long NO_LIMIT = 1L << 50;

    /** The names that a version gives its files. */
    private enum Version {
        TWO("memory.max", "memory.current", "inactive_file "),
        ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");

        private final String limit;
        private final String used;
        private final String reclaimable;

        Version(String limit, String used, String reclaimable) {
            this.limit = limit;
            this.used = used;
            this.reclaimable = reclaimable;
        }
    }

    /**
     * The groups with a limit that this process is in. None where there are no control groups.
     *
     * @param root of the file system
     */
    static List<ControlGroup> around(Path root) {
        List<ControlGroup> groups = new ArrayList<>();
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] fields = line.split(":", 3);
            if (fields.length < 3) {
                continue;
            }
            if (fields[0].equals("0")) {
                climb(root.resolve("sys/fs/cgroup"), fields[2], Version.TWO, groups);
                climb(root.resolve("sys/fs/cgroup/unified"), fields[2], Version.TWO, groups);
            } else if (List.of(fields[1].split(",")).contains("memory")) {
                climb(root.resolve("sys/fs/cgroup/memory"), fields[2], Version.ONE, groups);
            }
        }
        return groups;
    }

    /**
     * Adds the group of this path and all above it. Inside a container the path may be the one that the host knows: the
     * group is then mounted as the topmost folder.
     */
    private static void climb(Path mount, String path, Version version, List<ControlGroup> groups) {
        Path folder = mount.resolve(path.replaceFirst("^/+", "")).normalize();
        while (folder.startsWith(mount)) {
            Path group = folder;
            number(group.resolve(version.limit)).ifPresent(limit -> {
                if (limit < NO_LIMIT) {
                    groups.add(new ControlGroup(limit, used(group, version)));
                }
            });
            folder = folder.getParent();
        }
        if (!mount.resolve(path.replaceFirst("^/+", "")).normalize().startsWith(mount)) {
            climb(mount, "", version, groups);
        }
    }

    private static long used(Path group, Version version) {
        long used = number(group.resolve(version.used)).orElse(0);
        for (String line : lines(group.resolve("memory.stat"))) {
            if (line.startsWith(version.reclaimable)) {
                return Math.max(
                        0,
                        used
                                - Long.parseLong(line.substring(version.reclaimable.length())
                                        .trim()));
            }
        }
        return used;
    }

    /** Empty where there is no such file, or where it says {@code max}. */
    private static OptionalLong number(Path file) {
        List<String> lines = lines(file);
        if (lines.isEmpty() || !lines.get(0).trim().matches("\\d{1,18}")) {
            // What has more digits than a long is no limit either.
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(lines.get(0).trim()));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
