package dev.lockstep.graph;

/** A model description is inconsistent. The message names the op and the weight. */
public class GraphException extends RuntimeException {

    public GraphException(String message) {
        super(message);
    }
}
