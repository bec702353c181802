package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import java.util.Optional;

/**
 * Rotary positions as configs publish them: {@code rope_theta} with {@code rope_scaling}, or {@code rope_parameters},
 * which newer configs may nest by the kind of layer.
 */
final class Rope {
    static final double THETA = 10000;
    private static final String PARTIAL = "this family turns whole heads";

    private Rope() {}

    /** The table of a family that turns whole heads; a config that asks for a part is refused. */
    static RotaryTable whole(Config c, int headDim) {
        return whole(c, headDim, THETA);
    }

    /** As above, where an absent {@code rope_theta} means another base. */
    static RotaryTable whole(Config c, int headDim, double theta) {
        Fixed.number(c, 1, "partial_rotary_factor", PARTIAL);
        published(c).ifPresent(s -> Fixed.number(s, 1, "partial_rotary_factor", PARTIAL));
        return table(c, headDim, theta);
    }

    /** The table of a family that turns the first part of every head; {@code share} where the config says none. */
    static RotaryTable partial(Config c, int headDim, double share, double theta) {
        return table(c, rotated(c, headDim, share), theta);
    }

    /** Features of a head that turn. */
    static int rotated(Config c, int headDim, double share) {
        double found = published(c)
                .flatMap(s -> s.number("partial_rotary_factor"))
                .orElse(c.number(share, "partial_rotary_factor", "rotary_pct"));
        int rotated = (int) (headDim * found);
        if (found <= 0 || found > 1 || rotated < 2 || rotated % 2 != 0) {
            throw c.wrong(
                    found,
                    "a share of head_dim = " + headDim + " that is an even number of features, at least 2",
                    "partial_rotary_factor");
        }
        return rotated;
    }

    /** The table for {@code rotated} features of a head. */
    static RotaryTable table(Config c, int rotated) {
        return table(c, rotated, THETA);
    }

    /** As above, where an absent {@code rope_theta} means another base. */
    static RotaryTable table(Config c, int rotated, double theta) {
        return table(c, published(c), rotated, theta);
    }

    /**
     * The table of the layers of one kind where {@code rope_parameters} is nested by kind; empty where it is not.
     *
     * @param type as in {@code layer_types}
     */
    static Optional<RotaryTable> ofLayers(Config c, String type, int rotated, double theta) {
        Optional<Config> nested = c.child("rope_parameters")
                .filter(Rope::isNested)
                .map(all -> all.child(type)
                        .orElseThrow(() -> all.missing("an object, as for the other kinds of layers", type)));
        return nested.map(s -> table(c, nested, rotated, theta));
    }

    /**
     * The table of the layers of one kind, {@link Windows#FULL} or {@link Windows#SLIDING}, in a family that turns whole
     * heads: from {@code rope_parameters}, nested by kind, or in the older form, where {@code rope_scaling} is for layers
     * without a window alone.
     *
     * @param theta what an absent base means
     * @param thetaKey the kind's base in the older form
     */
    static RotaryTable ofKind(Config c, String kind, int headDim, double theta, String thetaKey) {
        Fixed.number(c, 1, "partial_rotary_factor", PARTIAL);
        double absent = c.number(theta, thetaKey);
        Optional<Config> all = c.child("rope_parameters");
        all.filter(parameters -> !parameters.json().isEmpty() && !isNested(parameters))
                .ifPresent(parameters -> {
                    throw c.wrong(
                            parameters.json(),
                            "an object for each of " + Windows.FULL + " and " + Windows.SLIDING,
                            "rope_parameters");
                });
        Optional<Config> own = all.isPresent()
                ? all.get().child(kind)
                : c.child("rope_scaling").filter(scaling -> kind.equals(Windows.FULL));
        own.ifPresent(s -> Fixed.number(s, 1, "partial_rotary_factor", PARTIAL));
        double base = own.flatMap(s -> s.number("rope_theta")).orElse(absent);
        return table(c, own, headDim, base, thetaKey);
    }

    private static boolean isNested(Config parameters) {
        boolean nested = false;
        for (var value : parameters.json()) {
            nested |= value.isObject();
        }
        return nested;
    }

    private static RotaryTable table(Config c, Optional<Config> published, int rotated, double absent) {
        double theta = published
                .flatMap(s -> s.number("rope_theta"))
                .orElse(c.number(absent, "rope_theta", "rotary_emb_base"));
        return table(c, published, rotated, theta, "rope_theta");
    }

    private static RotaryTable table(Config c, Optional<Config> published, int rotated, double theta, String thetaKey) {
        if (theta <= 0) {
            throw c.wrong(theta, "a positive number", thetaKey);
        }
        if (rotated % 2 != 0) {
            throw c.wrong(rotated, "an even number: rotary positions turn pairs of features", "head_dim");
        }
        RotaryScaling scaling =
                published.map(s -> RopeScaling.of(c, s, rotated)).orElse(new RotaryScaling.None());
        return new RotaryTable(rotated, theta, scaling);
    }

    /** The object that tells the scaling, in either spelling. */
    static Optional<Config> published(Config c) {
        Optional<Config> older = c.child("rope_scaling");
        Optional<Config> published = c.child("rope_parameters").or(() -> older);
        published.ifPresent(s -> s.json().fields().forEachRemaining(entry -> {
            if (entry.getValue().isObject()) {
                throw s.wrong("an object", "a number or a name: one table serves all layers here", entry.getKey());
            }
        }));
        return published;
    }
}
