package dev.lockstep.engine;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.runtime.BlockBudget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how many cache blocks a rank can hold: checks the plan, compiles with a cache of one block, runs the largest
 * steps, takes the peak of the account, and gives the cache the rest of the budget without the reserve. The group uses
 * the smallest number of its ranks.
 */
final class MemoryProbe {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryProbe.class);
    private static final int PROBED_BLOCKS = 1;

    private final RankGraph graph;
    private final StepSizes sizes;
    private final Precision precision;
    private final Mesh mesh;
    private final long budget;
    private final MemoryAccount account;

    /** A program with its caches, and the limits it serves. */
    record Fitted(Program program, Limits limits, BlockBudget measured) {}

    /** @param budget bytes the rank may hold outside the heap */
    MemoryProbe(RankGraph graph, StepSizes sizes, Precision precision, Mesh mesh, long budget) {
        this.graph = graph;
        this.sizes = sizes;
        this.precision = precision;
        this.mesh = mesh;
        this.budget = budget;
        // While weights are packed, and when steps come that were not probed, the reserve is there to be used.
        this.account = new MemoryAccount(budget);
    }

    /** What the rank enters its memory in. */
    MemoryAccount account() {
        return account;
    }

    /**
     * All ranks of the group call it at the same time.
     *
     * @throws IllegalStateException when no useful cache fits, with the ledger and the settings to change
     */
    Fitted open(Backend backend, WeightReader weights) {
        BlockBudget planned = MemoryPlanner.plan(backend, graph, sizes, precision, budget, StepSizes.RESERVE);
        planned.require(sizes.leastBlocks(), mesh.rank());
        Program program = backend.compile(graph, weights, sizes.limits(PROBED_BLOCKS), precision, mesh, account);
        LoadingLog log = new LoadingLog(mesh.rank());
        log.weightsPacked(program.memory().weights());
        try {
            BlockBudget measured = measure(program, planned.blockBytes());
            LOG.info("rank {} as planned: {}", mesh.rank(), planned.ledger());
            LOG.info("rank {} as measured: {}", mesh.rank(), measured.ledger());
            log.stepsProbed(program.memory(), account.beside());
            measured.require(sizes.leastBlocks(), mesh.rank());
            int blocks = least(measured.blocks());
            // Libraries have begun to use what is reserved for them.
            account.limitTo(budget - StepSizes.RESERVE + account.beside());
            program.resizeCaches(blocks);
            account.limitTo(budget);
            log.cacheFitted(blocks, program.memory().cache());
            return new Fitted(program, sizes.limits(blocks), measured);
        } catch (RuntimeException | Error failed) {
            program.close();
            throw failed;
        }
    }

    private BlockBudget measure(Program program, long blockBytes) {
        account.resetPeak();
        WorstStep worst = new WorstStep(graph.model(), sizes.limits(PROBED_BLOCKS), sizes.longest());
        if (worst.encodes()) {
            program.probe(worst.encode());
        }
        if (worst.decodes()) {
            program.probe(worst.decode());
        }
        MemoryLedger held = program.memory();
        long packed = account.held() - held.arena() - held.work() - held.cache();
        long work = held.work() + account.peak() - account.held();
        return new BlockBudget(budget, packed, held.arena(), work, StepSizes.RESERVE, blockBytes, sizes.wantedBlocks());
    }

    private int least(int own) {
        ByteBuffer mine = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer all = ByteBuffer.allocateDirect(Integer.BYTES * mesh.size()).order(ByteOrder.nativeOrder());
        mine.putInt(0, own);
        mesh.allGather(mine, 0, Integer.BYTES, all, 0);
        int least = own;
        for (int rank = 0; rank < mesh.size(); rank++) {
            least = Math.min(least, all.getInt(rank * Integer.BYTES));
        }
        return least;
    }
}
