package dev.lockstep.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes zip archives of stored entries, by hand so that fields can be wrong or escaped to zip64. */
final class ZipWriter {
    private static final int ESCAPE = 0xffffffff;

    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private final boolean zip64;
    private int count;
    private int method;
    private int extraSize;

    ZipWriter(boolean zip64) {
        this.zip64 = zip64;
    }

    /** The compression method that following entries claim; the bytes stay as they are. */
    ZipWriter method(int claimed) {
        method = claimed;
        return this;
    }

    /** By how much following entries claim to be larger than they are. */
    ZipWriter exaggerate(int bytes) {
        extraSize = bytes;
        return this;
    }

    ZipWriter entry(String name, byte... bytes) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int offset = data.size();
        int size = bytes.length + extraSize;
        data.writeBytes(little(30 + text.length)
                .putInt(0x04034b50)
                .putShort(4, (short) 20)
                .putShort(8, (short) method)
                .putInt(18, size)
                .putInt(22, size)
                .putShort(26, (short) text.length)
                .position(30)
                .put(text)
                .array());
        data.writeBytes(bytes);
        int extra = zip64 ? 28 : 0;
        ByteBuffer central = little(46 + text.length + extra)
                .putInt(0x02014b50)
                .putShort(10, (short) method)
                .putInt(20, zip64 ? ESCAPE : size)
                .putInt(24, zip64 ? ESCAPE : size)
                .putShort(28, (short) text.length)
                .putShort(30, (short) extra)
                .putInt(42, zip64 ? ESCAPE : offset)
                .position(46)
                .put(text);
        if (zip64) {
            central.putShort((short) 1)
                    .putShort((short) 24)
                    .putLong(size)
                    .putLong(size)
                    .putLong(offset);
        }
        directory.writeBytes(central.array());
        count++;
        return this;
    }

    byte[] bytes() {
        ByteBuffer end = little(56 + 20 + 22);
        int start = data.size();
        if (zip64) {
            end.putInt(0x06064b50)
                    .putLong(44)
                    .putShort((short) 45)
                    .putShort((short) 45)
                    .putLong(0);
            end.putLong(count).putLong(count).putLong(directory.size()).putLong(start);
            end.putInt(0x07064b50).putInt(0).putLong(start + directory.size()).putInt(1);
        }
        end.putInt(0x06054b50).putInt(0);
        end.putShort((short) (zip64 ? -1 : count)).putShort((short) (zip64 ? -1 : count));
        end.putInt(zip64 ? ESCAPE : directory.size())
                .putInt(zip64 ? ESCAPE : start)
                .putShort((short) 0);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        archive.writeBytes(data.toByteArray());
        archive.writeBytes(directory.toByteArray());
        archive.write(end.array(), 0, end.position());
        return archive.toByteArray();
    }

    void write(Path file) {
        try {
            Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
