package dev.lockstep.spark.exec;

/**
 * A chunk holds partitions from several attempts of an indeterminate input, so rows would be missing or duplicated. The
 * task attempt fails, and the driver has all chunks distributed again.
 */
public final class ChangedInputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ChangedInputException(int partition, String found, String expected) {
        super("tp_generate: rows of partition " + partition + " come from run " + found + " of the input, expected run "
                + expected + ": the input gives other rows each time, and a part of it was lost. All of it runs again");
    }
}
