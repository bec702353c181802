"""Which programs are compared, on which shapes, and how each is called."""
import os
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
LOCKSTEP = os.path.join(ROOT, "bin", "lockstep")
OURS = "lockstep"


@dataclass(frozen=True)
class Shape:
    """A model's shape: the rows of the workload it gets, and the new tokens of each."""
    folder: str
    kind: str
    rows: int
    new_tokens: int
    warm_up: int
    batch: dict


SHAPES = {
    "opt": Shape("opt-125m", "decoder", 64, 64, 64, {"openvino": 32, "transformers": 16}),
    "t5": Shape("t5-small", "encoder-decoder", 64, 64, 64, {"openvino": 32, "transformers": 16}),
    "llama": Shape("llama-1b", "decoder", 64, 32, 16, {"transformers": 16}),
    "bert": Shape("bert-base", "encoder", 64, 0, 64, {"openvino": 8, "transformers": 8}),
}

# What each runs where nothing else is asked for. A model of a billion weights in fp32 is left out of all.
PRECISIONS = {"lockstep": ["fp32", "bf16", "int8"], "openvino": ["fp32", "bf16", "int8"],
              "ctranslate2": ["fp32", "int8"], "vllm": ["bf16"], "transformers": ["bf16"]}
KINDS = {"vllm": ["decoder"]}
# The folder of a model converted for a program; the published checkpoint where there is none.
CONVERTED = {"openvino": {"fp32": "openvino-models/{}-fp32", "bf16": "openvino-models/{}-fp32",
                          "int8": "openvino-models/{}-int8"},
             "ctranslate2": {"fp32": "ctranslate2-models/{}", "int8": "ctranslate2-models/{}"}}


@dataclass(frozen=True)
class Run:
    """One program on one shape in one precision."""
    model: str
    program: str
    precision: str

    @property
    def shape(self):
        return SHAPES[self.model]

    def folder(self, root):
        converted = CONVERTED.get(self.program, {}).get(self.precision)
        return os.path.join(root, (converted or "models/{}").format(self.shape.folder))

    def missing(self, root):
        """What is not there that this run needs, or None."""
        for path in [self.folder(root)] + ([] if self.program == OURS else [interpreter(root, self.program)]):
            if not os.path.exists(path):
                return path
        return None

    def command(self, root, rows, outputs, threads):
        shape = self.shape
        if self.program == OURS:
            made = [LOCKSTEP, "embed" if shape.kind == "encoder" else "generate", self.folder(root), "--input", rows,
                    "--output", outputs, "--dtype", self.precision, "--threads", str(threads), "--stats",
                    "--warm-up", str(shape.warm_up)]
            return made + (["--pooling", "mean"] if shape.kind == "encoder"
                           else ["--max-new-tokens", str(shape.new_tokens), "--ignore-eos"])
        return [interpreter(root, self.program), os.path.join(HERE, f"peer_{self.program}.py"), self.folder(root),
                "--kind", shape.kind, "--precision", self.precision, "--rows", rows, "--outputs", outputs,
                "--new-tokens", str(shape.new_tokens), "--warm-up", str(shape.warm_up), "--threads", str(threads),
                "--batch", str(shape.batch.get(self.program, 16))]


def interpreter(root, program):
    return os.path.join(root, program, "bin", "python")


def runs(models, programs, precisions):
    """All runs that make sense, model by model."""
    found = []
    for model in models:
        for program in programs:
            for precision in PRECISIONS[program]:
                wanted = precision in precisions and SHAPES[model].kind in KINDS.get(program, [SHAPES[model].kind])
                if wanted and not (model == "llama" and precision == "fp32"):
                    found.append(Run(model, program, precision))
    return found
