"""CLIP's own vocabulary -> a ``tokenizer.json`` that gives the same ids: merges in, a ``tokenizers.Tokenizer`` out.

Method: OpenAI's CLIP, ``simple_tokenizer.py``: byte-pair merges over UTF-8 bytes written as printable characters, words ended
by ``</w>``, a digit at a time, the English endings ('s, 're, ...) apart. Texts are cleaned before (``clip_text.cleaned``); the
normaliser kept in the file does the part of it that can be said there, for readers that clean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORD_END = "</w>"
# Upper case is gone by then, but CLIP's pattern, which ignores case, takes the long s for an s, and drops U+0345 (an iota
# written below), which is a letter in one case only.
_WORDS = r"'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}\x{345}]+"


def clip_tokenizer(
    vocabulary: Mapping[str, int], merges: Iterable[tuple[str, str]], *, start: str, end: str, is_lowercase: bool = True
) -> Tokenizer:
    """Make the tokenizer. ``merges``: in their order of rank. ``start`` and ``end``: the marks put around every text.

    A text of the tokenizer's ``enable_truncation`` length or more keeps its end mark, as in CLIP.
    """
    tokenizer = Tokenizer(
        models.BPE(vocab=dict(vocabulary), merges=list(merges), unk_token=end, end_of_word_suffix=WORD_END, fuse_unk=False)
    )
    tidy: list[normalizers.Normalizer] = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " ")]
    tokenizer.normalizer = normalizers.Sequence([*tidy, normalizers.Lowercase()] if is_lowercase else tidy)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Replace(WORD_END, " ")])
    marks = [(start, vocabulary[start]), (end, vocabulary[end])]
    tokenizer.add_special_tokens([AddedToken(mark, normalized=False, special=True) for mark, _ in marks])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=marks)
    return tokenizer
