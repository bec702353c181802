"""Checkpoints for OpenVINO: an fp32 model, and one with weights of 8 bits.

    python convert_openvino.py CHECKPOINT decoder|encoder-decoder|encoder OUT_DIR

Writes OUT_DIR-fp32 and OUT_DIR-int8.
"""
import glob
import os
import shutil
import sys

import nncf
import openvino
from optimum.intel import OVModelForCausalLM, OVModelForFeatureExtraction, OVModelForSeq2SeqLM

checkpoint, kind, out = sys.argv[1:4]
library = {"decoder": OVModelForCausalLM, "encoder-decoder": OVModelForSeq2SeqLM,
           "encoder": OVModelForFeatureExtraction}[kind]
caches = {} if kind == "encoder" else {"use_cache": True}
library.from_pretrained(checkpoint, export=True, compile=False, load_in_8bit=False, **caches) \
    .save_pretrained(out + "-fp32")
os.makedirs(out + "-int8", exist_ok=True)
for file in glob.glob(out + "-fp32/*"):
    name = os.path.basename(file)
    if name.endswith(".xml"):
        model = nncf.compress_weights(openvino.Core().read_model(file), mode=nncf.CompressWeightsMode.INT8_ASYM)
        openvino.save_model(model, f"{out}-int8/{name}", compress_to_fp16=False)
    elif not name.endswith(".bin"):
        shutil.copy(file, out + "-int8")
