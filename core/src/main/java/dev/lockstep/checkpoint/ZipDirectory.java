package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The central directory of a zip archive, zip64 included, read by position. Only stored (uncompressed) entries can be
 * located: torch writes them so, and nothing needs to be inflated.
 *
 * <p>Format: PKWARE's APPNOTE, sections 4.3.7 to 4.3.16 and 4.5.3.
 */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int ZIP64_LOCATOR = 0x07064b50;
    private static final int ZIP64_LOCATOR_BYTES = 20;
    private static final int ZIP64_END = 0x06064b50;
    private static final int ZIP64_END_BYTES = 56;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int ZIP64_EXTRA = 1;
    private static final long ESCAPE = 0xffffffffL;
    /** Names of some hundred thousand tensors. */
    private static final long MOST_DIRECTORY_BYTES = 64L << 20;

    /** Where an entry's bytes lie in the archive. */
    record Span(long offset, long bytes) {}

    private record Entry(int method, int flags, long stored, long plain, long header) {}

    private final String path;
    private final PositionalFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /**
     * @param path what messages call the file
     * @throws CheckpointException if the directory does not add up
     */
    ZipDirectory(String path, PositionalFile file) {
        this.path = path;
        this.file = file;
        readDirectory();
    }

    /** Whether a file starts as zip archives do. */
    static boolean isZip(PositionalFile file) {
        return file.size() >= 4 && read(file, 0, 4).getInt(0) == LOCAL;
    }

    Iterable<String> names() {
        return entries.keySet();
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * The position of an entry's bytes.
     *
     * @throws CheckpointException if there is no such entry, it is compressed, or it leaves the file
     */
    Span locate(String name) {
        Entry entry = entries.get(name);
        expect(entry != null, "has no entry " + name);
        expect(
                entry.method == 0,
                "entry " + name + " is compressed (method " + entry.method + "), expected it stored, as torch does");
        expect((entry.flags & 1) == 0, "entry " + name + " is encrypted");
        expect(
                entry.stored == entry.plain,
                "entry " + name + " is stored in " + entry.stored + " bytes, but says it has " + entry.plain);
        expect(
                entry.header >= 0 && entry.header <= file.size() - LOCAL_BYTES,
                "entry " + name + " begins at byte " + entry.header + ", after the file's end at " + file.size());
        ByteBuffer local = read(file, entry.header, LOCAL_BYTES);
        expect(local.getInt(0) == LOCAL, "entry " + name + " has no header at byte " + entry.header);
        long start = entry.header + LOCAL_BYTES + unsigned(local, 26) + unsigned(local, 28);
        expect(
                entry.stored >= 0 && start <= file.size() && entry.stored <= file.size() - start,
                "entry " + name + " has " + entry.stored + " bytes from " + start + " on, but the file ends at "
                        + file.size() + ": truncated");
        return new Span(start, entry.stored);
    }

    private void readDirectory() {
        long end = findEnd();
        ByteBuffer record = read(file, end, END_BYTES);
        long count = unsigned(record, 10);
        long bytes = record.getInt(12) & ESCAPE;
        long offset = record.getInt(16) & ESCAPE;
        long locator = end - ZIP64_LOCATOR_BYTES;
        if (locator >= 0 && read(file, locator, 4).getInt(0) == ZIP64_LOCATOR) {
            long zip64 = read(file, locator, ZIP64_LOCATOR_BYTES).getLong(8);
            expect(
                    zip64 >= 0 && zip64 <= file.size() - ZIP64_END_BYTES,
                    "the zip64 directory begins at byte " + zip64 + ", after the file's end");
            ByteBuffer large = read(file, zip64, ZIP64_END_BYTES);
            expect(large.getInt(0) == ZIP64_END, "there is no zip64 directory at byte " + zip64);
            count = large.getLong(32);
            bytes = large.getLong(40);
            offset = large.getLong(48);
        }
        expect(
                bytes >= 0 && bytes <= MOST_DIRECTORY_BYTES,
                "the directory has " + bytes + " bytes, expected at most " + MOST_DIRECTORY_BYTES);
        expect(
                offset >= 0 && offset <= file.size() - bytes,
                "the directory begins at byte " + offset + " and leaves the file, which ends at " + file.size());
        readEntries(read(file, offset, (int) bytes), count);
    }

    /** The end record is followed by a comment of at most 65535 bytes, almost always by none. */
    private long findEnd() {
        int tail = (int) Math.min(file.size(), END_BYTES + 0xffff);
        ByteBuffer bytes = read(file, file.size() - tail, tail);
        for (int i = tail - END_BYTES; i >= 0; i--) {
            if (bytes.getInt(i) == END && i + END_BYTES + unsigned(bytes, i + 20) == tail) {
                return file.size() - tail + i;
            }
        }
        throw new CheckpointException(path + " starts as a zip archive, but has no directory at its end: truncated");
    }

    private void readEntries(ByteBuffer directory, long count) {
        for (long i = 0; i < count; i++) {
            int at = directory.position();
            expect(
                    directory.remaining() >= CENTRAL_BYTES && directory.getInt(at) == CENTRAL,
                    "the directory ends after " + i + " of " + count + " entries");
            int nameBytes = unsigned(directory, at + 28);
            int extraBytes = unsigned(directory, at + 30);
            int total = CENTRAL_BYTES + nameBytes + extraBytes + unsigned(directory, at + 32);
            expect(directory.remaining() >= total, "entry " + i + " of the directory is cut off");
            byte[] name = new byte[nameBytes];
            directory.get(at + CENTRAL_BYTES, name);
            ByteBuffer extra =
                    directory.slice(at + CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
            String text = new String(name, StandardCharsets.UTF_8);
            Entry entry = entry(text, directory, at, extra);
            expect(entries.put(text, entry) == null, "holds entry " + text + " twice");
            directory.position(at + total);
        }
    }

    /** Sizes and offset as the directory says, or, where they are escaped, as the zip64 field says, in that order. */
    private Entry entry(String name, ByteBuffer directory, int at, ByteBuffer extra) {
        long[] values = {
            directory.getInt(at + 24) & ESCAPE, directory.getInt(at + 20) & ESCAPE, directory.getInt(at + 42) & ESCAPE
        };
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int size = extra.getShort() & 0xffff;
            expect(size <= extra.remaining(), "entry " + name + " has an extra field that is cut off");
            int next = extra.position() + size;
            for (int i = 0; i < values.length && id == ZIP64_EXTRA; i++) {
                if (values[i] == ESCAPE) {
                    expect(next - extra.position() >= 8, "entry " + name + " has a zip64 field that is cut off");
                    values[i] = extra.getLong();
                }
            }
            extra.position(next);
        }
        return new Entry(unsigned(directory, at + 10), unsigned(directory, at + 8), values[1], values[0], values[2]);
    }

    private static int unsigned(ByteBuffer bytes, int at) {
        return bytes.getShort(at) & 0xffff;
    }

    private static ByteBuffer read(PositionalFile file, long position, int bytes) {
        ByteBuffer target = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.readFully(position, target);
        return target.flip();
    }

    private void expect(boolean holds, String found) {
        if (!holds) {
            throw new CheckpointException(path + ": " + found);
        }
    }
}
