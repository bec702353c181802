/**
 * The plugin's face: {@code functions} for the DataFrame API, the extension that Spark loads by itself, and the settings
 * of a call and of a session. What comes in are a user's expressions and configuration; what goes out are plan nodes
 * (package {@code plan}) that package {@code exec} runs.
 */
package dev.lockstep.spark;
