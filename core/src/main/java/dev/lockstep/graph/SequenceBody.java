package dev.lockstep.graph;

import java.util.List;

/**
 * A dense matrix computation over all rows of one sequence, for each head independently. It covers what neither
 * row-wise ops nor attention can express. Values are numbered; each may use only earlier ones. The last value is the
 * result, [rows, width].
 *
 * @param values in an order in which they can be computed
 */
public record SequenceBody(List<Local> values) {

    /** An extent that stands for the number of the sequence's rows. */
    public static final int ROWS = -1;

    /** A matrix. */
    public sealed interface Local {}

    /** One head of the op's {@code number}-th input, [rows, width]. */
    public record Input(int number, int width) implements Local {}

    /**
     * The matrix {@code cos} or {@code sin} of {@code 2 pi j k / extent}, [extent, extent], of the discrete Fourier
     * transform.
     */
    public record Fourier(boolean sines, int extent) implements Local {}

    /** left · right, or left · rightᵀ. */
    public record Product(int left, int right, boolean transposed) implements Local {}

    /** leftFactor * left + rightFactor * right, element by element. */
    public record Sum(int left, double leftFactor, int right, double rightFactor) implements Local {}

    /** The softmax of each row of a value multiplied by {@code scale}. */
    public record Softmax(int of, double scale) implements Local {}

    /** @throws GraphException when a value uses a later one, or extents do not fit */
    public SequenceBody {
        values = List.copyOf(values);
        for (int i = 0; i < values.size(); i++) {
            for (int used : uses(values.get(i))) {
                require(used >= 0 && used < i, "value " + i + " uses value " + used);
            }
            check(values, i);
        }
        int last = values.size() - 1;
        require(last >= 0 && rows(values, last) == ROWS, "the result has a row for each of the sequence's");
    }

    private static void check(List<Local> values, int i) {
        if (values.get(i) instanceof Product product) {
            int inner = product.transposed() ? columns(values, product.right()) : rows(values, product.right());
            require(columns(values, product.left()) == inner, "the factors of value " + i + " meet in one extent");
        } else if (values.get(i) instanceof Sum sum) {
            boolean alike = rows(values, sum.left()) == rows(values, sum.right())
                    && columns(values, sum.left()) == columns(values, sum.right());
            require(alike, "the summands of value " + i + " are of one shape");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new GraphException("computations on a sequence: expected that " + what);
        }
    }

    /** The values that this value uses. */
    public static List<Integer> uses(Local value) {
        if (value instanceof Product product) {
            return List.of(product.left(), product.right());
        }
        if (value instanceof Sum sum) {
            return List.of(sum.left(), sum.right());
        }
        return value instanceof Softmax softmax ? List.of(softmax.of()) : List.of();
    }

    /** Rows of a value: a fixed number or {@link #ROWS}. */
    public int rows(int value) {
        return rows(values, value);
    }

    /** Columns of a value: a fixed number or {@link #ROWS}. */
    public int columns(int value) {
        return columns(values, value);
    }

    private static int rows(List<Local> values, int i) {
        Local value = values.get(i);
        if (value instanceof Fourier fourier) {
            return fourier.extent();
        }
        List<Integer> used = uses(value);
        return used.isEmpty() ? ROWS : rows(values, used.get(0));
    }

    private static int columns(List<Local> values, int i) {
        Local value = values.get(i);
        if (value instanceof Input input) {
            return input.width();
        }
        if (value instanceof Fourier fourier) {
            return fourier.extent();
        }
        if (value instanceof Product product) {
            return product.transposed() ? rows(values, product.right()) : columns(values, product.right());
        }
        return columns(values, uses(value).get(0));
    }

    /** Columns of the result. */
    public int width() {
        return columns(values.size() - 1);
    }

    /** Features per head of the op's input with this number. */
    public int inputWidth(int number) {
        return values.stream()
                .filter(value -> value instanceof Input input && input.number() == number)
                .mapToInt(value -> ((Input) value).width())
                .findFirst()
                .orElseThrow(() -> new GraphException("computations on a sequence read no input " + number));
    }
}
