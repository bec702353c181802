package dev.lockstep.partition;

import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.AttentionInputs;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.ExpertWeights;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.RowBlocks;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.SequenceBody;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Any composition of ops: values used several times, sums met twice, fused projections cut in three ways, parts put
 * together again. Nothing a modeller would draw, everything a partitioner must get right.
 */
final class RandomGraphs {
    static final int VOCABULARY = 17;
    private static final int WIDEST = 80;

    private final Random random;
    private final Scope root;
    private final GraphBuilder builder = new GraphBuilder();
    private final List<Value> pool = new ArrayList<>();
    private int hidden;

    private RandomGraphs(long seed) {
        random = new Random(seed);
        root = builder.root();
    }

    static Model draw(long seed) {
        return new RandomGraphs(seed).build();
    }

    private Model build() {
        hidden = pick(12, 24);
        pool.add(root.embed("tokens", VOCABULARY, hidden, RowAxis.SOURCE));
        if (random.nextBoolean()) {
            pool.add(root.positions("places", 16, pick(0, 2), hidden, RowAxis.SOURCE));
        }
        int count = pick(6, 10, 14, 20);
        for (int n = 0; n < count; n++) {
            grow(root.in("l").in(Integer.toString(n)));
        }
        builder.output("a", pool.get(pool.size() - 1));
        builder.output("b", any());
        return new Model(Model.Task.ENCODER, builder.finish(), TensorNames.EXACT, OptionalInt.empty(), VOCABULARY);
    }

    private int pick(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private Value any() {
        return pool.get(random.nextInt(pool.size()));
    }

    private Value sameWidth(Value x) {
        List<Value> same = pool.stream().filter(y -> y.width() == x.width()).toList();
        return same.get(random.nextInt(same.size()));
    }

    private void keep(Value y) {
        if (y.width() < WIDEST) {
            pool.add(y);
        }
    }

    private void grow(Scope s) {
        Value x = any();
        switch (random.nextInt(27)) {
            case 0, 1 -> keep(s.linear("linear", x, pick(hidden, hidden, 12, 18, 7), random.nextBoolean()));
            case 2 -> keep(x.plus(sameWidth(x)));
            case 3 -> keep(x.times(sameWidth(x)));
            case 4 ->
                keep(
                        random.nextBoolean()
                                ? s.activate(x, ActivationFunction.SILU)
                                : s.xielu(x, WeightExpression.tensor(s.name("shape"))));
            case 5 -> keep(random.nextBoolean() ? s.rmsNorm("norm", x, 1e-5) : s.layerNorm("norm", x, 1e-5));
            case 6 -> keep(x.times(0.5));
            case 7 -> split(x);
            case 8 -> keep(s.concat(x, any()));
            case 9, 10, 11 -> keep(attention(s, x));
            case 12 -> keep(random.nextBoolean() ? s.clamp(x, -0.7, 0.4) : s.softCap(x, 0.8));
            case 13 -> keep(s.scaleRows(x, s.activate(s.linear("share", any(), 1, true), ActivationFunction.SIGMOID)));
            case 14 -> keep(s.scaleByPosition(x, new PositionFactor.Temperature(2, 0.3)));
            case 15, 16 -> keep(perHead(s, x));
            case 17, 18 -> keep(mixture(s, x));
            case 19 -> keep(s.shift(x, WeightExpression.tensor(s.name("shift"))));
            case 20 -> keep(s.linear("convolution", s.neighbours(x, List.of(-1, 0, 2)), hidden, true));
            case 21 -> keep(shortened(s, x));
            case 22, 23 -> keep(overSets(s, x));
            case 24 -> keep(withEntities(s, x));
            case 25 -> keep(perSequence(s, x));
            default ->
                keep(s.linear("down", s.activate(s.linear("up", x, 11, true), ActivationFunction.RELU), hidden, false));
        }
    }

    private void split(Value x) {
        boolean plain = x.dim().atoms().size() == 1 && x.dim().atoms().get(0).isLeaf();
        if (plain && x.width() > 1) {
            int cut = 1 + random.nextInt(x.width() - 1);
            pool.addAll(x.split(cut, x.width() - cut));
        }
    }

    /** Heads cut in two, the first part through a norm and a matrix of each head, and put together again. */
    private Value perHead(Scope s, Value x) {
        int heads = pick(2, 3, 5);
        List<Value> parts =
                s.linear("heads", x, heads * 6, true).unmerge(heads, 6).splitAxis(1, 4, 2);
        Value first = random.nextBoolean()
                ? s.headRmsNorm("head_norm", parts.get(0), 4, 1e-5)
                : s.headNorm(
                        parts.get(0),
                        4,
                        Op.NormKind.LAYER,
                        1e-5,
                        WeightExpression.tensor(s.name("each_head_norm.weight")),
                        null,
                        true);
        Value mapped = s.headLinear(first, heads, 3, WeightExpression.tensor(s.name("matrices.weight")));
        RotaryTable table = new RotaryTable(2, 100, new RotaryScaling.None());
        Value joined = s.rotary(s.concatInside(mapped, parts.get(1)), 5, 3, random.nextBoolean(), table);
        return s.linear("joined", joined, hidden, false);
    }

    /**
     * A mixture of experts. Where some are left out, the router sees token embeddings, of which all ranks have the same
     * bits as one: else a choice could fall either way.
     */
    private Value mixture(Scope s, Value x) {
        int experts = pick(2, 3, 5);
        boolean all = random.nextBoolean();
        int chosen = all ? experts : pick(1, 2);
        Value logits = s.linear("router", all ? any() : pool.get(0), experts, random.nextBoolean());
        Routing routing = new Routing(
                experts,
                chosen,
                random.nextBoolean() ? new Routing.Softmax() : new Routing.Sigmoid(),
                Optional.empty(),
                random.nextBoolean(),
                random.nextBoolean(),
                1.5);
        Value weights = s.route(logits, routing, WeightExpression.tensor(s.name("correction")));
        boolean bias = random.nextBoolean();
        Op.Experts op = new Op.Experts(
                random.nextBoolean() ? new Gating.Plain(ActivationFunction.SILU) : new Gating.Clamped(0.9, 1.7),
                bias,
                random.nextBoolean(),
                chosen);
        return s.experts(x, weights, any(), pick(1, 4, 7), op, expertWeights(s, bias));
    }

    private static ExpertWeights expertWeights(Scope s, boolean bias) {
        return new ExpertWeights(
                WeightExpression.tensor(s.name("gate")),
                WeightExpression.tensor(s.name("up")),
                WeightExpression.tensor(s.name("down")),
                bias ? WeightExpression.tensor(s.name("gate_bias")) : null,
                bias ? WeightExpression.tensor(s.name("up_bias")) : null,
                bias ? WeightExpression.tensor(s.name("down_bias")) : null);
    }

    private Value attention(Scope s, Value x) {
        int heads = pick(2, 3, 6);
        int[] divisors = java.util.stream.IntStream.of(1, 2, 3)
                .filter(k -> heads % k == 0)
                .toArray();
        int groups = divisors[random.nextInt(divisors.length)];
        int width = 4;
        Value q;
        Value k;
        Value v;
        switch (random.nextInt(3)) {
            case 0 -> {
                q = s.linear("q", x, heads * width, false);
                k = s.linear("k", x, groups * width, true);
                v = s.linear("v", x, groups * width, false);
            }
            case 1 -> {
                List<Value> parts = s.linear("qkv", x, (heads + 2 * groups) * width, true)
                        .split(heads * width, groups * width, groups * width);
                q = parts.get(0);
                k = parts.get(1);
                v = parts.get(2);
            }
            default -> {
                List<Value> parts = s.linear("qkv", x, (heads + 2 * groups) * width, true)
                        .unmerge(groups, heads / groups + 2, width)
                        .splitAxis(1, heads / groups, 1, 1);
                q = parts.get(0);
                k = parts.get(1);
                v = parts.get(2);
            }
        }
        if (random.nextInt(3) == 0) {
            q = s.rmsNorm("q_norm", q, 1e-5);
            k = s.layerNorm("k_norm", k, 1e-5);
        }
        if (random.nextBoolean()) {
            RotaryTable table = new RotaryTable(pick(2, 4), 10000, new RotaryScaling.None());
            q = s.rotary(q, width, random.nextBoolean(), table);
            k = s.rotary(k, width, random.nextBoolean(), table);
        }
        Op.Attention op = new Op.Attention(heads, groups, 0.5, Op.Pattern.BIDIRECTIONAL);
        return s.linear("o", s.attention(q, k, v, op), hidden, true);
    }

    private static RowAxis blocks(int size, boolean firstApart, RowBlocks.Rest rest) {
        String name = "blocks of " + size + (firstApart ? " but the first" : "") + " " + rest;
        return RowAxis.SOURCE.blocks(name, new RowBlocks(size, firstApart, firstApart, rest, firstApart ? 2 : 0));
    }

    /** Blocks of rows as one row each, and back. */
    private Value shortened(Scope s, Value x) {
        boolean firstApart = random.nextBoolean();
        RowAxis rows = blocks(2, firstApart, RowBlocks.Rest.OWN);
        Op.PoolRows how = Op.PoolRows.values()[random.nextInt(Op.PoolRows.values().length)];
        Value y = s.linear("short", s.poolRows(x, how, rows), hidden, random.nextBoolean());
        y = random.nextBoolean() ? s.activate(y, ActivationFunction.SILU) : y;
        return s.repeatRows(y, new Op.RepeatRows(2, firstApart), RowAxis.SOURCE);
    }

    /** Attention over rows and blocks of them together, with terms of content by distance and type. */
    private Value overSets(Scope s, Value x) {
        int heads = pick(2, 3, 6);
        int groups = pick(1, heads);
        int width = 4;
        Value q = s.linear("q", x, heads * width, true);
        Value sums = s.poolRows(x, Op.PoolRows.SUM, blocks(3, false, RowBlocks.Rest.JOINED));
        List<AttentionInputs.Set> sets = new ArrayList<>();
        for (Value from : List.of(x, sums)) {
            sets.add(new AttentionInputs.Set(
                    s.linear("k", from, groups * width, false), s.linear("v", from, groups * width, true)));
        }
        Value distances =
                s.linear("distances", s.sinusoids(0, 0.5, 6, RowAxis.SOURCE.distances()), heads * width, false);
        Value types =
                s.rows(WeightExpression.tensor(s.name("types")), groups * width, RowAxis.SOURCE.fixed("types", 2));
        Value shifted = s.shift(q, WeightExpression.tensor(s.name("shift")));
        List<AttentionInputs.Content> content = List.of(
                new AttentionInputs.Content(shifted, distances),
                new AttentionInputs.Content(sets.get(1).key(), types));
        KeySet near = new KeySet(
                new Reach.Window(2, pick(1, 2)),
                new ScoreTerm.RelativeBuckets(4, 8, true),
                new ScoreTerm.Content(ScoreTerm.Side.QUERY, new ScoreTerm.ByDistance(1), random.nextBoolean()));
        KeySet all = new KeySet(
                Reach.ALL,
                new ScoreTerm.Content(ScoreTerm.Side.KEY, new ScoreTerm.BySameType(2), false),
                new ScoreTerm.RelativeBuckets(6, 8, true));
        Op.Attention op = new Op.Attention(heads, groups, 0.5, Op.Pattern.BIDIRECTIONAL).over(List.of(near, all));
        List<WeightExpression> tables =
                List.of(WeightExpression.tensor(s.name("near")), WeightExpression.tensor(s.name("all")));
        Value attended = s.attention(new AttentionInputs(q, sets, content), op, tables, null);
        return s.linear("o", attended, hidden, true);
    }

    /** Words look at words and at the rows of an axis of its own, which look at both. */
    private Value withEntities(Scope s, Value x) {
        int heads = pick(2, 3);
        int width = 4;
        RowAxis rows = RowAxis.carried("entities", EntryPoint.ENCODE);
        Value entities = s.embed("entities", VOCABULARY, 10, rows).plus(s.tokenTypes("kinds", 2, 10, rows));
        Op.Attention op =
                new Op.Attention(heads, heads, 0.5, Op.Pattern.BIDIRECTIONAL).over(List.of(KeySet.ALL, KeySet.ALL));
        for (int layer = 0; layer < 2; layer++) {
            Scope at = s.in(Integer.toString(layer));
            List<AttentionInputs.Set> sets = new ArrayList<>();
            for (Value from : List.of(x, entities)) {
                Scope own = at.in(from == x ? "words" : "entities");
                sets.add(new AttentionInputs.Set(
                        own.linear("k", from, heads * width, false), own.linear("v", from, heads * width, true)));
            }
            Value words = at.linear("word_q", x, heads * width, true);
            Value others = at.linear("entity_q", entities, heads * width, false);
            AttentionInputs ofEntities = new AttentionInputs(others, sets, List.of());
            entities = at.linear("entity_o", at.attention(ofEntities, op, List.of(), null), entities, false);
            AttentionInputs ofWords = new AttentionInputs(words, sets, List.of());
            x = at.linear("o", at.attention(ofWords, op, List.of(), null), hidden, false);
        }
        return x;
    }

    /** Softmax attention written out as matrices, mixed with a Fourier transform of the rows. */
    private Value perSequence(Scope s, Value x) {
        int heads = pick(1, 2, 3);
        int width = 5;
        int valueWidth = 4;
        Value q = s.linear("q", x, heads * width, true);
        Value k = s.linear("k", x, heads * width, false);
        Value v = s.linear("v", x, heads * valueWidth, true);
        SequenceBody body = new SequenceBody(List.of(
                new SequenceBody.Input(0, width),
                new SequenceBody.Input(1, width),
                new SequenceBody.Product(0, 1, true),
                new SequenceBody.Softmax(2, 0.5),
                new SequenceBody.Input(2, valueWidth),
                new SequenceBody.Product(3, 4, false),
                new SequenceBody.Fourier(random.nextBoolean(), SequenceBody.ROWS),
                new SequenceBody.Product(6, 4, false),
                new SequenceBody.Sum(5, 1, 7, -0.1)));
        return s.linear("o", s.perSequence(heads, body, q, k, v), hidden, true);
    }
}
