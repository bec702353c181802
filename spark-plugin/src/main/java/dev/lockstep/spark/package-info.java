/**
 * The plugin's public API: {@code functions} for the DataFrame API, the extension that Spark loads by itself, and the
 * settings of a call and of a session. Input: a user's expressions and configuration. Output: plan nodes (package
 * {@code plan}) that package {@code exec} runs.
 */
package dev.lockstep.spark;
