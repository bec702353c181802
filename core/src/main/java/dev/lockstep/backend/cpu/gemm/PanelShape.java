package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * All panels of one shape: the layout of their weights, fixed once from a product of 64 rows, and the primitives made
 * with that same layout, one for each number of rows that came up (making one takes a millisecond or two). Shared by
 * the layers of a model.
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
    private final List<PanelKernel> all = new ArrayList<>();
    /** First kernel by rows, others with the same rows linked to it: a lookup that allocates nothing. */
    private PanelKernel[] byRows = new PanelKernel[128];

    /** Fixes the layout; the shape cannot be used when {@link #isOptimised} is false. */
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

    /** Whether this machine has more than a reference implementation for it. */
    boolean isOptimised() {
        return weights != null;
    }

    boolean matches(int otherInputs, int otherOutputs, Precision otherPrecision, boolean otherBias) {
        return inputs == otherInputs && outputs == otherOutputs && precision == otherPrecision && bias == otherBias;
    }

    /** Instructions older than VNNI add products of bytes in 16 bits, which overflow. */
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

    /** The type in which weights come to be packed. */
    int stagedType() {
        return precision == Precision.INT8 ? dnnl.dnnl_s8 : dnnl.dnnl_f32;
    }

    dnnl_engine engine() {
        return owner.engine();
    }

    /** Bytes of a panel's weights, padding included. */
    long weightBytes() {
        return dnnl.dnnl_memory_desc_get_size(weights);
    }

    /** The primitive for this many rows, made on first use; for one thread at a time. */
    PanelKernel kernel(int rows, int xStride, int yStride, Activation activation, boolean accumulate) {
        PanelKernel known = find(rows, xStride, yStride, activation, accumulate);
        if (known != null) {
            return known;
        }
        if (rows >= byRows.length) {
            byRows = Arrays.copyOf(byRows, Math.max(rows + 1, byRows.length * 2));
        }
        PanelKernel made = new PanelKernel(this, rows, xStride, yStride, activation, accumulate, owner.threads());
        owner.ensureScratch(made.scratchBytes);
        made.next = byRows[rows];
        byRows[rows] = made;
        all.add(made);
        return made;
    }

    /**
     * The primitive for this many rows that was made before; for several threads while none is made.
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

    /** Names of the implementations picked so far. */
    List<String> implementations() {
        return all.stream().map(kernel -> kernel.implementation).toList();
    }

    @Override
    public void close() {
        all.forEach(PanelKernel::close);
        if (weights != null) {
            dnnl.dnnl_memory_desc_destroy(weights);
        }
    }
}
