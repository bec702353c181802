package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How DeBERTa's scores depend on distance: one table [2 * span, hidden] for all layers, which each sees as keys of its
 * queries and as queries of its keys.
 *
 * @param contentToPosition whether queries meet the table's keys
 * @param positionToContent whether keys meet the table's queries
 * @param shared whether the table goes through the layer's own projections
 * @param normed whether a LayerNorm is put on the table
 */
record DebertaDistances(
        ScoreTerm.ByBucket index,
        boolean contentToPosition,
        boolean positionToContent,
        boolean shared,
        boolean normed) {

    static DebertaDistances of(Config c, int positions) {
        boolean relative = c.flag(false, "relative_attention");
        List<String> published = kinds(c);
        List<String> kinds = relative ? published : List.of();
        int most = c.integer("max_relative_positions").filter(n -> n >= 1).orElse(positions);
        int buckets = c.integer("position_buckets").orElse(-1);
        if (buckets > 0 && (buckets < 2 || most - 1 <= buckets / 2)) {
            throw c.wrong(
                    buckets,
                    "2 or more and less than twice max_relative_positions - 1 = " + (most - 1),
                    "position_buckets");
        }
        String norm = c.text("norm_rel_ebd").orElse("none").toLowerCase(Locale.ROOT);
        return new DebertaDistances(
                new ScoreTerm.ByBucket(buckets > 0 ? buckets : most, Math.max(0, buckets), most),
                kinds.contains("c2p"),
                kinds.contains("p2c"),
                c.flag(false, "share_att_key"),
                relative && Arrays.asList(norm.split("\\s*\\|\\s*")).contains("layer_norm"));
    }

    /** A list, or names with a bar between them. */
    private static List<String> kinds(Config c) {
        List<String> kinds = new ArrayList<>();
        c.node("pos_att_type").ifPresent(node -> {
            if (node.isTextual()) {
                kinds.addAll(Arrays.asList(
                        node.textValue().strip().toLowerCase(Locale.ROOT).split("\\s*\\|\\s*")));
            } else {
                if (!node.isArray() && !node.isNull()) {
                    throw c.wrong(
                            node, "a list of c2p and p2c, or their names with a bar between them", "pos_att_type");
                }
                node.forEach(name -> kinds.add(name.asText().toLowerCase(Locale.ROOT)));
            }
        });
        kinds.removeIf(String::isEmpty);
        for (String kind : kinds) {
            if (!kind.equals("c2p") && !kind.equals("p2c")) {
                throw c.wrong("'" + kind + "'", "c2p and p2c", "pos_att_type");
            }
        }
        return kinds;
    }

    /** The table as all layers read it; null where none does. */
    Value table(Scope encoder, int hidden, double epsilon) {
        if (!contentToPosition && !positionToContent) {
            return null;
        }
        RowAxis rows = RowAxis.SOURCE.fixed("distances", 2 * index.span());
        WeightExpression weight = WeightExpression.tensor(encoder.name("rel_embeddings.weight"));
        Value table = encoder.rows(weight, hidden, rows);
        return normed ? encoder.layerNorm("LayerNorm", table, epsilon) : table;
    }

    Value keys(Scope self, Value table) {
        return self.linear(shared ? "key_proj" : "pos_key_proj", table, table.width(), true);
    }

    Value queries(Scope self, Value table) {
        return self.linear(shared ? "query_proj" : "pos_query_proj", table, table.width(), true);
    }

    List<ScoreTerm> terms() {
        List<ScoreTerm> terms = new ArrayList<>();
        if (contentToPosition) {
            terms.add(new ScoreTerm.Content(ScoreTerm.Side.QUERY, index, false));
        }
        if (positionToContent) {
            terms.add(new ScoreTerm.Content(ScoreTerm.Side.KEY, index, false));
        }
        return terms;
    }
}
