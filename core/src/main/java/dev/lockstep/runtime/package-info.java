/**
 * Memory arithmetic: what is free, what a program needs, how many cache blocks and sequences fit. Pure functions over
 * records, and the few files that tell what the machine has. May use {@code backend}'s records.
 */
package dev.lockstep.runtime;
