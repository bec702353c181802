package dev.lockstep.spark.exec;

/** A row that cannot be run: by its own fault, so that running it again gives the same. */
public final class RowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RowException(String message) {
        super(message);
    }

    /** @param prompt the row's prompt as text; shortened */
    static RowException of(String error, String prompt) {
        String shown = prompt.length() > 80 ? prompt.substring(0, 80) + "..." : prompt;
        return new RowException("tp_generate cannot run a row: " + error + "; the prompt is '" + shown
                + "'. Pass failOnError => false to get the message beside a null result instead");
    }
}
