"""Measures what precision costs the embeddings of an encoder: cosines of sentences' vectors with those of fp32, and of
fp32's with those of sentence-transformers, where that is installed.

    bin/bench quality MODEL_DIR SENTENCES.txt     one sentence a line; benchmarks/quality/sentences.py makes such a file

Writes benchmarks/results/quality.json and quality.md; `bin/bench report` puts the latter into BENCHMARKS.md.
"""
import datetime
import json
import os
import subprocess
import sys
import tempfile

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RESULTS = os.path.join(ROOT, "benchmarks", "results")
BAR = 0.995


def embedded(model, sentences, options):
    """Vectors of unit length, [sentences, width]."""
    with tempfile.TemporaryDirectory() as folder:
        rows, out = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "out.jsonl")
        with open(rows, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": sentence}) + "\n" for sentence in sentences)
        subprocess.run([os.path.join(ROOT, "bin", "lockstep"), "embed", model, "--input", rows, "--output", out,
                        "--normalize", "--fail-on-error"] + options, check=True)
        with open(out, encoding="utf-8") as file:
            return numpy.array([json.loads(line)["embedding"] for line in file], dtype=numpy.float64)


def reference(model, sentences):
    """The same of sentence-transformers in fp32, and its version; None, None where it is not installed."""
    try:
        import sentence_transformers
    except ImportError:
        return None, None
    encoder = sentence_transformers.SentenceTransformer(model, device="cpu")
    vectors = encoder.encode(sentences, normalize_embeddings=True, convert_to_numpy=True)
    return vectors.astype(numpy.float64), sentence_transformers.__version__


def compared(name, against, vectors, others):
    cosines = (vectors * others).sum(axis=1) / numpy.linalg.norm(vectors, axis=1) / numpy.linalg.norm(others, axis=1)
    return {"vectors": name, "against": against, "least": cosines.min(), "mean": cosines.mean(),
            "share_at_bar": (cosines >= BAR).mean(), "worst": [int(i) for i in cosines.argsort()[:5]]}


def table(report):
    lines = [f"{report['model']}, {report['sentences']} sentences.", "",
             f"| vectors | against | least cosine | mean cosine | at least {BAR} |", "|---|---|---|---|---|"]
    for each in report["comparisons"]:
        lines.append(f"| {each['vectors']} | {each['against']} | {each['least']:.5f} | {each['mean']:.5f} |"
                     f" {100 * each['share_at_bar']:.1f} % |")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        sentences = [line.strip() for line in file if line.strip()]
    plain = embedded(model, sentences, [])
    comparisons = []
    theirs, version = reference(model, sentences)
    if theirs is not None:
        comparisons.append(compared("fp32", f"sentence-transformers {version}", plain, theirs))
    for dtype in ("bf16", "int8"):
        comparisons.append(compared(dtype, "fp32", embedded(model, sentences, ["--dtype", dtype]), plain))
    split = embedded(model, sentences, ["--dtype", "int8", "--tp", "2", "--split", "max"])
    comparisons.append(compared("int8, tp 2", "fp32", split, plain))
    with open(os.path.join(model, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    name = f"{config['model_type']} of {config['num_hidden_layers']} layers, width {config['hidden_size']}"
    report = {"date": datetime.date.today().isoformat(), "model": name, "sentences": len(sentences),
              "comparisons": comparisons}
    os.makedirs(RESULTS, exist_ok=True)
    with open(os.path.join(RESULTS, "quality.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
    with open(os.path.join(RESULTS, "quality.md"), "w", encoding="utf-8") as file:
        file.write(table(report))
    print(table(report), end="")


if __name__ == "__main__":
    main()
