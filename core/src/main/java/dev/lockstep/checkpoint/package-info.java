/**
 * Reads checkpoints exactly as they are published: {@code config.json}, weights in safetensors or {@code
 * pytorch_model.bin}, single or sharded, in a folder or in the hub's cache layout.
 *
 * <p>Input: the files ({@link dev.lockstep.checkpoint.CheckpointFiles}). Output: a {@link
 * dev.lockstep.checkpoint.Config} and slices of weights as fp32, read by position through {@link
 * dev.lockstep.checkpoint.WeightExpression}s. Files are not trusted: inconsistent content is refused with the file, the
 * tensor and the reason. Does not depend on models, graphs or ranks; uses only Jackson and a pickle library.
 */
package dev.lockstep.checkpoint;
