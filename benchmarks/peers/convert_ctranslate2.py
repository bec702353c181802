"""A checkpoint for CTranslate2.

    python convert_ctranslate2.py CHECKPOINT OUT_DIR
"""
import sys

import ctranslate2
from transformers import BertConfig

# Newer versions of transformers have no such field, which CTranslate2's reader of BERT asks for.
BertConfig.position_embedding_type = "absolute"
ctranslate2.converters.TransformersConverter(sys.argv[1]).convert(sys.argv[2], force=True)
