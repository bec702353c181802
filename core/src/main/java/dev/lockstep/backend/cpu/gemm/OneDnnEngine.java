package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.WorkerSlabs;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products by oneDNN. Each worker runs single-threaded primitives on its own panels of output columns. This is as fast
 * as one OpenMP team over all cores, without its spinning. Empty weights, and weights for which oneDNN has only a
 * reference implementation on this machine, are multiplied in Java. All weights of an engine are packed for pools of
 * one size.
 */
final class OneDnnEngine implements GemmEngine {

    private static final Logger LOG = LoggerFactory.getLogger(OneDnnEngine.class);

    private final dnnl_engine engine = new dnnl_engine();
    /** Bytes of a panel of an 8-bit weight, few enough to stay in a core's cache while rows are multiplied by it. */
    private static final int INT8_PANEL = 3 << 17;

    private final Memory memory;
    private final Int8Buffers int8;
    private final JavaGemm java;
    private final List<PanelShape> shapes = new ArrayList<>();
    private final KernelStore kernels;
    private dnnl_stream[] streams = new dnnl_stream[0];
    /** Scratch memory of each worker's primitives, then bf16 copies of activations. */
    private Slab[] scratch = new Slab[0];

    private Slab activations;
    /** The same for each worker's tile. */
    private final WorkerSlabs tiles;
    /** Products of each worker that are still to be added up. */
    private final WorkerSlabs products;

    private OneDnnBf16Products small;

    private boolean saidReference;

    OneDnnEngine(Memory memory) {
        this.memory = memory;
        this.int8 = new Int8Buffers(memory);
        this.java = new JavaGemm(memory);
        this.kernels = new KernelStore(memory);
        this.tiles = new WorkerSlabs(memory, "bf16 activations");
        this.products = new WorkerSlabs(memory, "products");
        OneDnn.load();
        OpenMp.single();
        OneDnn.check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "make an engine");
    }

    @Override
    public PackedWeight pack(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Supplier<Rounding> rounding,
            float[] bias,
            Workers workers,
            int maxRows) {
        if (outputs == 0 || inputs == 0) {
            return java.pack(outputs, inputs, source, precision, rounding, bias, workers, maxRows);
        }
        OpenMp.single();
        serve(workers.threads());
        if (precision == Precision.INT8) {
            return packInt8(outputs, inputs, source, bias, workers, maxRows);
        }
        int[] starts = Panels.plan(outputs, inputs, workers.threads());
        for (int i = 0; i + 1 < starts.length; i++) {
            PanelShape shape = shape(inputs, starts[i + 1] - starts[i], precision, bias != null);
            if (!shape.isOptimised()) {
                sayReference(shape);
                return java.pack(outputs, inputs, source, precision, rounding, bias, workers, maxRows);
            }
        }
        OneDnnWeight weight =
                new OneDnnWeight(this, outputs, inputs, source, precision, rounding, bias, workers.threads(), starts);
        if (precision == Precision.BF16) {
            int parts = rounding.get() == Rounding.TWO_PARTS ? 2 : 1;
            long rowBytes = (long) inputs * parts * Short.BYTES;
            ensureActivations(maxRows * rowBytes);
            tiles.ensure(PackedWeight.TILE_ROWS * rowBytes, workers.threads());
        }
        return weight;
    }

    @Override
    public Bf16Products bf16Products(int threads) {
        serve(threads);
        if (small == null) {
            small = OneDnnBf16Products.open(engine, streams);
        }
        return small;
    }

    private PackedWeight packInt8(
            int outputs, int inputs, PanelSource source, float[] bias, Workers workers, int maxRows) {
        int[] starts = Panels.plan(outputs, inputs, workers.threads(), INT8_PANEL);
        for (int i = 0; i + 1 < starts.length; i++) {
            PanelShape shape = shape(inputs, starts[i + 1] - starts[i], Precision.INT8, false);
            if (!shape.isOptimised()) {
                sayReference(shape);
                return java.pack(
                        outputs, inputs, source, Precision.INT8, () -> Rounding.ONE_PART, bias, workers, maxRows);
            }
            int8.ensure(maxRows, inputs, shape.outputs, workers.threads());
        }
        IntegerWeight integers = new OneDnnIntegerWeight(this, inputs, starts);
        return new Int8Weight(int8, integers, inputs, source, bias, workers.threads(), starts);
    }

    private void sayReference(PanelShape shape) {
        if (!saidReference) {
            LOG.warn(
                    "oneDNN has only a reference implementation of {} products on this machine (first met with {} x"
                            + " {}): they run in Java, slower",
                    shape.precision,
                    shape.inputs,
                    shape.outputs);
            saidReference = true;
        }
    }

    private void serve(int threads) {
        if (streams.length == threads) {
            return;
        }
        if (streams.length > 0) {
            throw new IllegalArgumentException("this engine packs weights for pools of " + streams.length
                    + " threads, found one of " + threads + ": use an engine per pool");
        }
        streams = new dnnl_stream[threads];
        scratch = new Slab[threads];
        for (int i = 0; i < threads; i++) {
            streams[i] = new dnnl_stream();
            OneDnn.check(dnnl.dnnl_stream_create(streams[i], engine, dnnl.dnnl_stream_default_flags), "make a stream");
            scratch[i] = memory.allocate(4096, "oneDNN scratch");
        }
    }

    PanelShape shape(int inputs, int outputs, Precision precision, boolean bias) {
        for (PanelShape shape : shapes) {
            if (shape.matches(inputs, outputs, precision, bias)) {
                return shape;
            }
        }
        PanelShape made = new PanelShape(this, inputs, outputs, precision, bias);
        shapes.add(made);
        return made;
    }

    Memory memory() {
        return memory;
    }

    dnnl_engine engine() {
        return engine;
    }

    int threads() {
        return streams.length;
    }

    KernelStore kernels() {
        return kernels;
    }

    dnnl_stream stream(int worker) {
        return streams[worker];
    }

    Slab scratch(int worker) {
        return scratch[worker];
    }

    /** The buffer for activations rounded to bf16, {@code [rows, inputs]}, followed by their second parts. */
    Slab activations() {
        return activations;
    }

    /** A worker's buffer for the rounded activations of its tile, as {@link #activations}. */
    Slab tile(int worker) {
        return tiles.of(worker);
    }

    void ensureScratch(long bytes) {
        for (int i = 0; i < scratch.length; i++) {
            if (scratch[i].byteSize() < bytes) {
                // Allocates the new one first: if that fails, the old one still serves smaller products.
                Slab larger = memory.allocate(bytes, "oneDNN scratch");
                scratch[i].close();
                scratch[i] = larger;
            }
        }
    }

    /** A worker's buffer for products that are still to be added up. */
    Slab products(int worker) {
        return products.of(worker);
    }

    void ensureProducts(long bytes) {
        products.ensure(bytes, streams.length);
    }

    private void ensureActivations(long bytes) {
        if (activations == null || activations.byteSize() < bytes) {
            if (activations != null) {
                activations.close();
            }
            activations = memory.allocate(bytes, "bf16 activations");
        }
    }

    /** Names of the implementations selected so far. */
    List<String> implementations() {
        return kernels.implementations();
    }

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public void close() {
        if (small != null) {
            small.close();
        }
        kernels.close();
        shapes.forEach(PanelShape::close);
        shapes.clear();
        for (int i = 0; i < streams.length; i++) {
            dnnl.dnnl_stream_destroy(streams[i]);
            scratch[i].close();
        }
        products.close();
        tiles.close();
        int8.close();
        java.close();
        if (activations != null) {
            activations.close();
        }
        dnnl.dnnl_engine_destroy(engine);
    }
}
