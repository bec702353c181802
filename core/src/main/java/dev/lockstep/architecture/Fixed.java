package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;

/** Settings that a family knows, but serves at one value only. */
final class Fixed {
    private Fixed() {}

    /** @throws dev.lockstep.checkpoint.CheckpointException when the flag is present with the other value */
    static void flag(Config c, boolean served, String key, String why) {
        if (c.flag(served, key) != served) {
            throw c.wrong(!served, served + ": " + why, key);
        }
    }

    /** @throws dev.lockstep.checkpoint.CheckpointException when the key is present with another value */
    static void text(Config c, String served, String key, String why) {
        String found = c.text(key).orElse(served);
        if (!found.equals(served)) {
            throw c.wrong(found, served + ": " + why, key);
        }
    }

    /** @throws dev.lockstep.checkpoint.CheckpointException when the key is present with another value */
    static void number(Config c, double served, String key, String why) {
        double found = c.number(served, key);
        if (found != served) {
            throw c.wrong(found, served + ": " + why, key);
        }
    }
}
