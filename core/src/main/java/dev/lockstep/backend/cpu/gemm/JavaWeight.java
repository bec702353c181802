package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowMath;
import dev.lockstep.backend.cpu.kernel.TileMath;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A weight packed in groups of {@link TileMath#GROUP} outputs, {@code [inputs][GROUP]} each, the layout that attention
 * uses for keys. An activation is broadcast and multiplied with a group. Activations of a bf16 weight are rounded to
 * bf16, like oneDNN's. If two parts are requested, they stay fp32, which costs nothing here.
 */
final class JavaWeight implements PackedWeight {

    private static final int GROUP = TileMath.GROUP;
    private static final int ROWS = TileMath.QUERIES;

    private final int outputs;
    private final int inputs;
    private final Form form;
    private final boolean rounds;
    private final float[] bias;
    private final int groups;
    private final int groupsPerSlab;
    private final Slab[] slabs;
    private final TileMath tile = TileMath.best();
    private final RowMath rowMath = RowMath.best();
    private final float[][] activations;
    private final float[][] products;
    private final Workers.Task task = this::share;
    private Matrix x;
    private Matrix y;
    private int rows;
    private Activation activation = Activation.NONE;
    private boolean accumulate;

    JavaWeight(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Supplier<Rounding> rounding,
            float[] bias,
            Workers workers,
            Memory memory) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.form = Form.ofWeights(precision);
        this.bias = bias;
        this.groups = (outputs + GROUP - 1) / GROUP;
        int groupBytes = Math.max(1, GROUP * inputs * form.bytes());
        this.groupsPerSlab = Slab.MAX_BYTES / groupBytes;
        this.slabs = new Slab[inputs == 0 ? 0 : (groups + groupsPerSlab - 1) / groupsPerSlab];
        for (int i = 0; i < slabs.length; i++) {
            long held = Math.min(groupsPerSlab, groups - i * groupsPerSlab);
            slabs[i] = memory.allocate(held * groupBytes, "packed weight");
        }
        this.activations = new float[workers.threads()][ROWS * inputs];
        this.products = new float[workers.threads()][ROWS * GROUP];
        if (outputs > 0 && inputs > 0) {
            Panels.read(source, 0, outputs, inputs, 1, memory, this::store);
        }
        this.rounds = precision == Precision.BF16 && rounding.get() == Rounding.ONE_PART;
    }

    private void store(int from, int to, Slab panel) {
        for (int output = from; output < to; output++) {
            Slab slab = slab(output / GROUP);
            int at = offset(output / GROUP) + output % GROUP;
            int source = (output - from) * inputs;
            for (int i = 0; i < inputs; i++) {
                if (form == Form.FP32) {
                    slab.set(at + i * GROUP, panel.get(source + i));
                } else {
                    slab.setShort(at + i * GROUP, Bf16.fromFloat(panel.get(source + i)));
                }
            }
        }
    }

    private Slab slab(int group) {
        return slabs[group / groupsPerSlab];
    }

    private int offset(int group) {
        return group % groupsPerSlab * GROUP * inputs;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public void multiply(Workers workers, Matrix activations, int rowCount, Matrix target, Activation function) {
        run(workers, activations, rowCount, target, function, false);
    }

    @Override
    public void multiplyAdd(Workers workers, Matrix activations, int rowCount, Matrix target) {
        run(workers, activations, rowCount, target, Activation.NONE, true);
    }

    private void run(Workers workers, Matrix source, int rowCount, Matrix target, Activation function, boolean add) {
        x = source;
        y = target;
        rows = rowCount;
        activation = function;
        accumulate = add;
        workers.run(task, (long) rowCount * inputs * outputs / 16);
    }

    private void share(int worker, int all) {
        int from = (int) ((long) groups * worker / all);
        int to = (int) ((long) groups * (worker + 1) / all);
        multiply(worker, from, to, x, rows, y, activation, accumulate);
    }

    @Override
    public void beginTiles() {
        // nothing is readied
    }

    @Override
    public void prepareTile(Matrix source, int rowCount, Matrix target, Activation function) {
        // any number will do
    }

    @Override
    public void multiplyTile(int worker, Matrix source, int rowCount, Matrix target, Activation function) {
        multiply(worker, 0, groups, source, rowCount, target, function, false);
    }

    private void multiply(
            int worker,
            int from,
            int to,
            Matrix source,
            int rowCount,
            Matrix target,
            Activation function,
            boolean adds) {
        for (int row = 0; row < rowCount; row += ROWS) {
            int count = Math.min(ROWS, rowCount - row);
            load(worker, source, row, count);
            for (int group = from; group < to; group++) {
                multiply(worker, count, group);
                store(worker, target, row, count, group, function, adds);
            }
        }
    }

    private void load(int worker, Matrix source, int row, int count) {
        float[] target = activations[worker];
        for (int r = 0; r < count; r++) {
            source.slab().get(source.at(row + r, 0), target, r * inputs, inputs);
        }
        if (rounds) {
            for (int i = 0; i < count * inputs; i++) {
                target[i] = Bf16.toFloat(Bf16.fromFloat(target[i]));
            }
        }
    }

    private void multiply(int worker, int count, int group) {
        float[] source = activations[worker];
        float[] out = products[worker];
        if (inputs == 0) {
            Arrays.fill(out, 0f);
        } else {
            tile.scores(source, 0, inputs, count, inputs, slab(group), form, offset(group), GROUP, out, 0, GROUP);
        }
    }

    private void store(int worker, Matrix target, int row, int count, int group, Activation function, boolean adds) {
        float[] out = products[worker];
        int first = group * GROUP;
        int columns = Math.min(GROUP, outputs - first);
        for (int r = 0; r < count; r++) {
            int at = target.at(row + r, first);
            for (int i = 0; i < columns; i++) {
                float value = out[r * GROUP + i];
                value = bias == null ? value : value + bias[first + i];
                target.slab().set(at + i, adds ? target.slab().get(at + i) + value : value);
            }
            if (function != Activation.NONE) {
                rowMath.activate(function, target.slab(), at, target.slab(), at, columns);
            }
        }
    }

    @Override
    public void row(int output, Slab target, int offset) {
        Objects.checkIndex(output, outputs);
        if (inputs == 0) {
            return;
        }
        Slab slab = slab(output / GROUP);
        int at = offset(output / GROUP) + output % GROUP;
        for (int i = 0; i < inputs; i++) {
            float value = form == Form.FP32 ? slab.get(at + i * GROUP) : Bf16.toFloat(slab.getShort(at + i * GROUP));
            target.set(offset + i, value);
        }
    }

    @Override
    public long bytes() {
        long bytes = 0;
        for (Slab slab : slabs) {
            bytes += slab.byteSize();
        }
        return bytes;
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            slab.close();
        }
    }
}
