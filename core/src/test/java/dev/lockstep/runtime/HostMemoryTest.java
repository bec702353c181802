package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as kernels and containers lay them out, below a folder. */
class HostMemoryTest {
    private static final long MIB = 1L << 20;

    @TempDir
    private Path root;

    @BeforeEach
    void machineOfSixteenGigabytes() throws IOException {
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:    8388608 kB\n");
    }

    @Test
    void withoutControlGroupsTheMachineCounts() {
        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(16384 * MIB, 8192 * MIB));
    }

    @Test
    void theTightestOfTheNestedGroupsHolds() throws IOException {
        write("proc/self/cgroup", "0::/pods/one/task\n");
        group("sys/fs/cgroup/pods", "max", 9000 * MIB, 0);
        group("sys/fs/cgroup/pods/one", Long.toString(4096 * MIB), 1024 * MIB, 0);
        group("sys/fs/cgroup/pods/one/task", Long.toString(6144 * MIB), 512 * MIB, 0);
        // A neighbour's does not.
        group("sys/fs/cgroup/pods/two", Long.toString(16 * MIB), 0, 0);

        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(4096 * MIB, 3072 * MIB));
    }

    @Test
    void cachedFilesAreNotUsed() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        group("sys/fs/cgroup", Long.toString(4096 * MIB), 4000 * MIB, 3000 * MIB);

        assertThat(HostMemory.read(root).available()).isEqualTo(3096 * MIB);
    }

    @Test
    void whatIsLeftOfAWideGroupMayBeLessThanOfATightOne() throws IOException {
        write("proc/self/cgroup", "0::/wide/tight\n");
        group("sys/fs/cgroup/wide", Long.toString(8192 * MIB), 8000 * MIB, 0);
        group("sys/fs/cgroup/wide/tight", Long.toString(2048 * MIB), 100 * MIB, 0);

        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(2048 * MIB, 192 * MIB));
    }

    @Test
    void versionOneHasFilesOfOtherNames() throws IOException {
        write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", 2048 * MIB + "\n");
        write("sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", 1024 * MIB + "\n");
        write(
                "sys/fs/cgroup/memory/a/b/memory.stat",
                "cache 5\ninactive_file 7\ntotal_inactive_file " + 512 * MIB + "\n");

        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(2048 * MIB, 1536 * MIB));
    }

    /** Inside a container the path may be the host's, and the group itself is mounted at the top. */
    @Test
    void aPathOfTheHostMeansTheMountedGroup() throws IOException {
        for (String path : new String[] {"/docker/3f2a", "/../../other"}) {
            write("proc/self/cgroup", "0::" + path + "\n");
            group("sys/fs/cgroup", Long.toString(1024 * MIB), 24 * MIB, 0);

            assertThat(HostMemory.read(root)).as(path).isEqualTo(new HostMemory(1024 * MIB, 1000 * MIB));
        }
    }

    @Test
    void aLimitAboveTheMachineIsNone() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        group("sys/fs/cgroup", Long.toString(1L << 40), 0, 0);

        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(16384 * MIB, 8192 * MIB));
    }

    private void group(String folder, String limit, long used, long files) throws IOException {
        write(folder + "/memory.max", limit + "\n");
        write(folder + "/memory.current", used + "\n");
        write(folder + "/memory.stat", "anon 1\ninactive_file " + files + "\nactive_file 3\n");
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }
}
