package dev.lockstep.graph;

/** The part of a model that a step runs. Every row axis belongs to one entry point. */
public enum EntryPoint {
    /** Runs whole sequences: writes the caches of cross-attention, or returns an encoder's outputs. */
    ENCODE,
    /** Runs rows that continue sequences: reads and writes their caches, and returns logits of the requested rows. */
    DECODE
}
