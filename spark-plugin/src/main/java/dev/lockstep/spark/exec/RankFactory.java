package dev.lockstep.spark.exec;

import dev.lockstep.collective.Mesh;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.Engines;
import dev.lockstep.engine.ModelMemory;
import dev.lockstep.engine.Rank;
import dev.lockstep.engine.Reservation;
import java.util.ServiceLoader;

/**
 * Creates ranks. The core's engine does so, unless a service on the class path claims the model, as fault-injection
 * tests do.
 */
interface RankFactory {
    /** Whether this factory, rather than the core's, is responsible for the model. */
    boolean handles(String model);

    /** As {@link Engines#check}. */
    void check(EngineOptions options);

    /** As {@link Engines#checkChat}. */
    void checkChat(EngineOptions options);

    /**
     * Reserves memory of the executor for a group that is about to be opened; none where ranks take none of it.
     *
     * @param groups of the model that the executor is to have
     */
    default Reservation reserve(ModelMemory memory, EngineOptions options, int groups) {
        return Reservation.none(options);
    }

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
        public Reservation reserve(ModelMemory memory, EngineOptions options, int groups) {
            return memory.reserve(options, groups);
        }

        @Override
        public Rank open(EngineOptions options, Mesh mesh) {
            return Engines.open(options, mesh);
        }
    }
}
