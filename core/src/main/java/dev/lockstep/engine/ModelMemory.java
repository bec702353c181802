package dev.lockstep.engine;

import dev.lockstep.graph.Model;
import dev.lockstep.partition.Partition;
import dev.lockstep.runtime.BlockBudget;
import dev.lockstep.runtime.ProcessLedger;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory outside the heap that all models of one process share: one for each executor. Before any of its weights is
 * read, a model is planned with the memory that the others leave, and reserves what it can use. Idle models are closed
 * where it would get too little. Thread-safe.
 */
public final class ModelMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);

    /**
     * A model that gets less than this part of the cache that it could use has idle models closed, although they may
     * have to be loaded again.
     */
    private static final int AMPLE_PART = 4;

    /** Bytes of each rank for compiled primitives beside the reserve, but at most half of what nothing else needs. */
    private static final long PRODUCTS = 256L << 20;

    private final ProcessLedger ledger;
    private final BooleanSupplier closeIdle;

    /**
     * @param room bytes that all models together may hold, queried for each model
     * @param closeIdle closes an idle model, its reservation included; false when there is none
     */
    public ModelMemory(LongSupplier room, BooleanSupplier closeIdle) {
        this.ledger = new ProcessLedger(room);
        this.closeIdle = closeIdle;
    }

    /**
     * The room where nothing else limits it: most of the free memory of the machine, or of the container around this
     * process.
     */
    public static long free() {
        return Threads.memoryShare(1);
    }

    /** Bytes that models may hold now. */
    public long held() {
        return ledger.held();
    }

    /** As {@link #reserve(EngineOptions, int)}, for the only group of ranks. */
    public Reservation reserve(EngineOptions options) {
        return reserve(options, 1);
    }

    /**
     * Reserves memory for a group of ranks that will all be opened in this process. A budget in the options is the most
     * that a rank gets. A model that is alone gets it whatever is free.
     *
     * @param groups of this model that the process will have: none takes more than its part of the whole
     * @throws IllegalStateException when the model does not fit what others leave, with what each of them holds
     * @throws dev.lockstep.checkpoint.CheckpointException when the checkpoint cannot be planned
     */
    public Reservation reserve(EngineOptions options, int groups) {
        try (ModelFiles files = ModelFiles.open(options.model())) {
            Partition partition = files.partition(options);
            Optional<Reservation> reservation = enter(options, groups, files.model(), partition, true);
            while (reservation.isEmpty()) {
                boolean more = closeIdle.getAsBoolean();
                reservation = enter(options, groups, files.model(), partition, more);
            }
            return reservation.get();
        }
    }

    /**
     * Plans and enters a model.
     *
     * @param amply whether others can still be closed
     * @return empty where one of them should be closed first
     */
    private Optional<Reservation> enter(
            EngineOptions options, int groups, Model model, Partition partition, boolean amply) {
        synchronized (ledger) {
            long left = ledger.left();
            long most = Math.min(left, ledger.whole() / groups) / options.tp();
            if (options.memoryBudget() > 0) {
                most = ledger.isEmpty() ? options.memoryBudget() : Math.min(most, options.memoryBudget());
            }
            int least = StepSizes.of(options, model, false).leastBlocks();
            List<BlockBudget> plans = MemoryPlanner.plan(model, partition, options, most);
            long useful = 0;
            for (int rank = 0; rank < plans.size(); rank++) {
                BlockBudget plan = plans.get(rank);
                if (amply && !ledger.isEmpty() && !plan.fits(Math.max(least, plan.wanted() / AMPLE_PART))) {
                    return Optional.empty();
                }
                require(plan, least, rank);
                useful = Math.max(useful, plan.useful());
            }
            long each = useful < most ? useful + Math.min(PRODUCTS, (most - useful) / 2) : most;
            LOG.info(
                    "{} may hold {} bytes on each of {} ranks; others left {} bytes",
                    options.model(),
                    each,
                    options.tp(),
                    left);
            ProcessLedger.Entry entry = ledger.enter(options.model(), each * options.tp());
            return Optional.of(new Reservation(options.withMemoryBudget(each), entry));
        }
    }

    private void require(BlockBudget plan, int least, int rank) {
        if (ledger.isEmpty()) {
            plan.require(least, rank);
        } else if (!plan.fits(least)) {
            throw new IllegalStateException(plan.refusal(least, rank) + "; " + ledger.described()
                    + ": set spark.lockstep.memoryBudget so that each model takes a part, or run them one after the"
                    + " other");
        }
    }
}
