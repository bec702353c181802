package dev.lockstep.backend.cpu.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Handles to vector loops that must be compiled separately. If they are inlined into a caller with other loops, the
 * compiler exceeds its budget and leaves vectors in memory, which is ten times slower. It does not inline through a
 * method handle that is not a constant. Handles must therefore be kept in an array, whose elements are not constants.
 */
final class OutOfLine {

    private OutOfLine() {}

    /** A handle to a static method that returns nothing. */
    static MethodHandle find(MethodHandles.Lookup lookup, String name, Class<?>... parameters) {
        try {
            return lookup.findStatic(lookup.lookupClass(), name, MethodType.methodType(void.class, parameters));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no loop " + name + " in " + lookup.lookupClass(), e);
        }
    }

    /** Converts what a loop threw, which can only be unchecked, to be rethrown. */
    static RuntimeException unchecked(Throwable thrown) {
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a loop threw a checked exception", thrown);
    }
}
