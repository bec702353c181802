package dev.lockstep.backend.lowering;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.Split;
import java.util.Arrays;

/**
 * The heads of an attention that a rank holds.
 *
 * @param headIndices global numbers of the local query heads
 * @param keyValueHeadOf local key-value head of each local query head
 * @param keyValueHeads local key-value heads
 * @param queryWidth features of a query or key head
 * @param valueWidth local features of a value head
 */
public record HeadLayout(int[] headIndices, int[] keyValueHeadOf, int keyValueHeads, int queryWidth, int valueWidth) {

    public static HeadLayout of(Node node, Op.Attention attention, Split split, int rank) {
        int queryWidth = node.input(0).width() / attention.heads();
        int[] heads = split.local(headDim(node), rank);
        int[] keyValue = Arrays.stream(split.local(node.input(1).dim(), rank))
                .map(feature -> feature / queryWidth)
                .distinct()
                .toArray();
        int group = attention.heads() / attention.keyValueHeads();
        int[] keyValueHeadOf = new int[heads.length];
        for (int i = 0; i < heads.length; i++) {
            keyValueHeadOf[i] = Arrays.binarySearch(keyValue, heads[i] / group);
        }
        int localValue = split.local(node.input(2).dim(), rank).length;
        int valueWidth = keyValue.length == 0 ? 0 : localValue / keyValue.length;
        return new HeadLayout(heads, keyValueHeadOf, keyValue.length, queryWidth, valueWidth);
    }

    private static Dim headDim(Node node) {
        for (AxisUse use : node.signature()) {
            if (use.kind() == AxisUse.Kind.IDENTITY) {
                return use.dim();
            }
        }
        throw new IllegalStateException(node + " declares no heads");
    }

    public int heads() {
        return headIndices.length;
    }
}
