package dev.lockstep.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The merges of a byte-pair SentencePiece model. The model stores scores of pieces instead of merges: of all adjacent
 * pairs, the one whose joined piece has the best score is merged. So every split of a piece into two pieces is a merge,
 * ranked by the piece's score.
 */
final class PieceMerges {
    record Merge(String left, String right, float score) {}

    private PieceMerges() {}

    /** In the order of their ranks. */
    static List<Merge> of(List<SentencePieceModel.Piece> pieces) {
        Set<String> known = new HashSet<>();
        for (SentencePieceModel.Piece piece : pieces) {
            if (piece.kind() == SentencePieceModel.Kind.NORMAL) {
                known.add(piece.text());
            }
        }
        List<Merge> merges = new ArrayList<>();
        for (SentencePieceModel.Piece piece : pieces) {
            if (piece.kind() == SentencePieceModel.Kind.NORMAL) {
                splits(piece, known, merges);
            }
        }
        // Among splits of equal score the longer left part first.
        merges.sort(Comparator.comparingDouble((Merge merge) -> -merge.score)
                .thenComparing(merge -> -merge.left.length())
                .thenComparing(merge -> -merge.right.length()));
        return merges;
    }

    private static void splits(SentencePieceModel.Piece piece, Set<String> known, List<Merge> merges) {
        String text = piece.text();
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (i > 0 && known.contains(text.substring(0, i)) && known.contains(text.substring(i))) {
                merges.add(new Merge(text.substring(0, i), text.substring(i), piece.score()));
            }
        }
    }
}
