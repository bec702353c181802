package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.cpu.memory.NativeSettings;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Small helpers over oneDNN's C interface. */
final class OneDnn {

    /**
     * The capacity of the library's own primitive cache: enough for the products that the ranks of a process make at
     * the same time, and few enough that dropped ones do not stay alive in it (1,024 by default, half a megabyte each).
     */
    private static final int REMEMBERED = 64;

    private OneDnn() {}

    /**
     * Loads the library.
     *
     * @throws LinkageError when it cannot be loaded on this machine
     */
    static void load() {
        NativeSettings.apply();
        Loader.load(dnnl.class);
        check(dnnl.dnnl_set_primitive_cache_capacity(REMEMBERED), "remember " + REMEMBERED + " products");
    }

    /**
     * Throws an exception for a status other than success; the message says what was attempted.
     *
     * @throws OutOfMemoryException when the library could not get memory
     */
    static void check(int status, String what) {
        if (status == dnnl.dnnl_out_of_memory) {
            throw new OutOfMemoryException(
                    "oneDNN got no memory from the system to " + what + ": raise the memory of the"
                            + " machine or container, lower spark.lockstep.memoryBudget (--memory-budget) or"
                            + " spark.lockstep.maxBatchTokens, or raise tp");
        }
        if (status != dnnl.dnnl_success) {
            throw new IllegalStateException("oneDNN refused to " + what + ": status " + status);
        }
    }

    /** A dense matrix with this many elements between rows. */
    static dnnl_memory_desc matrix(long rows, long columns, int type, long rowStride, long columnStride) {
        dnnl_memory_desc desc = new dnnl_memory_desc();
        check(
                dnnl.dnnl_memory_desc_create_with_strides(
                        desc, 2, new long[] {rows, columns}, type, new long[] {rowStride, columnStride}),
                "describe a matrix of " + rows + " x " + columns);
        return desc;
    }

    /** A matrix in the layout that the primitive prefers. */
    static dnnl_memory_desc anyLayout(long rows, long columns, int type) {
        dnnl_memory_desc desc = new dnnl_memory_desc();
        check(
                dnnl.dnnl_memory_desc_create_with_tag(
                        desc, 2, new long[] {rows, columns}, type, dnnl.dnnl_format_tag_any),
                "describe a matrix of " + rows + " x " + columns);
        return desc;
    }

    /** A memory object that does not yet point to memory. */
    static dnnl_memory memory(dnnl_memory_desc desc, dnnl_engine engine) {
        dnnl_memory memory = new dnnl_memory();
        check(dnnl.dnnl_memory_create(memory, desc, engine, (Pointer) null), "make a memory object");
        return memory;
    }

    /** The name of the selected implementation, such as {@code brg_matmul:avx512_core_bf16}. */
    static String implementation(dnnl_primitive_desc primitive) {
        try (PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
            check(
                    dnnl.dnnl_primitive_desc_query(primitive, dnnl.dnnl_query_impl_info_str, 0, name),
                    "name an implementation");
            return name.get(BytePointer.class, 0).getString();
        }
    }

    /** A raw address that a native call reads, re-pointed without allocating. */
    static final class Address extends Pointer {

        Address at(long newAddress) {
            address = newAddress;
            return this;
        }
    }
}
