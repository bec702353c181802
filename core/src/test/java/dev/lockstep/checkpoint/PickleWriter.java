package dev.lockstep.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Assembles pickles, operation by operation, well-formed or not. */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PickleWriter raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    PickleWriter op(char opcode) {
        return raw(opcode);
    }

    PickleWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op('X').int32(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    PickleWriter number(int value) {
        return op('J').int32(value);
    }

    PickleWriter int32(int value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }

    PickleWriter global(String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    PickleWriter tuple(int... values) {
        op('(');
        for (int value : values) {
            number(value);
        }
        return op('t');
    }

    /** The start of an ordered dict, as torch writes it; close it with {@link #end}. */
    PickleWriter start() {
        return raw(0x80, 2).global("collections", "OrderedDict").op(')').op('R').op('(');
    }

    /** The dict's items, its attributes (as modules leave them) and the end. */
    byte[] end() {
        op('u').op('}').text("_metadata").op('}').op('s').op('b').op('.');
        return bytes();
    }

    /** A named tensor that views a storage. */
    PickleWriter tensor(
            String name, String storageType, String key, int elements, int offset, int[] shape, int... strides) {
        text(name).global("torch._utils", "_rebuild_tensor_v2").op('(');
        op('(').text("storage").global("torch", storageType).text(key).text("cpu");
        number(elements).op('t').op('Q').number(offset).tuple(shape).tuple(strides);
        return raw(0x89)
                .global("collections", "OrderedDict")
                .op(')')
                .op('R')
                .op('t')
                .op('R');
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
