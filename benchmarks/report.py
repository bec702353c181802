"""Writes the tables of benchmarks/results into BENCHMARKS.md, between the markers `<!-- NAME -->` and `<!-- /NAME -->`.

Each section is the text that the measuring command wrote; a section without a result stays as it is.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peers"))
import tables

RESULTS = os.path.join(HERE, "results")
PAGE = os.path.join(HERE, "..", "BENCHMARKS.md")


def peers():
    path = os.path.join(RESULTS, "peers.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return tables.peers(json.load(file))


def suite():
    found = sorted(name for name in os.listdir(RESULTS) if name.startswith("suite-") and name.endswith(".json"))
    parts = []
    for name in found:
        stem = name[:-len(".json")]
        with open(os.path.join(RESULTS, name)) as file:
            measured = json.load(file)["date"]
        with open(os.path.join(RESULTS, stem + ".md")) as file:
            parts.append(f"Measured {measured}. " + file.read())
        parts.append("\n".join(f"![{what}](benchmarks/results/{stem}-{what}.png)"
                               for what in ("latency", "throughput", "memory")))
    return "\n\n".join(part.strip() for part in parts) or None


def plain(name):
    path = os.path.join(RESULTS, name + ".json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        measured = json.load(file)["date"]
    with open(os.path.join(RESULTS, name + ".md")) as file:
        return f"Measured {measured}. " + file.read().strip()


def main():
    if not os.path.isdir(RESULTS):
        sys.exit(f"{RESULTS} is not there: measure first, e.g. with bin/bench peers")
    with open(PAGE) as file:
        page = file.read()
    for name, text in (("peers", peers()), ("suite", suite()), ("ops", plain("ops")), ("scale", plain("scale")),
                       ("quality", plain("quality"))):
        if text is None:
            print(f"{name}: no result, section left as it is")
            continue
        page, count = re.subn(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
                              lambda found: found.group(1) + text.strip() + "\n" + found.group(2), page, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"{PAGE} has {count} sections '{name}', expected one")
        print(f"{name}: written")
    with open(PAGE, "w") as file:
        file.write(page)


if __name__ == "__main__":
    main()
