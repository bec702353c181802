package dev.lockstep.backend.cpu.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;

/**
 * Gives a buffer the form from which the Vector API of the running JVM loads: byte buffers up to Java 21, memory
 * segments from Java 22 on, where byte buffers are no longer supported. Uses method handles, since this code is
 * compiled for Java 17.
 */
final class MemoryView {

    /** Whether vectors load from {@code java.lang.foreign.MemorySegment}. */
    static final boolean SEGMENTS = Runtime.version().feature() >= 22;

    private static final MethodHandle OF_BUFFER = SEGMENTS ? findOfBuffer() : null;

    private MemoryView() {}

    static Object of(ByteBuffer buffer) {
        if (!SEGMENTS) {
            return buffer;
        }
        try {
            return OF_BUFFER.invoke(buffer);
        } catch (Throwable e) {
            throw new IllegalStateException("no memory segment over a direct buffer", e);
        }
    }

    static Class<?> segmentClass() {
        try {
            return Class.forName("java.lang.foreign.MemorySegment");
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("Java " + Runtime.version() + " lacks memory segments", e);
        }
    }

    private static MethodHandle findOfBuffer() {
        try {
            return MethodHandles.publicLookup()
                    .findStatic(
                            segmentClass(),
                            "ofBuffer",
                            MethodType.methodType(segmentClass(), Class.forName("java.nio.Buffer")));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Java " + Runtime.version() + " lacks MemorySegment.ofBuffer", e);
        }
    }
}
