package dev.lockstep.checkpoint;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds tensors by the names of {@link TensorNames}, and says what is near when there is none. */
record TensorLookup(String location, Map<String, StoredTensor> tensors, TensorNames names) {
    private static final int NEAREST = 3;

    Optional<StoredTensor> find(String name) {
        for (String variant : names.variants(name)) {
            StoredTensor tensor = tensors.get(variant);
            if (tensor != null) {
                return Optional.of(tensor);
            }
        }
        return Optional.empty();
    }

    /**
     * The tensor of this name.
     *
     * @param expected description of the expected shape
     * @throws CheckpointException naming the variants looked for and the nearest names
     */
    StoredTensor get(String name, String expected) {
        return find(name).orElseThrow(() -> {
            List<String> variants = names.variants(name);
            return new CheckpointException(location + " holds no tensor " + name + ", expected " + expected
                    + "; looked for " + variants + "; the nearest of its " + tensors.size() + " names are "
                    + nearest(variants));
        });
    }

    private List<String> nearest(List<String> wanted) {
        record Near(String name, int distance) {}
        return tensors.keySet().stream()
                .map(name -> new Near(
                        name,
                        wanted.stream()
                                .mapToInt(variant -> distance(variant, name))
                                .min()
                                .orElse(Integer.MAX_VALUE)))
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(NEAREST)
                .map(Near::name)
                .toList();
    }

    /** Levenshtein's edit distance. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
