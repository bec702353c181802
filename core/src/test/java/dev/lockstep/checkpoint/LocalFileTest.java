package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileTest {
    @TempDir
    private Path folder;

    @Test
    void anInterruptOfOneReaderDoesNotFailTheOthers() throws IOException, InterruptedException {
        try (LocalFile file = file("abcdef")) {
            Thread killed = new Thread(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> file.readFully(0, ByteBuffer.allocate(3)))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("interrupted while reading");
            });
            Throwable[] uncaught = new Throwable[1];
            killed.setUncaughtExceptionHandler((thread, error) -> uncaught[0] = error);
            killed.start();
            killed.join();
            assertThat(uncaught[0]).isNull();
            ByteBuffer read = ByteBuffer.allocate(3);
            file.readFully(2, read);
            assertThat(new String(read.array())).isEqualTo("cde");
        }
    }

    @Test
    void readsPastTheEndAndAfterCloseAreNamed() throws IOException {
        LocalFile file = file("abcdef");
        assertThatThrownBy(() -> file.readFully(4, ByteBuffer.allocate(3)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("f.bin ends at byte 6", "expected 3 bytes from 4 on");
        file.close();
        assertThatThrownBy(() -> file.readFully(0, ByteBuffer.allocate(1)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("was closed");
    }

    private LocalFile file(String content) throws IOException {
        return new LocalFile("f.bin", Files.writeString(folder.resolve("f.bin"), content));
    }
}
