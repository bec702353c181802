/**
 * The command line {@code bin/lockstep}: parses arguments, calls a package of the core, prints. It has no logic of its
 * own.
 */
package dev.lockstep.cli;
