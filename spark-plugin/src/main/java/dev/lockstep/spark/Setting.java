package dev.lockstep.spark;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every setting there is: its name as an argument of {@code tp_generate} (null where a call cannot set it), its key in
 * the session's configuration, its default. A call's argument overrides the session's configuration, which overrides
 * the default.
 */
public enum Setting {
    /** A checkpoint's folder, readable under the same path on the driver and on every executor. */
    MODEL(Scope.ENGINE, "model", "spark.lockstep.model", SettingType.TEXT, null),
    /** Ranks the model is split over; a group of ranks takes that many task slots of one executor. */
    TP(Scope.ENGINE, "tp", "spark.lockstep.tp", SettingType.INTEGER, 1),
    /** {@code fp32}, {@code bf16} or {@code int8}: the data type of weights. */
    DTYPE(Scope.ENGINE, "dtype", "spark.lockstep.dtype", SettingType.TEXT, "fp32"),
    /** {@code auto}, {@code fp32}, {@code int16} or {@code int8}: the data type of the KV cache. */
    CACHE_DTYPE(Scope.ENGINE, "cache_dtype", "spark.lockstep.cacheDtype", SettingType.TEXT, "auto"),
    /** The backend of the ranks: {@code auto}, {@code cpu} or {@code reference}. */
    DEVICE(Scope.ENGINE, "device", "spark.lockstep.device", SettingType.TEXT, "auto"),
    /** {@code cost} or {@code max}: what the partitioner optimises. */
    SPLIT(Scope.ENGINE, "split", "spark.lockstep.split", SettingType.TEXT, "cost"),
    /** Worker threads of one rank; 0 for its share of the executor's cores. */
    THREADS(Scope.ENGINE, null, "spark.lockstep.threads", SettingType.INTEGER, 0),
    /** Bytes one rank may hold outside the Java heap; 0 for what is free. */
    MEMORY_BUDGET(Scope.ENGINE, null, "spark.lockstep.memoryBudget", SettingType.BYTES, 0L),
    /** Tokens of one step at most; 0 for the engine's default. */
    MAX_BATCH_TOKENS(Scope.ENGINE, null, "spark.lockstep.maxBatchTokens", SettingType.INTEGER, 0),
    /** Sequences of one step at most; 0 for the engine's default. */
    MAX_SEQUENCES(Scope.ENGINE, null, "spark.lockstep.maxSequences", SettingType.INTEGER, 0),
    /** Whether rows with a common prefix compute it once, in models that allow it. */
    PREFIX_SHARING(Scope.ENGINE, null, "spark.lockstep.prefixSharing", SettingType.FLAG, true),
    /** Whether a row's values are bit-identical whatever else is in the batch; costs speed. */
    DETERMINISTIC(Scope.ENGINE, null, "spark.lockstep.deterministic", SettingType.FLAG, false),

    /** Tokens generated for a row at most. */
    MAX_NEW_TOKENS(Scope.GENERATION, "max_new_tokens", "spark.lockstep.maxNewTokens", SettingType.INTEGER, 64),
    /** 0 for greedy; otherwise logits are divided by it before sampling. */
    TEMPERATURE(Scope.GENERATION, "temperature", "spark.lockstep.temperature", SettingType.NUMBER, 0.0),
    /** Sample among this many best tokens; 0 for all. */
    TOP_K(Scope.GENERATION, "top_k", "spark.lockstep.topK", SettingType.INTEGER, 0),
    /** Nucleus sampling: among the fewest most probable tokens whose probabilities sum to this; 1 for all. */
    TOP_P(Scope.GENERATION, "top_p", "spark.lockstep.topP", SettingType.NUMBER, 1.0),
    /** Sample among tokens at least this fraction as probable as the best; 0 for all. */
    MIN_P(Scope.GENERATION, "min_p", "spark.lockstep.minP", SettingType.NUMBER, 0.0),
    /**
     * Typical sampling: among the tokens whose information content is nearest to the entropy, as many as sum to this
     * probability; 1 for all.
     */
    TYPICAL_P(Scope.GENERATION, "typical_p", "spark.lockstep.typicalP", SettingType.NUMBER, 1.0),
    /** Texts sampled for a row; with more than 1 the result is an array of them. */
    N(Scope.GENERATION, "n", "spark.lockstep.n", SettingType.INTEGER, 1),
    /** Logits of tokens in prompt or output are divided by it where positive, else multiplied; 1 for none. */
    REPETITION_PENALTY(
            Scope.GENERATION, "repetition_penalty", "spark.lockstep.repetitionPenalty", SettingType.NUMBER, 1.0),
    /** Subtracted once from the logit of each token in the output. */
    PRESENCE_PENALTY(Scope.GENERATION, "presence_penalty", "spark.lockstep.presencePenalty", SettingType.NUMBER, 0.0),
    /** Subtracted from the logit of each token in the output, times its count there. */
    FREQUENCY_PENALTY(
            Scope.GENERATION, "frequency_penalty", "spark.lockstep.frequencyPenalty", SettingType.NUMBER, 0.0),
    /** No n-gram of this many tokens occurs twice; 0 for no such rule. */
    NO_REPEAT_NGRAM_SIZE(
            Scope.GENERATION, "no_repeat_ngram_size", "spark.lockstep.noRepeatNgramSize", SettingType.INTEGER, 0),
    /** Added to the logits of tokens, by token id. */
    LOGIT_BIAS(Scope.GENERATION, "logit_bias", "spark.lockstep.logitBias", SettingType.BIASES, Map.of()),
    /** Beams of a beam search; 1 for none. */
    NUM_BEAMS(Scope.GENERATION, "num_beams", "spark.lockstep.numBeams", SettingType.INTEGER, 1),
    /** Exponent of the length by which a finished beam's score is divided. */
    LENGTH_PENALTY(Scope.GENERATION, "length_penalty", "spark.lockstep.lengthPenalty", SettingType.NUMBER, 1.0),
    /** Whether a beam search ends as soon as enough candidates are finished. */
    EARLY_STOPPING(Scope.GENERATION, "early_stopping", "spark.lockstep.earlyStopping", SettingType.FLAG, false),
    /** Seed of sampling; the row seed is derived from it and the prompt's tokens, never from the row's place. */
    SEED(Scope.GENERATION, "seed", "spark.lockstep.seed", SettingType.LONG, 0L),
    /** Strings that end the text; the text ends before the earliest of them. */
    STOP(Scope.GENERATION, "stop", "spark.lockstep.stop", SettingType.TEXTS, List.of()),
    /** Tokens that end the text; they do not belong to it. */
    STOP_TOKEN_IDS(Scope.GENERATION, "stop_token_ids", "spark.lockstep.stopTokenIds", SettingType.INTEGERS, List.of()),
    /** Tokens that must be generated before a text may end. */
    MIN_NEW_TOKENS(Scope.GENERATION, "min_new_tokens", "spark.lockstep.minNewTokens", SettingType.INTEGER, 0),
    /** The text is one of these. */
    CHOICE(Scope.GENERATION, "choice", "spark.lockstep.choice", SettingType.TEXTS, List.of()),
    /** The whole text matches this regular expression; empty for any. */
    REGEX(Scope.GENERATION, "regex", "spark.lockstep.regex", SettingType.TEXT, ""),
    /** The text is JSON that this schema allows; empty for any. */
    JSON_SCHEMA(Scope.GENERATION, "json_schema", "spark.lockstep.jsonSchema", SettingType.TEXT, ""),
    /**
     * -1 for text alone; otherwise results are structs with the log-probability of each token, and with those of this
     * many most probable tokens at its position.
     */
    LOGPROBS(Scope.GENERATION, "logprobs", "spark.lockstep.logprobs", SettingType.INTEGER, -1),
    /** Go on to {@code max_new_tokens} whatever is generated. */
    IGNORE_EOS(Scope.GENERATION, "ignore_eos", "spark.lockstep.ignoreEos", SettingType.FLAG, false),
    /** Whether a row that cannot be run fails the job; otherwise the result is {@code struct<result, errorMessage>}. */
    FAIL_ON_ERROR(Scope.GENERATION, "failOnError", "spark.lockstep.failOnError", SettingType.FLAG, true),

    /** How long a job waits for the task slots that its ranks need. */
    WAIT_TIMEOUT(Scope.JOB, null, "spark.lockstep.waitTimeout", SettingType.DURATION, 600_000L),
    /** How long a rank waits for the others of its group before the group fails. */
    GROUP_TIMEOUT(Scope.JOB, null, "spark.lockstep.groupTimeout", SettingType.DURATION, 600_000L),
    /** Task slots that one job's ranks may take; 0 for all. Fewer leaves slots for other jobs. */
    MAX_RANKS(Scope.JOB, null, "spark.lockstep.maxRanks", SettingType.INTEGER, 0),
    /** Groups of ranks in one executor. More than one holds the weights more than once. */
    GROUPS_PER_EXECUTOR(Scope.JOB, null, "spark.lockstep.groupsPerExecutor", SettingType.INTEGER, 1),
    /** Most rows that one task has in flight; bounds its memory. */
    ROWS_IN_FLIGHT(Scope.JOB, null, "spark.lockstep.rowsInFlight", SettingType.INTEGER, 256),
    /** Engines that an executor keeps loaded while no task uses them. */
    IDLE_ENGINES(Scope.JOB, null, "spark.lockstep.idleEngines", SettingType.INTEGER, 1),
    /** How long an engine stays loaded while no task uses it. */
    IDLE_TIMEOUT(Scope.JOB, null, "spark.lockstep.idleTimeout", SettingType.DURATION, 600_000L);

    /** What a setting belongs to. */
    public enum Scope {
        /** Makes one loaded engine differ from another. */
        ENGINE,
        /** May differ from call to call of one engine. */
        GENERATION,
        /** How a Spark job runs; never an argument of a call. */
        JOB
    }

    private final Scope scope;
    private final String argument;
    private final String key;
    private final SettingType type;
    private final Object defaultValue;

    Setting(Scope scope, String argument, String key, SettingType type, Object defaultValue) {
        this.scope = scope;
        this.argument = argument;
        this.key = key;
        this.type = type;
        this.defaultValue = defaultValue;
    }

    public Scope scope() {
        return scope;
    }

    /** Its name as an argument of a call, or null. */
    public String argument() {
        return argument;
    }

    /** Its key in the session's configuration. */
    public String key() {
        return key;
    }

    public SettingType type() {
        return type;
    }

    /** Null when there is none. */
    public Object defaultValue() {
        return defaultValue;
    }

    /** All its names as an argument of a call; empty where a call cannot set it. */
    List<String> names() {
        return switch (this) {
            case MAX_NEW_TOKENS -> List.of(argument, "max_tokens");
            case FAIL_ON_ERROR -> List.of(argument, "fail_on_error");
            default -> argument == null ? List.of() : List.of(argument);
        };
    }

    /**
     * The setting that a call means by this name.
     *
     * @throws IllegalArgumentException with the nearest names when there is none
     */
    public static Setting ofArgument(String name) {
        Optional<Setting> found = Arrays.stream(values())
                .filter(setting -> setting.names().stream().anyMatch(name::equalsIgnoreCase))
                .findFirst();
        return found.orElseThrow(() -> unknown(name));
    }

    private static IllegalArgumentException unknown(String name) {
        Optional<Setting> sessionOnly = Arrays.stream(values())
                .filter(s -> s.argument == null)
                .filter(s -> s.name().equalsIgnoreCase(name) || s.key.equals(SessionKeys.PREFIX + name))
                .findFirst();
        if (sessionOnly.isPresent()) {
            return new IllegalArgumentException("tp_generate: " + name
                    + " cannot be set by a call, only for a session: set " + sessionOnly.get().key);
        }
        Map<String, String> arguments = new LinkedHashMap<>();
        Stream.concat(
                        Stream.of("prompt", "options"),
                        Arrays.stream(values()).flatMap(setting -> setting.names().stream()))
                .forEach(each -> arguments.put(each, each));
        return new IllegalArgumentException("tp_generate: unknown option " + name + "; the nearest are "
                + String.join(", ", NearestNames.of(name, arguments)) + "; all are "
                + argumentNames().collect(Collectors.joining(", ")));
    }

    private static Stream<String> argumentNames() {
        return Arrays.stream(values()).map(Setting::argument).filter(each -> each != null);
    }
}
