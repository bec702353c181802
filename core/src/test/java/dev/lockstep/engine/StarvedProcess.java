package dev.lockstep.engine;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.ListSource;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.StepRunner;
import dev.lockstep.generate.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Runs rows in a process whose address space is really limited in mid-run, so that it is the system that has no memory for
 * oneDNN's products and for slabs: a program of its own. Prints a line for each row, one for each step that failed, and what
 * became of a slab larger than what is left.
 */
final class StarvedProcess implements StepRunner {
    static final String ROW = "row ";
    static final String FAILED = "failed ";
    static final String SLAB = "slab ";

    private static final int ROWS = 24;
    private static final int PROMPT = 7;
    private static final int NEW_TOKENS = 6;
    private static final int STEP_TOKENS = 64;

    private final StepRunner runner;
    private final List<String> failures = new ArrayList<>();

    private StarvedProcess(StepRunner runner) {
        this.runner = runner;
    }

    /** Arguments: the model's folder, the precision, bytes left to the process; negative for no limit. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        EngineOptions options = new EngineOptions(arguments[0], 1, arguments[1], "max", 1, 1L << 30, STEP_TOKENS, 16);
        long left = Long.parseLong(arguments[2]);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            StarvedProcess counting = new StarvedProcess(group.leader().stepRunner());
            Generator generator = new Generator(counting, group.leader().traits(), (TextTokenizer) null);
            List<Request> requests = requests(group.leader().model().vocabulary());
            // What smaller steps take is made, and all code that a failure needs has run once.
            run(generator, requests.subList(0, 1));
            MemoryAccount account = group.leader().account();
            long limit = account.limit();
            account.limitTo(account.held() + account.beside());
            run(generator, requests.subList(0, ROWS / 2));
            account.limitTo(limit);
            counting.failures.clear();
            if (left >= 0) {
                limitAddressSpace(left);
            }
            int[][] texts = run(generator, requests);
            for (int[] text : texts) {
                System.out.println(ROW + Arrays.toString(text));
            }
            counting.failures.forEach(failure -> System.out.println(FAILED + failure));
            System.out.println(SLAB + slab());
        }
    }

    private static String slab() {
        try (Slab slab = Memory.UNCOUNTED.floats(1 << 26, "test")) {
            return "of " + slab.bytes().capacity() + " bytes";
        } catch (OutOfMemoryException failed) {
            return failed.getMessage();
        }
    }

    /** The soft limit alone: it holds at once. */
    private static void limitAddressSpace(long left) throws IOException, InterruptedException {
        String size = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmSize:"))
                .findFirst()
                .orElseThrow();
        long bytes = Long.parseLong(size.replaceAll("\\D", "")) * 1024 + left;
        String pid = String.valueOf(ProcessHandle.current().pid());
        Process process = new ProcessBuilder("prlimit", "--pid", pid, "--as=" + bytes + ":")
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("prlimit could not set the limit of " + bytes + " bytes");
        }
    }

    private static List<Request> requests(int vocabulary) {
        GenerationOptions options =
                GenerationOptions.GREEDY.withMaxNewTokens(NEW_TOKENS).withIgnoreEos(true);
        List<Request> requests = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            int[] prompt = new Random(row).ints(PROMPT, 4, vocabulary).toArray();
            requests.add(new Request(row, null, prompt, options));
        }
        return requests;
    }

    private static int[][] run(Generator generator, List<Request> requests) {
        int[][] texts = new int[requests.size()][];
        generator.run(
                new ListSource(requests, 0),
                completion -> texts[(int) completion.id()] = completion.tokenIds(),
                () -> false);
        return texts;
    }

    @Override
    public Limits limits() {
        return runner.limits();
    }

    @Override
    public StepInput input() {
        return runner.input();
    }

    @Override
    public StepOutput run() {
        int tokens = runner.input().tokens;
        try {
            return runner.run();
        } catch (OutOfMemoryException failed) {
            failures.add(tokens + " tokens: " + failed.getMessage());
            throw failed;
        }
    }
}
