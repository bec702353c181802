package dev.lockstep.cli;

import dev.lockstep.generate.Constraint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What texts must look like: at most one way to say it. */
final class ConstraintFlags {
    @ArgGroup
    private Kind kind;

    /** Exactly one is given. */
    static final class Kind {
        @Option(names = "--choice", paramLabel = "TEXT", description = "The text is one of these; may be repeated.")
        private List<String> choice;

        @Option(names = "--regex", paramLabel = "PATTERN", description = "The whole text matches.")
        private String regex;

        @Option(
                names = "--json-schema",
                paramLabel = "FILE|JSON",
                description = "The text is JSON that the schema allows.")
        private String jsonSchema;
    }

    /** @throws IllegalArgumentException naming the flag, when it cannot be kept to */
    Constraint constraint() {
        if (kind == null) {
            return Constraint.NONE;
        }
        if (kind.choice != null) {
            return new Constraint.Choice(kind.choice);
        }
        return kind.regex != null ? new Constraint.Regex(kind.regex) : new Constraint.JsonSchema(schema());
    }

    private String schema() {
        if (kind.jsonSchema.stripLeading().startsWith("{")) {
            return kind.jsonSchema;
        }
        try {
            return Files.readString(Path.of(kind.jsonSchema));
        } catch (IOException e) {
            throw new IllegalArgumentException("--json-schema " + kind.jsonSchema
                    + " is neither a schema nor a file that can be read: " + e.getMessage());
        }
    }
}
