package dev.lockstep.backend.cpu.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector loads and stores on slabs. This is the only class that knows which form of memory the JVM's Vector API needs.
 * Use it only if {@link VectorSupport#AVAILABLE} is true. Indices are in elements, not bytes. The handles are
 * constants, so that the compiler can inline through them.
 */
public final class Lanes {

    /** fp32 vectors of the width that the machine prefers, at most 512 bits. */
    public static final VectorSpecies<Float> FLOATS = preferred();

    /** Integer vectors of the same shape. */
    public static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /** As many 16-bit lanes as there are fp32 lanes: half the width. */
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    /** As many 8-bit lanes as there are fp32 lanes, but at least 8. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, FLOATS.vectorBitSize() / 4)));

    /**
     * 3 * 2^22: adding it to a float of magnitude up to 2^22 rounds that float to an integer, which is in the low bits
     * of the sum.
     */
    private static final FloatVector INTEGERS = FloatVector.broadcast(FLOATS, 0x1.8p23f);

    private static final IntVector INTEGER_BITS = IntVector.broadcast(INTS, Float.floatToRawIntBits(0x1.8p23f));
    private static final IntVector NO_BYTE = IntVector.broadcast(INTS, 0);
    private static final IntVector LARGEST_BYTE = IntVector.broadcast(INTS, 255);

    /** Lanes of a vector: 16, 8 or 4. */
    public static final int LENGTH = FLOATS.length();

    private static final MethodHandle LOAD_FLOATS = load(FloatVector.class, FLOATS);
    private static final MethodHandle LOAD_SHORTS = load(ShortVector.class, SHORTS);
    private static final MethodHandle LOAD_BYTES = load(ByteVector.class, BYTES);
    private static final MethodHandle LOAD_INTS = load(IntVector.class, INTS);
    private static final MethodHandle STORE_BYTES = store(ByteVector.class);
    private static final MethodHandle STORE_FLOATS = store(FloatVector.class);
    private static final MethodHandle STORE_SHORTS = store(ShortVector.class);

    private Lanes() {}

    /** Loads {@link #LENGTH} fp32 values from {@link Slab#memory()}, starting at this index in floats. */
    public static FloatVector load(Object memory, int index) {
        try {
            return (FloatVector) LOAD_FLOATS.invokeExact(memory, index << 2);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Stores {@link #LENGTH} fp32 values, starting at this index in floats. */
    public static void store(FloatVector values, Object memory, int index) {
        try {
            STORE_FLOATS.invokeExact(values, memory, index << 2);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Loads {@link #LENGTH} bf16 values as floats, starting at this index in shorts. */
    public static FloatVector loadBf16(Object memory, int index) {
        try {
            ShortVector halves = (ShortVector) LOAD_SHORTS.invokeExact(memory, index << 1);
            // Java 17 refuses to zero-extend here. Sign-extending gives the same: the shift drops the upper half.
            IntVector wide = (IntVector) halves.convertShape(VectorOperators.S2I, INTS, 0);
            return wide.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Loads {@link #LENGTH} 16-bit integers as floats, starting at this index in shorts. */
    public static FloatVector loadInt16(Object memory, int index) {
        try {
            ShortVector integers = (ShortVector) LOAD_SHORTS.invokeExact(memory, index << 1);
            IntVector wide = (IntVector) integers.convertShape(VectorOperators.S2I, INTS, 0);
            return (FloatVector) wide.convertShape(VectorOperators.I2F, FLOATS, 0);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Loads {@link #LENGTH} signed bytes as floats, starting at this index. Requires {@link #LENGTH} of at least 8. */
    public static FloatVector loadInt8(Object memory, int index) {
        try {
            ByteVector integers = (ByteVector) LOAD_BYTES.invokeExact(memory, index);
            IntVector wide = (IntVector) integers.convertShape(VectorOperators.B2I, INTS, 0);
            return (FloatVector) wide.convertShape(VectorOperators.I2F, FLOATS, 0);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /**
     * Maps the bits of floats to integers in the same order. NaN maps to the smallest or the largest integers,
     * depending on its sign. Comparing integers takes one instruction; comparing floats takes six, to handle NaN. The
     * mapping is its own inverse.
     */
    public static IntVector ordered(IntVector bits) {
        return bits.lanewise(
                VectorOperators.XOR, bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE));
    }

    /** The float for such an integer: see {@link #ordered}. */
    public static float unordered(int value) {
        return Float.intBitsToFloat(value ^ value >> 31 & Integer.MAX_VALUE);
    }

    /** The nearest integers, ties to even; for magnitudes up to 2^21. */
    public static IntVector round(FloatVector values) {
        return values.add(INTEGERS).reinterpretAsInts().sub(INTEGER_BITS);
    }

    /** Loads {@link #LENGTH} 32-bit integers as floats, starting at this index in integers. */
    public static FloatVector loadInts(Object memory, int index) {
        try {
            IntVector integers = (IntVector) LOAD_INTS.invokeExact(memory, index << 2);
            return (FloatVector) integers.convertShape(VectorOperators.I2F, FLOATS, 0);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /**
     * Rounds to the nearest integers from 0 to 255 and stores {@link #LENGTH} bytes, starting at this index. Requires
     * {@link #LENGTH} of at least 8.
     */
    public static void storeUnsignedBytes(FloatVector values, Object memory, int index) {
        IntVector held = round(values).max(NO_BYTE).min(LARGEST_BYTE);
        ByteVector bytes = (ByteVector) held.convertShape(VectorOperators.I2B, BYTES, 0);
        try {
            STORE_BYTES.invokeExact(bytes, memory, index);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /**
     * Rounds to the nearest integers, which must fit in a byte, and stores {@link #LENGTH} bytes, starting at this
     * index. Requires {@link #LENGTH} of at least 8.
     */
    public static void storeInt8(FloatVector values, Object memory, int index) {
        ByteVector bytes = (ByteVector) round(values).convertShape(VectorOperators.I2B, BYTES, 0);
        try {
            STORE_BYTES.invokeExact(bytes, memory, index);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /**
     * Rounds to the nearest integers, which must fit in 16 bits, and stores {@link #LENGTH} of them, starting at this
     * index.
     */
    public static void storeInt16(FloatVector values, Object memory, int index) {
        ShortVector integers = (ShortVector) round(values).convertShape(VectorOperators.I2S, SHORTS, 0);
        try {
            STORE_SHORTS.invokeExact(integers, memory, index << 1);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Rounds to bf16, to nearest even, and stores {@link #LENGTH} values, starting at this index in shorts. */
    public static void storeBf16(FloatVector values, Object memory, int index) {
        IntVector rounded = rounded(values).lanewise(VectorOperators.LSHR, 16);
        ShortVector halves = (ShortVector) rounded.convertShape(VectorOperators.I2S, SHORTS, 0);
        try {
            STORE_SHORTS.invokeExact(halves, memory, index << 1);
        } catch (Throwable e) {
            throw sneak(e);
        }
    }

    /** Rounds to bf16, to nearest even, and returns the values as floats. */
    public static FloatVector toBf16(FloatVector values) {
        return rounded(values).and(0xFFFF0000).reinterpretAsFloats();
    }

    /** Bits whose upper halves are the nearest bf16 values. */
    private static IntVector rounded(FloatVector values) {
        IntVector bits = values.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        return bits.add(odd).add(0x7FFF);
    }

    private static VectorSpecies<Float> preferred() {
        VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
        return widest.vectorBitSize() > 512 ? FloatVector.SPECIES_512 : widest;
    }

    private static MethodHandle load(Class<?> vector, VectorSpecies<?> species) {
        Class<?> memory = MemoryView.SEGMENTS ? MemoryView.segmentClass() : ByteBuffer.class;
        Class<?> offset = MemoryView.SEGMENTS ? long.class : int.class;
        String name = MemoryView.SEGMENTS ? "fromMemorySegment" : "fromByteBuffer";
        MethodType type = MethodType.methodType(vector, VectorSpecies.class, memory, offset, ByteOrder.class);
        try {
            MethodHandle handle = MethodHandles.publicLookup().findStatic(vector, name, type);
            handle = MethodHandles.insertArguments(handle, 3, ByteOrder.nativeOrder());
            handle = MethodHandles.insertArguments(handle, 0, species);
            return handle.asType(MethodType.methodType(vector, Object.class, int.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Java " + Runtime.version() + " lacks " + vector + "." + name, e);
        }
    }

    private static MethodHandle store(Class<?> vector) {
        Class<?> memory = MemoryView.SEGMENTS ? MemoryView.segmentClass() : ByteBuffer.class;
        Class<?> offset = MemoryView.SEGMENTS ? long.class : int.class;
        String name = MemoryView.SEGMENTS ? "intoMemorySegment" : "intoByteBuffer";
        MethodType type = MethodType.methodType(void.class, memory, offset, ByteOrder.class);
        try {
            MethodHandle handle = MethodHandles.publicLookup().findVirtual(vector, name, type);
            handle = MethodHandles.insertArguments(handle, 3, ByteOrder.nativeOrder());
            return handle.asType(MethodType.methodType(void.class, vector, Object.class, int.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Java " + Runtime.version() + " lacks " + vector + "." + name, e);
        }
    }

    /** Handles declare Throwable; vector code throws unchecked exceptions only. */
    private static RuntimeException sneak(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
