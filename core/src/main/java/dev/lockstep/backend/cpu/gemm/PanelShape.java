package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.LibraryMemory;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * All panels of one shape, shared by the layers of a model: the layout of their weights, fixed once from a product of
 * 64 rows, and the primitives for that layout, one for each number of rows that has occurred. Making a primitive takes
 * a millisecond or two.
 */
final class PanelShape implements AutoCloseable {

    private static final int LAYOUT_ROWS = 64;

    final int inputs;
    final int outputs;
    final Precision precision;
    final boolean bias;
    final dnnl_memory_desc weights;
    final BlockedLayout layout;
    private final OneDnnEngine owner;
    /** First kernel by number of rows; others with the same number are linked to it. A look-up allocates nothing. */
    private PanelKernel[] byRows = new PanelKernel[128];

    /** Fixes the layout. The shape must not be used if {@link #isOptimised} is false. */
    PanelShape(OneDnnEngine owner, int inputs, int outputs, Precision precision, boolean bias) {
        this.owner = owner;
        this.inputs = inputs;
        this.outputs = outputs;
        this.precision = precision;
        this.bias = bias;
        dnnl_primitive_desc product = new dnnl_primitive_desc();
        dnnl_memory_desc x = OneDnn.matrix(LAYOUT_ROWS, inputs, activationType(), inputs, 1);
        dnnl_memory_desc any = OneDnn.anyLayout(inputs, outputs, weightType());
        dnnl_memory_desc y = OneDnn.matrix(LAYOUT_ROWS, outputs, productType(), outputs, 1);
        dnnl_primitive_attr attributes = OneDnnPrimitives.attributes(Activation.NONE, false);
        int status = dnnl.dnnl_matmul_primitive_desc_create(product, owner.engine(), x, any, null, y, attributes);
        if (status == dnnl.dnnl_success && isExactAndFast(OneDnn.implementation(product))) {
            weights = new dnnl_memory_desc();
            OneDnn.check(
                    dnnl.dnnl_memory_desc_clone(
                            weights, dnnl.dnnl_primitive_desc_query_md(product, dnnl.dnnl_query_weights_md, 0)),
                    "keep a layout");
            layout = new BlockedLayout(weights, inputs, outputs);
        } else {
            weights = null;
            layout = null;
        }
        if (status == dnnl.dnnl_success) {
            dnnl.dnnl_primitive_desc_destroy(product);
        }
        dnnl.dnnl_primitive_attr_destroy(attributes);
        dnnl.dnnl_memory_desc_destroy(x);
        dnnl.dnnl_memory_desc_destroy(any);
        dnnl.dnnl_memory_desc_destroy(y);
    }

    /** Whether this machine has more than a reference implementation for this shape. */
    boolean isOptimised() {
        return weights != null;
    }

    boolean matches(int otherInputs, int otherOutputs, Precision otherPrecision, boolean otherBias) {
        return inputs == otherInputs && outputs == otherOutputs && precision == otherPrecision && bias == otherBias;
    }

    /** Instructions older than VNNI add products of bytes in 16 bits, which can overflow. */
    private boolean isExactAndFast(String implementation) {
        boolean exact =
                precision != Precision.INT8 || implementation.contains("vnni") || implementation.contains("amx");
        return exact && !implementation.contains("ref");
    }

    int activationType() {
        return precision == Precision.INT8 ? dnnl.dnnl_u8 : weightType();
    }

    int weightType() {
        return switch (precision) {
            case FP32 -> dnnl.dnnl_f32;
            case BF16 -> dnnl.dnnl_bf16;
            case INT8 -> dnnl.dnnl_s8;
            case FP16 -> dnnl.dnnl_f16;
        };
    }

    int productType() {
        return precision == Precision.INT8 ? dnnl.dnnl_s32 : dnnl.dnnl_f32;
    }

    /** The type of the weights that are passed in for packing. */
    int stagedType() {
        return precision == Precision.INT8 ? dnnl.dnnl_s8 : dnnl.dnnl_f32;
    }

    dnnl_engine engine() {
        return owner.engine();
    }

    /** Bytes of a panel's weights, including padding. */
    long weightBytes() {
        return dnnl.dnnl_memory_desc_get_size(weights);
    }

    /**
     * The primitive for this many rows, made on first use. It may be dropped after the current product. Must be called
     * by one thread at a time.
     *
     * @throws dev.lockstep.backend.OutOfMemoryException when there is no memory for one more
     */
    PanelKernel kernel(int rows, int xStride, int yStride, Activation activation, boolean accumulate) {
        PanelKernel known = find(rows, xStride, yStride, activation, accumulate);
        if (known != null) {
            owner.kernels().use(known);
            return known;
        }
        if (rows >= byRows.length) {
            byRows = Arrays.copyOf(byRows, Math.max(rows + 1, byRows.length * 2));
        }
        PanelKernel made = make(rows, xStride, yStride, activation, accumulate);
        made.next = byRows[rows];
        byRows[rows] = made;
        owner.kernels().add(made);
        return made;
    }

    /**
     * A primitive for this many rows that has already been made. Several threads may call this while none is being
     * made.
     *
     * @throws IllegalStateException when it was not made
     */
    PanelKernel made(int rows, int xStride, int yStride, Activation activation, boolean accumulate) {
        PanelKernel known = find(rows, xStride, yStride, activation, accumulate);
        if (known == null) {
            throw new IllegalStateException("a product of " + rows + " rows was not made ready");
        }
        return known;
    }

    private PanelKernel find(int rows, int xStride, int yStride, Activation activation, boolean accumulate) {
        if (rows >= byRows.length) {
            return null;
        }
        PanelKernel kernel = byRows[rows];
        while (kernel != null && !kernel.matches(xStride, yStride, activation, accumulate)) {
            kernel = kernel.next;
        }
        return kernel;
    }

    private PanelKernel make(int rows, int xStride, int yStride, Activation activation, boolean accumulate) {
        LibraryMemory memory = owner.kernels().enter();
        PanelKernel made = null;
        try {
            made = new PanelKernel(this, rows, xStride, yStride, activation, accumulate, owner.threads(), memory);
            owner.ensureScratch(made.scratchBytes);
            return made;
        } catch (RuntimeException | Error failed) {
            if (made != null) {
                made.close();
            }
            memory.close(); // once, though the kernel may have done it
            throw failed;
        }
    }

    /** Removes a primitive from this shape; the caller closes it. */
    void forget(PanelKernel kernel) {
        if (byRows[kernel.rows] == kernel) {
            byRows[kernel.rows] = kernel.next;
            return;
        }
        PanelKernel before = byRows[kernel.rows];
        while (before.next != kernel) {
            before = before.next;
        }
        before.next = kernel.next;
    }

    @Override
    public void close() {
        if (weights != null) {
            dnnl.dnnl_memory_desc_destroy(weights);
        }
    }
}
