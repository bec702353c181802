package dev.lockstep.architecture;

import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;

/** Where the matrix of a language model's head comes from. */
final class Heads {
    private Heads() {}

    /**
     * The token table where {@code tie_word_embeddings} says so, else a matrix of its own. A stored duplicate of a tied
     * head is not read.
     *
     * @param absent what it means that the key is absent
     * @throws CheckpointException when a head of its own is expected and the files have none
     */
    static WeightExpression matrix(
            Config c, StoredTensors stored, TensorNames names, boolean absent, String table, String head) {
        if (c.flag(absent, "tie_word_embeddings")) {
            return WeightExpression.tensor(table);
        }
        if (!stored.hold(head, names)) {
            throw new CheckpointException(c.file() + ": tie_word_embeddings is false"
                    + (c.has("tie_word_embeddings") ? "" : " by default") + ", but the files hold no " + head
                    + ", expected it, or tie_word_embeddings true to use " + table);
        }
        return WeightExpression.tensor(head);
    }
}
