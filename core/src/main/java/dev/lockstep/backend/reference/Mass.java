package dev.lockstep.backend.reference;

/**
 * Log-sum-exp and entropy of a softmax at some temperature.
 *
 * @param logSumExp the logarithm of the sum of exp(logit / temperature)
 * @param entropy in nats
 */
record Mass(double logSumExp, double entropy) {

    static Mass of(float[] logits, float temperature) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit / temperature);
        }
        double sum = 0;
        double moment = 0;
        for (float logit : logits) {
            double u = logit / temperature - most;
            double weight = Math.exp(u);
            sum += weight;
            moment += weight == 0 ? 0 : u * weight;
        }
        return new Mass(most + Math.log(sum), Math.log(sum) - moment / sum);
    }
}
