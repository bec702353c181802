package dev.lockstep.engine;

import dev.lockstep.generate.GenerationDefaults;
import dev.lockstep.generate.ModelTraits;
import dev.lockstep.graph.Model;
import java.util.OptionalInt;

/** What generation must know of a model, from its graph and its configuration files. */
final class Traits {
    private Traits() {}

    static ModelTraits of(Model model, GenerationDefaults defaults) {
        ModelTraits.Kind kind;
        switch (model.task()) {
            case CAUSAL_LM:
                kind = ModelTraits.Kind.DECODER;
                break;
            case SEQ2SEQ_LM:
                kind = ModelTraits.Kind.ENCODER_DECODER;
                break;
            default:
                kind = ModelTraits.Kind.ENCODER;
        }
        OptionalInt source = kind == ModelTraits.Kind.DECODER ? OptionalInt.empty() : model.maxPositions();
        return ModelTraits.of(kind, model.vocabulary(), defaults, model.maxPositions(), source, model.resetToken());
    }
}
