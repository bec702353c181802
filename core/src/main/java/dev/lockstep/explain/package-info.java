/**
 * Reports of a split for people: what is split along what, what is whole and why, where ranks meet, what each rank
 * holds, and how large a batch fits. Reads a partition; changes nothing. May use {@code partition}, {@code graph},
 * {@code runtime}'s memory arithmetic and {@code engine}'s plans.
 */
package dev.lockstep.explain;
