package dev.lockstep.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What one degree of parallelism gave. Times are of one whole batch after a warm-up.
 *
 * @param tp ranks
 * @param loadSeconds until the model was ready
 * @param warmUpSeconds of the batches that were not counted
 * @param firstTokenSeconds from the start until every row had its first token
 * @param p50 median time of a step that gives every row one token, in ms: what each row waits for a token
 * @param p90 the same, the slowest tenth's least
 * @param p99 the same, the slowest hundredth's least
 * @param tokensPerSecond generated tokens of all rows by the whole time, prompts included
 * @param teraflopsPerRank operations by the whole time and ranks, in 10^12 a second
 * @param gemmShare the rate of all ranks as a share of the machine's for products at this precision
 * @param readGigabytes weights of all ranks by the median step: the rate at which they must have been read
 * @param bandwidthShare that as a share of the rate at which the machine reads memory
 * @param weightBytes packed weights, of the rank with most
 * @param allocatedBytes weights, activations and cache, of the rank with most
 * @param reservedBytes all memory outside the heap that the process holds, and its heap
 * @param peakBytes most memory that was ever resident, of all ranks
 * @param heapPerToken heap bytes allocated for each generated token
 */
record SuiteResult(
        @JsonProperty("tp") int tp,
        @JsonProperty("load_s") double loadSeconds,
        @JsonProperty("warm_up_s") double warmUpSeconds,
        @JsonProperty("first_token_s") double firstTokenSeconds,
        @JsonProperty("p50_ms") double p50,
        @JsonProperty("p90_ms") double p90,
        @JsonProperty("p99_ms") double p99,
        @JsonProperty("tokens_per_s") double tokensPerSecond,
        @JsonProperty("tflops_per_rank") double teraflopsPerRank,
        @JsonProperty("gemm_share") double gemmShare,
        @JsonProperty("read_gbs") double readGigabytes,
        @JsonProperty("bandwidth_share") double bandwidthShare,
        @JsonProperty("weight_bytes") long weightBytes,
        @JsonProperty("allocated_bytes") long allocatedBytes,
        @JsonProperty("reserved_bytes") long reservedBytes,
        @JsonProperty("peak_bytes") long peakBytes,
        @JsonProperty("heap_bytes_per_token") HeapUse heapPerToken) {}
