package dev.lockstep.generate;

/**
 * How a token is drawn from a row's logits, after {@link Penalties} and the row's constraint have changed them. The
 * restrictions apply in the order of the components, each to the tokens that those before it left, renormalised to sum
 * to 1; the token is drawn among those that remain.
 *
 * @param temperature 0 for greedy (the best token, restrictions have no effect); otherwise logits are divided by it
 * @param topK the best tokens that are left; 0 for all
 * @param topP the fewest best tokens whose probabilities sum to this, in (0, 1]; 1 for all (Holtzman et al. 2020)
 * @param minP tokens at least this fraction as probable as the most probable, in [0, 1]; 0 for all (Nguyen et al. 2024)
 * @param typicalP the tokens whose information content is nearest to the entropy, as many as sum to this, in (0, 1]; 1
 *     for all (Meister et al. 2023)
 * @param seed seed of the noise; the row seed is derived from it and the row's tokens, never from its place
 * @param samples texts drawn for a row, each with its own noise; more than 1 needs a temperature above 0
 */
public record Sampling(
        double temperature, int topK, double topP, double minP, double typicalP, long seed, int samples) {

    /** The best token, always. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0, 1);

    public Sampling {
        OptionChecks.require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0 (greedy) to 100");
        OptionChecks.require(topK >= 0, "top_k", topK, "0 (all) or more");
        OptionChecks.require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
        OptionChecks.require(minP >= 0 && minP <= 1, "min_p", minP, "0 (all) to 1");
        OptionChecks.require(typicalP > 0 && typicalP <= 1, "typical_p", typicalP, "above 0, at most 1");
        OptionChecks.require(samples >= 1, "n", samples, "at least 1");
        OptionChecks.require(
                samples == 1 || temperature > 0,
                "n",
                samples,
                "1 at temperature 0 (greedy), where all would be equal: set temperature above 0");
    }

    public boolean greedy() {
        return temperature == 0;
    }

    public Sampling withTemperature(double value) {
        return new Sampling(value, topK, topP, minP, typicalP, seed, samples);
    }

    public Sampling withTopK(int value) {
        return new Sampling(temperature, value, topP, minP, typicalP, seed, samples);
    }

    public Sampling withTopP(double value) {
        return new Sampling(temperature, topK, value, minP, typicalP, seed, samples);
    }

    public Sampling withMinP(double value) {
        return new Sampling(temperature, topK, topP, value, typicalP, seed, samples);
    }

    public Sampling withTypicalP(double value) {
        return new Sampling(temperature, topK, topP, minP, value, seed, samples);
    }

    public Sampling withSeed(long value) {
        return new Sampling(temperature, topK, topP, minP, typicalP, value, samples);
    }

    public Sampling withSamples(int value) {
        return new Sampling(temperature, topK, topP, minP, typicalP, seed, value);
    }
}
