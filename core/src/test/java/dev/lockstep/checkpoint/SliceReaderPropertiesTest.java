package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.checkpoint.ReferenceExpression.Dense;
import dev.lockstep.checkpoint.WeightExpression.Affine;
import dev.lockstep.checkpoint.WeightExpression.Concatenated;
import dev.lockstep.checkpoint.WeightExpression.Permuted;
import dev.lockstep.checkpoint.WeightExpression.Picked;
import dev.lockstep.checkpoint.WeightExpression.Reshaped;
import dev.lockstep.checkpoint.WeightExpression.RowNormalised;
import dev.lockstep.checkpoint.WeightExpression.Sliced;
import dev.lockstep.checkpoint.WeightExpression.Stacked;
import dev.lockstep.checkpoint.WeightExpression.Tensor;
import dev.lockstep.testing.Seeds;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Any slice of any expression equals the slice of the whole, element by element, however reads are grouped. */
class SliceReaderPropertiesTest {

    /** A random expression over random tensors, with its value. */
    private static final class Case {
        private final Random random;
        private final Map<String, Dense> tensors = new LinkedHashMap<>();
        private final SafetensorsWriter writer = new SafetensorsWriter();

        Case(long seed) {
            random = new Random(seed);
        }

        WeightExpression expression(int depth) {
            WeightExpression operand = depth == 0 ? tensor(shape()) : expression(depth - 1);
            int[] shape = ReferenceExpression.evaluate(operand, tensors).shape();
            return switch (random.nextInt(10)) {
                case 0 -> new Permuted(operand, permutation(shape.length));
                case 1, 2 -> new Reshaped(operand, Arrays.stream(shape).boxed().toList(), reshape(shape));
                case 3 ->
                    new Stacked(IntStream.range(0, 1 + random.nextInt(3))
                            .mapToObj(i -> i == 0 ? operand : tensor(shape))
                            .toList());
                case 4 -> shape.length == 0 ? operand : concatenated(operand, shape);
                case 5 -> picked(operand, shape);
                case 6 -> shape.length == 0 ? operand : new RowNormalised(operand, 1e-12);
                case 7 -> new Affine(operand, 1 + random.nextInt(3), random.nextInt(2));
                case 8 -> shape.length == 0 ? operand : sliced(operand, shape);
                default -> operand;
            };
        }

        private WeightExpression sliced(WeightExpression operand, int[] shape) {
            int axis = random.nextInt(shape.length);
            int from = random.nextInt(shape[axis]);
            return new Sliced(operand, axis, from, from + 1 + random.nextInt(shape[axis] - from));
        }

        private WeightExpression concatenated(WeightExpression operand, int[] shape) {
            int axis = random.nextInt(shape.length);
            List<WeightExpression> operands = new ArrayList<>(List.of(operand));
            for (int i = random.nextInt(3); i > 0; i--) {
                int[] sibling = shape.clone();
                sibling[axis] = 1 + random.nextInt(4);
                operands.add(tensor(sibling));
            }
            Collections.shuffle(operands, random);
            return new Concatenated(axis, operands);
        }

        private WeightExpression picked(WeightExpression operand, int[] shape) {
            int count = random.nextInt(Math.min(2, shape.length) + 1);
            List<Integer> trailing = new ArrayList<>();
            for (int axis = shape.length - count; axis < shape.length; axis++) {
                trailing.add(random.nextInt(shape[axis]));
            }
            return new Picked(operand, trailing);
        }

        private WeightExpression tensor(int[] shape) {
            String name = "t" + tensors.size();
            DType dtype = List.of(DType.F32, DType.BF16, DType.F16).get(random.nextInt(3));
            writer.random(name, dtype, shape, random.nextLong(), 1);
            tensors.put(name, new Dense(shape, writer.stored(name)));
            return new Tensor(name);
        }

        private int[] shape() {
            return IntStream.range(0, random.nextInt(4))
                    .map(axis -> 1 + random.nextInt(8))
                    .toArray();
        }

        private List<Integer> permutation(int axes) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, axes).boxed().toList());
            Collections.shuffle(order, random);
            return order;
        }

        /** Another factorisation of the same number of elements, with axes of one here and there. */
        private List<Integer> reshape(int[] shape) {
            List<Integer> primes = new ArrayList<>();
            for (int length : shape) {
                for (int rest = length, p = 2; rest > 1; p++) {
                    for (; rest % p == 0; rest /= p) {
                        primes.add(p);
                    }
                }
            }
            if (random.nextInt(3) == 0) {
                Collections.shuffle(primes, random);
            }
            List<Integer> reshaped = new ArrayList<>(List.of(1));
            for (int prime : primes) {
                if (random.nextBoolean()) {
                    reshaped.add(prime);
                } else {
                    reshaped.set(reshaped.size() - 1, reshaped.get(reshaped.size() - 1) * prime);
                }
            }
            if (random.nextInt(4) == 0) {
                reshaped.add(random.nextInt(reshaped.size() + 1), 1);
            }
            return reshaped;
        }

        int[][] indices(int[] shape) {
            int[][] indices = new int[shape.length][];
            for (int axis = 0; axis < shape.length; axis++) {
                int kind = random.nextInt(4);
                int length = shape[axis];
                if (kind == 1) {
                    int from = random.nextInt(length);
                    indices[axis] = IntStream.range(from, from + 1 + random.nextInt(length - from))
                            .toArray();
                } else if (kind > 1) {
                    boolean mostlyKept = kind == 2;
                    indices[axis] = IntStream.range(0, length)
                            .filter(i -> random.nextInt(4) > 0 == mostlyKept)
                            .toArray();
                }
            }
            return indices;
        }
    }

    @Seeds(1500)
    void anySliceEqualsTheSliceOfTheWhole(long seed) throws IOException {
        Case tried = new Case(seed);
        WeightExpression weight = tried.expression(tried.random.nextInt(5));
        Dense whole = ReferenceExpression.evaluate(weight, tried.tensors);
        int[][] indices = tried.indices(whole.shape());
        Dense expected = whole.slice(indices);
        // Small windows and gaps, so that tiny tensors meet every way of grouping reads.
        ReadPolicy policy = new ReadPolicy(tried.random.nextInt(40), 64 + tried.random.nextInt(200));
        Path file = Files.createTempFile("slices", ".safetensors");
        try {
            tried.writer.write(file);
            float[] found = read(file, policy, weight, whole.shape(), indices, expected.values().length);
            assertThat(found).as("%s %s", weight, Arrays.deepToString(indices)).hasSize(expected.values().length);
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i]).as("%s", weight).isCloseTo(expected.values()[i], within(1e-5f));
            }
        } finally {
            Files.delete(file);
        }
    }

    private static float[] read(
            Path file, ReadPolicy policy, WeightExpression weight, int[] shape, int[][] indices, int elements) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        try (LocalFile opened = new LocalFile(file.getFileName().toString(), file)) {
            SafetensorsHeader.read(file.toString(), opened)
                    .forEach(t -> tensors.put(t.info().name(), t));
            SliceReader reader = new SliceReader(new TensorLookup("here", tensors, TensorNames.EXACT), policy);
            // Room before and after, which must stay untouched.
            FloatBuffer target = FloatBuffer.allocate(elements + 7);
            Arrays.fill(target.array(), Float.NaN);
            target.position(3);
            reader.read(weight, shape, indices, target);
            assertThat(target.position()).isEqualTo(3 + elements);
            assertThat(Float.isNaN(target.get(2))).isTrue();
            assertThat(Float.isNaN(target.get(3 + elements))).isTrue();
            return Arrays.copyOfRange(target.array(), 3, 3 + elements);
        }
    }
}
