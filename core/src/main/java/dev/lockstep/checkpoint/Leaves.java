package dev.lockstep.checkpoint;

/** What a slice pulled back through an expression arrives at: {@code scale * operand + shift} of a box of it. */
interface Leaves {

    void tensor(StoredTensor tensor, Box box, double scale, double shift);

    /** Rows divided by their norms; the box may take a part of each row, the norm is of the whole one. */
    void normalised(WeightExpression.RowNormalised rows, Box box, double scale, double shift);
}
