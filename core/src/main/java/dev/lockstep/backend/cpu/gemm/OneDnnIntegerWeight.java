package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.Slab;

/** Bytes in oneDNN's layout. */
final class OneDnnIntegerWeight implements IntegerWeight {
    private final OneDnnEngine engine;
    private final int inputs;
    private final PanelShape[] shapes;
    private final Slab[] slabs;
    private final PanelPacker packer;

    OneDnnIntegerWeight(OneDnnEngine engine, int inputs, int[] starts) {
        this.engine = engine;
        this.inputs = inputs;
        this.packer = new PanelPacker(engine.engine(), engine.stream(0), engine.memory());
        this.shapes = new PanelShape[starts.length - 1];
        this.slabs = new Slab[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = engine.shape(inputs, starts[i + 1] - starts[i], Precision.INT8, false);
            slabs[i] = engine.memory().allocate(shapes[i].weightBytes(), "packed 8-bit weight");
        }
    }

    @Override
    public void fill(int panel, Slab rows) {
        packer.reorder(shapes[panel], rows, slabs[panel]);
    }

    @Override
    public void begin() {
        engine.kernels().beginProduct();
    }

    @Override
    public void prepare(int rows) {
        OpenMp.single();
        for (PanelShape shape : shapes) {
            shape.kernel(rows, inputs, shape.outputs, Activation.NONE, false);
        }
    }

    @Override
    public void multiply(int worker, int panel, Slab activations, long from, int rows, Slab products) {
        OpenMp.single();
        PanelShape shape = shapes[panel];
        PanelKernel kernel = shape.made(rows, inputs, shape.outputs, Activation.NONE, false);
        kernel.run(
                worker,
                engine.stream(worker),
                activations.address() + from,
                slabs[panel].address(),
                0,
                products.address(),
                engine.scratch(worker).address());
    }

    @Override
    public byte get(int panel, int input, int output) {
        return slabs[panel].bytes().get(shapes[panel].layout.offset(input, output));
    }

    @Override
    public long bytes() {
        long sum = 0;
        for (Slab slab : slabs) {
            sum += slab.byteSize();
        }
        return sum;
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            slab.close();
        }
    }
}
