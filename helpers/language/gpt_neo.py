"""GPT-Neo in torch: HF's parameter names, so that released weights load as they are.

The architecture is that of EleutherAI's `gpt-neo` at its last commit, as in the weights
it released. `tests/language/test_gpt_neo.py` compares it with transformers'
`GPTNeoForCausalLM`: logits, loss and gradients, for the same weights.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from helpers.language.fused import HeadLoss, TanhGelu

BLOCK = 64  # queries at a time, in attention


@dataclass(frozen=True)
class Config:
    """The sizes of a GPT-Neo. Layers take their kind from `pattern`, again and again."""

    vocabulary: int
    positions: int  # the longest sequence
    width: int
    layers: int
    heads: int
    window: int = 256  # how many tokens a local layer sees, its own included
    pattern: tuple[str, ...] = ("global", "local")

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"a width of {self.width} cannot be shared by {self.heads} heads")
        if not self.pattern or set(self.pattern) - {"global", "local"}:
            raise ValueError(f"layers are 'global' or 'local', not {self.pattern}")

    def window_of(self, layer: int) -> int | None:
        """How many tokens the layer sees; None means all."""
        return self.window if self.pattern[layer % len(self.pattern)] == "local" else None


class Past:
    """Keys and values of one layer, kept so that they need not be computed again."""

    def __init__(self) -> None:
        self.seen = 0  # tokens so far; a local layer has forgotten all but its window
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def extend(self, keys: Tensor, values: Tensor, window: int | None) -> tuple[Tensor, Tensor]:
        """Past and new keys and values, each (batch · head, token, feature)."""
        self.seen += keys.shape[1]
        if self.keys is not None:
            keys = torch.cat([self.keys, keys], 1)
            values = torch.cat([self.values, values], 1)
        kept = slice(None) if window is None else slice(max(0, keys.shape[1] - window + 1), None)
        self.keys, self.values = keys[:, kept], values[:, kept]
        return keys, values


class Attention(nn.Module):
    """Each token takes a weighted mean of what it sees of the past."""

    def __init__(self, config: Config, window: int | None) -> None:
        super().__init__()
        self.heads, self.window = config.heads, window
        self.q_proj = nn.Linear(config.width, config.width, bias=False)
        self.k_proj = nn.Linear(config.width, config.width, bias=False)
        self.v_proj = nn.Linear(config.width, config.width, bias=False)
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, past: Past | None) -> Tensor:
        projections = (self.q_proj, self.k_proj, self.v_proj)
        weight = torch.cat([layer.weight for layer in projections])  # one product, not three
        qkv = F.linear(x, weight).unflatten(2, (3, self.heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4).flatten(1, 2)  # (batch · head, token, feature)
        if past is not None:
            k, v = past.extend(k, v, self.window)
        mixed = attend(q, k, v, self.window).unflatten(0, (-1, self.heads))
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class MLP(nn.Module):
    """Each token by itself: four times as wide, GELU by its tanh formula, and back."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.width, 4 * config.width)
        self.c_proj = nn.Linear(4 * config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(TanhGelu.apply(self.c_fc(x)))


class Block(nn.Module):
    """One layer: attention, then the MLP, each added to what comes in."""

    def __init__(self, config: Config, window: int | None) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width)
        self.attn = nn.ModuleDict({"attention": Attention(config, window)})
        self.ln_2 = nn.LayerNorm(config.width)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, past: Past | None) -> Tensor:
        x = x + self.attn["attention"](self.ln_1(x), past)
        return x + self.mlp(self.ln_2(x))


class GPTNeo(nn.Module):
    """Tokens in, logits of the next token out."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        blocks = [Block(config, config.window_of(layer)) for layer in range(config.layers)]
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(config.vocabulary, config.width),
                "wpe": nn.Embedding(config.positions, config.width),
                "h": nn.ModuleList(blocks),
                "ln_f": nn.LayerNorm(config.width),
            }
        )
        self.lm_head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight  # tied
        for name, parameter in self.named_parameters():
            if name.endswith(".bias"):
                nn.init.zeros_(parameter)
            elif parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: Tensor, past: list[Past] | None = None) -> Tensor:
        """Logits (batch, token, vocabulary) of the token after each of (batch, token).

        With `past`, one for each layer, the tokens continue those seen before. Raises
        ValueError for a sequence that is longer than the table of positions.
        """
        return self.lm_head(self.read(tokens, past))

    def loss(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of the targets, in nats; both are (batch, token)."""
        x = self.read(tokens).flatten(0, 1)
        return HeadLoss.apply(x, self.lm_head.weight, targets.flatten())

    def read(self, tokens: Tensor, past: list[Past] | None = None) -> Tensor:
        """What the last layer makes of each token: (batch, token, feature)."""
        start = past[0].seen if past else 0
        end = start + tokens.shape[1]
        if end > self.config.positions:
            raise ValueError(
                f"a sequence of {end} tokens is longer than the table of "
                f"{self.config.positions} positions: cut it, or score it in segments"
            )
        places = torch.arange(start, end, device=tokens.device)
        x = self.transformer["wte"](tokens) + self.transformer["wpe"](places)
        for layer, block in enumerate(self.transformer["h"]):
            x = block(x, past[layer] if past else None)
        return self.transformer["ln_f"](x)


def attend(q: Tensor, k: Tensor, v: Tensor, window: int | None) -> Tensor:
    """Softmax of q·k over the keys that each query may see, times v.

    All are (batch · head, token, feature), and the queries are the last ones of the keys.
    There is no division by the root of the head's size, unlike in GPT-2 and GPT-3. Block by
    block, so that what nobody in a block may see is never computed.
    """
    mixed, end = [], k.shape[1] - q.shape[1]
    for block in q.split(BLOCK, 1):
        start, end = end, end + block.shape[1]
        first = max(0, start - window + 1) if window else 0
        mask = unseen(end - start, end - first, window, q.device)
        scores = torch.baddbmm(mask.to(q.dtype), block, k[:, first:end].mT)
        mixed.append(torch.softmax(scores, -1) @ v[:, first:end])
    return torch.cat(mixed, 1)


@lru_cache(maxsize=64)
def unseen(queries: int, keys: int, window: int | None, device: torch.device) -> Tensor:
    """-∞ where the last `queries` places may not look at one of the keys, else 0.

    They see the past without the future, and no more than `window` tokens of it.
    (query, key)
    """
    ages = torch.arange(keys - queries, keys, device=device)[:, None] - torch.arange(
        keys, device=device
    )
    hidden = (ages < 0) | (ages >= (window or keys))
    return torch.zeros(ages.shape, device=device).masked_fill(hidden, float("-inf"))
