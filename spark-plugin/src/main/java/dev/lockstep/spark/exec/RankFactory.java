package dev.lockstep.spark.exec;

import dev.lockstep.collective.Mesh;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.Engines;
import dev.lockstep.engine.Rank;
import java.util.ServiceLoader;

/** Makes ranks. The core's engine does, unless a service on the class path claims the model: fault-injection tests do. */
interface RankFactory {
    /** Whether this factory, rather than the core's, is responsible for the model. */
    boolean handles(String model);

    /** As {@link Engines#check}. */
    void check(EngineOptions options);

    /** As {@link Engines#checkChat}. */
    void checkChat(EngineOptions options);

    /** As {@link Engines#open}. */
    Rank open(EngineOptions options, Mesh mesh);

    static RankFactory of(String model) {
        for (RankFactory factory : ServiceLoader.load(RankFactory.class, RankFactory.class.getClassLoader())) {
            if (factory.handles(model)) {
                return factory;
            }
        }
        return new Core();
    }

    /** The real engine. */
    final class Core implements RankFactory {
        @Override
        public boolean handles(String model) {
            return true;
        }

        @Override
        public void check(EngineOptions options) {
            Engines.check(options);
        }

        @Override
        public void checkChat(EngineOptions options) {
            Engines.checkChat(options);
        }

        @Override
        public Rank open(EngineOptions options, Mesh mesh) {
            return Engines.open(options, mesh);
        }
    }
}
