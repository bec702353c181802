package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.memory.Slab;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Products by oneDNN's matrix multiplication with sizes given at run time. One primitive serves all sizes and, from 16
 * rows on, is as fast as one compiled for a size. Compiling one for each size would take half a megabyte for every
 * length of a sequence.
 */
final class OneDnnBf16Products implements Bf16Products, AutoCloseable {

    private static final int OPERANDS = 3;

    private final dnnl_primitive straight;
    private final dnnl_primitive turned;
    private final Call[] calls;

    private OneDnnBf16Products(
            dnnl_engine engine, dnnl_stream[] streams, dnnl_primitive straight, dnnl_primitive turned) {
        this.straight = straight;
        this.turned = turned;
        this.calls = new Call[streams.length];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = new Call(engine, streams[i]);
        }
    }

    /**
     * Makes the primitives.
     *
     * @param streams one for each worker
     * @return null if this machine has no instructions for them
     */
    static OneDnnBf16Products open(dnnl_engine engine, dnnl_stream[] streams) {
        int needed = dnnl.dnnl_cpu_isa_avx512_core_bf16;
        if ((dnnl.dnnl_get_effective_cpu_isa() & needed) != needed) {
            return null;
        }
        dnnl_primitive straight = primitive(engine, false);
        dnnl_primitive turned = straight == null ? null : primitive(engine, true);
        if (turned == null) {
            if (straight != null) {
                dnnl.dnnl_primitive_destroy(straight);
            }
            return null;
        }
        return new OneDnnBf16Products(engine, streams, straight, turned);
    }

    /** Null if there is only a reference implementation. */
    private static dnnl_primitive primitive(dnnl_engine engine, boolean transposed) {
        long any = dnnl.DNNL_RUNTIME_DIM_VAL;
        dnnl_memory_desc a = OneDnn.matrix(any, any, dnnl.dnnl_bf16, any, 1);
        dnnl_memory_desc b = OneDnn.matrix(any, any, dnnl.dnnl_bf16, transposed ? 1 : any, transposed ? any : 1);
        dnnl_memory_desc y = OneDnn.matrix(any, any, dnnl.dnnl_f32, any, 1);
        dnnl_primitive_attr attributes = OneDnnPrimitives.attributes(Activation.NONE, false);
        dnnl_primitive_desc product = new dnnl_primitive_desc();
        try {
            int status = dnnl.dnnl_matmul_primitive_desc_create(product, engine, a, b, null, y, attributes);
            if (status != dnnl.dnnl_success || OneDnn.implementation(product).contains("ref")) {
                return null;
            }
            dnnl_primitive made = new dnnl_primitive();
            OneDnn.check(dnnl.dnnl_primitive_create(made, product), "make a product of any size");
            return made;
        } finally {
            dnnl.dnnl_primitive_desc_destroy(product);
            dnnl.dnnl_primitive_attr_destroy(attributes);
            dnnl.dnnl_memory_desc_destroy(a);
            dnnl.dnnl_memory_desc_destroy(b);
            dnnl.dnnl_memory_desc_destroy(y);
        }
    }

    @Override
    public void multiply(
            int worker,
            int rows,
            int columns,
            int inner,
            Slab a,
            int ai,
            int aStride,
            Slab b,
            int bi,
            int bStride,
            boolean transposed,
            Slab y,
            int yi,
            int yStride) {
        Call call = calls[worker];
        call.point(0, call.a.of(rows, inner, aStride), a.address() + (long) ai * Short.BYTES);
        MatrixObjects second = transposed ? call.turned : call.straight;
        call.point(1, second.of(inner, columns, bStride), b.address() + (long) bi * Short.BYTES);
        call.point(2, call.y.of(rows, columns, yStride), y.address() + (long) yi * Float.BYTES);
        int status = dnnl.dnnl_primitive_execute(transposed ? turned : straight, call.stream, OPERANDS, call.arguments);
        OneDnn.check(status, "multiply");
    }

    @Override
    public void close() {
        for (Call call : calls) {
            call.close();
        }
        dnnl.dnnl_primitive_destroy(straight);
        dnnl.dnnl_primitive_destroy(turned);
    }

    /** One worker's arguments. */
    private static final class Call {
        private final MatrixObjects a;
        private final MatrixObjects straight;
        private final MatrixObjects turned;
        private final MatrixObjects y;
        private final dnnl_stream stream;
        private final dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(OPERANDS);
        private final OneDnn.Address address = new OneDnn.Address();

        Call(dnnl_engine engine, dnnl_stream stream) {
            this.stream = stream;
            a = new MatrixObjects(engine, dnnl.dnnl_bf16, false);
            straight = new MatrixObjects(engine, dnnl.dnnl_bf16, false);
            turned = new MatrixObjects(engine, dnnl.dnnl_bf16, true);
            y = new MatrixObjects(engine, dnnl.dnnl_f32, false);
            int[] roles = {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST};
            for (int i = 0; i < OPERANDS; i++) {
                arguments.position(i).arg(roles[i]);
            }
            arguments.position(0);
        }

        void point(int operand, dnnl_memory matrix, long at) {
            dnnl.dnnl_memory_set_data_handle(matrix, address.at(at));
            arguments.position(operand).memory(matrix);
            arguments.position(0);
        }

        void close() {
            a.close();
            straight.close();
            turned.close();
            y.close();
            arguments.deallocate();
        }
    }
}
