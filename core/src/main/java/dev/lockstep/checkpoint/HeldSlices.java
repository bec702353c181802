package dev.lockstep.checkpoint;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Counts the bytes of stored elements that went into slices, by tensor; the very same slice counts once. */
final class HeldSlices implements Leaves {
    private final Map<String, Long> bytes = new LinkedHashMap<>();
    private final Set<Slice> seen = new HashSet<>();
    private final PullBack pullBack;

    private record Slice(String tensor, Axis[] axes) {
        @Override
        public boolean equals(Object object) {
            if (!(object instanceof Slice other) || !tensor.equals(other.tensor) || axes.length != other.axes.length) {
                return false;
            }
            for (int i = 0; i < axes.length; i++) {
                if (!axes[i].sameSources(other.axes[i])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            int hash = tensor.hashCode();
            for (Axis axis : axes) {
                hash = 31 * hash + axis.sourcesHash();
            }
            return hash;
        }
    }

    HeldSlices(PullBack pullBack) {
        this.pullBack = pullBack;
    }

    Map<String, Long> bytes() {
        return bytes;
    }

    @Override
    public void tensor(StoredTensor tensor, Box box, double scale, double shift) {
        String name = tensor.info().name();
        if (seen.add(new Slice(name, box.axes()))) {
            bytes.merge(name, box.elements() * tensor.info().dtype().bytes(), Long::sum);
        }
    }

    /** A rank holds only the selected elements of the rows; the other elements are read only for the rows' norms. */
    @Override
    public void normalised(WeightExpression.RowNormalised rows, Box box, double scale, double shift) {
        pullBack.pull(rows.operand(), box, scale, shift, this);
    }
}
