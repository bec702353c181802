package dev.lockstep.backend.lowering;

/** One method per kind of step, so that a backend that lacks a kind does not compile. */
public interface StepVisitor<R> {
    R lookup(Step.Lookup step);

    R sinusoids(Step.Sinusoids step);

    R linear(Step.Linear step);

    R headLinear(Step.HeadLinear step);

    R add(Step.Add step);

    R multiply(Step.Multiply step);

    R scaleRows(Step.ScaleRows step);

    R scale(Step.Scale step);

    R scaleByPosition(Step.ScaleByPosition step);

    R clamp(Step.Clamp step);

    R softCap(Step.SoftCap step);

    R affine(Step.Affine step);

    R neighbours(Step.Neighbours step);

    R poolRows(Step.PoolRows step);

    R repeatRows(Step.RepeatRows step);

    R perSequence(Step.PerSequence step);

    R activate(Step.Activate step);

    R xielu(Step.Xielu step);

    R copy(Step.Copy step);

    R gatherColumns(Step.GatherColumns step);

    R scatterColumns(Step.ScatterColumns step);

    R pickRows(Step.PickRows step);

    R previous(Step.Previous step);

    R nothing(Step.Nothing step);

    R norm(Step.Norm step);

    R statistics(Step.Statistics step);

    R normFromStatistics(Step.NormFromStatistics step);

    R rotary(Step.Rotary step);

    R writeCache(Step.WriteCache step);

    R attendCache(Step.AttendCache step);

    R attendRows(Step.AttendRows step);

    R route(Step.Route step);

    R experts(Step.Experts step);

    R allReduce(Step.AllReduce step);

    R compareReplicas(Step.CompareReplicas step);
}
