"""The tables of a comparison."""
import collections
import statistics

TITLES = {"opt": "OPT-125M shape", "t5": "T5-small v1.1 shape", "llama": "Llama 1.1B shape", "bert": "BERT-base shape"}


def _rate(run):
    """Tokens a second: generated ones, or those read where none are."""
    return (run["generated_tokens"] or run["prompt_tokens"]) / run["wall_s"]


def _median(runs, value):
    return statistics.median(value(run) for run in runs)


def _machine(report):
    m = report["machine"]
    lines = [f"Measured {report['date']} at commit {report['commit']}, {report['rounds']} rounds, on {m['processor']}"
             f" (family {m['family']}; {', '.join(m['flags'])}), {m['cores']} cores, {m['memory_gib']} GiB,"
             f" {m['system']}. The machine's limits in the same run:"]
    limits = report["limits"]
    gemm = ", ".join(f"{name} {statistics.median(each['gemm_gflops'][name] for each in limits) / 1000:.2f} TFLOPS"
                     for name in limits[0]["gemm_gflops"])
    lines.append(f"{gemm}; reading memory {statistics.median(each['read_gbs'] for each in limits):.1f} GB/s.")
    return lines


def peers(report):
    """Tables of all models, with the machine above."""
    lines = _machine(report) + [""] + _summary(report["runs"])
    for model in TITLES:
        runs = [run for run in report["runs"] if run["model"] == model]
        if runs:
            lines += ["", f"### {TITLES[model]}"] + _table(runs)
    return "\n".join(lines) + "\n"


def _groups(runs):
    groups = collections.defaultdict(list)
    for run in runs:
        groups[run["program"], run["precision"]].append(run)
    return groups


def _summary(runs):
    """Ours beside the fastest other program at each precision."""
    lines = ["| shape | precision | ours tokens/s | fastest other | its tokens/s | ratio | peak MiB, ours / its |",
             "|---|---|---|---|---|---|---|"]
    for model, title in TITLES.items():
        groups = _groups(run for run in runs if run["model"] == model)
        for precision in ("fp32", "bf16", "int8"):
            ours = groups.get(("lockstep", precision))
            others = [made for (program, its), made in groups.items() if program != "lockstep" and its == precision]
            if not ours or not others:
                continue
            best = max(others, key=lambda made: _median(made, _rate))
            rate, its = _median(ours, _rate), _median(best, _rate)
            lines.append(f"| {title} | {precision} | {rate:.0f} | {best[0]['version']} | {its:.0f} | {rate / its:.2f} |"
                         f" {_median(ours, lambda r: r['peak_mib']):.0f} /"
                         f" {_median(best, lambda r: r['peak_mib']):.0f} |")
    return lines


def _table(runs):
    groups = _groups(runs)
    ours = {precision: _median(made, _rate) for (program, precision), made in groups.items() if program == "lockstep"}
    first = runs[0]
    new = first["generated_tokens"] // first["rows"]
    what = "generated" if new else "read"
    lines = [f"{first['rows']} rows, {first['prompt_tokens']} prompt tokens, {new} new tokens each." if new
             else f"{first['rows']} rows, {first['prompt_tokens']} tokens, mean of the last hidden states.",
             "",
             f"| program | precision | tokens {what}/s (least to most) |"
             + "".join(f" ours {precision} / this |" for precision in ours)
             + " peak MiB | load s | warm-up s | other CPU use | agrees |",
             "|---|---|---|" + "---|" * (len(ours) + 5)]
    for (program, precision), made in sorted(groups.items(), key=lambda item: -_median(item[1], _rate)):
        rates = sorted(map(_rate, made))
        ratios = "".join(f" {rate / statistics.median(rates):.2f} |" for rate in ours.values())
        name = program if program == "lockstep" else made[0]["version"]
        lines.append(
            f"| {name} | {precision} | {statistics.median(rates):.0f} ({rates[0]:.0f} to {rates[-1]:.0f}) |{ratios}"
            f" {_median(made, lambda r: r['peak_mib']):.0f} | {_median(made, lambda r: r['load_s']):.1f} |"
            f" {_median(made, lambda r: r['warm_up_s']):.1f} | {_median(made, lambda r: r['foreign']):.0%} |"
            f" {_median(made, lambda r: r['agrees'])} |")
    return lines
