/**
 * Golden cases: runs a checkpoint through the whole engine, split over ranks, and compares with a reference's outputs.
 * This is {@code lockstep verify}; its format is described in {@code docs/golden-cases.md}. May use {@code engine},
 * {@code generate}, {@code checkpoint} and {@code explain}.
 */
package dev.lockstep.verify;
