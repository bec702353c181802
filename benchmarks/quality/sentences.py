"""Writes English sentences of Python's standard library's documentation strings, one a line: varied, and at hand everywhere.

    python3 sentences.py OUT [COUNT]
"""
import ast
import os
import random
import re
import sys
import sysconfig


def docstrings(root):
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in ("site-packages", "dist-packages", "test", "tests", "idlelib"))
        for name in sorted(names):
            if not name.endswith(".py"):
                continue
            try:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    tree = ast.parse(file.read())
            except (SyntaxError, UnicodeDecodeError):
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield ast.get_docstring(node) or ""


def sentences(text):
    """Of four words or more that are mostly letters: code and tables are no sentences."""
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in re.split(r"(?<=[.!?])\s+", " ".join(paragraph.split())):
            letters = sum(character.isalpha() or character == " " for character in sentence)
            if re.match(r"[A-Z].*[.!?]$", sentence) and len(sentence.split()) >= 4 and letters > 0.9 * len(sentence):
                yield sentence


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 1000
    found = {sentence: None for text in docstrings(sysconfig.get_paths()["stdlib"]) for sentence in sentences(text)}
    if len(found) < count:
        sys.exit(f"this Python's standard library has {len(found)} sentences, asked for {count}")
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.writelines(sentence + "\n" for sentence in random.Random(1).sample(list(found), count))


if __name__ == "__main__":
    main()
