package dev.lockstep.checkpoint;

/**
 * The result of pulling a slice back through an expression: {@code scale * operand + shift} of a box of the operand.
 */
interface Leaves {

    void tensor(StoredTensor tensor, Box box, double scale, double shift);

    /** Rows divided by their norms; the box may take a part of each row, the norm is of the whole one. */
    void normalised(WeightExpression.RowNormalised rows, Box box, double scale, double shift);
}
