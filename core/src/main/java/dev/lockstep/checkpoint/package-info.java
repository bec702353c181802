/**
 * Reads checkpoints exactly as they are published: {@code config.json}, weights in safetensors or
 * {@code pytorch_model.bin}, single or sharded, in a folder or in the hub's cache layout.
 *
 * <p>In flow the files ({@link dev.lockstep.checkpoint.CheckpointFiles}); out flow a {@link
 * dev.lockstep.checkpoint.Config} and slices of weights as fp32, read by position through {@link
 * dev.lockstep.checkpoint.WeightExpression}s. Files are taken as hostile: what does not add up is refused with the file,
 * the tensor and the reason. Knows nothing of models, graphs or ranks; uses Jackson and a pickle library only.
 */
package dev.lockstep.checkpoint;
