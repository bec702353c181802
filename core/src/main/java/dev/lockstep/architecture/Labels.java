package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import java.util.Optional;

/** The labels of a classifier. */
final class Labels {
    private Labels() {}

    /** How many: the entries of {@code id2label}, else {@code num_labels}, else those of {@code label2id}, else 2. */
    static int count(Config c) {
        Optional<JsonNode> names = c.node("id2label").filter(node -> !node.isEmpty());
        if (names.isPresent()) {
            return names.get().size();
        }
        int inverse = c.node("label2id").map(JsonNode::size).orElse(0);
        return c.sizeOr(inverse > 0 ? inverse : 2, "num_labels", "_num_labels");
    }
}
