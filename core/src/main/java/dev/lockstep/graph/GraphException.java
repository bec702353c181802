package dev.lockstep.graph;

/** A model whose description does not fit together: the message names the op and the weight. */
public class GraphException extends RuntimeException {

    public GraphException(String message) {
        super(message);
    }
}
