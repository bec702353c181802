package dev.lockstep.backend.cpu.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.kernel.PlainBf16Products;
import dev.lockstep.backend.cpu.kernel.Samples;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import org.junit.jupiter.api.Test;

class OneDnnBf16ProductsTest {

    private static final int[][] SIZES = {{1, 16, 64}, {16, 160, 64}, {128, 64, 176}, {37, 48, 7}, {5, 9, 33}};

    @Test
    void multipliesAnySizeOnAnyWorker() {
        try (Samples samples = new Samples(3);
                GemmEngine engine = GemmEngines.open(Memory.UNCOUNTED)) {
            Bf16Products products = engine.bf16Products(2);
            assumeTrue(products != null, "this machine has no products in bf16");
            for (int[] size : SIZES) {
                for (boolean transposed : new boolean[] {false, true}) {
                    check(samples, products, size, transposed);
                }
            }
        }
    }

    private static void check(Samples samples, Bf16Products products, int[] size, boolean transposed) {
        int rows = size[0];
        int columns = size[1];
        int inner = size[2];
        int bStride = (transposed ? inner : columns) + 5;
        Slab a = rounded(samples, rows * (inner + 3) + 2);
        Slab b = rounded(samples, (transposed ? columns : inner) * bStride + 7);
        Matrix found = samples.matrix(rows, columns);
        Matrix expected = samples.matrix(rows, columns);
        for (int worker = 0; worker < 2; worker++) {
            multiply(products, worker, size, a, b, bStride, transposed, found);
            multiply(new PlainBf16Products(), worker, size, a, b, bStride, transposed, expected);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    Samples.assertClose(found.get(row, column), expected.get(row, column), 1e-4, row + " of " + rows);
                }
            }
        }
        assertThat(found.slab().get(found.at(0, 0) + columns))
                .as("nothing is written beside a row")
                .isZero();
    }

    private static void multiply(
            Bf16Products products, int worker, int[] size, Slab a, Slab b, int bStride, boolean transposed, Matrix y) {
        products.multiply(
                worker,
                size[0],
                size[1],
                size[2],
                a,
                2,
                size[2] + 3,
                b,
                7,
                bStride,
                transposed,
                y.slab(),
                y.offset(),
                y.rowStride());
    }

    private static Slab rounded(Samples samples, int count) {
        Slab slab = samples.slab(count);
        for (int i = 0; i < count; i++) {
            slab.setShort(i, Bf16.fromFloat((float) samples.random().nextGaussian()));
        }
        return slab;
    }

    /** Sizes beyond those that are remembered: old ones are made anew. */
    @Test
    void manySizes() {
        try (Samples samples = new Samples(4);
                GemmEngine engine = GemmEngines.open(Memory.UNCOUNTED)) {
            Bf16Products products = engine.bf16Products(1);
            assumeTrue(products != null, "this machine has no products in bf16");
            Slab a = rounded(samples, 8);
            Slab b = rounded(samples, 3000);
            Matrix y = samples.matrix(1, 3000);
            for (int columns = 1; columns < 1500; columns++) {
                products.multiply(0, 1, columns, 1, a, 0, 1, b, 0, columns, false, y.slab(), y.offset(), 3000);
                float last = Bf16.toFloat(b.getShort(columns - 1)) * Bf16.toFloat(a.getShort(0));
                assertThat(y.get(0, columns - 1)).isEqualTo(last);
            }
        }
    }
}
