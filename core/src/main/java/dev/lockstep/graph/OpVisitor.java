package dev.lockstep.graph;

/** One method per kind of op, so that code that leaves out a kind does not compile. */
public interface OpVisitor {
    void lookup(Node node, Op.Lookup op);

    void sinusoids(Node node, Op.Sinusoids op);

    void linear(Node node, Op.Linear op);

    void headLinear(Node node, Op.HeadLinear op);

    void binary(Node node, Op.Binary op);

    void scale(Node node, Op.Scale op);

    void scaleRows(Node node, Op.ScaleRows op);

    void scaleByPosition(Node node, Op.ScaleByPosition op);

    void clamp(Node node, Op.Clamp op);

    void softCap(Node node, Op.SoftCap op);

    void select(Node node, Op.Select op);

    void concat(Node node, Op.Concat op);

    void previous(Node node, Op.Previous op);

    void affine(Node node, Op.Affine op);

    void neighbours(Node node, Op.Neighbours op);

    void poolRows(Node node, Op.PoolRows op);

    void repeatRows(Node node, Op.RepeatRows op);

    void perSequence(Node node, Op.PerSequence op);

    void activate(Node node, Op.Activate op);

    void xielu(Node node, Op.Xielu op);

    void norm(Node node, Op.Norm op);

    void rotary(Node node, Op.Rotary op);

    void pickRows(Node node, Op.PickRows op);

    void route(Node node, Op.Route op);

    void experts(Node node, Op.Experts op);

    void attention(Node node, Op.Attention op);
}
