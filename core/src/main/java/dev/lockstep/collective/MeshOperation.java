package dev.lockstep.collective;

/** What a rank has called: ranks that meet compare it. The amount is of floats, bytes or nothing. */
enum MeshOperation {
    ALL_REDUCE("allReduceSum of %d floats"),
    ALL_GATHER("allGather of %d bytes"),
    BROADCAST("broadcast"),
    BARRIER("barrier");

    private final String format;

    MeshOperation(String format) {
        this.format = format;
    }

    String describe(int amount) {
        return String.format(format, amount);
    }
}
