package dev.lockstep.graph;

/** What a step runs of a model. Every row axis belongs to one of them. */
public enum EntryPoint {
    /** Whole sequences: writes the caches of cross-attention, or yields an encoder's outputs. */
    ENCODE,
    /** Rows that continue sequences: reads and writes their caches, yields logits of the rows that are asked for. */
    DECODE
}
