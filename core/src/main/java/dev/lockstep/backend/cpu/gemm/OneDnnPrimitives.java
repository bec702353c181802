package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.global.dnnl;

/** Attributes of products: scratch memory is supplied by the caller; activations and sums are fused. */
final class OneDnnPrimitives {

    private OneDnnPrimitives() {}

    /** Attributes of act(x · W + bias), or of y + x · W + bias; the caller destroys them. */
    static dnnl_primitive_attr attributes(Activation activation, boolean accumulate) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        OneDnn.check(dnnl.dnnl_primitive_attr_create(attributes), "make attributes");
        OneDnn.check(
                dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl.dnnl_scratchpad_mode_user),
                "leave scratch memory to us");
        dnnl_post_ops operations = new dnnl_post_ops();
        OneDnn.check(dnnl.dnnl_post_ops_create(operations), "make post-operations");
        if (accumulate) {
            OneDnn.check(dnnl.dnnl_post_ops_append_sum(operations, 1f, 0, dnnl.dnnl_data_type_undef), "fuse a sum");
        }
        append(operations, activation);
        OneDnn.check(dnnl.dnnl_primitive_attr_set_post_ops(attributes, operations), "set post-operations");
        dnnl.dnnl_post_ops_destroy(operations);
        return attributes;
    }

    private static void append(dnnl_post_ops operations, Activation activation) {
        switch (activation) {
            case NONE -> {}
            case RELU -> append(operations, dnnl.dnnl_eltwise_relu, 0f);
            case GELU -> append(operations, dnnl.dnnl_eltwise_gelu_erf, 0f);
            case GELU_TANH -> append(operations, dnnl.dnnl_eltwise_gelu_tanh, 0f);
            case SILU -> append(operations, dnnl.dnnl_eltwise_swish, 1f);
            case TANH -> append(operations, dnnl.dnnl_eltwise_tanh, 0f);
            case SIGMOID -> append(operations, dnnl.dnnl_eltwise_logistic, 0f);
            case QUICK_GELU -> append(operations, dnnl.dnnl_eltwise_swish, 1.702f);
            case RELU_SQUARED -> {
                append(operations, dnnl.dnnl_eltwise_relu, 0f);
                append(operations, dnnl.dnnl_eltwise_square, 0f);
            }
        }
    }

    private static void append(dnnl_post_ops operations, int algorithm, float alpha) {
        OneDnn.check(dnnl.dnnl_post_ops_append_eltwise(operations, algorithm, alpha, 0f), "fuse an activation");
    }
}
