package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Xielu;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepVisitor;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.Weight;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Binds steps to instructions: kernels with their weights, caches and operands. */
final class Binder implements StepVisitor<Instruction> {
    private final LoadedResources resources;
    private final Map<View, Operand> operands = new HashMap<>();
    private CpuStep current;

    Binder(LoadedResources resources) {
        this.resources = resources;
    }

    Instruction bind(CpuStep step) {
        current = step;
        return step.step().accept(this);
    }

    /** All operands of the instructions bound so far; they still have to be placed. */
    Collection<Operand> operands() {
        return operands.values();
    }

    Operand operand(View view) {
        return operands.computeIfAbsent(view, Operand::new);
    }

    // ---------------------------------------------------------------- from what a step is told

    @Override
    public Instruction lookup(Step.Lookup step) {
        return RowInstructions.lookup(
                resources.table(step.table()),
                step.held(),
                step.op(),
                step.out().rows(),
                operand(step.out()));
    }

    @Override
    public Instruction sinusoids(Step.Sinusoids step) {
        return RowInstructions.sinusoids(step.op(), step.width(), step.held(), operand(step.out()));
    }

    // ---------------------------------------------------------------- linear maps

    @Override
    public Instruction linear(Step.Linear step) {
        return LinearInstructions.linear(
                resources.linears(step.maps()), operand(step.in()), operand(step.out()), step.activation());
    }

    @Override
    public Instruction headLinear(Step.HeadLinear step) {
        return LinearInstructions.headLinear(
                resources.headMatrices(step.matrices()), operand(step.in()), operand(step.out()));
    }

    // ---------------------------------------------------------------- element by element

    @Override
    public Instruction add(Step.Add step) {
        return RowInstructions.add(operand(step.first()), operand(step.second()), operand(step.out()));
    }

    @Override
    public Instruction multiply(Step.Multiply step) {
        return RowInstructions.multiply(operand(step.first()), operand(step.second()), operand(step.out()));
    }

    @Override
    public Instruction scaleRows(Step.ScaleRows step) {
        return RowInstructions.scaleRows(operand(step.in()), operand(step.factor()), operand(step.out()));
    }

    @Override
    public Instruction scale(Step.Scale step) {
        return RowInstructions.scale(operand(step.in()), operand(step.out()), step.factor());
    }

    @Override
    public Instruction scaleByPosition(Step.ScaleByPosition step) {
        return RowInstructions.scaleByPosition(operand(step.in()), operand(step.out()), step.factor());
    }

    @Override
    public Instruction clamp(Step.Clamp step) {
        return RowInstructions.clamp(operand(step.in()), operand(step.out()), step.op());
    }

    @Override
    public Instruction softCap(Step.SoftCap step) {
        return RowInstructions.softCap(operand(step.in()), operand(step.out()), step.cap());
    }

    @Override
    public Instruction activate(Step.Activate step) {
        return RowInstructions.activate(operand(step.in()), operand(step.out()), step.function());
    }

    @Override
    public Instruction xielu(Step.Xielu step) {
        Xielu curve = Xielu.of(resources.vector(step.shape()));
        return RowInstructions.xielu(operand(step.in()), operand(step.out()), curve);
    }

    @Override
    public Instruction affine(Step.Affine step) {
        return RowInstructions.affine(
                vectorOrNull(step.scale()), vectorOrNull(step.shift()), operand(step.in()), operand(step.out()));
    }

    private float[] vectorOrNull(Weight weight) {
        return weight == null ? null : resources.vector(weight);
    }

    // ---------------------------------------------------------------- moves

    @Override
    public Instruction neighbours(Step.Neighbours step) {
        return SequenceInstructions.neighbours(step.places(), step.columns(), operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction poolRows(Step.PoolRows step) {
        return SequenceInstructions.pool(step.how(), operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction repeatRows(Step.RepeatRows step) {
        return SequenceInstructions.repeat(step.op(), operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction copy(Step.Copy step) {
        return RowInstructions.copy(operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction gatherColumns(Step.GatherColumns step) {
        return RowInstructions.gatherColumns(operand(step.in()), step.columns(), operand(step.out()));
    }

    @Override
    public Instruction scatterColumns(Step.ScatterColumns step) {
        return RowInstructions.scatterColumns(operand(step.in()), step.columns(), operand(step.out()));
    }

    @Override
    public Instruction pickRows(Step.PickRows step) {
        return RowInstructions.pick(
                operand(step.in()), operand(step.out()), step.out().rows());
    }

    @Override
    public Instruction previous(Step.Previous step) {
        return AttentionInstructions.previous(
                resources.lastRows(step.store()), operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction nothing(Step.Nothing step) {
        operand(step.out());
        return running -> {};
    }

    // ---------------------------------------------------------------- norms

    @Override
    public Instruction norm(Step.Norm step) {
        NormWeights weights = resources.norm(step.scale(), step.shift());
        return RowInstructions.norm(step.op(), weights, operand(step.in()), operand(step.out()), step.groups());
    }

    @Override
    public Instruction statistics(Step.Statistics step) {
        return ExchangeInstructions.statistics(
                operand(step.in()),
                step.owned(),
                operand(step.own()),
                operand(step.out()),
                resources.collective(step.place()));
    }

    @Override
    public Instruction normFromStatistics(Step.NormFromStatistics step) {
        return ExchangeInstructions.normFromStatistics(
                step.op(),
                resources.norm(step.scale(), step.shift()),
                operand(step.in()),
                operand(step.statistics()),
                step.ranks(),
                operand(step.out()));
    }

    // ---------------------------------------------------------------- attention

    @Override
    public Instruction rotary(Step.Rotary step) {
        return AttentionInstructions.rotary(
                step.op(), resources.angles(step.op().table()), operand(step.in()), operand(step.out()));
    }

    @Override
    public Instruction writeCache(Step.WriteCache step) {
        return AttentionInstructions.writeCache(
                resources.cache(step.pool()), step.tables(), operand(step.key()), operand(step.value()));
    }

    @Override
    public Instruction attendCache(Step.AttendCache step) {
        return AttentionInstructions.overCache(
                resources.paged(step.layer()),
                resources.cache(step.pool()),
                step.tables(),
                step.layer().op().resetToken().isPresent(),
                operand(step.query()),
                operand(step.out()));
    }

    @Override
    public Instruction attendRows(Step.AttendRows step) {
        if (!AttentionKernels.isPlain(step)) {
            return SetInstructions.attend(resources.overSets(step.layer()), step, this::operand);
        }
        return AttentionInstructions.overRows(
                resources.overRows(step.layer()),
                operand(step.query()),
                operand(step.sets().get(0).key()),
                operand(step.sets().get(0).value()),
                operand(step.out()));
    }

    @Override
    public Instruction perSequence(Step.PerSequence step) {
        return SequenceInstructions.perSequence(
                step, step.inputs().stream().map(this::operand).toList(), operand(step.out()), resources.workers());
    }

    // ---------------------------------------------------------------- mixtures

    @Override
    public Instruction route(Step.Route step) {
        float[] correction = vectorOrNull(step.correction());
        return MixtureInstructions.route(step.routing(), correction, operand(step.logits()), operand(step.out()));
    }

    @Override
    public Instruction experts(Step.Experts step) {
        ExpertScratch scratch = current.scratch();
        MixtureInstructions.Operands parts = new MixtureInstructions.Operands(
                operand(step.x()),
                operand(step.routing()),
                operand(scratch.gathered()),
                operand(scratch.gateUp()),
                operand(scratch.product()),
                operand(step.out()));
        return MixtureInstructions.experts(step.op(), resources.experts(step.maps()), parts);
    }

    // ---------------------------------------------------------------- ranks

    @Override
    public Instruction allReduce(Step.AllReduce step) {
        return ExchangeInstructions.allReduce(operand(step.sum()), resources.collective(step.place()));
    }

    @Override
    public Instruction compareReplicas(Step.CompareReplicas step) {
        return ReplicaCheck.of(step.name(), operand(step.value()));
    }
}
