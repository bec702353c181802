package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepVisitor;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The weights that each kind of step names. */
final class WeightsOfSteps implements StepVisitor<List<Weight>> {

    private static List<Weight> of(Weight... weights) {
        return Stream.of(weights).filter(Objects::nonNull).toList();
    }

    @Override
    public List<Weight> lookup(Step.Lookup step) {
        return of(step.table());
    }

    @Override
    public List<Weight> sinusoids(Step.Sinusoids step) {
        return List.of();
    }

    @Override
    public List<Weight> linear(Step.Linear step) {
        List<Weight> all = new ArrayList<>();
        step.maps().forEach(map -> all.addAll(of(map.matrix(), map.bias())));
        return all;
    }

    @Override
    public List<Weight> headLinear(Step.HeadLinear step) {
        return of(step.matrices());
    }

    @Override
    public List<Weight> add(Step.Add step) {
        return List.of();
    }

    @Override
    public List<Weight> multiply(Step.Multiply step) {
        return List.of();
    }

    @Override
    public List<Weight> scaleRows(Step.ScaleRows step) {
        return List.of();
    }

    @Override
    public List<Weight> scale(Step.Scale step) {
        return List.of();
    }

    @Override
    public List<Weight> scaleByPosition(Step.ScaleByPosition step) {
        return List.of();
    }

    @Override
    public List<Weight> clamp(Step.Clamp step) {
        return List.of();
    }

    @Override
    public List<Weight> softCap(Step.SoftCap step) {
        return List.of();
    }

    @Override
    public List<Weight> activate(Step.Activate step) {
        return List.of();
    }

    @Override
    public List<Weight> xielu(Step.Xielu step) {
        return of(step.shape());
    }

    @Override
    public List<Weight> copy(Step.Copy step) {
        return List.of();
    }

    @Override
    public List<Weight> gatherColumns(Step.GatherColumns step) {
        return List.of();
    }

    @Override
    public List<Weight> scatterColumns(Step.ScatterColumns step) {
        return List.of();
    }

    @Override
    public List<Weight> pickRows(Step.PickRows step) {
        return List.of();
    }

    @Override
    public List<Weight> previous(Step.Previous step) {
        return List.of();
    }

    @Override
    public List<Weight> nothing(Step.Nothing step) {
        return List.of();
    }

    @Override
    public List<Weight> norm(Step.Norm step) {
        return of(step.scale(), step.shift());
    }

    @Override
    public List<Weight> statistics(Step.Statistics step) {
        return List.of();
    }

    @Override
    public List<Weight> normFromStatistics(Step.NormFromStatistics step) {
        return of(step.scale(), step.shift());
    }

    @Override
    public List<Weight> rotary(Step.Rotary step) {
        return List.of();
    }

    @Override
    public List<Weight> writeCache(Step.WriteCache step) {
        return List.of();
    }

    @Override
    public List<Weight> attendCache(Step.AttendCache step) {
        return of(step.layer().relativeTable(), step.layer().sinks());
    }

    @Override
    public List<Weight> attendRows(Step.AttendRows step) {
        return of(step.layer().relativeTable(), step.layer().sinks());
    }

    @Override
    public List<Weight> route(Step.Route step) {
        return of(step.correction());
    }

    @Override
    public List<Weight> experts(Step.Experts step) {
        return of(
                step.maps().gate(),
                step.maps().up(),
                step.maps().down(),
                step.maps().gateBias(),
                step.maps().upBias(),
                step.maps().downBias());
    }

    @Override
    public List<Weight> allReduce(Step.AllReduce step) {
        return List.of();
    }

    @Override
    public List<Weight> compareReplicas(Step.CompareReplicas step) {
        return List.of();
    }
}
