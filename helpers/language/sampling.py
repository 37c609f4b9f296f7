"""Text from a language model: one token after the other, drawn by the model's odds."""

from collections.abc import Sequence

import torch
from torch import Tensor

from helpers.language.gpt_neo import GPTNeo, Past


@torch.no_grad()
def sample(
    model: GPTNeo,
    prompt: Sequence[int],
    count: int,
    seed: int,
    *,
    temperature: float = 1.0,
    top: int | None = None,
    cached: bool = True,
) -> list[int]:
    """`count` tokens that continue the prompt.

    Logits are divided by `temperature` (0 takes the likeliest token) and only the `top`
    likeliest tokens can be drawn. With `cached`, keys and values of earlier tokens are
    kept, so that a token costs one pass over one token; without, one over all.

    Raises ValueError for an empty prompt, for a temperature below 0 or a `top` below 1,
    and when prompt and continuation are longer than the model's table of positions.
    """
    if not prompt:
        raise ValueError("an empty prompt: give at least the separator of documents")
    if temperature < 0 or (top is not None and top < 1):
        raise ValueError(f"temperature {temperature} must be 0 or more, top {top} 1 or more")
    generator = torch.Generator().manual_seed(seed)
    past = [Past() for _ in range(model.config.layers)] if cached else None
    tokens = torch.tensor([list(prompt)])
    new = tokens
    for _ in range(count):
        logits = model(new if cached else tokens, past)[0, -1]
        new = draw(logits, temperature, top, generator).view(1, 1)
        tokens = torch.cat([tokens, new], 1)
    return tokens[0, len(prompt) :].tolist()


def draw(logits: Tensor, temperature: float, top: int | None, generator: torch.Generator) -> Tensor:
    """One token from (vocabulary,) logits."""
    if temperature == 0:
        return logits.argmax()
    if top is not None and top < len(logits):
        least = logits.topk(top).values[-1]
        logits = logits.masked_fill(logits < least, float("-inf"))
    odds = torch.softmax(logits / temperature, 0)
    return torch.multinomial(odds, 1, generator=generator)
