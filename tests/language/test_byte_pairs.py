import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.language import byte_pairs, corpora

TEXT = ["the cat sat on the mat, the cat sat", "a hat on a cat: that is that"] * 3


@pytest.fixture(scope="module")
def learned():
    return byte_pairs.learn(TEXT, 270)


@settings(deadline=None)
@given(st.text(min_size=1))
def test_decoding_gives_every_text_back(learned, text):
    for tokenizer in (learned, GPT2):
        assert tokenizer.decode(byte_pairs.encode(tokenizer, [text])[0]) == text


def test_the_commonest_neighbours_become_tokens(learned):
    assert learned.get_vocab_size() == 270
    assert learned.token_to_id(byte_pairs.SEPARATOR) == 0
    vocabulary = learned.get_vocab()
    assert {"at", "Ġthe", "Ġcat"} <= set(vocabulary)
    (tokens,) = byte_pairs.encode(learned, [" the cat"])
    assert tokens == [vocabulary["Ġthe"], vocabulary["Ġcat"]]


def test_the_same_text_teaches_the_same_tokens(learned):
    assert byte_pairs.learn(iter(TEXT), 270).to_str() == learned.to_str()


GPT2 = byte_pairs.gpt2()


def test_gpt2_has_its_50257_tokens_and_numbers():
    assert GPT2.get_vocab_size() == 50_257
    assert GPT2.token_to_id(byte_pairs.SEPARATOR) == 50_256
    assert byte_pairs.encode(GPT2, ["Hello world"]) == [[15_496, 995]]


def test_gpt2_spells_code_with_more_tokens_per_byte_than_prose():
    def tokens_per_byte(domain):
        texts = corpora.take(corpora.unique(corpora.documents(domain)), 100_000)
        return sum(map(len, byte_pairs.encode(GPT2, texts))) / corpora.size(texts)

    assert 0.39 < tokens_per_byte("code") < 0.48  # the Pile's Github: 0.4412
    assert 0.19 < tokens_per_byte("news") < 0.22


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: byte_pairs.learn(TEXT, 256), "no room for 256 bytes and a separator"),
        (lambda: byte_pairs.learn(TEXT, 900), "has pairs for .* tokens only"),
        (lambda: byte_pairs.encode(GPT2, ["a", ""]), "a document is empty"),
    ],
)
def test_bad_requests_are_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()
