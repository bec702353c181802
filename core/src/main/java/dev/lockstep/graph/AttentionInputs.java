package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of an attention op.
 *
 * @param query [heads * width]
 * @param sets keys and values, one pair for each {@link Op.Attention#keys}
 * @param content rows and table of each {@link ScoreTerm.Content}, in the order of sets and terms
 */
public record AttentionInputs(Value query, List<Set> sets, List<Content> content) {

    /**
     * @param key [keyValueHeads * width]
     * @param value [keyValueHeads * value width]
     */
    public record Set(Value key, Value value) {}

    /**
     * @param rows the heads of the query or of the keys, with that side's row axis and shape
     * @param table the same features, on an axis that belongs to no sequence
     */
    public record Content(Value rows, Value table) {}

    public AttentionInputs {
        sets = List.copyOf(sets);
        content = List.copyOf(content);
    }

    /** Inputs with keys of one axis and without content terms. */
    public AttentionInputs(Value query, Value key, Value value) {
        this(query, List.of(new Set(key, value)), List.of());
    }

    /** The inputs of a node whose op is an attention. */
    public static AttentionInputs of(Node node) {
        int sets = ((Op.Attention) node.op()).keys().size();
        List<Set> pairs = new ArrayList<>();
        for (int set = 0; set < sets; set++) {
            pairs.add(new Set(node.input(1 + 2 * set), node.input(2 + 2 * set)));
        }
        List<Content> terms = new ArrayList<>();
        for (int i = 1 + 2 * sets; i < node.inputs().size(); i += 2) {
            terms.add(new Content(node.input(i), node.input(i + 1)));
        }
        return new AttentionInputs(node.input(0), pairs, terms);
    }

    /** All inputs, in the order of a node's inputs. */
    List<Value> all() {
        List<Value> all = new ArrayList<>(List.of(query));
        sets.forEach(set -> all.addAll(List.of(set.key(), set.value())));
        content.forEach(term -> all.addAll(List.of(term.rows(), term.table())));
        return all;
    }
}
