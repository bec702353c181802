package dev.lockstep.partition;

import dev.lockstep.graph.Atom;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Monomial;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The indices that each rank holds: for each run of a chosen class, a list per rank. What a rank holds of any
 * dimension, and so its slices of weights and values, follows from these lists. Not thread-safe.
 */
public final class Split {
    private final int ranks;
    private final Map<Atom, List<Atom>> runOf = new IdentityHashMap<>();
    private final Map<List<Atom>, int[][]> lists = new HashMap<>();
    private final Set<Atom> whole = new HashSet<>();
    private final Map<List<Atom>, int[][]> locals = new HashMap<>();
    private final Map<Integer, int[]> wholeLists = new HashMap<>();

    private Split(int ranks) {
        this.ranks = ranks;
    }

    /** Nothing split: every rank holds everything. */
    public static Split none(int ranks) {
        return new Split(ranks);
    }

    /**
     * The given classes split as evenly as their grains allow.
     *
     * @param tile columns that kernels process together: kept together where each rank gets at least two tiles, and
     *     never for heads
     */
    public static Split of(List<AxisClass> chosen, int ranks, int tile) {
        Split split = new Split(ranks);
        for (AxisClass axisClass : chosen) {
            for (List<Atom> run : axisClass.runs()) {
                int size = AxisClass.size(run);
                boolean heads = run.size() > 1 || run.get(0).namePriority() == 2;
                int grain = !heads && size >= 2L * tile * ranks ? tile : 1;
                split.add(run, Intervals.even(size, ranks, grain));
            }
        }
        return split;
    }

    private void add(List<Atom> run, int[][] perRank) {
        lists.put(run, perRank);
        for (Atom atom : run) {
            runOf.put(atom, run);
            if (atom.isSum()) {
                addParts(atom, perRank);
            }
        }
    }

    /** A sum that is split as a whole: each part gets its share of the lists. */
    private void addParts(Atom sum, int[][] perRank) {
        whole.add(sum);
        int offset = 0;
        for (Dim part : sum.parts()) {
            List<Atom> factors = part.factors();
            int begin = offset;
            int end = offset + part.size();
            if (!factors.isEmpty()) {
                int[][] shares = new int[ranks][];
                for (int rank = 0; rank < ranks; rank++) {
                    shares[rank] = Arrays.stream(perRank[rank])
                            .filter(index -> index >= begin && index < end)
                            .map(index -> index - begin)
                            .toArray();
                }
                add(factors, shares);
            }
            offset = end;
        }
    }

    public int ranks() {
        return ranks;
    }

    /** The index lists of a run, per rank. */
    public int[][] lists(List<Atom> run) {
        return lists.get(run);
    }

    /** True when some of the dimension's products hold a split factor. */
    public boolean splits(Dim dim) {
        for (Monomial monomial : dim.monomials(whole)) {
            if (holdsSplitFactor(monomial)) {
                return true;
            }
        }
        return false;
    }

    private boolean holdsSplitFactor(Monomial monomial) {
        for (Monomial.Factor factor : monomial.factors()) {
            if (runOf.containsKey(factor.atom())) {
                return true;
            }
        }
        return false;
    }

    /** Indices of a dimension that a rank holds, ascending. The array is shared: do not write to it. */
    public int[] local(Dim dim, int rank) {
        int[][] known = locals.computeIfAbsent(dim.factors(), factors -> new int[ranks][]);
        if (known[rank] == null) {
            known[rank] = findLocal(dim, rank);
        }
        return known[rank];
    }

    private int[] findLocal(Dim dim, int rank) {
        if (!splits(dim)) {
            // Most dimensions of most candidate splits: one list serves all of a size.
            return wholeLists.computeIfAbsent(dim.size(), size -> Intervals.strided(size, 1));
        }
        List<int[]> found = new ArrayList<>();
        int count = 0;
        for (Monomial monomial : dim.monomials(whole)) {
            int[] indices = indices(monomial, rank);
            found.add(indices);
            count += indices.length;
        }
        int[] all = new int[count];
        int at = 0;
        for (int[] indices : found) {
            System.arraycopy(indices, 0, all, at, indices.length);
            at += indices.length;
        }
        Arrays.sort(all);
        return all;
    }

    /** How many indices of a dimension a rank holds: {@link #local}'s length, without the list. */
    public int count(Dim dim, int rank) {
        if (!splits(dim)) {
            return dim.size();
        }
        int sum = 0;
        for (Monomial monomial : dim.monomials(whole)) {
            int product = 1;
            for (Monomial.Factor factor : monomial.factors()) {
                product *= runOf.containsKey(factor.atom()) ? 1 : factor.atom().size();
            }
            for (Map.Entry<List<Atom>, Map<Atom, Integer>> entry :
                    splitFactors(monomial).entrySet()) {
                List<Atom> run = entry.getKey();
                product *=
                        run.size() == 1 ? lists.get(run)[rank].length : projected(run, entry.getValue(), rank).length;
            }
            sum += product;
        }
        return sum;
    }

    private int[] indices(Monomial monomial, int rank) {
        int[] found = {monomial.base()};
        for (Monomial.Factor factor : monomial.factors()) {
            if (!runOf.containsKey(factor.atom())) {
                found = Intervals.cross(found, Intervals.strided(factor.atom().size(), factor.stride()));
            }
        }
        for (Map.Entry<List<Atom>, Map<Atom, Integer>> entry :
                splitFactors(monomial).entrySet()) {
            found = Intervals.cross(found, projected(entry.getKey(), entry.getValue(), rank));
        }
        return found;
    }

    /** The factors that belong to split runs, with their strides, by run. */
    private Map<List<Atom>, Map<Atom, Integer>> splitFactors(Monomial monomial) {
        Map<List<Atom>, Map<Atom, Integer>> present = new LinkedHashMap<>();
        for (Monomial.Factor factor : monomial.factors()) {
            List<Atom> run = runOf.get(factor.atom());
            if (run != null) {
                present.computeIfAbsent(run, r -> new IdentityHashMap<>()).put(factor.atom(), factor.stride());
            }
        }
        return present;
    }

    /** A run's list seen through those of its factors that a dimension has: KV heads that cover a list of query heads. */
    private int[] projected(List<Atom> run, Map<Atom, Integer> strides, int rank) {
        int[] list = lists.get(run)[rank];
        int[] seen = new int[list.length];
        for (int i = 0; i < list.length; i++) {
            int rest = list[i];
            int sum = 0;
            for (int f = run.size() - 1; f >= 0; f--) {
                Atom atom = run.get(f);
                Integer stride = strides.get(atom);
                sum += stride == null ? 0 : rest % atom.size() * stride;
                rest /= atom.size();
            }
            seen[i] = sum;
        }
        return ascending(seen) ? seen : Arrays.stream(seen).sorted().distinct().toArray();
    }

    private static boolean ascending(int[] list) {
        for (int i = 1; i < list.length; i++) {
            if (list[i] <= list[i - 1]) {
                return false;
            }
        }
        return true;
    }

    /** Which of the local indices this rank answers for: the lowest rank that holds an index owns it. */
    public boolean[] owned(Dim dim, int rank) {
        int[] mine = local(dim, rank);
        boolean[] owned = new boolean[mine.length];
        Arrays.fill(owned, true);
        for (int lower = 0; lower < rank; lower++) {
            int[] theirs = local(dim, lower);
            for (int i = 0; i < mine.length; i++) {
                owned[i] &= Arrays.binarySearch(theirs, mine[i]) < 0;
            }
        }
        return owned;
    }

    /** Neighbouring local indices, by their places in {@link #local}. */
    public record Run(int from, int to) {
        public int length() {
            return to - from;
        }
    }

    /**
     * The local indices, cut into the longest runs that are either replicated or split; a single run where nothing of
     * the dimension is split. Replicated features have to be computed separately: computed together with others, their
     * last bits would differ from rank to rank.
     */
    public List<Run> runs(Dim dim, int rank) {
        boolean[] shared = splits(dim) ? shared(dim, rank) : new boolean[local(dim, rank).length];
        List<Run> runs = new ArrayList<>();
        int from = 0;
        while (from < shared.length) {
            int to = from + 1;
            while (to < shared.length && shared[to] == shared[from]) {
                to++;
            }
            runs.add(new Run(from, to));
            from = to;
        }
        return runs;
    }

    /** Which of the local indices lie in a part of the dimension that is not split: all ranks hold those. */
    private boolean[] shared(Dim dim, int rank) {
        int[] mine = local(dim, rank);
        boolean[] shared = new boolean[mine.length];
        for (Monomial monomial : dim.monomials(whole)) {
            if (!holdsSplitFactor(monomial)) {
                int[] common = indices(monomial, rank);
                Arrays.sort(common);
                for (int i = 0; i < mine.length; i++) {
                    shared[i] |= Arrays.binarySearch(common, mine[i]) >= 0;
                }
            }
        }
        return shared;
    }

    /** Elements of a weight that a rank holds. */
    public long elements(Weight weight, int rank) {
        long product = 1;
        for (Dim dim : weight.dims()) {
            product *= count(dim, rank);
        }
        return product;
    }
}
