package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** Reorders a weight into the layout of its panels by oneDNN's reorder, one fp32 panel at a time. */
final class PanelPacker {

    private final dnnl_engine engine;
    private final dnnl_stream stream;
    private final Memory memory;

    PanelPacker(dnnl_engine engine, dnnl_stream stream, Memory memory) {
        this.memory = memory;
        this.engine = engine;
        this.stream = stream;
    }

    /** Fills the slabs of all panels. */
    void pack(PanelSource source, int[] starts, PanelShape[] shapes, Slab[] slabs) {
        int widest = 0;
        for (PanelShape shape : shapes) {
            widest = Math.max(widest, shape.outputs);
        }
        try (Slab staging = memory.floats((long) widest * shapes[0].inputs, "weight panel")) {
            FloatBuffer floats = staging.bytes().asFloatBuffer();
            for (int i = 0; i < shapes.length; i++) {
                floats.position(0).limit(shapes[i].outputs * shapes[i].inputs);
                source.fill(starts[i], starts[i + 1], floats);
                reorder(shapes[i], staging, slabs[i]);
            }
        }
    }

    /** Reorders one panel of plain rows into its layout. */
    void reorder(PanelShape shape, Slab from, Slab to) {
        // The staged rows are the weight's outputs: seen as [inputs, outputs], the column stride is one row.
        dnnl_memory_desc plain = OneDnn.matrix(shape.inputs, shape.outputs, shape.stagedType(), 1, shape.inputs);
        dnnl_primitive_desc reorder = new dnnl_primitive_desc();
        String what = "reorder a weight of " + shape.inputs + " x " + shape.outputs;
        OneDnn.check(
                dnnl.dnnl_reorder_primitive_desc_create(reorder, plain, engine, shape.weights, engine, null), what);
        dnnl_primitive primitive = new dnnl_primitive();
        OneDnn.check(dnnl.dnnl_primitive_create(primitive, reorder), what);
        dnnl_memory source = OneDnn.memory(plain, engine);
        dnnl_memory target = OneDnn.memory(shape.weights, engine);
        OneDnn.Address address = new OneDnn.Address();
        dnnl.dnnl_memory_set_data_handle(source, address.at(from.address()));
        dnnl.dnnl_memory_set_data_handle(target, address.at(to.address()));
        try (dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(2)) {
            arguments.position(0).arg(dnnl.DNNL_ARG_FROM).memory(source);
            arguments.position(1).arg(dnnl.DNNL_ARG_TO).memory(target);
            OneDnn.check(dnnl.dnnl_primitive_execute(primitive, stream, 2, arguments.position(0)), what);
            OneDnn.check(dnnl.dnnl_stream_wait(stream), what);
        }
        dnnl.dnnl_memory_destroy(source);
        dnnl.dnnl_memory_destroy(target);
        dnnl.dnnl_primitive_destroy(primitive);
        dnnl.dnnl_primitive_desc_destroy(reorder);
        dnnl.dnnl_memory_desc_destroy(plain);
    }
}
