package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.LibraryMemory;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/**
 * One compiled product. Rows, strides, activation and weight layout are fixed; addresses are given at each call. Every
 * worker has its own memory objects, so that several may run the kernel at once.
 */
final class PanelKernel implements AutoCloseable {

    final String implementation;
    final long scratchBytes;
    final int rows;
    /** The next kernel with the same number of rows. */
    PanelKernel next;
    /** The last product that used it: see {@link KernelStore}. */
    long lastProduct;

    private final PanelShape shape;
    private final LibraryMemory memory;
    private final int xStride;
    private final int yStride;
    private final Activation activation;
    private final boolean accumulate;
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final Call[] calls;

    /** @param memory its entry in the account; given back when the kernel is closed */
    PanelKernel(
            PanelShape shape,
            int rows,
            int xStride,
            int yStride,
            Activation activation,
            boolean accumulate,
            int threads,
            LibraryMemory memory) {
        this.shape = shape;
        this.memory = memory;
        this.rows = rows;
        this.calls = new Call[threads];
        this.xStride = xStride;
        this.yStride = yStride;
        this.activation = activation;
        this.accumulate = accumulate;
        dnnl_memory_desc x = OneDnn.matrix(rows, shape.inputs, shape.activationType(), xStride, 1);
        dnnl_memory_desc y = OneDnn.matrix(rows, shape.outputs, shape.productType(), yStride, 1);
        dnnl_memory_desc bias = shape.bias ? OneDnn.matrix(1, shape.outputs, dnnl.dnnl_f32, shape.outputs, 1) : null;
        dnnl_primitive_attr attributes = OneDnnPrimitives.attributes(activation, accumulate);
        dnnl_primitive_desc product = new dnnl_primitive_desc();
        String what = "make a product of " + rows + " x " + shape.inputs + " x " + shape.outputs;
        try {
            OneDnn.check(
                    dnnl.dnnl_matmul_primitive_desc_create(
                            product, shape.engine(), x, shape.weights, bias, y, attributes),
                    what);
            implementation = OneDnn.implementation(product);
            OneDnn.check(dnnl.dnnl_primitive_create(primitive, product), what);
            dnnl_memory_desc scratch = dnnl.dnnl_primitive_desc_query_md(product, dnnl.dnnl_query_scratchpad_md, 0);
            scratchBytes = dnnl.dnnl_memory_desc_get_size(scratch);
            for (int i = 0; i < threads; i++) {
                calls[i] = new Call(
                        OneDnn.memory(x, shape.engine()),
                        OneDnn.memory(shape.weights, shape.engine()),
                        OneDnn.memory(y, shape.engine()),
                        OneDnn.memory(scratch, shape.engine()),
                        shape.bias ? OneDnn.memory(bias, shape.engine()) : null);
            }
        } catch (RuntimeException | Error failed) {
            destroyCalls();
            throw failed;
        } finally {
            // Objects that were not made are null pointers, which the library ignores.
            dnnl.dnnl_primitive_desc_destroy(product);
            dnnl.dnnl_primitive_attr_destroy(attributes);
            dnnl.dnnl_memory_desc_destroy(x);
            dnnl.dnnl_memory_desc_destroy(y);
            if (bias != null) {
                dnnl.dnnl_memory_desc_destroy(bias);
            }
        }
    }

    PanelShape shape() {
        return shape;
    }

    boolean matches(int otherXStride, int otherYStride, Activation otherActivation, boolean otherAccumulate) {
        return xStride == otherXStride
                && yStride == otherYStride
                && activation == otherActivation
                && accumulate == otherAccumulate;
    }

    /** Runs on the calling thread; all arguments but the worker are addresses. */
    void run(int worker, dnnl_stream stream, long x, long weights, long bias, long y, long scratch) {
        calls[worker].run(primitive, stream, x, weights, bias, y, scratch);
    }

    @Override
    public void close() {
        destroyCalls();
        memory.close();
    }

    private void destroyCalls() {
        for (Call call : calls) {
            if (call != null) {
                call.close();
            }
        }
        dnnl.dnnl_primitive_destroy(primitive);
    }

    /** One worker's arguments, re-pointed at each call. */
    private static final class Call {

        private final dnnl_memory[] memories;
        private final dnnl_exec_arg_t arguments;
        private final int count;
        private final OneDnn.Address address = new OneDnn.Address();

        Call(dnnl_memory x, dnnl_memory weights, dnnl_memory y, dnnl_memory scratch, dnnl_memory bias) {
            memories = new dnnl_memory[] {x, weights, y, scratch, bias};
            count = bias == null ? 4 : 5;
            int[] roles = {
                dnnl.DNNL_ARG_SRC,
                dnnl.DNNL_ARG_WEIGHTS,
                dnnl.DNNL_ARG_DST,
                dnnl.DNNL_ARG_SCRATCHPAD,
                dnnl.DNNL_ARG_BIAS
            };
            arguments = new dnnl_exec_arg_t(count);
            for (int i = 0; i < count; i++) {
                arguments.position(i).arg(roles[i]).memory(memories[i]);
            }
            arguments.position(0);
        }

        void run(dnnl_primitive primitive, dnnl_stream stream, long x, long weights, long bias, long y, long scratch) {
            point(0, x);
            point(1, weights);
            point(2, y);
            point(3, scratch);
            if (count > 4) {
                point(4, bias);
            }
            OneDnn.check(dnnl.dnnl_primitive_execute(primitive, stream, count, arguments), "multiply");
        }

        private void point(int argument, long at) {
            dnnl.dnnl_memory_set_data_handle(memories[argument], address.at(at));
        }

        void close() {
            for (int i = 0; i < count; i++) {
                dnnl.dnnl_memory_destroy(memories[i]);
            }
            arguments.deallocate();
        }
    }
}
