/**
 * Readable reports of a split: what is split along which axis, what is whole and why, where collectives are, what each
 * rank holds, and how large a batch fits. Reads a partition; changes nothing. May use {@code partition}, {@code graph},
 * {@code runtime}'s memory arithmetic and {@code engine}'s plans.
 */
package dev.lockstep.explain;
