/** The command line {@code bin/lockstep}: parses, calls a room, prints. No logic of its own. */
package dev.lockstep.cli;
