package dev.lockstep.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads a protocol buffers message field by field (the wire format: a key of number and kind, then a varint, fixed
 * bytes or a length with as many bytes). The file is not trusted: nothing is read past its end.
 */
final class WireReader {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteBuffer bytes;
    private int kind;

    WireReader(ByteBuffer bytes) {
        this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The number of the next field, whose value is to be read or skipped; 0 at the end. */
    int field() {
        if (!bytes.hasRemaining()) {
            return 0;
        }
        long key = varint();
        kind = (int) (key & 7);
        long number = key >>> 3;
        if (number < 1 || number > Integer.MAX_VALUE) {
            throw damaged("a field has the number " + number);
        }
        return (int) number;
    }

    long number() {
        require(VARINT);
        return varint();
    }

    boolean flag() {
        return number() != 0;
    }

    float real() {
        require(FOUR_BYTES);
        need(Float.BYTES);
        return bytes.getFloat();
    }

    ByteBuffer block() {
        require(LENGTH);
        long length = varint();
        if (length < 0 || length > bytes.remaining()) {
            throw damaged("a field of " + length + " bytes has " + bytes.remaining() + " left");
        }
        ByteBuffer block = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return block;
    }

    String text() {
        return StandardCharsets.UTF_8.decode(block()).toString();
    }

    void skip() {
        switch (kind) {
            case VARINT -> varint();
            case EIGHT_BYTES -> {
                need(Long.BYTES);
                bytes.getLong();
            }
            case LENGTH -> block();
            case FOUR_BYTES -> {
                need(Integer.BYTES);
                bytes.getInt();
            }
            default -> throw damaged("a field is of the kind " + kind);
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            need(1);
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number has more than 64 bits");
    }

    private void need(int count) {
        if (bytes.remaining() < count) {
            throw damaged("it ends inside a field");
        }
    }

    private void require(int expected) {
        if (kind != expected) {
            throw damaged("a field is of the kind " + kind + ", expected " + expected);
        }
    }

    private static IllegalArgumentException damaged(String reason) {
        return new IllegalArgumentException("no SentencePiece model: " + reason);
    }
}
